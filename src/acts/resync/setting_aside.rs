//! Entries of lists that cannot be read are kept apart: the others are processed, and the run removes no person, because one of
//! them may be the person who seems to be missing.

use super::run::{Halt, Job};
use crate::{
    db::Tx,
    domain::resync::SetAsideKind,
    scalekit::client::SetAside,
    store::resync_listings::{self, NewSetAside},
};

/// More of them than this are not kept one by one.
const MOST: i64 = 10_000;

/// Keeps these of a directory's list, and counts them once.
pub(super) async fn set_aside(
    job: &mut Job<'_>,
    tx: &mut Tx,
    (directory, kind): (&str, SetAsideKind),
    entries: &[SetAside],
) -> Result<(), Halt> {
    if entries.is_empty() {
        return Ok(());
    }
    job.resync().whole = false;
    if job.resync().set_aside >= MOST {
        return Ok(());
    }
    let row = |aside: &'_ SetAside| (aside.fingerprint, aside.id.clone(), aside.why);
    let rows: std::collections::BTreeMap<u64, _> = entries.iter().map(row).map(|(print, id, why)| (print, (id, why))).collect();
    let rows: Vec<NewSetAside<'_>> = rows
        .iter()
        .map(|(fingerprint, (id, why))| NewSetAside { directory, kind, fingerprint: *fingerprint, id: id.as_deref(), why })
        .collect();
    let new = resync_listings::set_aside(tx, job.run(), &rows).await?;
    job.resync().set_aside += i64::try_from(new).unwrap_or(0);
    Ok(())
}
