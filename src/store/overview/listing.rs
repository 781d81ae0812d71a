//! The list of all organizations, in parts. It has some ten thousand rows at most, and no index has
//! its orders: a part reads all of them.

use sqlx::FromRow;

use super::{Filter, Listed, Row};
use crate::{
    db::{Tx, sql},
    store::rows::{Keyed, Stored},
};

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

/// An organization in the list, with what it is sorted by.
#[derive(Clone, Debug)]
pub struct Placed {
    pub listed: Listed,
    pub numbers: [i64; 2],
    pub search_key: String,
}

#[derive(FromRow)]
struct PlacedRow {
    #[sqlx(flatten)]
    row: Row,
    major: i64,
    minor: i64,
    search_key: String,
}

impl Stored for PlacedRow {
    const TABLE: &'static str = Row::TABLE;
    const KEY: &'static [&'static str] = Row::KEY;
}

/// A row of the list, as it was when it was listed: a part begins behind it.
#[derive(Clone, Copy, Debug)]
pub struct Behind<'a> {
    pub archived: bool,
    /// By name they are not compared.
    pub numbers: [i64; 2],
    pub search_key: &'a str,
    pub id: &'a str,
}

/// The organizations behind a row; archived ones are last.
pub async fn part(
    tx: &mut Tx,
    filter: Filter<'_>,
    (sort, descending): (Sort, bool),
    behind: Option<Behind<'_>>,
    most: i64,
) -> sqlx::Result<Vec<Placed>> {
    let rows = match (sort, descending) {
        (Sort::Name, true) => by_name_descending(tx, filter, behind, most).await?,
        (sort, descending) => {
            let sign = if descending { -1 } else { 1 };
            by_number(tx, filter, (sort, sign), behind, most).await?
        }
    };
    let placed = |Keyed(row): Keyed<PlacedRow>| Placed {
        listed: row.row.into(),
        numbers: [row.major, row.minor],
        search_key: row.search_key,
    };
    Ok(rows.into_iter().map(placed).collect())
}

/// In the order of one or two numbers, then by name; without a number by name. The `sign` turns the
/// order of the numbers round. The order by urgency is that of the seat statuses, and of the
/// fullness within one.
async fn by_number(
    tx: &mut Tx,
    filter: Filter<'_>,
    (sort, sign): (Sort, i64),
    behind: Option<Behind<'_>>,
    most: i64,
) -> sqlx::Result<Vec<Keyed<PlacedRow>>> {
    let first = Behind { archived: false, numbers: [i64::MIN; 2], search_key: "", id: "" };
    let Behind { archived, numbers: [major, minor], search_key, id } = behind.unwrap_or(first);
    sql!(
        all(tx),
        r"
        select o.id, o.name, o.account_manager_id, m.name as manager_name,
          m.email as manager_email, o.limit_kind, o.limit_seats, o.used, o.waiting, o.archived,
          o.major, o.minor, o.search_key
        from (
          select id, name, search_key, account_manager_id, limit_kind, limit_seats, used, waiting,
            archived,
            case $4
              when 'urgency' then $5 * case seat_status
                when 'over' then 0
                when 'waiting' then 1
                when 'not-set' then 2
                when 'unlimited' then 4
                else 3
              end
              when 'limit' then case
                when limit_kind = 'not_set' then 2
                when (limit_kind = 'seats') = ($5 > 0) then 0
                else 1
              end
              when 'used' then $5 * used
              when 'waiting' then $5 * waiting
              else 0
            end as major,
            case $4
              when 'urgency' then -$5 * case
                when seat_status = 'archived' then 0
                when seat_status = 'over' then used - limit_seats
                when seat_status in ('waiting', 'not-set') then waiting
                when seat_status = 'unlimited' then used
                when limit_seats = 0 then 1000000
                else used * 1000000 / limit_seats
              end
              when 'limit' then $5 * coalesce(limit_seats, 0)
              else 0
            end as minor
          from (
            select id, name, search_key, account_manager_id, limit_kind, limit_seats, used,
              waiting, archived,
              case
                when archived then 'archived'
                when limit_kind = 'seats' and used > limit_seats then 'over'
                when limit_kind = 'not_set' then 'not-set'
                when waiting > 0 then 'waiting'
                when limit_kind = 'unlimited' then 'unlimited'
                when used >= limit_seats then 'full'
                when used * 5 >= limit_seats * 4 then 'nearly-full'
                else 'room'
              end as seat_status
            from organizations
          ) counted
          where search_key like $1 escape '\' and ($3 = '' or account_manager_id = $3)
            and case $2
              when '' then true
              when 'archived' then archived
              when 'waiting' then not archived and waiting > 0
              when 'over' then not archived and limit_kind = 'seats' and used > limit_seats
              when 'not-set' then not archived and limit_kind = 'not_set'
              when 'nearly-full' then not archived and limit_kind = 'seats' and limit_seats > 0
                and used <= limit_seats and used * 5 >= limit_seats * 4
              when 'trouble' then not archived and id in (
                select organization_id
                from alerts
                where resolved_at is null and kind in (
                  'directory_disabled', 'resync_failed', 'resync_needs_confirmation',
                  'channel_failing'
                )
              )
              when 'open-requests' then not archived and id in (
                select organization_id
                from seat_requests
                where state in ('open', 'question')
              )
            end
        ) o
        left join accounts m on m.id = o.account_manager_id
        where (o.archived, o.major, o.minor, o.search_key, o.id) > ($6, $7, $8, $9, $10)
        order by o.archived, o.major, o.minor, o.search_key, o.id
        limit $11
        ",
        filter.pattern,
        filter.slug(),
        filter.account_manager,
        sort.as_str(),
        sign,
        archived,
        major,
        minor,
        search_key,
        id,
        most,
    )
}

