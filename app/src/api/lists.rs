//! The other lists of an organization: groups, decisions, alerts.

use axum::extract::State;
use domain::{access::Role, api_key::KeyScope};
use seatkeeper::{
    queries::{
        AlertRecord,
        api::schemas,
        export::{Alerts, DecisionKey, DecisionRecord, Decisions, GroupCells, Groups},
    },
    state::AppState,
};
use serde::Serialize;
use utoipa::ToSchema;
use views::{
    alerts::{AlertCursor, AlertList, AlertsQuery},
    groups::{GroupKey, GroupsQuery},
};

use super::{
    Caller, Problem,
    input::{At, Page, PageParameters, Parameters, cursor},
    output::{Items, part},
};

/// A group of a directory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupItem {
    id: String,
    name: Option<String>,
    directory_id: Option<String>,
    deleted: bool,
    members: i64,
    provisioned: i64,
    blocked: i64,
    dismissed: i64,
    inactive: i64,
    /// The application roles of its members.
    roles: Vec<String>,
    /// The dashboard role of its members.
    dashboard_role: Option<&'static str>,
}

/// List the groups.
///
/// In order of name; deleted ones come last.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/groups",
    operation_id = "listGroups",
    tag = "Groups",
    params(
        ("search" = Option<String>, Query, description = "A part of a name."),
        PageParameters,
    ),
    responses((status = 200, description = "A part of the list.", body = Items<GroupItem>)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn groups(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
) -> Result<Items<GroupItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let search = parameters.take("search").unwrap_or_default();
    let page = parameters.page::<GroupKey>()?;
    let groups = Groups::new(scope.clone(), GroupsQuery { search, ..GroupsQuery::default() });
    let (rows, next) = part(&state, &caller, Some(&scope), groups, page).await?;
    let item = |row: GroupCells| GroupItem {
        id: row.group,
        name: row.name,
        directory_id: row.directory,
        deleted: row.deleted,
        members: row.counts.members(),
        provisioned: row.counts.provisioned,
        blocked: row.counts.blocked,
        dismissed: row.counts.dismissed,
        inactive: row.counts.inactive,
        roles: row.roles.application.iter().map(ToString::to_string).collect(),
        dashboard_role: row.roles.dashboard.map(Role::as_str),
    };
    Ok(Items {
        items: rows.into_iter().map(item).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

/// List the decisions.
///
/// Every change of a seat and of the waitlist, the newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/decisions",
    operation_id = "listDecisions",
    tag = "History",
    params(PageParameters),
    responses(
        (status = 200, description = "A part of the list.", body = Items<DecisionRecord>),
    ),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn decisions(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Items<DecisionRecord>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let page = parameters.page::<DecisionKey>()?;
    let decisions = Decisions::new(scope.clone(), &caller.viewer);
    let (items, next) = part(&state, &caller, Some(&scope), decisions, page).await?;
    Ok(Items { items, next_cursor: next.as_ref().map(cursor) })
}

/// List the alerts.
///
/// Those that are open, the newest first, or those that were.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/alerts",
    operation_id = "listAlerts",
    tag = "History",
    params(
        ("state" = inline(Option<schemas::AlertListState>), Query, description = "`open` is usual."),
        PageParameters,
    ),
    responses((status = 200, description = "A part of the list.", body = Items<AlertRecord>)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn alerts(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
) -> Result<Items<AlertRecord>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let parse = |text: &str| match text {
        "open" => Some(AlertList::Open),
        "resolved" => Some(AlertList::Resolved),
        _ => None,
    };
    let list = parameters.parse("state", parse, "A state is open or resolved.")?;
    let list = list.unwrap_or(AlertList::Open);
    let Page { limit, behind } = parameters.page::<AlertCursor>()?;
    let query = AlertsQuery { list: Some(list), ..AlertsQuery::default() };
    let alerts = Alerts::of(scope.clone(), &caller.viewer, query);
    let page = Page { limit, behind: behind.map(|behind| (list, Some(behind))) };
    let (items, next) = part(&state, &caller, Some(&scope), alerts, page).await?;
    let next = next.and_then(|(_, behind)| behind);
    Ok(Items { items, next_cursor: next.as_ref().map(cursor) })
}
