//! Statements over all organizations: for staff and for the `status` command only.
//!
//! `seat_status` in these statements is `Usage::seat_status`; the story `seat_statuses_agree`
//! checks that the two agree.

use sqlx::FromRow;

use super::{
    columns::{Limit, Policy},
    rows::{FromText, Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        admission::AdmissionPolicy,
        id::OrganizationId,
        organization::{SeatStatus, Usage},
    },
};

/// The filters of the overview: a pattern for `like` (lower case), and the slug of a seat status,
/// or empty for any.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub pattern: &'a str,
    pub seat_status: &'a str,
}

/// The order of the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Over the limit first, then waiting, then not set, then the fullest. Unlimited comes last.
    Urgency,
    Name,
    Limit,
    Used,
    Waiting,
}

impl Sort {
    /// Its name in the statement.
    fn as_str(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Name => "name",
            Self::Limit => "limit",
            Self::Used => "used",
            Self::Waiting => "waiting",
        }
    }
}

/// An organization in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: OrganizationId,
    /// The name exactly as it is stored.
    pub name: String,
    pub usage: Usage,
    pub archived: bool,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    archived: bool,
}

impl Stored for Row {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: OrganizationId::new(row.id),
            name: row.name,
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            archived: row.archived,
        }
    }
}

/// One page of organizations; archived ones are last.
pub async fn page(
    tx: &mut Tx,
    filter: Filter<'_>,
    (sort, descending): (Sort, bool),
    (skip, most): (i64, i64),
) -> sqlx::Result<Vec<Listed>> {
    let rows = match (sort, descending) {
        (Sort::Name, true) => by_name_descending(tx, filter, (skip, most)).await?,
        (sort, descending) => {
            by_number(tx, filter, (sort, if descending { -1 } else { 1 }), (skip, most)).await?
        }
    };
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// In the order of one or two numbers, then by name; without a number by name. The `sign` turns the
/// order of the numbers round. The order by urgency is that of the seat statuses, and of the
/// fullness within one.
async fn by_number(
    tx: &mut Tx,
    filter: Filter<'_>,
    (sort, sign): (Sort, i64),
    (skip, most): (i64, i64),
) -> sqlx::Result<Vec<Keyed<Row>>> {
    sql!(
        all(tx),
        r"
        select id, name, limit_kind, limit_seats, used, waiting, archived
        from (
          select id, name, search_key, limit_kind, limit_seats, used, waiting, archived,
            case
              when limit_kind = 'seats' and used > limit_seats then 'over'
              when limit_kind = 'not_set' then 'not-set'
              when waiting > 0 then 'waiting'
              when limit_kind = 'unlimited' then 'unlimited'
              when used >= limit_seats then 'full'
              when used * 5 >= limit_seats * 4 then 'nearly-full'
              else 'room'
            end as seat_status
          from organizations
        ) o
        where search_key like $1 escape '\' and ($2 = '' or (seat_status = $2 and not archived))
        order by case when archived then 1 else 0 end,
          case $3
            when 'urgency' then $4 * case seat_status
              when 'over' then 0
              when 'waiting' then 1
              when 'not-set' then 2
              when 'unlimited' then 4
              else 3
            end
            when 'limit' then case
              when limit_kind = 'not_set' then 2
              when (limit_kind = 'seats') = ($4 > 0) then 0
              else 1
            end
            when 'used' then $4 * used
            when 'waiting' then $4 * waiting
          end,
          case $3
            when 'urgency' then -$4 * case
              when seat_status = 'over' then used - limit_seats
              when seat_status in ('waiting', 'not-set') then waiting
              when seat_status = 'unlimited' then used
              when limit_seats = 0 then 1000000
              else used * 1000000 / limit_seats
            end
            when 'limit' then $4 * limit_seats
          end,
          search_key, id
        limit $5 offset $6
        ",
        filter.pattern,
        filter.seat_status,
        sort.as_str(),
        sign,
        most,
        skip,
    )
}

async fn by_name_descending(
    tx: &mut Tx,
    filter: Filter<'_>,
    (skip, most): (i64, i64),
) -> sqlx::Result<Vec<Keyed<Row>>> {
    sql!(
        all(tx),
        r"
        select id, name, limit_kind, limit_seats, used, waiting, archived
        from (
          select id, name, search_key, limit_kind, limit_seats, used, waiting, archived,
            case
              when limit_kind = 'seats' and used > limit_seats then 'over'
              when limit_kind = 'not_set' then 'not-set'
              when waiting > 0 then 'waiting'
              when limit_kind = 'unlimited' then 'unlimited'
              when used >= limit_seats then 'full'
              when used * 5 >= limit_seats * 4 then 'nearly-full'
              else 'room'
            end as seat_status
          from organizations
        ) o
        where search_key like $1 escape '\' and ($2 = '' or (seat_status = $2 and not archived))
        order by case when archived then 1 else 0 end, search_key desc, id
        limit $3 offset $4
        ",
        filter.pattern,
        filter.seat_status,
        most,
        skip,
    )
}

pub async fn count(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select search_key, archived,
            case
              when limit_kind = 'seats' and used > limit_seats then 'over'
              when limit_kind = 'not_set' then 'not-set'
              when waiting > 0 then 'waiting'
              when limit_kind = 'unlimited' then 'unlimited'
              when used >= limit_seats then 'full'
              when used * 5 >= limit_seats * 4 then 'nearly-full'
              else 'room'
            end as seat_status
          from organizations
        ) o
        where search_key like $1 escape '\' and ($2 = '' or (seat_status = $2 and not archived))
        ",
        filter.pattern,
        filter.seat_status,
    )
}

