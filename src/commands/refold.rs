//! Rebuilds search keys that an older release has made: a few rows at a time, and only those that
//! differ.

use super::Error;
use crate::{
    state::AppState,
    store::{
        directory_users,
        jobs::{self, Claimed},
        organizations,
    },
};

/// The progress: organizations first, then users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refolded {
    /// The last organization, until the users begin.
    organization: Option<String>,
    /// The last user, with their organization.
    person: (String, String),
    people: bool,
    /// The number of keys that were wrong.
    pub changed: u64,
}

/// Rows processed in one part.
const PART: i64 = 500;

/// Checks the next rows. False: no rows are left. A row that changes meanwhile gets its new key by
/// that change.
pub async fn refold_part(
    state: &AppState,
    job: &Claimed,
    mut so_far: Refolded,
) -> Result<(Refolded, bool), Error> {
    if !so_far.people {
        let after = so_far.organization.clone().unwrap_or_default();
        let keys =
            organizations::search_keys_after(&mut state.db.read().await?, &after, PART).await?;
        let last = keys.last().map(|row| row.id.clone());
        for row in keys.into_iter().filter(organizations::SearchKey::is_wrong) {
            let mut tx = state.db.write().await?;
            so_far.changed += organizations::set_search_key(&mut tx, &row).await?;
            jobs::keep(&mut tx, job).await?;
            tx.commit().await?;
        }
        so_far.people = last.is_none();
        so_far.organization = last;
        return Ok((so_far, true));
    }
    let (organization, id) = so_far.person.clone();
    let keys =
        directory_users::search_keys_after(&mut state.db.read().await?, (&organization, &id), PART)
            .await?;
    let Some(last) = keys.last().map(|row| (row.organization_id.clone(), row.id.clone())) else {
        return Ok((so_far, false));
    };
    for row in keys.into_iter().filter(directory_users::SearchKey::is_wrong) {
        let mut tx = state.db.write().await?;
        so_far.changed += directory_users::set_search_key(&mut tx, &row).await?;
        jobs::keep(&mut tx, job).await?;
        tx.commit().await?;
    }
    so_far.person = last;
    Ok((so_far, true))
}
