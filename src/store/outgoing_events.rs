//! Outgoing events. A seat transaction writes them without a number; the sequencer numbers those
//! that are committed. A reader of the numbers misses none: what commits late gets a late number.

use sqlx::FromRow;

use super::{
    SHORT_ROWS_AT_ONCE, exactly, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        id::{OrganizationId, OutgoingEventId},
        outgoing_event::{EventType, OutgoingEvent},
        time::Timestamp,
    },
};

/// An event of a transaction, still without a number.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub organization: OrganizationId,
    pub revision: i64,
    pub ordinal: i64,
    pub id: OutgoingEventId,
    pub kind: EventType,
    pub at: Timestamp,
    pub data: String,
}

pub async fn add(tx: &mut Tx, rows: &[NewEvent]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into outgoing_events (
          organization_id, revision, ordinal, id, type, occurred_at, data
        )
        {rows}
        ",
        |row| [
            row.organization.as_str(),
            row.revision,
            row.ordinal,
            row.id.as_str(),
            row.kind.as_str(),
            row.at.nanos(),
            row.data.as_str(),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// Whether an event waits for its number.
pub async fn is_any_unnumbered(tx: &mut Tx) -> sqlx::Result<bool> {
    let first: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select revision
        from outgoing_events
        where sequence is null
        order by revision, organization_id, ordinal
        limit 1
        ",
    )?;
    Ok(first.is_some())
}

/// Locks the sequence until the transaction ends, and gives its newest number. What is read after
/// that is read after the commit of the sequencer that had the lock before.
pub async fn lock_sequence(tx: &mut Tx) -> sqlx::Result<i64> {
    let (last,): (i64,) = sql!(
        one(tx),
        r"
        update event_sequence
        set last = last
        where id = 'event_sequence'
        returning last
        ",
    )?;
    Ok(last)
}

/// Numbers up to `most` committed events behind `last`, and gives the newest number. The events of
/// an organization are in the order of its revisions: a revision is committed before the next one
/// can begin, so that no reader sees the later one alone.
pub async fn number(tx: &mut Tx, last: i64, most: i64) -> sqlx::Result<i64> {
    let numbered = sql!(
        execute(tx),
        r"
        update outgoing_events
        set sequence = n.sequence
        from (
            select organization_id, revision, ordinal,
              $1 + row_number() over (order by revision, organization_id, ordinal) as sequence
            from outgoing_events
            where sequence is null
            order by revision, organization_id, ordinal
            limit $2
          ) n
        where outgoing_events.organization_id = n.organization_id
          and outgoing_events.revision = n.revision
          and outgoing_events.ordinal = n.ordinal
        ",
        last,
        most,
    )?;
    let newest = last + i64::try_from(numbered).unwrap_or(0);
    sql!(
        execute(tx),
        r"
        update event_sequence
        set last = $1
        where id = 'event_sequence'
        ",
        newest,
    )
    .and_then(exactly_one)?;
    tx.announce_events(newest);
    Ok(newest)
}

/// The newest number, and the oldest one that is kept.
pub async fn ends(tx: &mut Tx) -> sqlx::Result<(i64, Option<i64>)> {
    sql!(
        one(tx),
        r"
        select last, (select min(sequence) from outgoing_events where sequence is not null)
        from event_sequence
        where id = 'event_sequence'
        ",
    )
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    r#type: Text<EventType>,
    occurred_at: i64,
    data: String,
    sequence: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "outgoing_events";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for OutgoingEvent {
    fn from(row: Row) -> Self {
        Self {
            sequence: row.sequence,
            id: OutgoingEventId::new(row.id),
            kind: row.r#type.0,
            organization: OrganizationId::new(row.organization_id),
            occurred_at: Timestamp::from_nanos(row.occurred_at),
            data: row.data,
        }
    }
}

/// The first `most` events with a number above `after`, of one organization or of all of them.
pub async fn after(
    tx: &mut Tx,
    organization: Option<&OrganizationScope>,
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<OutgoingEvent>> {
    let rows: Vec<Keyed<Row>> = match organization {
        Some(organization) => sql!(
            all(tx),
            r"
            select organization_id, id, type, occurred_at, data, sequence
            from outgoing_events
            where organization_id = $1 and sequence > $2
            order by sequence
            limit $3
            ",
            organization.id().as_str(),
            after,
            most,
        )?,
        None => sql!(
            all(tx),
            r"
            select organization_id, id, type, occurred_at, data, sequence
            from outgoing_events
            where sequence > $1
            order by sequence
            limit $2
            ",
            after,
            most,
        )?,
    };
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The data of the numbered events behind `after`, with their numbers.
pub async fn data_after(tx: &mut Tx, after: i64, most: i64) -> sqlx::Result<Vec<(i64, String)>> {
    sql!(
        all(tx),
        r"
        select sequence, data
        from outgoing_events
        where sequence > $1
        order by sequence
        limit $2
        ",
        after,
        most,
    )
}

/// Replaces the data of events by their numbers.
pub async fn replace_data(tx: &mut Tx, rows: &[(i64, String)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        with cut (sequence, data) as ({rows})
        update outgoing_events
        set data = cut.data
        from cut
        where outgoing_events.sequence = cut.sequence and outgoing_events.sequence is not null
        ",
        |row| [row.0, row.1.as_str()],
    );
    Ok(())
}

/// Removes numbered events from before `cutoff`, of the oldest `most`. Gives how many.
pub async fn remove_old(tx: &mut Tx, cutoff: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from outgoing_events
        where (organization_id, revision, ordinal) in (
            select organization_id, revision, ordinal
            from (
                select organization_id, revision, ordinal, occurred_at
                from outgoing_events
                where sequence is not null
                order by sequence
                limit $2
              ) oldest
            where occurred_at < $1
          )
        ",
        cutoff.nanos(),
        most,
    )
}
