//! An organization whose first event was lost has its id as its name until a resync asks Scalekit
//! for the real name.

use tracing::warn;

use super::runner::{Abort, Job};
use crate::{
    commands::seat_transaction::SeatTransaction,
    domain::{
        directory_user::{Precedence, Version},
        time::Timestamp,
    },
    scalekit::client::Organization,
    store::organizations,
};

/// Takes over the name from Scalekit if the organization has none. An error of Scalekit does not
/// fail the run.
pub(super) async fn learn_name(job: &mut Job<'_>) -> Result<(), Abort> {
    if job.resync().dry_run || !is_nameless(job).await? {
        return Ok(());
    }
    let (client, id) = (job.client()?, job.organization().clone());
    let asked_at = job.state.clock.now();
    match job.with_heartbeat(client.organization(&id)).await {
        Ok(found) => take_over(job, found, asked_at).await,
        Err(Abort::Scalekit(error)) => {
            warn!(organization = %id, %error, "the name of an organization could not be requested");
            Ok(())
        }
        Err(halt) => Err(halt),
    }
}

async fn is_nameless(job: &Job<'_>) -> Result<bool, Abort> {
    let mut tx = job.state.db.read().await?;
    let names = organizations::names(&mut tx, std::slice::from_ref(job.organization())).await?;
    Ok(names.iter().any(|(id, name)| id.as_str() == name))
}

/// Saves the name and the external id, unless a webhook or a person has set newer ones meanwhile.
async fn take_over(
    job: &mut Job<'_>,
    found: Organization,
    asked_at: Timestamp,
) -> Result<(), Abort> {
    let mut seats = SeatTransaction::begin(job.state, job.organization()).await?;
    job.keep(seats.tx()).await?;
    let version = Version { at: asked_at, weight: Precedence::Active, event: 0 };
    let details = seats.edit(job.organization())?.details;
    details.learn(found.name, found.external_id, version);
    Ok(seats.commit().await?)
}
