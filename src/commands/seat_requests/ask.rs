//! A tenant admin asks for seats.

use super::{Written, add_entry};
use crate::{
    clock::Generate,
    commands::{Actor, Error, pace},
    domain::{
        audit::AuditAction,
        directory_user::SeatState,
        id::{AccountId, AuditEntryId, DirectoryUserId, OrganizationId, SeatRequestId},
        organization::SeatLimit,
        refusal::Refusal,
        seat_request::{
            EntryKind, REMIND_AFTER, RequestState, SeatRequest, more_seats, parse_seats, parse_text,
        },
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        directory_users, organizations, seat_requests,
    },
};

/// A request as it was typed.
#[derive(Clone, Debug)]
pub struct NewRequest {
    pub organization: OrganizationId,
    pub seats: String,
    pub reason: String,
    /// For which waiting people, if the person says so. One who does not wait any more is left out.
    pub people: Vec<DirectoryUserId>,
}

/// Asks for seats. Refused while another request of the organization is not answered.
pub async fn ask_for_seats(
    state: &AppState,
    actor: &Actor,
    new: &NewRequest,
) -> Result<SeatRequestId, Error> {
    let seats = parse_seats(&new.seats)?;
    let reason = parse_text(&new.reason, Refusal::RequestReasonMissing)?;
    if new.people.len() > SeatRequest::MOST_PEOPLE {
        return Err(Refusal::RequestPeople.into());
    }
    let account = AccountId::new(actor.id().ok_or(Error::Missing)?);
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    if locked.roster.archived {
        return Err(Refusal::Archived.into());
    }
    if locked.roster.limit == SeatLimit::Unlimited {
        return Err(Refusal::RequestNotNeeded.into());
    }
    if seat_requests::open_of(&mut tx, scope).await?.is_some() {
        return Err(Refusal::RequestWaits.into());
    }
    let about = (AuditAction::AskForSeats, pace::REQUESTS);
    pace::keep_pace(&mut tx, actor, scope, about, now).await?;
    let asked_by = actor.name();
    let request = SeatRequest {
        organization: new.organization.clone(),
        id: SeatRequestId::generate(&state.clock),
        state: RequestState::Open,
        seats,
        reason: reason.clone(),
        asked_by: asked_by.clone(),
        account,
        asked_at: now,
        changed_at: now,
        version: 1,
    };
    seat_requests::add(&mut tx, &request, now.plus(REMIND_AFTER)).await?;
    let keys: Vec<_> =
        new.people.iter().map(|user| (new.organization.clone(), user.clone())).collect();
    let known = directory_users::with_ids(&mut tx, &keys).await?;
    let waiting = known.into_iter().filter(|(_, user)| user.state == SeatState::Blocked);
    let mut people: Vec<DirectoryUserId> = waiting.map(|(_, user)| user.id).collect();
    people.sort();
    people.dedup();
    seat_requests::add_people(&mut tx, scope, &request.id, &people).await?;
    let (after, text) = (more_seats(seats), reason.as_str());
    let entry = Entry {
        target_id: Some(request.id.as_str()),
        after: Some(&after),
        reason: Some(text),
        ..actor.entry(AuditAction::AskForSeats)
    };
    audit_log::add(&mut tx, scope, &AuditEntryId::generate(&state.clock), &entry, now).await?;
    let written =
        Written { kind: EntryKind::Asked, by: &asked_by, text: reason.clone(), limit: None };
    add_entry(&mut tx, state, scope, (&request, written), now).await?;
    organizations::touch(&mut tx, &new.organization, now).await?;
    tx.commit().await?;
    Ok(request.id)
}
