//! Adds an organization by hand, with a limit, before its first event.

use super::{Actor, Error, seat_transaction::SeatTransaction};
use crate::{
    domain::{audit::AuditAction, id::OrganizationId, organization::SeatLimit, refusal::Refusal},
    state::AppState,
    store::audit_log::Entry,
};

#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub id: OrganizationId,
    pub name: String,
    /// `None`: the default limit.
    pub limit: Option<SeatLimit>,
}

/// Adds the organization; gives its limit.
pub async fn add_organization(
    state: &AppState,
    actor: &Actor,
    new: &NewOrganization,
) -> Result<SeatLimit, Error> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::Name.into());
    }
    let (mut seats, added) =
        SeatTransaction::add_organizations(state, &[(new.id.clone(), name.to_owned())], new.limit)
            .await?;
    if added == 0 {
        return Err(Refusal::OrganizationExists(new.id.clone()).into());
    }
    seats.edit(&new.id)?;
    let limit = seats.organization(&new.id)?.roster.limit;
    if limit != SeatLimit::NotSet {
        seats.note_limit_set(&new.id, actor, "Set when the organization was added").await?;
    }
    let after = limit.to_string();
    seats
        .audit(&new.id, Entry { after: Some(&after), ..actor.entry(AuditAction::AddOrganization) })
        .await?;
    seats.commit().await?;
    Ok(limit)
}
