//! Seat requests, and the entries of their conversations.

pub mod listing;
mod people;

use sqlx::FromRow;

pub use self::people::{Wanted, add_people, merge_placeholder, people};
use super::{
    columns::{self, MaybeLimit},
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{AccountId, OrganizationId, SeatRequestEntryId, SeatRequestId},
        seat_request::{EntryKind, RequestEntry, RequestState, SeatRequest},
        time::Timestamp,
    },
};

#[derive(FromRow)]
pub(super) struct Row {
    organization_id: String,
    id: String,
    state: Text<RequestState>,
    seats: i64,
    reason: String,
    asked_by: String,
    account_id: String,
    asked_at: i64,
    changed_at: i64,
    version: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "seat_requests";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for SeatRequest {
    fn from(row: Row) -> Self {
        Self {
            organization: OrganizationId::new(row.organization_id),
            id: SeatRequestId::new(row.id),
            state: row.state.0,
            seats: row.seats,
            reason: row.reason,
            asked_by: row.asked_by,
            account: AccountId::new(row.account_id),
            asked_at: Timestamp::from_nanos(row.asked_at),
            changed_at: Timestamp::from_nanos(row.changed_at),
            version: row.version,
        }
    }
}

/// Adds a request, and when staff are reminded of it.
pub async fn add(tx: &mut Tx, new: &SeatRequest, remind_at: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into seat_requests (organization_id, id, state, seats, reason, asked_by, account_id,
          asked_at, changed_at, remind_at, version)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ",
        new.organization.as_str(),
        new.id.as_str(),
        new.state.as_str(),
        new.seats,
        new.reason.as_str(),
        new.asked_by.as_str(),
        new.account.as_str(),
        new.asked_at.nanos(),
        new.changed_at.nanos(),
        remind_at.nanos(),
        new.version,
    )
    .and_then(exactly_one)
}

/// Writes the state, the time of its change, and the version; `remind_at` is when the side that
/// must act is reminded.
pub async fn save(
    tx: &mut Tx,
    changed: &SeatRequest,
    remind_at: Option<Timestamp>,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update seat_requests
        set state = $3, changed_at = $4, version = $5, remind_at = $6
        where organization_id = $1 and id = $2
        ",
        changed.organization.as_str(),
        changed.id.as_str(),
        changed.state.as_str(),
        changed.changed_at.nanos(),
        changed.version,
        remind_at.map(Timestamp::nanos),
    )
    .and_then(exactly_one)
}

pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &SeatRequestId,
) -> sqlx::Result<Option<SeatRequest>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, seats, reason, asked_by, account_id, asked_at,
          changed_at, version
        from seat_requests
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The organization of a request, for the command line.
pub async fn organization_of(
    tx: &mut Tx,
    id: &SeatRequestId,
) -> sqlx::Result<Option<OrganizationId>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        "select organization_id from seat_requests where id = $1",
        id.as_str(),
    )?;
    Ok(row.map(|(organization,)| OrganizationId::new(organization)))
}

/// The request of an organization that is not over.
pub async fn open_of(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<SeatRequest>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, seats, reason, asked_by, account_id, asked_at,
          changed_at, version
        from seat_requests
        where organization_id = $1 and state in ('open', 'question')
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The requests of which a side has to be reminded, the longest waiting first.
pub async fn to_remind(
    tx: &mut Tx,
    now: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(OrganizationId, SeatRequestId)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select organization_id, id
        from seat_requests
        where remind_at <= $1
        order by remind_at
        limit $2
        ",
        now.nanos(),
        most,
    )?;
    let ids = |(organization, id)| (OrganizationId::new(organization), SeatRequestId::new(id));
    Ok(rows.into_iter().map(ids).collect())
}

/// When the side that must act is reminded; `None`: it was, or the request is over.
pub async fn remind_at(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &SeatRequestId,
) -> sqlx::Result<Option<Timestamp>> {
    let at: Option<i64> = sql!(
        value(tx),
        "select remind_at from seat_requests where organization_id = $1 and id = $2",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(at.map(Timestamp::from_nanos))
}

#[derive(FromRow)]
struct EntryRow {
    id: String,
    kind: Text<EntryKind>,
    actor: String,
    text: String,
    #[sqlx(flatten)]
    limit: MaybeLimit,
    at: i64,
}

impl Stored for EntryRow {
    const TABLE: &'static str = "seat_request_entries";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<EntryRow> for RequestEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: SeatRequestEntryId::new(row.id),
            kind: row.kind.0,
            by: row.actor,
            text: row.text,
            limit: row.limit.0,
            at: Timestamp::from_nanos(row.at),
        }
    }
}

pub async fn add_entry(
    tx: &mut Tx,
    organization: &OrganizationScope,
    request: &SeatRequestId,
    entry: &RequestEntry,
) -> sqlx::Result<()> {
    let limit = entry.limit.map(columns::from_limit);
    sql!(
        execute(tx),
        r"
        insert into seat_request_entries (organization_id, id, request_id, kind, actor, text,
          limit_kind, limit_seats, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        organization.id().as_str(),
        entry.id.as_str(),
        request.as_str(),
        entry.kind.as_str(),
        entry.by.as_str(),
        entry.text.as_str(),
        limit.map(|(kind, _)| kind),
        limit.and_then(|(_, seats)| seats),
        entry.at.nanos(),
    )
    .and_then(exactly_one)
}

/// The conversation, from its beginning.
pub async fn entries(
    tx: &mut Tx,
    organization: &OrganizationScope,
    request: &SeatRequestId,
) -> sqlx::Result<Vec<RequestEntry>> {
    let rows: Vec<Keyed<EntryRow>> = sql!(
        all(tx),
        r"
        select organization_id, id, kind, actor, text, limit_kind, limit_seats, at
        from seat_request_entries
        where organization_id = $1 and request_id = $2
        order by id
        ",
        organization.id().as_str(),
        request.as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// An entry and the request that it belongs to.
pub async fn entry(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &SeatRequestEntryId,
) -> sqlx::Result<Option<(SeatRequestId, RequestEntry)>> {
    let request: Option<(String,)> = sql!(
        optional(tx),
        "select request_id from seat_request_entries where organization_id = $1 and id = $2",
        organization.id().as_str(),
        id.as_str(),
    )?;
    let Some((request,)) = request else { return Ok(None) };
    let Keyed(row): Keyed<EntryRow> = sql!(
        one(tx),
        r"
        select organization_id, id, kind, actor, text, limit_kind, limit_seats, at
        from seat_request_entries
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(Some((SeatRequestId::new(request), row.into())))
}
