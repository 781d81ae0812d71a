//! Seat requests, and when people used the product last.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use domain::{
    api_key::KeyScope,
    id::{DirectoryUserId, SeatRequestId},
    refusal::Refusal,
    usage_signal::{SignalRefusal, UsageSignal},
};
use seatkeeper::{
    commands::{self, NewRequest, RecordedUsage, SignalLine},
    queries::{RequestRecord, api::schemas, export::Requests},
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use views::requests::{RequestCursor, RequestList, RequestsQuery};

use super::{
    Caller, Problem,
    input::{At, Body, PageParameters, Parameters, Whole, cursor, json, says, whole},
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
        ("state" = inline(Option<schemas::RequestListState>), Query, description = "`open` is usual."),
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
    #[schema(value_type = i64, minimum = 1)]
    seats: Whole,
    reason: String,
    /// For which waiting people.
    #[serde(default)]
    users: Vec<String>,
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
    let people = body.users.iter().map(|id| DirectoryUserId::parse(id)).collect::<Option<_>>();
    let new = NewRequest {
        organization: scope.id().clone(),
        seats: body.seats.0.to_string(),
        reason: body.reason,
        people: people.ok_or_else(|| Problem::from(Refusal::RequestPeople).about("users"))?,
    };
    let id = commands::ask_for_seats(&state, &caller.actor(), &new).await?;
    Ok((StatusCode::CREATED, Json(Asked { id })))
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
