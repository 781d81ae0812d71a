//! Adds an organization by hand, with a limit, before its first event.

use super::{Actor, Error, seat_transaction::SeatTransaction};
use crate::{
    domain::{
        audit::AuditAction,
        details::{parse_external_id, parse_name},
        id::OrganizationId,
        organization::SeatLimit,
        refusal::Refusal,
    },
    state::AppState,
    store::audit_log::Entry,
};

#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub id: OrganizationId,
    /// Until Scalekit says another one.
    pub name: String,
    /// The same.
    pub external_id: Option<String>,
    /// `None`: the default limit.
    pub limit: Option<SeatLimit>,
}

/// Adds the organization; gives its limit.
pub async fn add_organization(
    state: &AppState,
    actor: &Actor,
    new: &NewOrganization,
) -> Result<SeatLimit, Error> {
    let name = parse_name(&new.name)?;
    let external_id = parse_external_id(new.external_id.as_deref().unwrap_or_default())?;
    let (mut seats, added) =
        SeatTransaction::add_organizations(state, &[(new.id.clone(), name)], new.limit).await?;
    if added == 0 {
        return Err(Refusal::OrganizationExists(new.id.clone()).into());
    }
    let limit = seats.organization(&new.id)?.roster.limit;
    let after = match &external_id {
        Some(id) => format!("{limit}, external id {id}"),
        None => limit.to_string(),
    };
    seats.edit(&new.id)?.details.external_id = external_id;
    if limit != SeatLimit::NotSet {
        seats.note_limit_set(&new.id, actor, "Set when the organization was added").await?;
    }
    seats
        .audit(&new.id, Entry { after: Some(&after), ..actor.entry(AuditAction::AddOrganization) })
        .await?;
    seats.commit().await?;
    Ok(limit)
}
