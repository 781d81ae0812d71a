//! For which waiting people a request is.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        id::{DirectoryUserId, SeatRequestId},
    },
    store::{
        SHORT_ROWS_AT_ONCE, exactly,
        rows::{Keyed, Stored, Text},
    },
};

/// A person who needs a seat, as the directory describes them now.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: Option<String>,
    email: Option<String>,
    state: Text<SeatState>,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

pub async fn add_people(
    tx: &mut Tx,
    organization: &OrganizationScope,
    request: &SeatRequestId,
    people: &[DirectoryUserId],
) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        people,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into seat_request_people (organization_id, request_id, user_id)
        {rows}
        ",
        |user| [organization.id().as_str(), request.as_str(), user.as_str()],
    );
    exactly(people.len() as u64, hit)
}

/// The people of a request, by name.
pub async fn people(
    tx: &mut Tx,
    organization: &OrganizationScope,
    request: &SeatRequestId,
) -> sqlx::Result<Vec<Wanted>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select u.organization_id, u.id, u.name, u.email, u.state
        from seat_request_people p
        join directory_users u on u.organization_id = p.organization_id and u.id = p.user_id
        where p.organization_id = $1 and p.request_id = $2
        order by u.name, u.email, u.id
        ",
        organization.id().as_str(),
        request.as_str(),
    )?;
    let wanted = |Keyed(row): Keyed<Row>| Wanted {
        user: DirectoryUserId::new(row.id),
        name: row.name,
        email: row.email,
        state: row.state.0,
    };
    Ok(rows.into_iter().map(wanted).collect())
}

/// A placeholder turned out to be this user.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into seat_request_people (organization_id, request_id, user_id)
        select organization_id, request_id, $3
        from seat_request_people
        where organization_id = $1 and user_id = $2
        on conflict (organization_id, request_id, user_id) do nothing
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        "delete from seat_request_people where organization_id = $1 and user_id = $2",
        organization.id().as_str(),
        placeholder.as_str(),
    )?;
    Ok(())
}
