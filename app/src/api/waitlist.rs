//! The waitlist, and decisions by hand about one person.

use axum::{Json, extract::State};
use domain::{
    api_key::KeyScope, directory_user::SeatState, id::DirectoryUserId,
    manual_decision::ManualDecision,
};
use seatkeeper::{
    commands::{self, ByHand, Chosen, Decided},
    queries::{
        self,
        api::schemas,
        export::{Waitlist, WaitlistCells},
    },
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use views::waitlist::{WaitlistFilter, WaitlistKey};

use super::{
    Caller, Problem,
    input::{At, Body, PageParameters, Parameters, Whole, cursor},
    output::{Items, part},
};

/// A person who waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingPerson)]
pub struct WaitingItem {
    /// 1 is next.
    position: Option<i64>,
    user: String,
    name: Option<String>,
    email: Option<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    since: String,
    /// A person moved them.
    moved: bool,
    groups: Vec<String>,
    /// A sentence: why the person waits.
    reason: Option<String>,
}

/// List the waitlist.
///
/// The next person first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/waitlist",
    operation_id = "listWaitlist",
    tag = "Waitlist",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = Items<WaitingItem>)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Items<WaitingItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let page = parameters.page::<WaitlistKey>()?;
    let waitlist = Waitlist::new(scope.clone(), WaitlistFilter::default());
    let (rows, next) = part(&state, &caller, Some(&scope), waitlist, page).await?;
    let item = |row: WaitlistCells| WaitingItem {
        position: row.position,
        user: row.user,
        name: row.name,
        email: row.email,
        since: row.since,
        moved: row.moved,
        groups: row.groups,
        reason: row.why,
    };
    Ok(Items {
        items: rows.into_iter().map(item).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// For the audit log.
    #[serde(default)]
    note: String,
    /// Of a move: 1 is next.
    #[schema(value_type = Option<i64>, minimum = 1)]
    position: Option<Whole>,
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecisionByHand)]
pub struct DecisionAnswer {
    #[schema(value_type = String)]
    user: DirectoryUserId,
    #[schema(value_type = Option<schemas::SeatState>)]
    from: Option<SeatState>,
    #[schema(value_type = schemas::SeatState)]
    to: SeatState,
    /// The position in the waitlist afterwards; `null`: does not wait.
    position: Option<i64>,
    /// Other people who got a seat by it, in order.
    #[schema(value_type = Vec<String>)]
    admitted: Vec<DirectoryUserId>,
}

/// Decide about a person.
///
/// `admit` gives a free seat. `move` takes a position in the waitlist. `dismiss` is “not now” and
/// takes a seat back, so that the next person gets it. `undo` takes a dismissal back.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/waitlist/{user}/{decision}",
    operation_id = "decideByHand",
    tag = "Waitlist",
    request_body = Decide,
    responses((status = 200, description = "What was decided.", body = DecisionAnswer)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["decision-position", "no-free-seat", "not-waiting", "not-dismissed", "wants-no-seat", "waitlist-position", "note-too-long", "archived"])),
    ),
)]
pub async fn decide(
    State(state): State<AppState>,
    caller: Caller,
    At((id, user, action)): At<(String, String, String)>,
    Body(body): Body<Decide>,
) -> Result<Json<DecisionAnswer>, Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let decision = match (action.as_str(), body.position) {
        ("admit", None) => ManualDecision::Admit,
        ("dismiss", None) => ManualDecision::Dismiss,
        ("undo", None) => ManualDecision::UndoDismissal,
        ("move", Some(Whole(position))) => ManualDecision::MoveTo(position),
        ("move", None) => return Err(Problem::position("A move needs a position.")),
        ("admit" | "dismiss" | "undo", Some(_)) => {
            return Err(Problem::position("Only a move has a position."));
        }
        _ => return Err(Problem::missing()),
    };
    let facts = queries::person_facts(&state, &scope, &user).await?;
    let new = ByHand {
        organization: scope.id().clone(),
        decision,
        chosen: Chosen::These(vec![facts.user_id]),
        note: body.note,
        preview_mark: None,
    };
    let decided = commands::decide_by_hand(&state, &caller.actor(), &new).await?;
    let admitted = decided.admitted;
    let one = decided.people.into_iter().next().ok_or_else(Problem::missing)?;
    let Decided { user, before, after, position_after: position, .. } = one;
    let from = before.map(|person| person.state);
    Ok(Json(DecisionAnswer { user, from, to: after?, position, admitted }))
}
