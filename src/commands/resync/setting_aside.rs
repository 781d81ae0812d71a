//! Keeps unreadable list entries apart. The other entries are processed, but the run removes no
//! user, because an unreadable entry may be the user who seems to be missing.

use super::runner::{Abort, Job};
use crate::{
    db::Tx,
    domain::resync::SetAsideKind,
    scalekit::client::SetAside,
    store::resync_listings::{self, NewSetAside},
};

/// The maximum number of entries that are stored one by one.
const MOST: i64 = 10_000;

/// Stores these entries of a directory's list, and counts each once.
pub(super) async fn set_aside(
    job: &mut Job<'_>,
    tx: &mut Tx,
    (directory, kind): (&str, SetAsideKind),
    entries: &[SetAside],
) -> Result<(), Abort> {
    if entries.is_empty() {
        return Ok(());
    }
    job.resync().is_complete = false;
    if job.resync().set_aside >= MOST {
        return Ok(());
    }
    let row = |aside: &'_ SetAside| (aside.fingerprint, aside.id.clone(), aside.why);
    let rows: std::collections::BTreeMap<u64, _> =
        entries.iter().map(row).map(|(print, id, why)| (print, (id, why))).collect();
    let rows: Vec<NewSetAside<'_>> = rows
        .iter()
        .map(|(fingerprint, (id, why))| NewSetAside {
            directory,
            kind,
            fingerprint: *fingerprint,
            id: id.as_deref(),
            why,
        })
        .collect();
    let new = resync_listings::set_aside(tx, job.run(), &rows).await?;
    job.resync().set_aside += i64::try_from(new).unwrap_or(0);
    Ok(())
}
