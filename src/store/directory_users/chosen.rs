//! The people that an admin decides about by hand: those who wait, those who were dismissed, and
//! those who hold a seat, filtered, in parts.

use super::{Row, search_keys::search_key, users};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, Profile, SeatState},
        id::DirectoryUserId,
        time::Timestamp,
        waitlist::PlaceKey,
    },
    store::rows::Keyed,
};

/// Which people.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of [`super::super::search_pattern`].
    pub pattern: String,
    /// Only members of this group; empty: any.
    pub group: String,
    /// Only people whose state began at this time or before.
    pub until: Timestamp,
}

/// Where a list by name goes on: behind this search key and id.
pub type NameKey = (String, DirectoryUserId);

/// People on the waitlist, in its order, behind a place.
pub async fn waiting_after(
    tx: &mut Tx,
    organization: &OrganizationScope,
    filter: &Filter,
    after: Option<&PlaceKey>,
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let (rank, position, user) =
        after.map_or((i64::MIN, i64::MIN, ""), |key| (key.rank, key.position, key.user.as_str()));
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where organization_id = $1 and waitlist_position is not null
          and (waitlist_rank, waitlist_position, id) > ($2, $3, $4)
          and search_key like $5 escape '\' and since <= $6
          and ($7 = '' or exists (
            select 1
            from memberships m
            where m.organization_id = $1 and m.user_id = directory_users.id and m.group_id = $7
          ))
        order by waitlist_rank, waitlist_position, id
        limit $8
        ",
        organization.id().as_str(),
        rank,
        position,
        user,
        filter.pattern.as_str(),
        filter.until.nanos(),
        filter.group.as_str(),
        most,
    )?;
    Ok(users(rows))
}

/// People in one state that is not the waitlist, by name, behind a name.
pub async fn in_state_after(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (state, filter): (SeatState, &Filter),
    after: Option<&NameKey>,
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let (name, user) = after.map_or(("", ""), |(name, user)| (name.as_str(), user.as_str()));
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where organization_id = $1 and state = $2 and (search_key, id) > ($3, $4)
          and search_key like $5 escape '\' and since <= $6
          and ($7 = '' or exists (
            select 1
            from memberships m
            where m.organization_id = $1 and m.user_id = directory_users.id and m.group_id = $7
          ))
        order by search_key, id
        limit $8
        ",
        organization.id().as_str(),
        state.as_str(),
        name,
        user,
        filter.pattern.as_str(),
        filter.until.nanos(),
        filter.group.as_str(),
        most,
    )?;
    Ok(users(rows))
}

/// How many people in this state the filter matches.
pub async fn count_chosen(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: SeatState,
    filter: &Filter,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from directory_users
        where organization_id = $1 and state = $2 and search_key like $3 escape '\' and since <= $4
          and ($5 = '' or exists (
            select 1
            from memberships m
            where m.organization_id = $1 and m.user_id = directory_users.id and m.group_id = $5
          ))
        ",
        organization.id().as_str(),
        state.as_str(),
        filter.pattern.as_str(),
        filter.until.nanos(),
        filter.group.as_str(),
    )
}

/// The first people in this state that the filter matches: in the order of the waitlist, or by
/// name.
pub async fn chosen(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (state, filter): (SeatState, &Filter),
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    if state == SeatState::Blocked {
        waiting_after(tx, organization, filter, None, most).await
    } else {
        in_state_after(tx, organization, (state, filter), None, most).await
    }
}

/// Where a list by name goes on behind this user.
pub fn name_key(user: &DirectoryUser) -> NameKey {
    let Profile { name, email, .. } = &user.profile;
    (search_key(name.as_deref(), email.as_deref(), user.id.as_str()), user.id.clone())
}
