//! Suggestions to release a seat that an admin ignores.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, id::DirectoryUserId, time::Timestamp},
};

/// The person keeps the seat from now on.
pub async fn put(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    (by, is_by_staff): (&str, bool),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into ignored_suggestions (
          organization_id, user_id, ignored_at, ignored_by, is_by_staff
        )
        values ($1, $2, $3, $4, $5)
        on conflict (organization_id, user_id) do update
        set ignored_at = excluded.ignored_at, ignored_by = excluded.ignored_by,
          is_by_staff = excluded.is_by_staff
        ",
        organization.id().as_str(),
        user.as_str(),
        now.nanos(),
        by,
        is_by_staff,
    )
    .and_then(exactly_one)
}

/// The person may be suggested again. False: no suggestion was ignored.
pub async fn remove(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "delete from ignored_suggestions where organization_id = $1 and user_id = $2",
        organization.id().as_str(),
        user.as_str(),
    )?;
    Ok(hit > 0)
}

/// A placeholder turned out to be this user. The later one of two stays.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into ignored_suggestions (
          organization_id, user_id, ignored_at, ignored_by, is_by_staff
        )
        select organization_id, $3, ignored_at, ignored_by, is_by_staff
        from ignored_suggestions
        where organization_id = $1 and user_id = $2
        on conflict (organization_id, user_id) do update
        set ignored_at = excluded.ignored_at, ignored_by = excluded.ignored_by,
          is_by_staff = excluded.is_by_staff
        where ignored_suggestions.ignored_at < excluded.ignored_at
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )?;
    remove(tx, organization, placeholder).await.map(drop)
}
