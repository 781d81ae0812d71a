//! Alerts of organizations: when each was opened and when it was resolved.

pub mod listing;
pub mod reads;

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        alert::{AlertKind, Notice},
        id::{AlertId, OrganizationId},
        time::Timestamp,
    },
};

/// An alert that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlert {
    pub id: AlertId,
    pub organization: OrganizationId,
    pub kind: AlertKind,
    /// Which of several conditions of its kind; empty if there is one.
    pub target: String,
    pub opened_at: Timestamp,
    pub notice: Notice,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    kind: Text<AlertKind>,
    target: String,
    opened_at: i64,
    notice: Text<Notice>,
}

impl Stored for Row {
    const TABLE: &'static str = "alerts";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

#[derive(FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    alert: Row,
    resolved_at: Option<i64>,
}

impl Stored for FoundRow {
    const TABLE: &'static str = Row::TABLE;
    const KEY: &'static [&'static str] = Row::KEY;
}

impl From<Row> for OpenAlert {
    fn from(row: Row) -> Self {
        Self {
            id: AlertId::new(row.id),
            organization: OrganizationId::new(row.organization_id),
            kind: row.kind.0,
            target: row.target,
            opened_at: Timestamp::from_nanos(row.opened_at),
            notice: row.notice.0,
        }
    }
}

/// The open alerts of several organizations.
pub async fn open(tx: &mut Tx, organizations: &[&OrganizationId]) -> sqlx::Result<Vec<OpenAlert>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        organizations,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, kind, target, opened_at, notice
        from alerts
        where resolved_at is null and organization_id in ({keys})
        ",
        |id| [id.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Organizations with open alerts, the newest alert first.
pub async fn with_open_alerts(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select organization_id
        from alerts
        where resolved_at is null
        order by opened_at desc, id desc
        limit $1
        ",
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

pub async fn add(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &AlertId,
    (kind, target, notice): (AlertKind, &str, Notice),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into alerts (organization_id, id, kind, target, opened_at, notice)
        values ($1, $2, $3, $4, $5, $6)
        ",
        organization.id().as_str(),
        id.as_str(),
        kind.as_str(),
        target,
        now.nanos(),
        notice.as_str(),
    )
    .and_then(exactly_one)
}

/// Records what became of the notification of an open alert.
pub async fn note(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &AlertId,
    notice: Notice,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update alerts
        set notice = $3
        where organization_id = $1 and id = $2 and resolved_at is null
        ",
        organization.id().as_str(),
        id.as_str(),
        notice.as_str(),
    )
    .and_then(exactly_one)
}

/// Records what becomes of an open alert whose last message was dropped. The row
/// is locked first: two workers that drop the last two e-mails at once must see each other's drop.
pub async fn note_unless_notified(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &AlertId,
    notice: Notice,
) -> sqlx::Result<()> {
    let _: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from alerts
        where organization_id = $1 and id = $2
        order by id
        for update
        ",
        organization.as_str(),
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        update alerts
        set notice = $3
        where organization_id = $1 and id = $2 and resolved_at is null
          and not exists (
            select 1
            from outbox o
            where o.organization_id = $1 and o.about_id = $2 and o.dropped_at is null
          )
        ",
        organization.as_str(),
        id.as_str(),
        notice.as_str(),
    )
    .map(|_| ())
}

/// The organizations with an open alert that notified no recipient and has one now: a member of
/// staff, an admin or the Slack channel of the organization, as the [audience](AlertKind::audience)
/// of the alert says; `for_staff`: staff are notified of the usage, too. In the order of their ids,
/// after `after`.
pub async fn owed(
    tx: &mut Tx,
    after: Option<&OrganizationId>,
    for_staff: bool,
    most: i64,
) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select distinct l.organization_id
        from alerts l
        where l.notice = 'owed' and l.resolved_at is null and l.organization_id > $1
          and (
            (l.kind <> 'seat_usage_high' or $3) and exists (
              select 1
              from accounts
              where role in ('staff', 'staff-admin') and disabled_at is null
            )
            or l.kind not in ('limit_not_set', 'resync_failed', 'channel_failing') and (
              exists (
                select 1
                from account_organizations m
                join accounts a on a.id = m.account_id
                where m.organization_id = l.organization_id and m.role = 'tenant-admin'
                  and a.disabled_at is null
              )
              or exists (
                select 1
                from organizations o
                where o.id = l.organization_id and o.slack_webhook is not null
              )
            )
          )
        order by l.organization_id
        limit $2
        ",
        after.map_or("", OrganizationId::as_str),
        most,
        for_staff,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

pub async fn resolve(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &AlertId,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update alerts
        set resolved_at = $3
        where organization_id = $1 and id = $2 and resolved_at is null
        ",
        organization.id().as_str(),
        id.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// The open alert of a kind that has one condition, if it is open.
pub async fn open_of(
    tx: &mut Tx,
    organization: &OrganizationScope,
    kind: AlertKind,
) -> sqlx::Result<Option<OpenAlert>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, kind, target, opened_at, notice
        from alerts
        where organization_id = $1 and kind = $2 and target = '' and resolved_at is null
        ",
        organization.id().as_str(),
        kind.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// An alert, and when it was resolved.
pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &AlertId,
) -> sqlx::Result<Option<(OpenAlert, Option<Timestamp>)>> {
    let row: Option<Keyed<FoundRow>> = sql!(
        optional(tx),
        r"
        select organization_id, id, kind, target, opened_at, notice, resolved_at
        from alerts
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| (row.alert.into(), row.resolved_at.map(Timestamp::from_nanos))))
}

/// Resolves all alerts of an organization that is deleted.
pub async fn resolve_all(
    tx: &mut Tx,
    organization: &OrganizationScope,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update alerts
        set resolved_at = $2
        where organization_id = $1 and resolved_at is null
        ",
        organization.id().as_str(),
        now.nanos(),
    )
    .map(|_| ())
}
