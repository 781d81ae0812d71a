//! What a new limit would do: the same rules as when it is saved, on a copy that is thrown away.

use crate::{
    acts::Error,
    desk::Desk,
    domain::{
        access::OrganizationScope,
        organization::{SeatLimit, Usage},
        page::LimitPreview,
    },
    store::{directory_users, organizations},
};

/// `Missing` where there is no such organization.
pub async fn limit_preview(desk: &Desk, scope: &OrganizationScope, limit: SeatLimit) -> Result<LimitPreview, Error> {
    let mut tx = desk.db.read().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let before = card.usage();
    let free = limit.free(before.used).unwrap_or(before.waiting);
    let admitted = if card.automatic { free.min(before.waiting) } else { 0 };
    let first = directory_users::waiting(&mut tx, scope, admitted.min(LimitPreview::NAMES)).await?;
    let label = |user: &crate::domain::directory_user::DirectoryUser| user.profile.label().unwrap_or(user.id.as_str()).to_owned();
    Ok(LimitPreview {
        organization: scope.id().clone(),
        name: card.name,
        before,
        after: Usage { limit, used: before.used + admitted, waiting: before.waiting - admitted },
        admitted,
        first_admitted: first.iter().map(label).collect(),
        limit_version: card.limit_version,
    })
}
