//! System alerts: when a condition of Seatkeeper itself began and when it ended.

use sqlx::FromRow;

use super::{
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        alert::{Notice, SystemAlert},
        id::AlertId,
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    kind: Text<SystemAlert>,
}

impl Stored for Row {
    const TABLE: &'static str = "system_alerts";
    const KEY: &'static [&'static str] = &["id"];
}

/// Whether an alert is open. An open alert stays open until this transaction ends, so this is
/// called before [`add`] and [`resolve`].
pub async fn is_open(tx: &mut Tx, kind: SystemAlert) -> sqlx::Result<bool> {
    let open: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from system_alerts
        where kind = $1 and resolved_at is null
        order by id
        for update
        ",
        kind.as_str(),
    )?;
    Ok(!open.is_empty())
}

/// Whether this alert is open, without a lock.
pub async fn is_this_open(tx: &mut Tx, id: &AlertId) -> sqlx::Result<bool> {
    let open: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from system_alerts
        where id = $1 and resolved_at is null
        ",
        id.as_str(),
    )?;
    Ok(open.is_some())
}

/// The kinds of the open alerts.
pub async fn open_kinds(tx: &mut Tx) -> sqlx::Result<Vec<SystemAlert>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, kind
        from system_alerts
        where resolved_at is null
        order by kind
        ",
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.kind.0).collect())
}

/// Opens an alert. False: another transaction opened it in the meantime.
pub async fn add(
    tx: &mut Tx,
    id: &AlertId,
    (kind, notice): (SystemAlert, Notice),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into system_alerts (id, kind, opened_at, notice)
        values ($1, $2, $3, $4)
        on conflict (kind) where resolved_at is null do nothing
        ",
        id.as_str(),
        kind.as_str(),
        now.nanos(),
        notice.as_str(),
    )?;
    Ok(hit == 1)
}

/// Records that an open alert has no notification left after its last e-mail was dropped. The row
/// is locked first: two workers that drop the last two e-mails at once must see each other's drop.
pub async fn owe_unless_notified(tx: &mut Tx, id: &AlertId) -> sqlx::Result<()> {
    let _: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from system_alerts
        where id = $1
        order by id
        for update
        ",
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        update system_alerts
        set notice = 'owed'
        where id = $1 and resolved_at is null
          and not exists (
            select 1
            from outbox o
            where o.organization_id = '' and o.about_id = $1 and o.dropped_at is null
          )
        ",
        id.as_str(),
    )
    .map(|_| ())
}

/// The open alerts that notified no recipient, if there are staff now who are told of them.
pub async fn owed(tx: &mut Tx) -> sqlx::Result<Vec<SystemAlert>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, kind
        from system_alerts
        where notice = 'owed' and resolved_at is null
          and exists (
            select 1
            from accounts
            where disabled_at is null
              and (
                role = 'staff-admin'
                or role = 'staff' and system_alerts.kind <> 'webhook_endpoint_disabled'
              )
          )
        order by kind
        ",
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.kind.0).collect())
}

/// The open alert of this kind if it notified no recipient. Its row is locked, so the answer holds
/// until the transaction ends.
pub async fn lock_owed(tx: &mut Tx, kind: SystemAlert) -> sqlx::Result<Option<AlertId>> {
    let mut ids: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from system_alerts
        where kind = $1 and notice = 'owed' and resolved_at is null
        order by id
        for update
        ",
        kind.as_str(),
    )?;
    Ok(ids.pop().map(AlertId::new))
}

/// Records that the recipients of an open alert were notified.
pub async fn notified(tx: &mut Tx, id: &AlertId) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update system_alerts
        set notice = 'sent'
        where id = $1 and resolved_at is null
        ",
        id.as_str(),
    )
    .and_then(exactly_one)
}

pub async fn resolve(tx: &mut Tx, kind: SystemAlert, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update system_alerts
        set resolved_at = $2
        where kind = $1 and resolved_at is null
        ",
        kind.as_str(),
        now.nanos(),
    )
    .map(|_| ())
}
