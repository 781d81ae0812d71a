//! People: the list, one of them, and whether one is allowed in.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::HeaderMap, response::Response};
use domain::{api_key::KeyScope, attribute::Attributes, directory_user::SeatState, id::GroupId};
use seatkeeper::{
    queries::{
        self, PersonFacts,
        api::{Access, AccessReads, access_together, schemas},
        export::{People, PersonCells},
    },
    state::AppState,
};
use serde::Serialize;
use utoipa::ToSchema;
use views::{PeopleQuery, PersonKey};

use super::{
    Caller, Problem,
    input::{At, PageParameters, Parameters, cursor},
    output::{Items, part, unless_known},
};

/// A person in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonItem {
    user: String,
    name: Option<String>,
    email: Option<String>,
    #[schema(value_type = schemas::SeatState)]
    state: SeatState,
    /// The position in the waitlist; `null`: does not wait.
    position: Option<i64>,
    /// When the present state began, RFC 3339.
    #[schema(format = DateTime)]
    since: String,
    /// The application roles.
    roles: Vec<String>,
    directory_roles: Vec<String>,
    /// The names of the groups; of a group without a name the id.
    groups: Vec<String>,
    /// The attributes that the installation keeps.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    attributes: Attributes,
    /// Another live person has the same address.
    has_duplicate_email: bool,
}

impl From<PersonCells> for PersonItem {
    fn from(cells: PersonCells) -> Self {
        Self {
            user: cells.user,
            name: cells.name,
            email: cells.email,
            state: cells.state,
            position: cells.position,
            since: cells.since,
            roles: cells.roles,
            directory_roles: cells.directory_roles,
            groups: cells.groups,
            attributes: cells.attributes,
            has_duplicate_email: cells.has_duplicate_email,
        }
    }
}

/// List the people.
///
/// In order of name. Removed people are listed only by their state.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/people",
    operation_id = "listPeople",
    tag = "People",
    params(
        ("state" = Option<schemas::SeatState>, Query, description = "Only people in this state."),
        ("group" = Option<String>, Query, description = "Only members of the group with this id."),
        ("search" = Option<String>, Query, description = "A part of a name or of an address."),
        PageParameters,
    ),
    responses((status = 200, description = "A part of the list.", body = Items<PersonItem>)),
    extensions(("x-scope" = json!("read")), ("x-problems" = json!(["group-id"]))),
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
) -> Result<Items<PersonItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let states = "A state is provisioned, blocked, dismissed, inactive or removed.";
    let group = parameters.take("group");
    let query = PeopleQuery {
        state: parameters.parse("state", SeatState::parse, states)?,
        group: group.map(|id| GroupId::parse(&id).ok_or_else(Problem::group_id)).transpose()?,
        search: parameters.take("search").unwrap_or_default(),
        ..PeopleQuery::default()
    };
    let page = parameters.page::<PersonKey>()?;
    let people = People::new(scope.clone(), query);
    let (rows, next) = part(&state, &caller, Some(&scope), people, page).await?;
    Ok(Items {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

/// Read a person.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/people/{user}",
    operation_id = "getPerson",
    tag = "People",
    responses((status = 200, description = "The person.", body = PersonFacts)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At((id, user)): At<(String, String)>,
    parameters: Parameters,
) -> Result<Json<PersonFacts>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    parameters.end()?;
    Ok(Json(queries::person_facts(&state, &scope, storable(&user)?).await?))
}

/// Ask whether a person is allowed in.
///
/// A person that the directory has not named is not allowed in, and that is no error: the `state`
/// is `unknown`. Ask with `If-None-Match` and an unchanged answer is an empty 304.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/access",
    operation_id = "getAccess",
    tag = "Access",
    params(
        ("user" = String, Query, pattern = r"\S", description = "A directory-user id, an external id or an e-mail address, in this order.", example = "ada@acme.com"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer.", example = "\"q7d3\""),
    ),
    responses(
        (
            status = 200,
            description = "Whether the person holds a seat, and why.",
            body = Access,
            headers(("ETag" = String, description = "Names this answer; another one has another name."))
        ),
        (status = 304, description = "The answer is the one with this `ETag`."),
    ),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn access(
    (State(state), Extension(reads)): (State<AppState>, Extension<Arc<AccessReads>>),
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let user = parameters.take("user").filter(|user| !user.trim().is_empty());
    let sentence = "Name the person: a directory-user id, an external id or an e-mail address.";
    let user = user.ok_or_else(|| Problem::parameter("user", sentence))?;
    parameters.end()?;
    let access = access_together(&state, &reads, (&scope, user.trim())).await?;
    Ok(unless_known(&headers, &access, &access.tag()))
}

/// Postgres stores no NUL.
fn storable(text: &str) -> Result<&str, Problem> {
    if text.contains('\0') { Err(Problem::missing()) } else { Ok(text) }
}
