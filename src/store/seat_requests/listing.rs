//! Lists of seat requests: the queue of staff, what is over, and those of an organization.

use sqlx::FromRow;

use super::Row;
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        id::{OrganizationId, SeatRequestId},
        organization::Usage,
        seat_request::SeatRequest,
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE,
        columns::Limit,
        rows::{Keyed, Stored},
    },
};

/// A request with its organization as it is now.
#[derive(Clone, Debug)]
pub struct Listed {
    pub request: SeatRequest,
    pub organization_name: String,
    pub usage: Usage,
}

#[derive(FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    request: Row,
    name: String,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
}

impl Stored for ListedRow {
    const TABLE: &'static str = "seat_requests";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<ListedRow> for Listed {
    fn from(row: ListedRow) -> Self {
        Self {
            request: row.request.into(),
            organization_name: row.name,
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
        }
    }
}

/// A place in a list of requests.
pub type Place = (Timestamp, SeatRequestId);

/// The requests that are not over, the longest waiting first. That of an archived organization
/// comes back with it.
pub async fn queue(tx: &mut Tx, after: Option<&Place>, most: i64) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Keyed<ListedRow>> = sql!(
        all(tx),
        r"
        select r.organization_id, r.id, r.state, r.seats, r.reason, r.asked_by, r.account_id,
          r.asked_at, r.changed_at, r.version, o.name, o.limit_kind, o.limit_seats, o.used,
          o.waiting
        from seat_requests r
        join organizations o on o.id = r.organization_id
        where r.state in ('open', 'question') and not o.archived and (r.asked_at, r.id) > ($1, $2)
        order by r.asked_at, r.id
        limit $3
        ",
        at,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The requests that are over, the last answered first.
pub async fn over(tx: &mut Tx, before: Option<&Place>, most: i64) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Keyed<ListedRow>> = sql!(
        all(tx),
        r"
        select r.organization_id, r.id, r.state, r.seats, r.reason, r.asked_by, r.account_id,
          r.asked_at, r.changed_at, r.version, o.name, o.limit_kind, o.limit_seats, o.used,
          o.waiting
        from seat_requests r
        join organizations o on o.id = r.organization_id
        where r.state not in ('open', 'question') and (r.changed_at, r.id) < ($1, $2)
        order by r.changed_at desc, r.id desc
        limit $3
        ",
        at,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The request of each organization that is not over.
pub async fn open_of_each(
    tx: &mut Tx,
    organizations: &[&OrganizationId],
) -> sqlx::Result<Vec<(OrganizationId, SeatRequestId)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        organizations,
        KEYS_AT_ONCE,
        r"
        select organization_id, id
        from seat_requests
        where state in ('open', 'question') and organization_id in ({keys})
        ",
        |id| [id.as_str()],
    );
    let of = |(organization, id)| (OrganizationId::new(organization), SeatRequestId::new(id));
    Ok(rows.into_iter().map(of).collect())
}

/// The requests of an organization, the newest first.
pub async fn of_organization(
    tx: &mut Tx,
    organization: &OrganizationScope,
    before: Option<&Place>,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Keyed<ListedRow>> = sql!(
        all(tx),
        r"
        select r.organization_id, r.id, r.state, r.seats, r.reason, r.asked_by, r.account_id,
          r.asked_at, r.changed_at, r.version, o.name, o.limit_kind, o.limit_seats, o.used,
          o.waiting
        from seat_requests r
        join organizations o on o.id = r.organization_id
        where r.organization_id = $1 and (r.asked_at, r.id) < ($2, $3)
        order by r.asked_at desc, r.id desc
        limit $4
        ",
        organization.id().as_str(),
        at,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// How many requests wait for staff, counted up to `most`.
pub async fn count_open(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
            select r.id
            from seat_requests r
            join organizations o on o.id = r.organization_id
            -- so that both engines see that the index of the queue serves
            where r.state in ('open', 'question') and r.state = 'open' and not o.archived
            limit $1
          ) r
        ",
        most,
    )
}
