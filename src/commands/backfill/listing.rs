//! If the event log cannot tell what was missed, Seatkeeper lists all organizations to find new
//! ones.

use std::collections::BTreeMap;

use tracing::{info, warn};

use super::Error;
use crate::{
    commands::seat_transaction::SeatTransaction,
    domain::{
        directory_user::{Precedence, Version},
        id::OrganizationId,
        time::Timestamp,
    },
    scalekit::client::{self, Client, Organization, PageGuard},
    state::AppState,
    store::{
        lease::{Lease, LeaseError},
        organizations,
    },
};

/// How often the list is restarted because Scalekit refuses a page token of its own.
const RESTARTS: u32 = 3;
/// The maximum length of a stored name, in characters.
const MOST_NAME: usize = 200;

/// Why the organizations could not be listed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Abort {
    #[error(transparent)]
    Scalekit(#[from] client::Error),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<LeaseError> for Abort {
    fn from(error: LeaseError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

/// Adds every organization that Scalekit has and Seatkeeper does not; each gets a resync. Gives
/// their number.
pub(super) async fn add_unknown(
    state: &AppState,
    client: &Client,
    lease: &Lease,
) -> Result<u64, Abort> {
    let (mut paging, mut token, mut restarts, mut added) =
        (PageGuard::default(), None::<String>, 0, 0);
    loop {
        super::keep(state, lease).await?;
        let asked_at = state.clock.now();
        let page = match client.organizations(token.as_deref()).await {
            Err(error)
                if token.is_some() && error.may_be_the_page_token() && restarts < RESTARTS =>
            {
                restarts += 1;
                (paging, token) = (PageGuard::default(), None);
                continue;
            }
            answer => answer?,
        };
        paging.turn(&page, |organization| organization.id.clone())?;
        for strange in &page.set_aside {
            warn!(
                id = strange.id,
                why = strange.why,
                "an organization in Scalekit’s list cannot be read"
            );
        }
        added += add_page(state, lease, page.items, asked_at).await?;
        token = page.next;
        if token.is_none() {
            if added > 0 {
                info!(added, "organizations were found that no webhook had named");
            }
            return Ok(added);
        }
    }
}

/// Adds the organizations of a page in one transaction, with their names and a resync request.
async fn add_page(
    state: &AppState,
    lease: &Lease,
    listed: Vec<Organization>,
    asked_at: Timestamp,
) -> Result<u64, Abort> {
    let listed: BTreeMap<OrganizationId, Organization> =
        listed.into_iter().map(|one| (one.id.clone(), one)).collect();
    let ids: Vec<OrganizationId> = listed.keys().cloned().collect();
    let known: Vec<OrganizationId> = organizations::names(&mut state.db.read().await?, &ids)
        .await?
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let new: Vec<&Organization> = listed.values().filter(|one| !known.contains(&one.id)).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let rows: Vec<(OrganizationId, String)> =
        new.iter().map(|one| (one.id.clone(), one.id.to_string())).collect();
    let (mut seats, added) = SeatTransaction::add_organizations(state, &rows, None).await?;
    let now = seats.now();
    let version = Version { at: asked_at, weight: Precedence::Active, event: 0 };
    for one in new {
        let facts = seats.edit(&one.id)?;
        let name = one.name.as_ref().map(|name| name.chars().take(MOST_NAME).collect());
        facts.details.learn(name, one.external_id.clone(), version);
        *facts.resync_wanted_at = Some(latest(*facts.resync_wanted_at, now));
    }
    lease.renew(seats.tx()).await?;
    seats.commit().await?;
    Ok(added)
}

/// A request that is newer than the one before, even if the clock was set back.
fn latest(before: Option<Timestamp>, now: Timestamp) -> Timestamp {
    before
        .filter(|before| *before >= now)
        .map_or(now, |before| before.plus(std::time::Duration::from_nanos(1)))
}
