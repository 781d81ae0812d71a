//! People as a product names them.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed},
    domain::{
        access::OrganizationScope,
        directory_user::{SeatState, email_key},
        id::DirectoryUserId,
        waitlist::PlaceKey,
    },
    store::{
        ROWS_AT_ONCE,
        rows::{Keyed, Stored, Text},
    },
};

/// The seat of a person.
#[derive(Clone, Debug)]
pub struct Called {
    pub id: DirectoryUserId,
    pub state: SeatState,
    pub place: Option<PlaceKey>,
}

/// The kind of a row that was found by its external id, and one behind all kinds.
const EXTERNAL_ID: i64 = 2;
const LAST: i64 = 4;

#[derive(FromRow)]
struct CalledRow {
    name: String,
    kind: i64,
    id: String,
    state: Text<SeatState>,
    waitlist_rank: Option<i64>,
    waitlist_position: Option<i64>,
}

impl Stored for CalledRow {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["id"];
}

impl CalledRow {
    /// The row that counts comes first.
    fn order(&self) -> (i64, u8, &str) {
        let state = match self.state.0 {
            SeatState::Provisioned => 1,
            SeatState::Blocked => 2,
            SeatState::Dismissed => 3,
            SeatState::Inactive | SeatState::Removed => 4,
        };
        let is_of_file = DirectoryUserId::new(self.id.clone()).is_by_email();
        let kind = if self.kind == EXTERNAL_ID && is_of_file { LAST } else { self.kind };
        (kind, state, &self.id)
    }
}

impl From<CalledRow> for Called {
    fn from(row: CalledRow) -> Self {
        let id = DirectoryUserId::new(row.id);
        let user = id.clone();
        let place = row.waitlist_rank.zip(row.waitlist_position);
        let place = place.map(|(rank, position)| PlaceKey { rank, position, user });
        Self { id, state: row.state.0, place }
    }
}

/// By name, each person with this id, with this external id, or with the address of this name; an
/// id comes before an external id, and that before an address. The external id of a person who came
/// from a file comes last, so that no file puts a person in the place of another one. Of several
/// people with the same name the one with a seat comes first, then the one who waits. A removed
/// person is found by the id alone. No name stands in the list twice.
pub async fn called(
    tx: &mut Tx,
    organization: &OrganizationScope,
    names: &[&str],
) -> sqlx::Result<HashMap<String, Called>> {
    let with_addresses: Vec<(&str, String)> =
        names.iter().map(|name| (*name, email_key(name))).collect();
    let rows: Vec<Keyed<CalledRow>> = listed!(
        tx,
        with_addresses,
        ROWS_AT_ONCE,
        r"
        with names (organization_id, name, email_key) as (
          {rows}
        )
        select n.name, cast(1 as bigint) as kind, u.id, u.state, u.waitlist_rank,
          u.waitlist_position
        from names n
        cross join directory_users u
        where u.organization_id = n.organization_id and u.id = n.name
        union all
        select n.name, cast(2 as bigint) as kind, u.id, u.state, u.waitlist_rank,
          u.waitlist_position
        from names n
        cross join directory_users u
        where u.organization_id = n.organization_id and u.external_id = n.name
          and u.external_id is not null and u.state <> 'removed'
        union all
        select n.name, cast(3 as bigint) as kind, u.id, u.state, u.waitlist_rank,
          u.waitlist_position
        from names n
        cross join directory_users u
        where u.organization_id = n.organization_id and u.email_key = n.email_key
          and u.state <> 'removed'
        ",
        |named| [organization.id().as_str(), named.0, named.1.as_str()],
    );
    let mut rows: Vec<CalledRow> = rows.into_iter().map(|Keyed(row)| row).collect();
    rows.sort_by(|one, other| one.order().cmp(&other.order()));
    let mut people = HashMap::new();
    for row in rows {
        people.entry(row.name.clone()).or_insert_with(|| row.into());
    }
    Ok(people)
}
