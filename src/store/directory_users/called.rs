//! One person as a product names them.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope, directory_user::SeatState, id::DirectoryUserId,
        waitlist::PlaceKey,
    },
    store::rows::{Keyed, Stored, Text},
};

/// The seat of a person.
#[derive(Clone, Debug)]
pub struct Called {
    pub id: DirectoryUserId,
    pub state: SeatState,
    pub place: Option<PlaceKey>,
}

#[derive(FromRow)]
struct CalledRow {
    id: String,
    state: Text<SeatState>,
    waitlist_rank: Option<i64>,
    waitlist_position: Option<i64>,
}

impl Stored for CalledRow {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["id"];
}

/// The person with this id, with this external id, or with this address (`email_key`); an id comes
/// before an external id, and that before an address. The external id of a person who came from a
/// file comes last, so that no file puts a person in the place of another one. Of several people
/// with the same name the one with a seat comes first, then the one who waits. A removed person is
/// found by the id alone.
pub async fn called(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (name, email_key): (&str, &str),
) -> sqlx::Result<Option<Called>> {
    let row: Option<Keyed<CalledRow>> = sql!(
        optional(tx),
        r"
        select id, state, waitlist_rank, waitlist_position
        from (
          select 1 as kind, id, state, waitlist_rank, waitlist_position
          from directory_users
          where organization_id = $1 and id = $2
          union all
          select case when id like 'email:%' then 4 else 2 end as kind, id, state, waitlist_rank, waitlist_position
          from directory_users
          where organization_id = $1 and external_id = $2 and external_id is not null
            and state <> 'removed'
          union all
          select 3 as kind, id, state, waitlist_rank, waitlist_position
          from directory_users
          where organization_id = $1 and email_key = $3 and state <> 'removed'
        ) called
        order by kind,
          case state when 'provisioned' then 1 when 'blocked' then 2 when 'dismissed' then 3 else 4 end,
          id
        limit 1
        ",
        organization.id().as_str(),
        name,
        email_key,
    )?;
    Ok(row.map(|Keyed(row)| {
        let id = DirectoryUserId::new(row.id);
        let user = id.clone();
        let place = row.waitlist_rank.zip(row.waitlist_position);
        let place = place.map(|(rank, position)| PlaceKey { rank, position, user });
        Called { id, state: row.state.0, place }
    }))
}
