//! Organizations: their numbers, their seat limits and their admission policies.

use std::borrow::Cow;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    access::OrganizationScope,
    admission::{AdmissionPolicy, GroupOrder},
    api_key::KeyScope,
    id::{GroupId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
};
use seatkeeper::{
    commands::{self, NewLimit, NewOrganization, NewPolicy},
    queries::{
        self,
        api::{LimitFact, OrganizationFacts, schemas},
        export::{OrganizationCells, Organizations},
    },
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{OneOfBuilder, Schema},
    },
};
use views::{OrganizationKey, OverviewQuery, OverviewSort};

use super::{
    Caller, Problem,
    input::{At, Body, PageParameters, Parameters, Whole, cursor, if_match},
    output::{Items, part, tagged},
};

/// An organization in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationItem {
    id: String,
    name: String,
    seat_limit: LimitFact,
    used_seats: i64,
    /// How many people are on the waitlist.
    waiting: i64,
    archived: bool,
}

/// List the organizations.
///
/// Those that the key reaches, in order of name.
#[utoipa::path(
    get,
    path = "/organizations",
    operation_id = "listOrganizations",
    tag = "Organizations",
    params(
        ("search" = Option<String>, Query, description = "A part of a name, an id or an external id."),
        PageParameters,
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Items<OrganizationItem>),
    ),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Items<OrganizationItem>, Problem> {
    caller.may(KeyScope::Read)?;
    let search = parameters.take("search").unwrap_or_default();
    let page = parameters.page::<OrganizationKey>()?;
    let Some(staff) = caller.viewer.staff() else { return own(&state, &caller).await };
    let query = OverviewQuery { search, sort: OverviewSort::Name, ..OverviewQuery::default() };
    let organizations = Organizations::new(staff, query);
    let (rows, next) = part(&state, &caller, None, organizations, page).await?;
    let item = |row: OrganizationCells| OrganizationItem {
        id: row.organization,
        name: row.name,
        seat_limit: LimitFact(row.usage.limit),
        used_seats: row.usage.used,
        waiting: row.usage.waiting,
        archived: row.archived,
    };
    Ok(Items {
        items: rows.into_iter().map(item).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

/// The one organization of a key that is bound to it.
async fn own(state: &AppState, caller: &Caller) -> Result<Items<OrganizationItem>, Problem> {
    let mut items = Vec::new();
    for id in caller.viewer.organizations.keys() {
        let scope = caller.reach(id.as_str(), KeyScope::Read)?;
        let facts = queries::api::organization_facts(state, &scope).await?;
        items.push(OrganizationItem {
            id: facts.id.into(),
            name: facts.name,
            seat_limit: facts.seat_limit,
            used_seats: facts.used_seats,
            waiting: facts.waiting,
            archived: facts.archived,
        });
    }
    Ok(Items { items, next_cursor: None })
}

/// A seat limit as a caller writes it: a number, or `"unlimited"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum WrittenLimit {
    Number(Whole),
    Word(String),
}

impl PartialSchema for WrittenLimit {
    fn schema() -> RefOr<Schema> {
        let one_of = OneOfBuilder::new().item(schemas::seats()).item(schemas::unlimited());
        one_of.description(Some("A number of seats, or `unlimited`.")).into()
    }
}

impl ToSchema for WrittenLimit {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NewSeatLimit")
    }
}

impl WrittenLimit {
    fn read(&self) -> Result<SeatLimit, Problem> {
        let limit = match self {
            Self::Number(Whole(number)) => SeatLimit::parse(&number.to_string()),
            Self::Word(word) if word == "unlimited" => Ok(SeatLimit::Unlimited),
            Self::Word(_) => Err(Refusal::SeatLimit),
        };
        limit.map_err(|refusal| Problem::from(refusal).about("seat_limit"))
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOrganization {
    /// Scalekit's id, `org_…`.
    id: String,
    name: String,
    external_id: Option<String>,
    /// Without one the default limit counts.
    seat_limit: Option<WrittenLimit>,
}

/// Add an organization.
///
/// Before its first event, for example when its contract is signed.
#[utoipa::path(
    post,
    path = "/organizations",
    operation_id = "addOrganization",
    tag = "Organizations",
    request_body = AddOrganization,
    responses(
        (
            status = 201,
            description = "The organization.",
            body = OrganizationFacts,
            headers(("ETag" = String, description = "The version of the seat limit."))
        ),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["organization-id", "organization-exists", "name", "external-id", "limit", "installation-only"])),
    ),
)]
pub async fn add(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<AddOrganization>,
) -> Result<Response, Problem> {
    caller.all(KeyScope::Write)?;
    let Some(id) = OrganizationId::parse(&body.id).filter(|id| id.as_str().starts_with("org_"))
    else {
        return Err(Problem::from(Refusal::OrganizationId(body.id)).about("id"));
    };
    let new = NewOrganization {
        id,
        name: body.name,
        external_id: body.external_id,
        limit: body.seat_limit.as_ref().map(WrittenLimit::read).transpose()?,
    };
    commands::add_organization(&state, &caller.actor(), &new).await?;
    let scope = caller.reach(new.id.as_str(), KeyScope::Write)?;
    Ok((StatusCode::CREATED, shown(&state, &scope).await?).into_response())
}

