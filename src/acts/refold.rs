//! Search keys that an older release has made, made anew: a few rows at a time, and only those that differ.

use super::Error;
use crate::{
    desk::Desk,
    store::{directory_users, organizations},
};

/// How far it has come: organizations first, then people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refolded {
    /// The last organization, while people have not begun.
    organization: Option<String>,
    /// The last person, with their organization.
    person: (String, String),
    people: bool,
    /// Keys that were wrong.
    pub changed: u64,
}

/// Rows looked at in one part.
const PART: i64 = 500;

/// Looks at the next rows; none where nothing is left. A row that changes meanwhile has a new key by that.
pub async fn refold_part(desk: &Desk, mut so_far: Refolded) -> Result<(Refolded, bool), Error> {
    if !so_far.people {
        let after = so_far.organization.clone().unwrap_or_default();
        let keys = organizations::search_keys_after(&mut desk.db.read().await?, &after, PART).await?;
        let last = keys.last().map(|row| row.id.clone());
        for row in keys.into_iter().filter(organizations::SearchKey::is_wrong) {
            let mut tx = desk.db.write().await?;
            so_far.changed += organizations::set_search_key(&mut tx, &row).await?;
            tx.commit().await?;
        }
        so_far.people = last.is_none();
        so_far.organization = last;
        return Ok((so_far, true));
    }
    let (organization, id) = so_far.person.clone();
    let keys = directory_users::search_keys_after(&mut desk.db.read().await?, (&organization, &id), PART).await?;
    let Some(last) = keys.last().map(|row| (row.organization_id.clone(), row.id.clone())) else {
        return Ok((so_far, false));
    };
    for row in keys.into_iter().filter(directory_users::SearchKey::is_wrong) {
        let mut tx = desk.db.write().await?;
        so_far.changed += directory_users::set_search_key(&mut tx, &row).await?;
        tx.commit().await?;
    }
    so_far.person = last;
    Ok((so_far, true))
}
