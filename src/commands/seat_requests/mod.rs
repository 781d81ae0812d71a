//! Seat requests: tenant admins ask for seats, staff answer, and each side is notified of what the
//! other one wrote. Only one answer counts, however many people answer at once: each of them locks
//! the organization first.

mod approve;
mod ask;
mod converse;
mod remind;

pub(super) use self::approve::Approving;
pub use self::{
    approve::{NewApproval, approve_request},
    ask::{NewRequest, ask_for_seats},
    converse::{NewEntry, add_to_request},
    remind::remind_of_requests,
};
use super::{Error, alerts::notify_about_request};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        id::{SeatRequestEntryId, SeatRequestId},
        organization::SeatLimit,
        refusal::Refusal,
        seat_request::{EntryKind, REMIND_AFTER, RequestEntry, RequestMessage, SeatRequest},
        time::Timestamp,
    },
    state::AppState,
    store::seat_requests,
};

/// What is written about a request.
struct Written<'a> {
    kind: EntryKind,
    /// The name of the person.
    by: &'a str,
    text: String,
    /// The limit after an approval.
    limit: Option<SeatLimit>,
}

/// The request as it may be acted on. `expected_version` is that of the page from which the person
/// acts; `None` acts on any version.
async fn current(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &SeatRequestId,
    expected_version: Option<i64>,
) -> Result<SeatRequest, Error> {
    let request = seat_requests::find(tx, organization, id).await?.ok_or(Error::Missing)?;
    if expected_version.is_some_and(|expected| expected != request.version) {
        return Err(Refusal::RequestChangedMeanwhile.into());
    }
    Ok(request)
}

/// Adds an entry to the conversation, with the new state of the request and the messages about it.
async fn write(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    (request, written): (&mut SeatRequest, Written<'_>),
    now: Timestamp,
) -> Result<(), Error> {
    let kind = written.kind;
    let is_reminder = kind == EntryKind::Reminder;
    request.state = request.state.after(kind)?;
    if !is_reminder {
        request.changed_at = now;
        request.version += 1;
    }
    let reminds = !is_reminder && !request.state.is_over();
    let remind_at = reminds.then(|| now.plus(REMIND_AFTER));
    seat_requests::save(tx, request, remind_at).await?;
    add_entry(tx, state, organization, (request, written), now).await
}

/// Adds the entry and the messages about it.
async fn add_entry(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    (request, written): (&SeatRequest, Written<'_>),
    now: Timestamp,
) -> Result<(), Error> {
    let entry = RequestEntry {
        id: SeatRequestEntryId::generate(&state.clock),
        kind: written.kind,
        by: written.by.to_owned(),
        text: written.text,
        limit: written.limit,
        at: now,
    };
    seat_requests::add_entry(tx, organization, &request.id, &entry).await?;
    if let Some(message) = RequestMessage::about(entry.kind, request.state) {
        notify_about_request(tx, state, organization, (&entry.id, message), now).await?;
    }
    Ok(())
}
