//! The list of directory users, in parts of any size: the ids in each order, and the rows of ids.
//!
//! Each order has an index that holds everything its statements read, so that a part costs as much
//! as its rows, wherever it begins. A part begins **at** the key that it is given; the reader skips
//! that row. An empty `state` means all users except the removed ones.

use super::people::{Count, Listed, Matching, Row};
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope, directory_user::SeatState, id::GroupId, waitlist::PlaceKey,
    },
    store::{KEYS_AT_ONCE, rows::Keyed},
};

/// The ids and search keys in order of name; `pattern` is for `like`, with `\` before a literal
/// `%`.
pub async fn by_name(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (state, pattern): (&str, &str),
    (key, id): (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select id
        from directory_users
        where organization_id = $1 and (search_key, id) >= ($2, $3)
          and (state = $4 or ($4 = '' and state <> 'removed')) and search_key like $5 escape '\'
        order by search_key, id
        limit $6
        ",
        organization.id().as_str(),
        key,
        id,
        state,
        pattern,
        most,
    )
}

/// The same in the opposite order.
pub async fn by_name_descending(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (state, pattern): (&str, &str),
    (key, id): (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select id
        from directory_users
        where organization_id = $1 and (search_key, id) <= ($2, $3)
          and (state = $4 or ($4 = '' and state <> 'removed')) and search_key like $5 escape '\'
        order by search_key desc, id desc
        limit $6
        ",
        organization.id().as_str(),
        key,
        id,
        state,
        pattern,
        most,
    )
}

/// The users that a search matches, removed users too, each with its state; at most `most` of them.
pub async fn matching(
    tx: &mut Tx,
    organization: &OrganizationScope,
    pattern: &str,
    most: i64,
) -> sqlx::Result<Vec<(String, SeatState)>> {
    let rows: Vec<Keyed<Matching>> = sql!(
        all(tx),
        r"
        select id, state
        from directory_users
        where organization_id = $1 and search_key like $2 escape '\'
        order by search_key, id
        limit $3
        ",
        organization.id().as_str(),
        pattern,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (row.id, row.state.0)).collect())
}

/// The key at which the order by name ends.
pub async fn last_name(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<(String, String)>> {
    sql!(
        optional(tx),
        r"
        select search_key, id
        from directory_users
        where organization_id = $1
        order by search_key desc, id desc
        limit 1
        ",
        organization.id().as_str(),
    )
}

/// The ids in the order of the waitlist.
pub async fn by_place(
    tx: &mut Tx,
    organization: &OrganizationScope,
    place: Option<&PlaceKey>,
    most: i64,
) -> sqlx::Result<Vec<String>> {
    let (rank, position, id) =
        place.map_or((i64::MIN, i64::MIN, ""), |key| (key.rank, key.position, key.user.as_str()));
    sql!(
        values(tx),
        r"
        select id
        from directory_users
        where organization_id = $1 and waitlist_position is not null
          and (waitlist_rank, waitlist_position, id) >= ($2, $3, $4)
        order by waitlist_rank, waitlist_position, id
        limit $5
        ",
        organization.id().as_str(),
        rank,
        position,
        id,
        most,
    )
}

/// The rows of these users, in order of their ids.
pub async fn rows(
    tx: &mut Tx,
    organization: &OrganizationScope,
    ids: &[String],
) -> sqlx::Result<Vec<Listed>> {
    let keys: Vec<(&str, &str)> =
        ids.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, state, email, email_key, name, search_key, roles,
          waitlist_rank, waitlist_position, since
        from directory_users
        where (organization_id, id) in ({keys})
        order by id
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The number of users in a state in which no user holds a seat, counted up to `most`.
pub async fn count_without_seat(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: SeatState,
    most: i64,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select state
          from directory_users
          where organization_id = $1 and state = $2 and state <> 'provisioned'
          limit $3
        ) d
        ",
        organization.id().as_str(),
        state.as_str(),
        most,
    )
}

/// All users of a state in which no user holds a seat, if they are few.
pub async fn without_seat(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: SeatState,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select id
        from directory_users
        where organization_id = $1 and state = $2 and state <> 'provisioned'
        order by id
        ",
        organization.id().as_str(),
        state.as_str(),
    )
}

/// The members of a group, at most `most` of them.
pub async fn of_group(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select user_id
        from memberships
        where organization_id = $1 and group_id = $2
        order by user_id
        limit $3
        ",
        organization.id().as_str(),
        group.as_str(),
        most,
    )
}

/// Those of these users who are in the group.
pub async fn in_group(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
    ids: &[String],
) -> sqlx::Result<Vec<String>> {
    let keys: Vec<(&str, &str, &str)> =
        ids.iter().map(|id| (organization.id().as_str(), id.as_str(), group.as_str())).collect();
    let rows: Vec<(String,)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select user_id
        from memberships
        where (organization_id, user_id, group_id) in ({keys})
        order by user_id
        ",
        |key| [key.0, key.1, key.2],
    );
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The addresses that more than one user has, removed users too; at most `most` of them.
pub async fn shared_addresses(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select email_key
        from directory_users
        where organization_id = $1 and email_key is not null
        group by email_key
        having count(*) > 1
        order by email_key
        limit $2
        ",
        organization.id().as_str(),
        most,
    )
}

/// The number of users in each state that a search matches.
pub async fn states_matching(
    tx: &mut Tx,
    organization: &OrganizationScope,
    pattern: &str,
) -> sqlx::Result<Vec<(SeatState, i64)>> {
    let rows: Vec<Keyed<Count>> = sql!(
        all(tx),
        r"
        select state, count(*) as users
        from directory_users
        where organization_id = $1 and search_key like $2 escape '\'
        group by state
        order by state
        ",
        organization.id().as_str(),
        pattern,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (row.state.0, row.users)).collect())
}
