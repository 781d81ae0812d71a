//! The list of directory users in order of time: the ids of a part.
//!
//! One index holds the users with a seat in this order, another one the users of each other state.
//! The first users of every state are merged, so that a part costs as much as its rows. As in the
//! other orders, a part begins **at** the key that it is given, and an empty `state` means all
//! users except the removed ones.

use crate::{
    db::{Tx, sql},
    domain::access::OrganizationScope,
};

/// The user whose state began first comes first.
pub async fn ascending(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: &str,
    (since, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select id
        from (
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) >= ($2, $3)
              and state = 'provisioned' and $4 in ('', 'provisioned')
            order by since, id
            limit $5
          ) provisioned
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) >= ($2, $3)
              and state = 'blocked' and state <> 'provisioned' and $4 in ('', 'blocked')
            order by since, id
            limit $5
          ) blocked
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) >= ($2, $3)
              and state = 'dismissed' and state <> 'provisioned' and $4 in ('', 'dismissed')
            order by since, id
            limit $5
          ) dismissed
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) >= ($2, $3)
              and state = 'inactive' and state <> 'provisioned' and $4 in ('', 'inactive')
            order by since, id
            limit $5
          ) inactive
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) >= ($2, $3)
              and state = 'removed' and state <> 'provisioned' and $4 = 'removed'
            order by since, id
            limit $5
          ) removed
        ) d
        order by since, id
        limit $5
        ",
        organization.id().as_str(),
        since,
        id,
        state,
        most,
    )
}

/// The user whose state began last comes first.
pub async fn descending(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: &str,
    (since, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select id
        from (
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) <= ($2, $3)
              and state = 'provisioned' and $4 in ('', 'provisioned')
            order by since desc, id desc
            limit $5
          ) provisioned
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) <= ($2, $3)
              and state = 'blocked' and state <> 'provisioned' and $4 in ('', 'blocked')
            order by since desc, id desc
            limit $5
          ) blocked
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) <= ($2, $3)
              and state = 'dismissed' and state <> 'provisioned' and $4 in ('', 'dismissed')
            order by since desc, id desc
            limit $5
          ) dismissed
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) <= ($2, $3)
              and state = 'inactive' and state <> 'provisioned' and $4 in ('', 'inactive')
            order by since desc, id desc
            limit $5
          ) inactive
          union all
          select since, id
          from (
            select since, id
            from directory_users
            where organization_id = $1 and (since, id) <= ($2, $3)
              and state = 'removed' and state <> 'provisioned' and $4 = 'removed'
            order by since desc, id desc
            limit $5
          ) removed
        ) d
        order by since desc, id desc
        limit $5
        ",
        organization.id().as_str(),
        since,
        id,
        state,
        most,
    )
}
