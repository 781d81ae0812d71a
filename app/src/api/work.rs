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
        api::schemas,
        export::{Requests, Resyncs},
    },
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use views::requests::{RequestCursor, RequestList, RequestsQuery};

use super::{
    Caller, Problem,
    input::{At, Body, PageParameters, Parameters, cursor, json, says, whole},
    output::{Items, part},
};

/// List the seat requests.
///
/// Those that wait for an answer, or those that were answered.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/requests",
    operation_id = "listSeatRequests",
    tag = "Seat requests",
    params(
        ("state" = Option<String>, Query, description = "`open`, which is usual, or `answered`."),
        PageParameters,
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Items<RequestRecord>),
    ),
    extensions(("x-scope" = json!("read"))),
)]
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskForSeats)]
pub struct Ask {
    /// How many more seats are wanted.
    #[schema(minimum = 1)]
    seats: i64,
    reason: String,
    /// For which waiting people.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    users: Vec<DirectoryUserId>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewSeatRequest)]
pub struct Asked {
    #[schema(value_type = String)]
    id: SeatRequestId,
}

/// Ask for seats.
///
/// Staff answer on the dashboard.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/requests",
    operation_id = "askForSeats",
    tag = "Seat requests",
    request_body = Ask,
    responses((status = 201, description = "The request.", body = Asked)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["request-seats", "request-reason-missing", "request-text-too-long", "request-people", "request-waits", "request-not-needed", "archived", "too-often"])),
    ),
)]
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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resync)]
pub struct ResyncItem {
    #[schema(value_type = String)]
    id: ResyncId,
    /// `queued`, `listing`, `planned`, `applying`, `done`, `failed` and so on.
    #[schema(value_type = schemas::ResyncState)]
    state: &'static str,
    #[schema(value_type = schemas::ResyncCause)]
    cause: &'static str,
    /// It only shows what would change.
    dry_run: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
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

/// List the resyncs.
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/resyncs",
    operation_id = "listResyncs",
    tag = "Resyncs",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = Items<ResyncItem>)),
    extensions(("x-scope" = json!("read"))),
)]
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

/// Read a resync.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/resyncs/{resync}",
    operation_id = "getResync",
    tag = "Resyncs",
    responses((status = 200, description = "The resync.", body = ResyncItem)),
    extensions(("x-scope" = json!("read"))),
)]
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

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartResync {
    /// Only show what would change.
    #[serde(default)]
    dry_run: bool,
}

/// Start a resync.
///
/// If one is under way, that is the answer. A plan with unusual changes waits until a person
/// confirms it on the dashboard.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/resyncs",
    operation_id = "startResync",
    tag = "Resyncs",
    request_body = StartResync,
    responses((status = 202, description = "The resync.", body = ResyncItem)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["no-directory-api", "resync-under-way", "archived"])),
    ),
)]
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Activity)]
pub struct Signals {
    #[schema(max_items = 10000)]
    signals: Vec<Signal>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UsageSignal)]
pub struct Signal {
    /// A directory-user id, an external id or an e-mail address.
    user: String,
    /// RFC 3339.
    #[schema(format = DateTime)]
    last_used_at: String,
}

/// What became of the signals.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RecordedActivity)]
pub struct SignalsAnswer {
    /// For how many people a later time than before is known.
    recorded: u64,
    /// How many signals told nothing later than what was known.
    known: u64,
    /// The signals that were left out.
    refused: Vec<RefusedSignal>,
}

#[derive(Debug, Serialize, ToSchema)]
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

/// Tell when people used the product.
///
/// Up to 10,000 at once. The later time of a person stays, so that a call may be sent twice. Seats
/// that seem unused are then suggested to the organization’s admins.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/activity",
    operation_id = "recordActivity",
    tag = "People",
    request_body = Signals,
    responses(
        (status = 200, description = "What became of the signals.", body = SignalsAnswer),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["archived"])),
    ),
)]
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
