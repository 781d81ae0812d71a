//! Seat requests, resyncs, and when people used the product last.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use domain::{
    api_key::KeyScope,
    id::{DirectoryUserId, ResyncId, SeatRequestId},
    resync::{Resync, ResyncCause},
    time::Timestamp,
    usage_signal::{SignalRefusal, UsageSignal},
};
use seatkeeper::{
    commands::{self, NewRequest, RecordedUsage, SignalLine},
    queries::{
        self, RequestRecord,
        export::{Requests, Resyncs},
    },
    state::AppState,
};
use serde::{Deserialize, Serialize};
use views::requests::{RequestCursor, RequestList, RequestsQuery};

use super::{
    Caller, Problem,
    input::{At, Body, Parameters, cursor, json, says, whole},
    output::{Items, part},
};

/// The seat requests that are not answered, or with `state=answered` the others.
pub async fn requests(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
) -> Result<Items<RequestRecord>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let parse = |text: &str| match text {
        "open" => Some(RequestList::Open),
        "answered" => Some(RequestList::Over),
        _ => None,
    };
    let list = parameters.parse("state", parse, "A state is open or answered.")?;
    let page = parameters.page::<RequestCursor>()?;
    let query = RequestsQuery { list: list.unwrap_or_default(), ..RequestsQuery::default() };
    let requests = Requests::of(scope.clone(), query);
    let (items, next) = part(&state, &caller, Some(&scope), requests, page).await?;
    Ok(Items { items, next_cursor: next.as_ref().map(cursor) })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// How many more seats are wanted.
    seats: i64,
    reason: String,
    /// For which waiting people.
    #[serde(default)]
    users: Vec<DirectoryUserId>,
}

#[derive(Debug, Serialize)]
pub struct Asked {
    id: SeatRequestId,
}

/// Asks the staff for seats.
pub async fn ask(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<Ask>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let new = NewRequest {
        organization: scope.id().clone(),
        seats: body.seats.to_string(),
        reason: body.reason,
        people: body.users,
    };
    let id = commands::ask_for_seats(&state, &caller.actor(), &new).await?;
    Ok((StatusCode::CREATED, Json(Asked { id })))
}

/// A resync.
#[derive(Debug, Serialize)]
pub struct ResyncItem {
    id: ResyncId,
    /// `queued`, `listing`, `planned`, `applying`, `done`, `failed` and so on.
    state: &'static str,
    cause: &'static str,
    /// It only shows what would change.
    dry_run: bool,
    created_at: String,
    ended_at: Option<String>,
    created: i64,
    updated: i64,
    reactivated: i64,
    deactivated: i64,
    removed: i64,
}

impl From<Resync> for ResyncItem {
    fn from(run: Resync) -> Self {
        Self {
            id: run.id,
            state: run.state.as_str(),
            cause: run.cause.as_str(),
            dry_run: run.dry_run,
            created_at: run.created_at.rfc3339(),
            ended_at: run.finished_at.map(Timestamp::rfc3339),
            created: run.counts.created,
            updated: run.counts.updated,
            reactivated: run.counts.reactivated,
            deactivated: run.counts.deactivated,
            removed: run.counts.removed,
        }
    }
}

/// The resyncs, the newest first.
pub async fn resyncs(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Items<ResyncItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let page = parameters.page::<ResyncId>()?;
    let resyncs = Resyncs::new(scope.clone(), caller.viewer.clone());
    let (rows, next) = part(&state, &caller, Some(&scope), resyncs, page).await?;
    Ok(Items {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

pub async fn resync(
    State(state): State<AppState>,
    caller: Caller,
    At((id, run)): At<(String, String)>,
    parameters: Parameters,
) -> Result<Json<ResyncItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    parameters.end()?;
    let run = ResyncId::parse(&run).ok_or_else(Problem::missing)?;
    Ok(Json(queries::resync(&state, &scope, &run).await?.into()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartResync {
    /// Only show what would change.
    #[serde(default)]
    dry_run: bool,
}

/// Starts a resync; if one is under way, that is the answer.
pub async fn start_resync(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<StartResync>,
) -> Result<(StatusCode, Json<ResyncItem>), Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let (actor, cause) = (caller.actor(), ResyncCause::Form);
    let id = commands::resync::start_resync(&state, Some(&actor), scope.id(), cause, body.dry_run);
    let id = id.await?;
    let run = queries::resync(&state, &scope, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// When people used the product last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    signals: Vec<Signal>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// A directory-user id, an external id or an e-mail address.
    user: String,
    /// RFC 3339.
    last_used_at: String,
}

/// What became of the signals.
#[derive(Debug, Default, Serialize)]
pub struct SignalsAnswer {
    /// For how many people a later time than before is known.
    recorded: u64,
    /// How many signals told nothing later than what was known.
    known: u64,
    /// The signals that were left out.
    refused: Vec<RefusedSignal>,
}

#[derive(Debug, Serialize)]
pub struct RefusedSignal {
    /// The place in the list; 0 is the first.
    index: u64,
    detail: String,
}

/// So many signals are taken at once.
const MOST_SIGNALS: usize = 10_000;
/// Signals of one transaction.
const AT_ONCE: usize = 1_000;
/// The longest list of signals, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// Records when people used the product last. The later time of a person stays, so that a call may
/// be sent twice.
pub async fn activity(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
    request: Request,
) -> Result<Json<SignalsAnswer>, Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    parameters.end()?;
    let Signals { signals } = signals(request).await?;
    if signals.len() > MOST_SIGNALS {
        return Err(Problem::body("a call takes at most 10,000 signals"));
    }
    let lines: Vec<SignalLine> = (0..).zip(signals.iter().map(line)).collect();
    let mut answer = SignalsAnswer::default();
    for lines in lines.chunks(AT_ONCE) {
        let done = commands::record_usage(&state, &caller.actor(), scope.id(), lines).await?;
        let RecordedUsage { recorded, known, refused } = done;
        answer.recorded += recorded;
        answer.known += known;
        answer.refused.extend(
            refused
                .into_iter()
                .map(|(index, why)| RefusedSignal { index, detail: why.to_string() }),
        );
    }
    Ok(Json(answer))
}

async fn signals(request: Request) -> Result<Signals, Problem> {
    if !says(request.headers(), "application/json") {
        return Err(Problem::content_type("application/json"));
    }
    json(&whole(request, LONGEST).await?)
}

/// Reads a signal as the command line reads a line.
fn line(signal: &Signal) -> Result<UsageSignal, SignalRefusal> {
    let text = serde_json::to_string(signal).unwrap_or_default();
    UsageSignal::parse(&text).unwrap_or(Err(SignalRefusal::Unreadable))
}
