//! Statements over all organizations: for staff and for the `status` command only.
//!
//! `seat_status` in these statements is `Usage::seat_status`; the story `seat_statuses_agree`
//! checks that the two agree.

mod listing;

use sqlx::FromRow;

pub use self::listing::{Behind, Placed, Sort, part};
use super::{
    columns::{Limit, Policy},
    organizations::AccountManager,
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

/// The filters of the overview.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// For `like`, lower case.
    pub pattern: &'a str,
    /// The slug of a seat status, or [`Filter::ARCHIVED`]; empty: any.
    pub status: &'a str,
    /// The id of an account; empty: any.
    pub account_manager: &'a str,
}

impl Filter<'_> {
    /// An archived organization has no seat status.
    pub const ARCHIVED: &'static str = "archived";
}

/// An organization in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: OrganizationId,
    /// The name exactly as it is stored.
    pub name: String,
    pub usage: Usage,
    pub archived: bool,
    pub account_manager: Option<AccountManager>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    account_manager_id: Option<String>,
    manager_name: Option<String>,
    manager_email: Option<String>,
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
            account_manager: AccountManager::of((
                row.account_manager_id,
                row.manager_name,
                row.manager_email,
            )),
        }
    }
}

pub async fn count(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select search_key, account_manager_id,
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
        ) o
        where search_key like $1 escape '\' and ($2 = '' or seat_status = $2)
          and ($3 = '' or account_manager_id = $3)
        ",
        filter.pattern,
        filter.status,
        filter.account_manager,
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

/// The number of organizations of each seat status, without archived ones; `account_manager` is as
/// in [`Filter`].
pub async fn seat_statuses(
    tx: &mut Tx,
    account_manager: &str,
) -> sqlx::Result<Vec<(SeatStatus, i64)>> {
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
          where not archived and ($1 = '' or account_manager_id = $1)
        ) o
        group by seat_status
        order by seat_status
        ",
        account_manager,
    )?;
    let mut found: Vec<_> =
        rows.into_iter().map(|Keyed(row)| (row.seat_status.0, row.organizations)).collect();
    found.sort();
    Ok(found)
}

/// The number of archived organizations.
pub async fn count_archived(tx: &mut Tx, account_manager: &str) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from organizations
        where archived and ($1 = '' or account_manager_id = $1)
        ",
        account_manager,
    )
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
        select o.id, o.name, o.account_manager_id, m.name as manager_name,
          m.email as manager_email, o.limit_kind, o.limit_seats, o.used, o.waiting, o.archived,
          o.policy, o.policy_groups
        from organizations o
        left join accounts m on m.id = o.account_manager_id
        where o.id > $1
        order by o.id
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
