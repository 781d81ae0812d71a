//! Adds an organization by hand, with a limit, before its first event.

use super::{Actor, Error};
use crate::{
    domain::{id::OrganizationId, organization::SeatLimit, refusal::Refusal},
    state::AppState,
    store::{
        audit::{self, Entry},
        organizations,
    },
};

#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub id: OrganizationId,
    pub name: String,
    pub limit: SeatLimit,
}

pub async fn add_organization(state: &AppState, actor: &Actor, new: &NewOrganization) -> Result<(), Error> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::Name.into());
    }
    let now = state.clock.now();
    let mut tx = state.db.write().await?;
    if organizations::add(&mut tx, &[(new.id.clone(), name.to_owned())], new.limit, now).await? == 0 {
        return Err(Refusal::OrganizationExists(new.id.clone()).into());
    }
    let organization = organizations::lock(&mut tx, &new.id).await?.ok_or(Error::Missing)?;
    organizations::save(&mut tx, &[&organization], now).await?;
    let after = new.limit.to_string();
    if new.limit != SeatLimit::NotSet {
        organizations::note_limit_set(&mut tx, &organization.scope, &actor.name(), "Set when the organization was added", now).await?;
    }
    let entry = Entry {
        id: &state.clock.id::<String>("aud"),
        actor: &actor.name(),
        actor_id: actor.account(),
        action: "add_organization",
        after: Some(&after),
        ..Entry::default()
    };
    audit::add(&mut tx, &organization.scope, &entry, now).await?;
    tx.commit().await?;
    Ok(())
}
