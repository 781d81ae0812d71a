//! After a change of the installation's thresholds, opens and resolves the alerts of organizations
//! whose numbers did not change meanwhile.

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
            // the transaction looks again, at the numbers of its moment
            let mut seats = SeatTransaction::begin(state, &row.id).await?;
            seats.touch(&row.id);
            seats.commit().await?;
        }
    }
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, job).await?;
    tx.commit().await?;
    Ok(part.into_iter().next_back().map(|row| row.id))
}
