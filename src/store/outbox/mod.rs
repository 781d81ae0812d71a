//! The outbox: messages to send, written in the transaction that caused them and composed when they
//! leave.

mod backlog;
mod fate;
pub mod listing;
mod posts;
mod recipients;

use std::time::Duration;

use sqlx::FromRow;

pub use self::{
    backlog::{backlog, given_up, last_error, remove_old},
    fate::{Fate, fate_of, is_any_sent, notified},
    recipients::{invitations_since, recipient},
};
use super::{
    columns, exactly_one,
    failing_channels::Receiver,
    lease::{self, Lease, LeaseError, LeaseRow, Work},
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        alert::{Channel, Message},
        id::{AboutId, AlertId, MessageId, OrganizationId},
        time::Timestamp,
    },
};

/// A message to one recipient.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: MessageId,
    /// `None` if the message is about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub about: AboutId,
    pub message: Message,
    pub channel: Channel,
    /// The address of an account; on Slack `organization` or `staff`.
    pub recipient: String,
    /// It is not sent before.
    pub due_at: Timestamp,
}

/// Messages in one statement.
const MESSAGES_AT_ONCE: usize = 128;

/// Adds messages. Each recipient gets only one about the same on each channel, however often it is
/// added. One that was dropped was not sent: it waits again.
pub async fn add(tx: &mut Tx, rows: &[Outgoing], now: Timestamp) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        MESSAGES_AT_ONCE,
        r"
        insert into outbox (organization_id, id, about_id, message, channel, recipient, subject,
            created_at, due_at, attempts)
        {rows}
        on conflict (organization_id, about_id, message, channel, recipient) do update
        set created_at = excluded.created_at, due_at = excluded.due_at, attempts = 0,
            last_error = null, dropped_at = null
        where outbox.dropped_at is not null
        ",
        |row| [
            columns::from_organization(row.organization.as_ref()),
            row.id.as_str(),
            row.about.as_str(),
            row.message.as_str(),
            row.channel.as_str(),
            row.recipient.as_str(),
            "",
            now.nanos(),
            row.due_at.nanos(),
            0_i64,
        ],
    );
    Ok(())
}

/// A message in the outbox.
#[derive(Clone, Debug)]
pub struct QueuedMessage {
    /// `None` if the message is about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub id: MessageId,
    pub about: AboutId,
    pub message: Message,
    pub channel: Channel,
    pub recipient: String,
    pub created_at: Timestamp,
    /// The number of earlier attempts.
    pub attempts: i64,
}

impl QueuedMessage {
    /// The alert that it is about, if it is about one.
    pub fn alert(&self) -> AlertId {
        AlertId::new(self.about.as_str())
    }
}

#[derive(FromRow)]
struct QueuedRow {
    organization_id: String,
    id: String,
    about_id: String,
    message: Text<Message>,
    channel: Text<Channel>,
    recipient: String,
    created_at: i64,
    attempts: i64,
}

impl Stored for QueuedRow {
    const TABLE: &'static str = "outbox";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<QueuedRow> for QueuedMessage {
    fn from(row: QueuedRow) -> Self {
        Self {
            organization: columns::organization(row.organization_id),
            id: MessageId::new(row.id),
            about: AboutId::new(row.about_id),
            message: row.message.0,
            channel: row.channel.0,
            recipient: row.recipient,
            created_at: Timestamp::from_nanos(row.created_at),
            attempts: row.attempts,
        }
    }
}

/// A message that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub queued: QueuedMessage,
    lease: Lease,
}

impl Claimed {
    /// The key of the row.
    fn key(&self) -> (&str, &str) {
        (columns::from_organization(self.queued.organization.as_ref()), self.queued.id.as_str())
    }
}

/// A worker without a heartbeat for this long counts as dead. It is longer than the sending of one
/// message may take, so that a worker needs no heartbeat while it sends.
const LEASE: Duration = Duration::from_mins(2);

/// A message that is due.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    organization_id: String,
    id: String,
    recipient: String,
    #[sqlx(flatten)]
    pub lease: LeaseRow,
}

