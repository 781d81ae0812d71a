//! After a change of the installation's thresholds, opens and resolves the alerts of organizations
//! whose numbers did not change meanwhile.

use tracing::warn;

use super::{Error, seat_transaction::SeatTransaction};
use crate::{
    domain::{
        alert::{UsageAlert, UsageThresholds, turns},
        id::OrganizationId,
    },
    state::AppState,
    store::{
        alerts,
        jobs::{self, Claimed},
        organizations,
    },
};

/// Organizations looked at together.
const PART: i64 = 200;

/// Does the next part, behind `after`. `None`: nothing is left.
pub async fn refresh_usage_alerts(
    state: &AppState,
    job: &Claimed,
    installation: &UsageThresholds,
    after: Option<&OrganizationId>,
) -> Result<Option<OrganizationId>, Error> {
    let mut tx = state.db.read().await?;
    let part = organizations::usage_after(&mut tx, after, PART).await?;
    let ids: Vec<&OrganizationId> = part.iter().map(|row| &row.id).collect();
    let open = alerts::open(&mut tx, &ids).await?;
    drop(tx);
    for row in &part {
        let of_it = open.iter().filter(|alert| alert.organization == row.id);
        let known: Vec<UsageAlert> =
            of_it.filter_map(|alert| UsageAlert::of(alert.kind, &alert.target)).collect();
        let thresholds = row.thresholds.as_ref().unwrap_or(installation);
        if !turns(&known, &row.usage, thresholds).is_empty() {
            // an error concerns one organization, and does not keep the others from their alerts
            if let Err(error) = refresh(state, &row.id).await {
                warn!(%error, organization = %row.id, "its alerts could not be updated");
            }
        }
    }
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, job).await?;
    tx.commit().await?;
    Ok(part.into_iter().next_back().map(|row| row.id))
}

/// The transaction looks again, at the numbers of its moment.
async fn refresh(state: &AppState, organization: &OrganizationId) -> Result<(), Error> {
    let mut seats = SeatTransaction::begin(state, organization).await?;
    seats.touch(organization);
    seats.commit().await
}
