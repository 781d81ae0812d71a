//! Statements over all organizations: for staff and for the `status` command only.
//!
//! The conditions in these statements are those of `Condition`, and `seat_status` is
//! `Usage::seat_status`; stories check that they agree.

mod listing;

use sqlx::FromRow;

pub use self::listing::{Behind, Placed, Sort, part};
use super::{
    columns::{Limit, Policy},
    organizations::AccountManager,
    rows::{Keyed, Stored},
};
use crate::{
    db::{Tx, sql},
    domain::{
        admission::AdmissionPolicy, condition::Condition, id::OrganizationId, organization::Usage,
    },
};

/// The filters of the overview.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// For `like`, lower case.
    pub pattern: &'a str,
    pub condition: Option<Condition>,
    /// The id of an account; empty: any.
    pub account_manager: &'a str,
}

impl Filter<'_> {
    /// For statements; empty: any.
    fn slug(&self) -> &'static str {
        self.condition.map_or("", Condition::slug)
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

/// How many organizations a list has.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Counts {
    pub organizations: i64,
    /// The people who wait in them.
    pub people_waiting: i64,
    pub waiting: i64,
    pub over: i64,
    pub not_set: i64,
    pub nearly_full: i64,
    pub trouble: i64,
    pub open_requests: i64,
    pub archived: i64,
}

impl Counts {
    pub fn of(&self, condition: Condition) -> i64 {
        match condition {
            Condition::Waiting => self.waiting,
            Condition::Over => self.over,
            Condition::LimitNotSet => self.not_set,
            Condition::NearlyFull => self.nearly_full,
            Condition::Trouble => self.trouble,
            Condition::OpenRequest => self.open_requests,
            Condition::Archived => self.archived,
        }
    }
}

/// Counts the organizations that match everything but the condition of the filter, by condition.
pub async fn count(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<Counts> {
    sql!(
        one(tx),
        r"
        select count(*) as organizations,
          cast(coalesce(sum(case when archived then 0 else waiting end), 0) as bigint)
            as people_waiting,
          count(case when not archived and waiting > 0 then 1 end) as waiting,
          count(case when not archived and limit_kind = 'seats' and used > limit_seats then 1 end)
            as over,
          count(case when not archived and limit_kind = 'not_set' then 1 end) as not_set,
          count(
            case
              when not archived and limit_kind = 'seats' and limit_seats > 0
                and used <= limit_seats and used * 5 >= limit_seats * 4 then 1
            end
          ) as nearly_full,
          count(
            case
              when not archived and id in (
                select organization_id
                from alerts
                where resolved_at is null and kind in (
                  'directory_disabled', 'resync_failed', 'resync_needs_confirmation',
                  'channel_failing'
                )
              ) then 1
            end
          ) as trouble,
          count(
            case
              when not archived and id in (
                select organization_id
                from seat_requests
                where state in ('open', 'question')
              ) then 1
            end
          ) as open_requests,
          count(case when archived then 1 end) as archived
        from organizations
        where search_key like $1 escape '\' and ($2 = '' or account_manager_id = $2)
        ",
        filter.pattern,
        filter.account_manager,
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
