//! Rebuilds search keys that an older release has made: a few rows at a time, and only those that
//! differ.

use super::Error;
use crate::{
    state::AppState,
    store::{
        directory_users, groups,
        jobs::{self, Claimed},
        organizations,
    },
};

/// The progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refolded {
    next: Next,
    /// The number of keys that were wrong.
    pub changed: u64,
}

/// The rows behind which the next part begins. An organization is named by its id, a user and a
/// group by the organization's and their own.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    Organizations(String),
    Users(String, String),
    Groups(String, String),
}

impl Default for Next {
    fn default() -> Self {
        Self::Organizations(String::new())
    }
}

/// Rows processed in one part.
const PART: i64 = 500;

/// Checks the next rows. False: no rows are left. A row that changes meanwhile gets its new key by
/// that change.
pub async fn refold_part(
    state: &AppState,
    job: &Claimed,
    so_far: Refolded,
) -> Result<(Refolded, bool), Error> {
    let Refolded { next, mut changed } = so_far;
    let read = async || state.db.read().await;
    let next = match next {
        Next::Organizations(after) => {
            let keys = organizations::search_keys_after(&mut read().await?, &after, PART).await?;
            let last = keys.last().map(|row| row.id.clone());
            for row in keys.into_iter().filter(organizations::SearchKey::is_wrong) {
                let mut tx = state.db.write().await?;
                changed += organizations::set_search_key(&mut tx, &row).await?;
                jobs::keep(&mut tx, job).await?;
                tx.commit().await?;
            }
            let first = Next::Users(String::new(), String::new());
            Some(last.map_or(first, Next::Organizations))
        }
        Next::Users(organization, id) => {
            let after = (organization.as_str(), id.as_str());
            let keys = directory_users::search_keys_after(&mut read().await?, after, PART).await?;
            let last = keys.last().map(|row| (row.organization_id.clone(), row.id.clone()));
            for row in keys.into_iter().filter(directory_users::SearchKey::is_wrong) {
                let mut tx = state.db.write().await?;
                changed += directory_users::set_search_key(&mut tx, &row).await?;
                jobs::keep(&mut tx, job).await?;
                tx.commit().await?;
            }
            let first = Next::Groups(String::new(), String::new());
            Some(last.map_or(first, |(organization, id)| Next::Users(organization, id)))
        }
        Next::Groups(organization, id) => {
            let after = (organization.as_str(), id.as_str());
            let keys = groups::search_keys_after(&mut read().await?, after, PART).await?;
            let last = keys.last().map(|row| (row.organization_id.clone(), row.id.clone()));
            for row in keys.into_iter().filter(groups::SearchKey::is_wrong) {
                let mut tx = state.db.write().await?;
                changed += groups::set_search_key(&mut tx, &row).await?;
                jobs::keep(&mut tx, job).await?;
                tx.commit().await?;
            }
            last.map(|(organization, id)| Next::Groups(organization, id))
        }
    };
    let is_more = next.is_some();
    Ok((Refolded { next: next.unwrap_or_default(), changed }, is_more))
}