async fn by_name_descending(
    tx: &mut Tx,
    filter: Filter<'_>,
    behind: Option<Behind<'_>>,
    most: i64,
) -> sqlx::Result<Vec<Keyed<PlacedRow>>> {
    let (is_first, archived, search_key, id) =
        behind.map_or((true, false, "", ""), |row| (false, row.archived, row.search_key, row.id));
    sql!(
        all(tx),
        r"
        select o.id, o.name, o.account_manager_id, m.name as manager_name,
          m.email as manager_email, o.limit_kind, o.limit_seats, o.used, o.waiting, o.archived,
          o.major, o.minor, o.search_key
        from (
          select id, name, search_key, account_manager_id, limit_kind, limit_seats, used, waiting,
            archived, cast(0 as bigint) as major, cast(0 as bigint) as minor
          from organizations
          where search_key like $1 escape '\' and ($3 = '' or account_manager_id = $3)
            and case $2
              when '' then true
              when 'archived' then archived
              when 'waiting' then not archived and waiting > 0
              when 'over' then not archived and limit_kind = 'seats' and used > limit_seats
              when 'not-set' then not archived and limit_kind = 'not_set'
              when 'nearly-full' then not archived and limit_kind = 'seats' and limit_seats > 0
                and used <= limit_seats and used * 5 >= limit_seats * 4
              when 'trouble' then not archived and id in (
                select organization_id
                from alerts
                where resolved_at is null and kind in (
                  'directory_disabled', 'resync_failed', 'resync_needs_confirmation',
                  'channel_failing'
                )
              )
              when 'open-requests' then not archived and id in (
                select organization_id
                from seat_requests
                where state in ('open', 'question')
              )
            end
        ) o
        left join accounts m on m.id = o.account_manager_id
        where ($4 or o.archived > $5 or (o.archived = $5 and (o.search_key, o.id) < ($6, $7)))
        order by o.archived, o.search_key desc, o.id desc
        limit $8
        ",
        filter.pattern,
        filter.slug(),
        filter.account_manager,
        is_first,
        archived,
        search_key,
        id,
        most,
    )
}
