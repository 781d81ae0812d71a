//! The audit log: who changed what, and why.

mod part;

use std::{borrow::Cow, net::IpAddr};

use sqlx::FromRow;

pub use self::part::{AuditRow, Filter, Part, about_target, of_request, part};
use super::{
    ROWS_AT_ONCE, exactly, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{access::OrganizationScope, audit::AuditAction, id::AuditEntryId, time::Timestamp},
};

/// One entry of the log. The values are written as a person reads them.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The name of the person who did it.
    pub actor: Cow<'a, str>,
    /// The id of the person's account, or of the API key.
    pub actor_id: Option<&'a str>,
    pub action: AuditAction,
    /// The id of the target, if the target is not the organization itself.
    pub target_id: Option<&'a str>,
    /// The target's name.
    pub target: Option<&'a str>,
    /// The action was refused; `reason` says why.
    pub refused: bool,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
    pub reason: Option<&'a str>,
    /// The client's address, and the id of the request.
    pub address: Option<IpAddr>,
    pub request_id: Option<&'a str>,
}

impl Entry<'_> {
    /// An entry that says nothing but what was done.
    pub fn of(action: AuditAction) -> Self {
        Self {
            actor: Cow::Borrowed(""),
            actor_id: None,
            action,
            target_id: None,
            target: None,
            refused: false,
            before: None,
            after: None,
            reason: None,
            address: None,
            request_id: None,
        }
    }
}

/// Adds an entry about one organization.
pub async fn add(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &AuditEntryId,
    entry: &Entry<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    write(tx, organization.id().as_str(), id, entry, now).await
}

/// Adds entries about one organization, in order; each has an id.
pub async fn add_all(
    tx: &mut Tx,
    organization: &OrganizationScope,
    ids: &[AuditEntryId],
    entries: &[Entry<'_>],
    now: Timestamp,
) -> sqlx::Result<()> {
    let rows: Vec<(&AuditEntryId, &Entry<'_>)> = ids.iter().zip(entries).collect();
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into audit_log (
          organization_id, id, actor, actor_id, action, target_id, target, outcome,
          before_value, after_value, reason, address, request_id, at
        )
        {rows}
        ",
        |row| [
            organization.id().as_str(),
            row.0.as_str(),
            row.1.actor.as_ref(),
            row.1.actor_id,
            row.1.action.as_str(),
            row.1.target_id,
            row.1.target,
            if row.1.refused { "refused" } else { "done" },
            row.1.before,
            row.1.after,
            row.1.reason,
            row.1.address.map(|address| address.to_string()),
            row.1.request_id,
            now.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// Adds an entry about the installation, that is, about its accounts.
pub async fn add_to_installation(
    tx: &mut Tx,
    id: &AuditEntryId,
    entry: &Entry<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    write(tx, "", id, entry, now).await
}

async fn write(
    tx: &mut Tx,
    organization: &str,
    id: &AuditEntryId,
    entry: &Entry<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into audit_log (
          organization_id, id, actor, actor_id, action, target_id, target, outcome,
          before_value, after_value, reason, address, request_id, at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ",
        organization,
        id.as_str(),
        entry.actor.as_ref(),
        entry.actor_id,
        entry.action.as_str(),
        entry.target_id,
        entry.target,
        if entry.refused { "refused" } else { "done" },
        entry.before,
        entry.after,
        entry.reason,
        entry.address.map(|address| address.to_string()),
        entry.request_id,
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// A change of the seat limit.
#[derive(Clone, Debug)]
pub struct LimitChange {
    pub actor: String,
    pub before: String,
    pub after: String,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct LimitRow {
    actor: String,
    before_value: String,
    after_value: String,
    reason: String,
    at: i64,
}

impl From<LimitRow> for LimitChange {
    fn from(row: LimitRow) -> Self {
        Self {
            actor: row.actor,
            before: row.before_value,
            after: row.after_value,
            reason: row.reason,
            at: Timestamp::from_nanos(row.at),
        }
    }
}

/// The last changes of the seat limit, newest first. Ids sort by time.
pub async fn limit_changes(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<LimitChange>> {
    let rows: Vec<LimitRow> = sql!(
        all(tx),
        r"
        select actor, coalesce(before_value, '') as before_value,
          coalesce(after_value, '') as after_value, coalesce(reason, '') as reason, at
        from audit_log
        where organization_id = $1 and action = 'set_seat_limit'
        order by id desc
        limit $2
        ",
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How often something was done in an organization since a moment, counted up to `most`.
pub async fn count_since(
    tx: &mut Tx,
    organization: &OrganizationScope,
    action: AuditAction,
    since: Timestamp,
    most: i64,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select id
          from audit_log
          where organization_id = $1 and at >= $2 and action = $3
          order by at, id
          limit $4
        ) done
        ",
        organization.id().as_str(),
        since.nanos(),
        action.as_str(),
        most,
    )
}

#[derive(FromRow)]
struct ActRow {
    actor: String,
    action: Text<AuditAction>,
    at: i64,
}

impl Stored for ActRow {
    const TABLE: &'static str = "audit_log";
    const KEY: &'static [&'static str] = &["id"];
}

/// The entries whose new value is `after`, as (actor, action, time), oldest first.
pub async fn of(
    tx: &mut Tx,
    organization: &OrganizationScope,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<(String, AuditAction, Timestamp)>> {
    let rows: Vec<Keyed<ActRow>> = sql!(
        all(tx),
        r"
        select id, actor, action, at
        from audit_log
        where organization_id = $1 and after_value = $2
          and action in ('dry_run_resync', 'start_resync', 'confirm_resync', 'cancel_resync')
        order by at, id
        limit $3
        ",
        organization.id().as_str(),
        after,
        most,
    )?;
    Ok(rows
        .into_iter()
        .map(|Keyed(row)| (row.actor, row.action.0, Timestamp::from_nanos(row.at)))
        .collect())
}
