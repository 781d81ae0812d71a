//! One organization for a program.

use serde::Serialize;
use utoipa::ToSchema;

use super::{LimitFact, schemas};
use crate::{
    commands::Error,
    db::Reach,
    domain::{
        access::OrganizationScope,
        id::{GroupId, OrganizationId},
    },
    state::AppState,
    store::organizations::{self, Card},
};

/// One organization, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationFacts {
    #[schema(value_type = String)]
    pub id: OrganizationId,
    pub name: String,
    /// The organization's id in another system, such as the billing system.
    pub external_id: Option<String>,
    pub seat_limit: LimitFact,
    /// Counts the changes of the limit: what `If-Match` of a change names.
    pub seat_limit_version: i64,
    pub used_seats: i64,
    /// How many people are on the waitlist.
    pub waiting: i64,
    /// `null`: unlimited.
    pub free_seats: Option<i64>,
    /// How many more seats are used than the limit allows.
    pub over_by: i64,
    pub policy: PolicyFacts,
    pub policy_version: i64,
    /// Its people hold no seats.
    pub archived: bool,
}

/// Who gets a free seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Policy)]
pub struct PolicyFacts {
    /// `first-come`, `groups` or `by-hand`.
    #[schema(value_type = schemas::PolicyKind)]
    pub kind: &'static str,
    /// Of `groups`: the highest first.
    #[schema(value_type = Vec<String>)]
    pub groups: Vec<GroupId>,
}

/// `Missing` if there is no such organization.
pub async fn organization_facts(
    state: &AppState,
    scope: &OrganizationScope,
) -> Result<OrganizationFacts, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    Ok(facts(scope, card))
}

fn facts(scope: &OrganizationScope, card: Card) -> OrganizationFacts {
    let usage = card.usage;
    OrganizationFacts {
        id: scope.id().clone(),
        name: card.name,
        external_id: card.external_id,
        seat_limit: LimitFact(usage.limit),
        seat_limit_version: card.limit_version,
        used_seats: usage.used,
        waiting: usage.waiting,
        free_seats: usage.free(),
        over_by: usage.over(),
        policy: PolicyFacts { kind: card.policy.as_str(), groups: card.policy.groups().to_vec() },
        policy_version: card.policy_version,
        archived: card.archived,
    }
}
