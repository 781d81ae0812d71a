//! The outbox: e-mails to send, written in the transaction that caused them.

mod backlog;

use std::time::Duration;

use sqlx::FromRow;

pub use self::backlog::{backlog, given_up, last_error};
use super::{
    columns, exactly_one,
    lease::{self, Lease, LeaseError, LeaseRow, Work},
};
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

/// E-mails in one statement.
const EMAILS_AT_ONCE: usize = 128;

/// Adds e-mails; each alert and recipient gets only one, however often it is added. One that was
/// dropped was not sent: it waits again, with the new text.
pub async fn add(tx: &mut Tx, rows: &[Outgoing], now: Timestamp) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        EMAILS_AT_ONCE,
        r"
        insert into outbox (organization_id, id, alert_id, recipient, subject, text_body, html_body,
            created_at, due_at, attempts)
        {rows}
        on conflict (organization_id, alert_id, recipient) do update
        set subject = excluded.subject, text_body = excluded.text_body,
            html_body = excluded.html_body, created_at = excluded.created_at,
            due_at = excluded.due_at, attempts = 0, last_error = null, dropped_at = null
        where outbox.dropped_at is not null
        ",
        |row| [
            columns::from_organization(row.organization.as_ref()),
            row.id.as_str(),
            row.alert.as_str(),
            row.recipient.as_str(),
            row.subject.as_str(),
            row.text.as_str(),
            row.html.as_str(),
            now.nanos(),
            now.nanos(),
            0_i64,
        ],
    );
    Ok(())
}

/// An e-mail in the outbox.
#[derive(Clone, Debug, FromRow)]
pub struct QueuedEmail {
    /// Empty if the e-mail is about Seatkeeper itself.
    pub organization_id: String,
    pub id: String,
    pub alert_id: String,
    pub recipient: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    /// The number of earlier attempts.
    pub attempts: i64,
}

/// An e-mail that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub email: QueuedEmail,
    lease: Lease,
}

/// A worker without a heartbeat for this long counts as dead. It is longer than the sending of one
/// e-mail may take, so that a worker needs no heartbeat while it sends.
const LEASE: Duration = Duration::from_mins(2);

/// An e-mail that is due.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    organization_id: String,
    id: String,
    #[sqlx(flatten)]
    pub lease: LeaseRow,
}

impl Due {
    pub fn work(&self) -> Work {
        Work::Email(columns::organization(self.organization_id.clone()), EmailId::new(&self.id))
    }
}

/// The e-mails that are due: first one that no worker holds, then those that a worker holds. A due
/// time later than any retry pause (`furthest`) was written before the clock was set back, so it
/// counts as passed.
pub async fn due(
    tx: &mut Tx,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    let free: Option<Due> = sql!(
        optional(tx),
        r"
        select organization_id, id, claim, heartbeats, lease_millis
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null
          and lease_millis = 0 and (due_at <= $1 or due_at > $2)
        order by due_at, id
        limit 1
        ",
        now.nanos(),
        furthest.nanos(),
    )?;
    let held: Vec<Due> = sql!(
        all(tx),
        r"
        select organization_id, id, claim, heartbeats, lease_millis
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null
          and lease_millis <> 0 and (due_at <= $1 or due_at > $2)
        order by due_at, id
        limit $3
        ",
        now.nanos(),
        furthest.nanos(),
        most,
    )?;
    Ok(free.into_iter().chain(held).collect())
}

/// Claims an e-mail. `None`: another worker was quicker.
pub async fn claim(tx: &mut Tx, due: &Due) -> sqlx::Result<Option<Claimed>> {
    let Some(lease) = lease::take(tx, due.work(), due.lease, LEASE).await? else {
        return Ok(None);
    };
    let email = sql!(
        one(tx),
        r"
        select organization_id, id, alert_id, recipient, subject, text_body, html_body, attempts
        from outbox
        where organization_id = $1 and id = $2
        ",
        due.organization_id.as_str(),
        due.id.as_str(),
    )?;
    Ok(Some(Claimed { email, lease }))
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
    email: &QueuedEmail,
    email_key: &str,
) -> sqlx::Result<Option<Recipient>> {
    let row: Option<RecipientRow> = sql!(
        optional(tx),
        r"
        select case when o.account_id is null or a.role in ('staff', 'staff-admin') then a.role
              else o.role end as role,
            a.disabled_at is not null as is_disabled,
            o.account_id is not null as is_member, coalesce(g.archived, false) as is_archived,
            l.kind
        from accounts a
        left join account_organizations o on o.account_id = a.id and o.organization_id = $2
        left join organizations g on g.id = $2
        left join alerts l on l.organization_id = $2 and l.id = $3
        where a.email_key = $1
        ",
        email_key,
        email.organization_id.as_str(),
        email.alert_id.as_str(),
    )?;
    Ok(row.and_then(|row| {
        let RecipientRow { role, is_disabled, is_member, is_archived, kind } = row;
        let kind = kind.as_deref().and_then(AlertKind::parse);
        let is_about_organization = !email.organization_id.is_empty();
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
pub async fn drop(
    tx: &mut Tx,
    claimed: &Claimed,
    now: Timestamp,
    why: &str,
) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set dropped_at = $3, last_error = $4
        where organization_id = $1 and id = $2
        ",
        claimed.email.organization_id.as_str(),
        claimed.email.id.as_str(),
        now.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Deletes e-mails that were sent, dropped or given up before `before`, because they hold names and
/// addresses. Returns how many.
pub async fn remove_old(tx: &mut Tx, before: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from outbox
        where (organization_id, id) in (
            select organization_id, id
            from outbox
            where coalesce(sent_at, failed_at, dropped_at) < $1
            order by coalesce(sent_at, failed_at, dropped_at), id
            limit $2
          )
        ",
        before.nanos(),
        most,
    )
}

pub async fn sent(tx: &mut Tx, claimed: &Claimed, now: Timestamp) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set sent_at = $3, attempts = attempts + 1, last_error = null
        where organization_id = $1 and id = $2
        ",
        claimed.email.organization_id.as_str(),
        claimed.email.id.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Records a failed attempt; the next one is at `due`.
pub async fn postpone(
    tx: &mut Tx,
    claimed: &Claimed,
    due: Timestamp,
    why: &str,
) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set due_at = $3, attempts = attempts + 1, last_error = $4
        where organization_id = $1 and id = $2
        ",
        claimed.email.organization_id.as_str(),
        claimed.email.id.as_str(),
        due.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Gives up an e-mail that can never be delivered: the address does not exist, or the server
/// refuses it.
pub async fn give_up(
    tx: &mut Tx,
    claimed: &Claimed,
    now: Timestamp,
    why: &str,
) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set failed_at = $3, attempts = attempts + 1, last_error = $4
        where organization_id = $1 and id = $2
        ",
        claimed.email.organization_id.as_str(),
        claimed.email.id.as_str(),
        now.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}
