//! The people who seem not to use their seats, and what an admin does about a suggestion. A
//! dismissal goes through the preview of the waitlist.

use domain::id::{DirectoryUserId, OrganizationId};
use leptos::prelude::*;
use views::reclaim::{ReclaimPage, ReclaimQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_reclaim")]
pub async fn load_reclaim(
    id: OrganizationId,
    query: ReclaimQuery,
) -> Result<ReclaimPage, AppError> {
    let (scope, viewer) = (super::scope(&id).await?, super::signed_in().await?);
    Ok(seatkeeper::queries::reclaim_page(&super::state()?, (&scope, &viewer), &query).await?)
}

/// The person keeps the seat. Goes back to the list.
#[server(prefix = "/api", endpoint = "ignore_suggestion")]
pub async fn ignore_suggestion(id: OrganizationId, user: DirectoryUserId) -> Result<(), AppError> {
    use crate::paths;

    let actor = super::decider(&id).await?;
    let done = seatkeeper::commands::ignore_suggestion(&super::state()?, &actor, &id, &user).await;
    let list = ReclaimQuery::default();
    let kept = paths::reclaim_again(&id, &list, "kept");
    super::settled(done.map(|()| kept), &paths::reclaim(&id, &list))
}

/// The person may be suggested again. Goes back to the list of those who keep the seat.
#[server(prefix = "/api", endpoint = "restore_suggestion")]
pub async fn restore_suggestion(id: OrganizationId, user: DirectoryUserId) -> Result<(), AppError> {
    use crate::paths;
    use views::reclaim::ReclaimList;

    let actor = super::decider(&id).await?;
    let done = seatkeeper::commands::restore_suggestion(&super::state()?, &actor, &id, &user).await;
    let list = ReclaimQuery { list: ReclaimList::Kept, before: None };
    let undone = paths::reclaim_again(&id, &list, "undone");
    super::settled(done.map(|()| undone), &paths::reclaim(&id, &list))
}
