//! Receivers of messages that fail: the mail server, and each Slack channel. A row stands from the
//! first failure until the next success.

use sqlx::FromRow;

use super::{columns, outbox::QueuedMessage};
use crate::{
    db::{Tx, sql},
    domain::{
        alert::{Channel, SlackRecipient},
        id::OrganizationId,
        time::Timestamp,
    },
};

/// Who takes the messages of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receiver {
    /// `None`: the mail server, or the Slack channel of staff.
    pub organization: Option<OrganizationId>,
    pub channel: Channel,
}

impl Receiver {
    /// Who takes a message to `recipient` about an organization.
    pub fn of(
        (channel, recipient): (Channel, &str),
        organization: Option<&OrganizationId>,
    ) -> Self {
        let is_own =
            channel == Channel::Slack && recipient == SlackRecipient::Organization.as_str();
        Self { organization: organization.filter(|_| is_own).cloned(), channel }
    }

    pub fn of_message(queued: &QueuedMessage) -> Self {
        Self::of((queued.channel, &queued.recipient), queued.organization.as_ref())
    }

    /// The Slack channel of an organization.
    pub fn slack_of(organization: &OrganizationId) -> Self {
        Self { organization: Some(organization.clone()), channel: Channel::Slack }
    }

    fn key(&self) -> (&str, &'static str) {
        (columns::from_organization(self.organization.as_ref()), self.channel.as_str())
    }
}

/// A receiver that has taken nothing since its last failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The first failure.
    pub since: Timestamp,
    /// How many tries failed since.
    pub tries: i64,
    pub last_error: String,
}

#[derive(FromRow)]
struct Row {
    since: i64,
    tries: i64,
    last_error: String,
}

pub async fn find(tx: &mut Tx, receiver: &Receiver) -> sqlx::Result<Option<Failing>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select since, tries, last_error
        from failing_channels
        where organization_id = $1 and channel = $2
        ",
        receiver.key().0,
        receiver.key().1,
    )?;
    Ok(row.map(|row| Failing {
        since: Timestamp::from_nanos(row.since),
        tries: row.tries,
        last_error: row.last_error,
    }))
}

/// Records a failed try; the next one is not before `retry_at`.
pub async fn fail(
    tx: &mut Tx,
    receiver: &Receiver,
    why: &str,
    (now, retry_at): (Timestamp, Timestamp),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into failing_channels (organization_id, channel, since, tries, retry_at, last_error)
        values ($1, $2, $3, 1, $4, $5)
        on conflict (organization_id, channel) do update
        set tries = failing_channels.tries + 1, retry_at = excluded.retry_at,
          last_error = excluded.last_error
        ",
        receiver.key().0,
        receiver.key().1,
        now.nanos(),
        retry_at.nanos(),
        why,
    )
    .map(|_| ())
}

/// Forgets the failures of a receiver: it took a message, or another one took its place.
pub async fn remove(tx: &mut Tx, receiver: &Receiver) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from failing_channels
        where organization_id = $1 and channel = $2
        ",
        receiver.key().0,
        receiver.key().1,
    )
    .map(|_| ())
}

/// Lets every receiver be tried now.
pub async fn retry_now(tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update failing_channels
        set retry_at = $1
        where retry_at > $1
        ",
        now.nanos(),
    )
    .map(|_| ())
}
