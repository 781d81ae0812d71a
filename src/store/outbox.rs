//! The outbox: e-mails to send, written in the transaction that caused them.

use std::time::Duration;

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::Role,
        alert::{AlertKind, Recipient},
        id::{AlertId, EmailId, OrganizationId},
        time::Timestamp,
    },
};

/// An e-mail to one person.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: EmailId,
    /// `None` if the e-mail is about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub alert: AlertId,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Adds e-mails; each alert and recipient gets only one, however often it is added. One that was
/// dropped was not sent: it waits again, with the new text.
pub async fn add(tx: &mut Tx, rows: &[Outgoing], now: Timestamp) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        128,
        "insert into outbox (id, organization_id, alert_id, recipient, subject, text_body, html_body, created_at, due_at, attempts, lease_until) ",
        |row| [
            row.id.as_str(),
            row.organization.as_ref().map(OrganizationId::as_str),
            row.alert.as_str(),
            row.recipient.as_str(),
            row.subject.as_str(),
            row.text.as_str(),
            row.html.as_str(),
            now.nanos(),
            now.nanos(),
            0_i64,
            0_i64,
        ],
        " on conflict (alert_id, recipient) do update set subject = excluded.subject, text_body = excluded.text_body, \
         html_body = excluded.html_body, created_at = excluded.created_at, due_at = excluded.due_at, attempts = 0, lease_until = 0, \
         last_error = null, dropped_at = null where outbox.dropped_at is not null"
    );
    Ok(())
}

#[derive(Clone, Debug, FromRow)]
pub struct Claimed {
    pub id: String,
    pub organization_id: Option<String>,
    pub alert_id: String,
    pub recipient: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    /// The number of earlier attempts.
    pub attempts: i64,
}

/// An e-mail that is due, and whether a worker holds it.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    pub id: String,
    pub claim: i64,
    /// A worker holds it, or died while holding it.
    pub is_held: bool,
}

/// The e-mails that are due: first one that no worker holds, then those that a worker holds. A due
/// time later than any retry pause (`furthest`) was written before the clock was set back, so it
/// counts as passed.
pub async fn due(
    tx: &mut Tx,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    let mut due: Vec<Due> = sql!(
        all(tx),
        r"
        select id, claim, false as is_held
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null and lease_until = 0
          and (due_at <= $1 or due_at > $2)
        order by due_at, id
        limit 1
        ",
        now.nanos(),
        furthest.nanos(),
    )?;
    let mut held: Vec<Due> = sql!(
        all(tx),
        r"
        select id, claim, true as is_held
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null and lease_until <> 0
          and (due_at <= $1 or due_at > $2)
        order by due_at, id
        limit $3
        ",
        now.nanos(),
        furthest.nanos(),
        most,
    )?;
    due.append(&mut held);
    Ok(due)
}

/// Claims an e-mail. `None`: another worker was quicker.
pub async fn claim(tx: &mut Tx, due: &Due, now: Timestamp) -> sqlx::Result<Option<Claimed>> {
    sql!(
        optional(tx),
        r"
        update outbox
        set claim = claim + 1, lease_until = $3
        where id = $1 and claim = $2 and (lease_until <> 0) = $4
          and sent_at is null and failed_at is null and dropped_at is null
        returning id, organization_id, alert_id, recipient, subject, text_body, html_body, attempts
        ",
        due.id.as_str(),
        due.claim,
        now.nanos(),
        due.is_held,
    )
}

/// The facts that decide whether a person may still receive an e-mail, from the account that has
/// the address now.
#[derive(Clone, Debug, FromRow)]
struct RecipientRow {
    role: String,
    is_disabled: bool,
    is_member: bool,
    is_archived: bool,
    kind: Option<String>,
}