#[derive(FromRow)]
struct Count {
    seat_status: Text<SeatStatus>,
    organizations: i64,
}

impl Stored for Count {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["seat_status"];
}

impl FromText for SeatStatus {
    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.slug() == text)
    }
}

/// The number of organizations of each seat status, without archived ones.
pub async fn seat_statuses(tx: &mut Tx) -> sqlx::Result<Vec<(SeatStatus, i64)>> {
    let rows: Vec<Keyed<Count>> = sql!(
        all(tx),
        r"
        select seat_status, count(*) as organizations
        from (
          select
            case
              when limit_kind = 'seats' and used > limit_seats then 'over'
              when limit_kind = 'not_set' then 'not-set'
              when waiting > 0 then 'waiting'
              when limit_kind = 'unlimited' then 'unlimited'
              when used >= limit_seats then 'full'
              when used * 5 >= limit_seats * 4 then 'nearly-full'
              else 'room'
            end as seat_status
          from organizations
          where not archived
        ) o
        group by seat_status
        order by seat_status
        ",
    )?;
    let mut found: Vec<_> =
        rows.into_iter().map(|Keyed(row)| (row.seat_status.0, row.organizations)).collect();
    found.sort();
    Ok(found)
}

#[derive(FromRow)]
struct StatusRow {
    #[sqlx(flatten)]
    row: Row,
    #[sqlx(flatten)]
    policy: Policy,
}

impl Stored for StatusRow {
    const TABLE: &'static str = Row::TABLE;
    const KEY: &'static [&'static str] = Row::KEY;
}

/// All organizations in order of id, after `after`, each with its policy; the `status` command
/// reads them in parts.
pub async fn after(
    tx: &mut Tx,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<(Listed, AdmissionPolicy)>> {
    let rows: Vec<Keyed<StatusRow>> = sql!(
        all(tx),
        r"
        select id, name, limit_kind, limit_seats, used, waiting, archived, policy, policy_groups
        from organizations
        where id > $1
        order by id
        limit $2
        ",
        after,
        most,
    )?;
    let row = |Keyed(StatusRow { row, policy }): Keyed<StatusRow>| (row.into(), policy.0);
    Ok(rows.into_iter().map(row).collect())
}

/// Users who were admitted although no seat was free, as (organization, user).
pub async fn admitted_beyond(tx: &mut Tx) -> sqlx::Result<Vec<(String, String)>> {
    sql!(
        all(tx),
        r"
        select organization_id, user_id
        from decisions
        where to_state = 'provisioned' and reason not in ('merged', 'identified')
          and (limit_kind = 'not_set' or (limit_kind = 'seats' and used >= limit_seats))
        order by organization_id, revision, ordinal
        limit 100
        ",
    )
}