impl Due {
    /// Who takes the message, on this channel.
    pub fn receiver(&self, channel: Channel) -> Receiver {
        let organization = columns::organization(self.organization_id.clone());
        Receiver::of((channel, &self.recipient), organization.as_ref())
    }

    pub fn work(&self) -> Work {
        Work::Message(columns::organization(self.organization_id.clone()), MessageId::new(&self.id))
    }
}

/// The messages of a channel that are due: first `most` that no worker holds, then as many that a
/// worker holds. A due time later than any retry pause (`furthest`) was written before the clock
/// was set back, so it counts as passed.
pub async fn due(
    tx: &mut Tx,
    channel: Channel,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    if channel == Channel::Slack {
        let mut free = posts::due(tx, (now, furthest), most).await?;
        free.extend(held(tx, channel, (now, furthest), most).await?);
        return Ok(free);
    }
    let free: Vec<Due> = sql!(
        all(tx),
        r"
        select organization_id, id, recipient, claim, heartbeats, lease_millis
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null
          and lease_millis = 0 and (due_at <= $1 or due_at > $2) and channel = $4
        order by due_at, id
        limit $3
        ",
        now.nanos(),
        furthest.nanos(),
        most,
        channel.as_str(),
    )?;
    let held = held(tx, channel, (now, furthest), most).await?;
    Ok(free.into_iter().chain(held).collect())
}

/// Those that a worker holds, perhaps one that is dead.
async fn held(
    tx: &mut Tx,
    channel: Channel,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    sql!(
        all(tx),
        r"
        select organization_id, id, recipient, claim, heartbeats, lease_millis
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null
          and lease_millis <> 0 and (due_at <= $1 or due_at > $2) and channel = $4
        order by due_at, id
        limit $3
        ",
        now.nanos(),
        furthest.nanos(),
        most,
        channel.as_str(),
    )
}

/// Claims a message. `None`: another worker was quicker.
pub async fn claim(tx: &mut Tx, due: &Due) -> sqlx::Result<Option<Claimed>> {
    let Some(lease) = lease::take(tx, due.work(), due.lease, LEASE).await? else {
        return Ok(None);
    };
    let Keyed(row): Keyed<QueuedRow> = sql!(
        one(tx),
        r"
        select organization_id, id, about_id, message, channel, recipient, created_at, attempts
        from outbox
        where organization_id = $1 and id = $2
        ",
        due.organization_id.as_str(),
        due.id.as_str(),
    )?;
    Ok(Some(Claimed { queued: row.into(), lease }))
}

/// Drops a message whose recipient may no longer receive it, or that has nothing to say any more.
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
        claimed.key().0,
        claimed.key().1,
        now.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Deletes a message that goes to no account: nothing of what a stranger typed is kept.
pub async fn forget(tx: &mut Tx, claimed: &Claimed) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        delete from outbox
        where organization_id = $1 and id = $2
        ",
        claimed.key().0,
        claimed.key().1,
    )
    .and_then(exactly_one)?;
    Ok(())
}

pub async fn sent(
    tx: &mut Tx,
    claimed: &Claimed,
    subject: &str,
    now: Timestamp,
) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set sent_at = $3, subject = $4, attempts = attempts + 1, last_error = null
        where organization_id = $1 and id = $2
        ",
        claimed.key().0,
        claimed.key().1,
        now.nanos(),
        subject,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Makes the message wait until `due`, without an attempt.
pub async fn wait(tx: &mut Tx, claimed: &Claimed, due: Timestamp) -> Result<(), LeaseError> {
    claimed.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update outbox
        set due_at = $3
        where organization_id = $1 and id = $2
        ",
        claimed.key().0,
        claimed.key().1,
        due.nanos(),
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
        claimed.key().0,
        claimed.key().1,
        due.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Gives up a message that can never be delivered: the address does not exist, or the server
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
        claimed.key().0,
        claimed.key().1,
        now.nanos(),
        why,
    )
    .and_then(exactly_one)?;
    Ok(())
}