/// The account of an e-mail's recipient as it is now; `None` if no account has the address.
pub async fn recipient(
    tx: &mut Tx,
    email: &Claimed,
    email_key: &str,
) -> sqlx::Result<Option<Recipient>> {
    let row: Option<RecipientRow> = sql!(
        optional(tx),
        r"
        select a.role, a.disabled_at is not null as is_disabled, o.account_id is not null as is_member,
               coalesce(g.archived, false) as is_archived, l.kind
        from accounts a
        left join account_organizations o on o.account_id = a.id and o.organization_id = $2
        left join organizations g on g.id = $2
        left join alerts l on l.organization_id = $2 and l.id = $3
        where a.email_key = $1
        ",
        email_key,
        email.organization_id.as_deref().unwrap_or_default(),
        email.alert_id.as_str(),
    )?;
    Ok(row.and_then(|row| {
        let RecipientRow { role, is_disabled, is_member, is_archived, kind } = row;
        let kind = kind.as_deref().and_then(AlertKind::parse);
        let is_about_organization = email.organization_id.is_some();
        Some(Recipient {
            role: Role::parse(&role)?,
            is_disabled,
            is_member,
            is_archived,
            is_about_organization,
            kind,
        })
    }))
}

/// Drops an e-mail whose recipient may no longer receive it.
pub async fn drop(tx: &mut Tx, id: &str, now: Timestamp, why: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update outbox set dropped_at = $2, last_error = $3 where id = $1",
        id,
        now.nanos(),
        why
    )
    .and_then(exactly_one)
}

/// Deletes e-mails that were sent, dropped or given up before `before`, because they hold names and
/// addresses. Returns how many.
pub async fn remove_old(tx: &mut Tx, before: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from outbox
        where id in (
            select id from outbox
            where coalesce(sent_at, failed_at, dropped_at) < $1
            order by coalesce(sent_at, failed_at, dropped_at), id
            limit $2
          )
        ",
        before.nanos(),
        most,
    )
}

pub async fn sent(tx: &mut Tx, id: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update outbox set sent_at = $2, attempts = attempts + 1, last_error = null where id = $1",
        id,
        now.nanos()
    )
    .and_then(exactly_one)
}

/// Records a failed attempt; the next one is at `due`.
pub async fn postpone(tx: &mut Tx, id: &str, due: Timestamp, why: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update outbox set due_at = $2, lease_until = 0, attempts = attempts + 1, last_error = $3 where id = $1",
        id,
        due.nanos(),
        why,
    )
    .and_then(exactly_one)
}

/// Gives up an e-mail that can never be delivered: the address does not exist, or the server
/// refuses it.
pub async fn give_up(tx: &mut Tx, id: &str, now: Timestamp, why: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update outbox set failed_at = $2, attempts = attempts + 1, last_error = $3 where id = $1",
        id,
        now.nanos(),
        why,
    )
    .and_then(exactly_one)
}

/// The backlog of the outbox.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Standing {
    /// E-mails that were not sent, dropped or given up; counted up to `MOST`.
    pub waiting: i64,
    oldest_due: Option<i64>,
}

impl Standing {
    pub const MOST: i64 = 10_000;

    /// How long the oldest e-mail that no worker holds has been due.
    pub fn due_for(&self, now: Timestamp) -> Duration {
        self.oldest_due.map(|due| now.since(Timestamp::from_nanos(due))).unwrap_or_default()
    }
}

pub async fn standing(tx: &mut Tx, now: Timestamp) -> sqlx::Result<Standing> {
    sql!(
        one(tx),
        "select count(*) as waiting, min(case when lease_until = 0 and due_at <= $1 then due_at end) as oldest_due from \
         (select due_at, lease_until from outbox where sent_at is null and failed_at is null and dropped_at is null order by due_at limit $2) o",
        now.nanos(),
        Standing::MOST,
    )
}

/// E-mails that were given up, counted up to `Standing::MOST`.
pub async fn given_up(tx: &mut Tx) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from (select failed_at from outbox where failed_at is not null order by failed_at desc limit $1) o",
        Standing::MOST,
    )
}

/// The last error of the waiting e-mail with the latest due time; without one, the error of the
/// e-mail that was given up last.
pub async fn last_error(tx: &mut Tx) -> sqlx::Result<Option<String>> {
    let waiting: Option<(Option<String>,)> = sql!(
        optional(tx),
        "select last_error from outbox where sent_at is null and failed_at is null and dropped_at is null order by due_at desc limit 1"
    )?;
    if let Some((Some(error),)) = waiting {
        return Ok(Some(error));
    }
    let given_up: Option<(Option<String>,)> = sql!(
        optional(tx),
        "select last_error from outbox where failed_at is not null order by failed_at desc limit 1"
    )?;
    Ok(given_up.and_then(|(error,)| error))
}
