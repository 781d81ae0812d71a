//! Statements over all organizations: for staff and for the `status` command only.

use sqlx::FromRow;

use super::columns;
use crate::{
    db::{Tx, sql},
    domain::{
        id::OrganizationId,
        organization::{SeatStatus, Usage},
        text::ExternalText,
    },
    views::{OrganizationRow, OverviewSort},
};

/// `Usage::standing` in SQL; the test `standings_agree` checks that the two agree.
macro_rules! standing {
    () => {
        "case when limit_kind = 'seats' and used > limit_seats then 'over' when limit_kind = 'not_set' then 'not-set' \
         when waiting > 0 then 'waiting' when limit_kind = 'unlimited' then 'unlimited' when used >= limit_seats then 'full' \
         when used * 5 >= limit_seats * 4 then 'nearly-full' else 'room' end"
    };
}

/// The filters of the overview: a pattern for `like` (lower case), and the slug of a seat status,
/// or empty for any.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub pattern: &'a str,
    pub standing: &'a str,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    limit_kind: String,
    limit_seats: Option<i64>,
    used: i64,
    waiting: i64,
    archived: bool,
}

impl From<Row> for OrganizationRow {
    fn from(row: Row) -> Self {
        let usage = Usage {
            limit: columns::to_limit(&row.limit_kind, row.limit_seats),
            used: row.used,
            waiting: row.waiting,
        };
        let name = ExternalText::or_id(&row.name, &row.id);
        Self {
            id: OrganizationId::new(row.id),
            name,
            usage,
            archived: row.archived,
            to_confirm: None,
        }
    }
}

macro_rules! page {
    ($($order:expr),+) => {
        concat!(
            "select id, name, limit_kind, limit_seats, used, waiting, archived from (select o.*, ",
            standing!(),
            " as standing from organizations o) o where search_key like $1 escape '\\' \
             and ($2 = '' or (standing = $2 and not archived)) order by case when archived then 1 else 0 end, ",
            $($order,)+
            ", id limit $3 offset $4"
        )
    };
}

/// The order by urgency of the seat status, and by fullness within one.
macro_rules! urgency {
    ($direction:literal, $other:literal) => {
        concat!(
            "case when standing = 'over' then 0 when standing = 'waiting' then 1 when standing = 'not-set' then 2 \
             when standing = 'unlimited' then 4 else 3 end ",
            $direction,
            ", case when standing = 'over' then used - limit_seats when standing in ('waiting', 'not-set') then waiting \
             when standing = 'unlimited' then used when limit_seats = 0 then 1000000 else used * 1000000 / limit_seats end ",
            $other,
            ", search_key "
        )
    };
}

/// One page of organizations; archived ones are last.
pub async fn page(
    tx: &mut Tx,
    filter: Filter<'_>,
    (sort, descending): (OverviewSort, bool),
    (skip, most): (i64, i64),
) -> sqlx::Result<Vec<OrganizationRow>> {
    let text = match (sort, descending) {
        (OverviewSort::Urgency, false) => page!(urgency!("asc", "desc")),
        (OverviewSort::Urgency, true) => page!(urgency!("desc", "asc")),
        (OverviewSort::Name, false) => page!("search_key"),
        (OverviewSort::Name, true) => page!("search_key desc"),
        (OverviewSort::Limit, false) => {
            page!(
                "case when limit_kind = 'seats' then 0 when limit_kind = 'unlimited' then 1 else 2 end, limit_seats, search_key"
            )
        }
        (OverviewSort::Limit, true) => {
            page!(
                "case when limit_kind = 'unlimited' then 0 when limit_kind = 'seats' then 1 else 2 end, limit_seats desc, search_key"
            )
        }
        (OverviewSort::Used, false) => page!("used, search_key"),
        (OverviewSort::Used, true) => page!("used desc, search_key"),
        (OverviewSort::Waiting, false) => page!("waiting, search_key"),
        (OverviewSort::Waiting, true) => page!("waiting desc, search_key"),
    };
    let rows: Vec<Row> = sql!(all(tx), text, filter.pattern, filter.standing, most, skip)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub async fn count(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        concat!(
            "select count(*) from (select o.*, ",
            standing!(),
            " as standing from organizations o) o where search_key like $1 escape '\\' \
             and ($2 = '' or (standing = $2 and not archived))"
        ),
        filter.pattern,
        filter.standing,
    )
}

/// The number of organizations of each seat status, without archived ones.
pub async fn standings(tx: &mut Tx) -> sqlx::Result<Vec<(SeatStatus, i64)>> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        concat!(
            "select ",
            standing!(),
            " as standing, count(*) from organizations where not archived group by 1 order by 1"
        ),
    )?;
    let standing = |slug: &str| SeatStatus::ALL.into_iter().find(|s| s.slug() == slug);
    let mut found: Vec<_> =
        rows.into_iter().filter_map(|(slug, n)| Some((standing(&slug)?, n))).collect();
    found.sort();
    Ok(found)
}

/// All organizations in order of id, after `after`, each with its stored name; the `status` command
/// reads them in parts.
pub async fn after(
    tx: &mut Tx,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<(String, OrganizationRow)>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        "select id, name, limit_kind, limit_seats, used, waiting, archived from organizations where id > $1 order by id limit $2",
        after,
        most,
    )?;
    Ok(rows.into_iter().map(|row| (row.name.clone(), row.into())).collect())
}

/// Users who were admitted although no seat was free, as (organization, user).
pub async fn admitted_beyond(tx: &mut Tx) -> sqlx::Result<Vec<(String, String)>> {
    sql!(
        all(tx),
        "select organization_id, user_id from decisions where to_state = 'provisioned' and reason <> 'merged' \
         and (limit_kind = 'not_set' or (limit_kind = 'seats' and used >= limit_seats)) order by organization_id, revision, ordinal limit 100",
    )
}