/// Read an organization.
///
/// Its `ETag` is the version of its seat limit, which a change of the limit names.
#[utoipa::path(
    get,
    path = "/organizations/{organization}",
    operation_id = "getOrganization",
    tag = "Organizations",
    responses(
        (
            status = 200,
            description = "The organization.",
            body = OrganizationFacts,
            headers(("ETag" = String, description = "The version of the seat limit."))
        ),
    ),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    parameters.end()?;
    shown(&state, &scope).await
}

/// The organization; its `ETag` is the version of its seat limit.
async fn shown(state: &AppState, scope: &OrganizationScope) -> Result<Response, Problem> {
    let facts = queries::api::organization_facts(state, scope).await?;
    Ok(tagged(&facts, &facts.seat_limit_version.to_string()))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLimit {
    seat_limit: WrittenLimit,
    /// For the audit log.
    reason: String,
}

/// The organization after a change, and how many people got a seat by it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedOrganization)]
pub struct Changed {
    #[serde(flatten)]
    organization: OrganizationFacts,
    admitted: usize,
}

/// Set the seat limit.
///
/// People on the waitlist get the seats that become free. A lower limit takes no seat away. The
/// same limit again changes nothing.
#[utoipa::path(
    put,
    path = "/organizations/{organization}/seat-limit",
    operation_id = "setSeatLimit",
    tag = "Organizations",
    params(
        ("If-Match" = String, Header, description = "The version that was read, in quotation marks, or `*` to overwrite any.", example = "*"),
    ),
    request_body = SetLimit,
    responses(
        (
            status = 200,
            description = "The organization after the change.",
            body = Changed,
            headers(("ETag" = String, description = "The version of the seat limit."))
        ),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["limit", "reason-missing", "reason-too-long", "archived", "needs-people", "proposal-waits", "installation-only"])),
    ),
)]
pub async fn set_limit(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    headers: HeaderMap,
    Body(body): Body<SetLimit>,
) -> Result<Response, Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    caller.all(KeyScope::Write)?;
    let new = NewLimit {
        organization: scope.id().clone(),
        limit: body.seat_limit.read()?,
        until: None,
        reason: body.reason,
        expected_version: if_match(&headers)?,
    };
    let admitted = match commands::set_seat_limit(&state, &caller.actor(), &new).await {
        Ok(outcome) => outcome.admitted(),
        Err(commands::Error::Refused(Refusal::LimitIsTheSame(_))) => 0,
        Err(error) => return Err(error.into()),
    };
    let organization = queries::api::organization_facts(&state, &scope).await?;
    let tag = organization.seat_limit_version.to_string();
    Ok(tagged(&Changed { organization, admitted }, &tag))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPolicy {
    /// `first-come`, `groups` or `by-hand`.
    #[schema(value_type = schemas::PolicyKind)]
    kind: String,
    /// Of `groups`: the highest first.
    #[serde(default)]
    groups: Vec<String>,
    /// For the audit log.
    reason: String,
}

impl SetPolicy {
    fn read(&self) -> Result<AdmissionPolicy, Problem> {
        match (self.kind.as_str(), self.groups.as_slice()) {
            ("first-come", []) => Ok(AdmissionPolicy::FirstCome),
            ("by-hand", []) => Ok(AdmissionPolicy::ByHand),
            ("groups", groups) => {
                let groups = groups.iter().map(|id| GroupId::parse(id)).collect::<Option<_>>();
                let order = groups.ok_or(Refusal::PolicyGroups).and_then(GroupOrder::new)?;
                Ok(AdmissionPolicy::GroupsFirst(order))
            }
            ("first-come" | "by-hand", _) => Err(Problem::policy_without_groups()),
            _ => Err(Problem::body("“kind” is first-come, by-hand or groups")),
        }
    }
}

/// Set the admission policy.
///
/// Who gets a free seat. The same policy again changes nothing.
#[utoipa::path(
    put,
    path = "/organizations/{organization}/policy",
    operation_id = "setPolicy",
    tag = "Organizations",
    request_body = SetPolicy,
    responses(
        (status = 200, description = "The organization after the change.", body = Changed),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["policy-groups", "policy-reason-missing", "reason-too-long", "archived", "needs-people", "installation-only"])),
    ),
)]
pub async fn set_policy(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<SetPolicy>,
) -> Result<Json<Changed>, Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    caller.all(KeyScope::Write)?;
    let new = NewPolicy {
        organization: scope.id().clone(),
        policy: body.read()?,
        reason: body.reason,
        expected_version: None,
    };
    let admitted = match commands::set_policy(&state, &caller.actor(), &new).await {
        Ok(admitted) => admitted,
        Err(commands::Error::Refused(Refusal::PolicyIsTheSame)) => 0,
        Err(error) => return Err(error.into()),
    };
    let organization = queries::api::organization_facts(&state, &scope).await?;
    Ok(Json(Changed { organization, admitted }))
}
