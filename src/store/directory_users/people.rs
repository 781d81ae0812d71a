//! Directory users as pages list and count them.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope, directory_user::SeatState, id::DirectoryUserId, time::Timestamp,
        waitlist::PlaceKey,
    },
    store::{
        KEYS_AT_ONCE,
        columns::Roles,
        rows::{Keyed, Stored, Text},
    },
};

#[derive(FromRow)]
pub(super) struct Count {
    pub state: Text<SeatState>,
    pub users: i64,
}

impl Stored for Count {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["state"];
}

#[derive(FromRow)]
pub(super) struct Matching {
    pub id: String,
    pub state: Text<SeatState>,
}

impl Stored for Matching {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["id"];
}

/// The number of directory users in each state; used seats are read from the organization's row.
pub async fn states(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<(SeatState, i64)>> {
    let rows: Vec<Keyed<Count>> = sql!(
        all(tx),
        r"
        select state, users
        from (
          select state, count(*) as users
          from directory_users
          where organization_id = $1 and state <> 'provisioned'
          group by state
          union all
          select 'provisioned', used
          from organizations
          where id = $1 and used > 0
        ) counted
        order by state
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (row.state.0, row.users)).collect())
}

/// A directory user in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: String,
    pub state: SeatState,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub name: Option<String>,
    pub search_key: String,
    pub roles: Vec<String>,
    pub waitlist_key: Option<PlaceKey>,
    pub since: Timestamp,
}

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    state: Text<SeatState>,
    email: Option<String>,
    email_key: Option<String>,
    name: Option<String>,
    search_key: String,
    roles: Text<Roles>,
    waitlist_rank: Option<i64>,
    waitlist_position: Option<i64>,
    since: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let user = DirectoryUserId::new(row.id.as_str());
        let key = |(rank, position)| PlaceKey { rank, position, user };
        Self {
            id: row.id,
            state: row.state.0,
            email: row.email,
            email_key: row.email_key,
            name: row.name,
            search_key: row.search_key,
            roles: row.roles.0.0,
            waitlist_key: row.waitlist_rank.zip(row.waitlist_position).map(key),
            since: Timestamp::from_nanos(row.since),
        }
    }
}

/// The addresses (of `email_keys`) that more than one directory user has, without removed ones.
pub async fn duplicate_emails(
    tx: &mut Tx,
    organization: &OrganizationScope,
    email_keys: &[String],
) -> sqlx::Result<Vec<String>> {
    let keys: Vec<(&str, &str)> =
        email_keys.iter().map(|key| (organization.id().as_str(), key.as_str())).collect();
    let rows: Vec<(String,)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select email_key
        from directory_users
        where state <> 'removed' and (organization_id, email_key) in ({keys})
        group by email_key
        having count(*) > 1
        order by email_key
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// How many users wait up to and including this place: the position that the pages show.
pub async fn position(
    tx: &mut Tx,
    organization: &OrganizationScope,
    place: &PlaceKey,
) -> sqlx::Result<i64> {
    waiting_between(tx, organization, None, place).await
}

/// The positions of many users. The waitlist is counted through once, and not again for each.
/// `is_whole`: no waiting user is between two of them.
pub async fn positions(
    tx: &mut Tx,
    organization: &OrganizationScope,
    mut places: Vec<PlaceKey>,
    is_whole: bool,
) -> sqlx::Result<HashMap<DirectoryUserId, i64>> {
    places.sort();
    let (mut position, mut positions) = (0, HashMap::new());
    for (at, place) in places.iter().enumerate() {
        let behind = at.checked_sub(1).and_then(|at| places.get(at));
        position += match behind {
            Some(_) if is_whole => 1,
            _ => waiting_between(tx, organization, behind, place).await?,
        };
        positions.insert(place.user.clone(), position);
    }
    Ok(positions)
}

/// How many users wait behind a place (`None`: from the first one on) up to and including another.
async fn waiting_between(
    tx: &mut Tx,
    organization: &OrganizationScope,
    behind: Option<&PlaceKey>,
    until: &PlaceKey,
) -> sqlx::Result<i64> {
    let (rank, position, user) =
        behind.map_or((i64::MIN, i64::MIN, ""), |key| (key.rank, key.position, key.user.as_str()));
    sql!(
        value(tx),
        r"
        select count(*)
        from directory_users
        where organization_id = $1 and waitlist_position is not null
          and (waitlist_rank, waitlist_position, id) > ($2, $3, $4)
          and (waitlist_rank, waitlist_position, id) <= ($5, $6, $7)
        ",
        organization.id().as_str(),
        rank,
        position,
        user,
        until.rank,
        until.position,
        until.user.as_str(),
    )
}
