//! Lists of messages: those of some alerts, and all that wait, left, or did not leave.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        alert::{Channel, Message},
        id::{AboutId, AlertId, MessageId, OrganizationId},
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE, columns,
        rows::{Keyed, Stored, Text},
    },
};

/// A message and what became of it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// `None`: about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub id: MessageId,
    pub about: AboutId,
    pub message: Message,
    pub channel: Channel,
    pub recipient: String,
    /// Empty until the message has left.
    pub subject: String,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub attempts: i64,
    pub sent_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    pub dropped_at: Option<Timestamp>,
    pub last_error: Option<String>,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    about_id: String,
    message: Text<Message>,
    channel: Text<Channel>,
    recipient: String,
    subject: String,
    created_at: i64,
    due_at: i64,
    attempts: i64,
    sent_at: Option<i64>,
    failed_at: Option<i64>,
    dropped_at: Option<i64>,
    last_error: Option<String>,
}

impl Stored for Row {
    const TABLE: &'static str = "outbox";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            organization: columns::organization(row.organization_id),
            id: MessageId::new(row.id),
            about: AboutId::new(row.about_id),
            message: row.message.0,
            channel: row.channel.0,
            recipient: row.recipient,
            subject: row.subject,
            created_at: Timestamp::from_nanos(row.created_at),
            due_at: Timestamp::from_nanos(row.due_at),
            attempts: row.attempts,
            sent_at: row.sent_at.map(Timestamp::from_nanos),
            failed_at: row.failed_at.map(Timestamp::from_nanos),
            dropped_at: row.dropped_at.map(Timestamp::from_nanos),
            last_error: row.last_error,
        }
    }
}

/// The messages of these alerts, at most 21 of each, the first recipients first.
pub async fn of_alerts(
    tx: &mut Tx,
    alerts: &[(Option<&OrganizationId>, &AlertId)],
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        alerts,
        KEYS_AT_ONCE,
        r"
        with asked (organization_id, about_id) as ({keys})
        select o.organization_id, o.id, o.about_id, o.message, o.channel, o.recipient, o.subject,
          o.created_at, o.due_at, o.attempts, o.sent_at, o.failed_at, o.dropped_at, o.last_error
        from (
            select m.*, row_number() over (
                partition by m.organization_id, m.about_id
                order by m.message, m.channel, m.recipient
              ) as number
            -- a key may be asked for twice
            from (select distinct organization_id, about_id from asked) asked
            join outbox m on m.organization_id = asked.organization_id
              and m.about_id = asked.about_id
          ) o
        where o.number <= 21
        order by o.organization_id, o.about_id, o.number
        ",
        |alert| [columns::from_organization(alert.0), alert.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Which messages a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fates {
    All,
    /// Given up.
    Failed,
    /// Not sent yet.
    Waiting,
    Sent,
    /// Nothing was left to say, or the recipient may not receive it any more.
    Dropped,
}

/// A place in the list of messages.
pub type Place = (Timestamp, MessageId);

/// The messages, the newest first. Each list is a statement of its own, so that a rare fate is
/// found by its index.
pub async fn before(
    tx: &mut Tx,
    fates: Fates,
    before: Option<&Place>,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Keyed<Row>> = match fates {
        Fates::All => sql!(
            all(tx),
            r"
            select organization_id, id, about_id, message, channel, recipient, subject, created_at,
              due_at, attempts, sent_at, failed_at, dropped_at, last_error
            from outbox
            where (created_at, id) < ($1, $2)
            order by created_at desc, id desc
            limit $3
            ",
            at,
            id,
            most,
        ),
        Fates::Failed => sql!(
            all(tx),
            r"
            select organization_id, id, about_id, message, channel, recipient, subject, created_at,
              due_at, attempts, sent_at, failed_at, dropped_at, last_error
            from outbox
            where (created_at, id) < ($1, $2) and failed_at is not null
            order by created_at desc, id desc
            limit $3
            ",
            at,
            id,
            most,
        ),
        Fates::Waiting => sql!(
            all(tx),
            r"
            select organization_id, id, about_id, message, channel, recipient, subject, created_at,
              due_at, attempts, sent_at, failed_at, dropped_at, last_error
            from outbox
            where (created_at, id) < ($1, $2)
              and sent_at is null and failed_at is null and dropped_at is null
            order by created_at desc, id desc
            limit $3
            ",
            at,
            id,
            most,
        ),
        Fates::Sent => sql!(
            all(tx),
            r"
            select organization_id, id, about_id, message, channel, recipient, subject, created_at,
              due_at, attempts, sent_at, failed_at, dropped_at, last_error
            from outbox
            where (created_at, id) < ($1, $2) and sent_at is not null
            order by created_at desc, id desc
            limit $3
            ",
            at,
            id,
            most,
        ),
        Fates::Dropped => sql!(
            all(tx),
            r"
            select organization_id, id, about_id, message, channel, recipient, subject, created_at,
              due_at, attempts, sent_at, failed_at, dropped_at, last_error
            from outbox
            where (created_at, id) < ($1, $2) and dropped_at is not null
            order by created_at desc, id desc
            limit $3
            ",
            at,
            id,
            most,
        ),
    }?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Lets a message that was given up wait again. False: it was not given up.
pub async fn send_again(tx: &mut Tx, id: &MessageId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update outbox
        set failed_at = null, attempts = 0, due_at = $2
        where id = $1 and failed_at is not null
        ",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit > 0)
}

/// Lets all messages that were given up wait again. Gives their number.
pub async fn send_all_again(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update outbox
        set failed_at = null, attempts = 0, due_at = $1
        where failed_at is not null
        ",
        now.nanos(),
    )
}
