//! An organization whose first message was lost is called by its id, until somebody asks what it is called.

use tracing::warn;

use super::run::{Halt, Job};
use crate::{acts::Error, scalekit::client::Organization, store::organizations};

/// Takes over the name that Scalekit has, where we have none. It is no reason to fail.
pub(super) async fn learn_name(job: &mut Job<'_>) -> Result<(), Halt> {
    if job.resync().dry_run || !is_nameless(job).await? {
        return Ok(());
    }
    let (client, id) = (job.client.clone(), job.organization().clone());
    match job.patiently(client.organization(&id)).await {
        Ok(found) => take_over(job, found).await,
        Err(Halt::Scalekit(error)) => {
            warn!(organization = %id, %error, "what an organization is called could not be asked");
            Ok(())
        }
        Err(halt) => Err(halt),
    }
}

async fn is_nameless(job: &Job<'_>) -> Result<bool, Halt> {
    let mut tx = job.desk.db.read().await?;
    let names = organizations::names(&mut tx, std::slice::from_ref(job.organization())).await?;
    Ok(names.iter().any(|(id, name)| id.as_str() == name))
}

/// Unless a webhook was quicker.
async fn take_over(job: &mut Job<'_>, found: Organization) -> Result<(), Halt> {
    let mut tx = job.desk.db.write().await?;
    let mut locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(Error::Missing)?;
    job.keep(&mut tx).await?;
    if locked.name == locked.id().as_str() {
        locked.name = found.name.unwrap_or(locked.name);
        locked.external_id = locked.external_id.or(found.external_id);
        organizations::save(&mut tx, &[&locked], job.desk.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}
