//! What an admin decides about one person: admit, move, dismiss, undo a dismissal. No event, no
//! resync and no replay reverses it: only another decision does, or the directory, if it switches
//! the person off or deletes them.

use super::{SeatOutcome, join_waitlist, leave_waitlist, set_state, stays};
use crate::{
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, SeatState},
    id::DirectoryUserId,
    refusal::Refusal,
    roster::{LoadedWaitlist, Roster},
    time::Timestamp,
    waitlist::Place,
};

fn person(roster: &Roster, id: &DirectoryUserId) -> Result<Option<DirectoryUser>, Refusal> {
    if roster.archived { Err(Refusal::Archived) } else { Ok(roster.people.get(id).cloned()) }
}

fn waiting(roster: &Roster, id: &DirectoryUserId) -> Result<DirectoryUser, Refusal> {
    let known = person(roster, id)?;
    known.filter(|user| user.state == SeatState::Blocked).ok_or(Refusal::NotWaiting)
}

pub(super) fn admit(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let known = person(roster, id)?;
    let wants =
        |user: &DirectoryUser| matches!(user.state, SeatState::Blocked | SeatState::Dismissed);
    let mut user = known.filter(wants).ok_or(Refusal::NotWaiting)?;
    if !roster.limit.has_room(roster.used) {
        return Err(Refusal::NoFreeSeat);
    }
    let step = set_state(roster, &mut user, SeatState::Provisioned, Reason::ByHand, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(Outcome::Admitted) })
}

/// Gives a waiting user the position `number`, counted from 1; see [`crate::waitlist`].
pub(super) fn move_to(
    roster: &mut Roster,
    id: &DirectoryUserId,
    number: i64,
) -> Result<SeatOutcome, Refusal> {
    let mut user = waiting(roster, id)?;
    if !(1..=roster.waiting).contains(&number) {
        return Err(Refusal::WaitlistPosition(roster.waiting));
    }
    let reason = if number == 1 { Reason::MovedToFront } else { Reason::Moved };
    let old = user.waitlist_place;
    leave_waitlist(roster, &mut user);
    let mut transitions = Vec::new();
    let new = if number == 1 {
        Some(front(roster))
    } else {
        behind(roster, number - 1, &mut transitions)
    };
    roster.short |= new.is_none();
    if let Some(place) = new.or(old) {
        join_waitlist(roster, &mut user, place);
    }
    let key = user.waitlist_key().filter(|_| number == 1);
    transitions.push(stays(roster, &user, reason));
    roster.put(user);
    // This user is now the first in the waitlist, so at least this place is loaded.
    match (&mut roster.loaded_waitlist, key) {
        (LoadedWaitlist::UpTo(last), Some(key)) if *last < key => *last = key,
        (known @ LoadedWaitlist::Nothing, Some(key)) => *known = LoadedWaitlist::UpTo(key),
        _ => {}
    }
    Ok(SeatOutcome { transitions, ..SeatOutcome::only(Outcome::Updated) })
}

/// The place before every waiting user.
fn front(roster: &mut Roster) -> Place {
    roster.first -= 1;
    Place { rank: Place::FRONT, position: roster.first * Place::GAP, by_hand: true }
}

/// The place directly behind this many waiting users. `None` if the users around it are not loaded.
/// The transitions are those of users who get another place because of it.
fn behind(roster: &mut Roster, ahead: i64, transitions: &mut Vec<Transition>) -> Option<Place> {
    let ahead = usize::try_from(ahead).ok()?;
    let mut known = roster.line().skip(ahead - 1).filter_map(|user| user.waitlist_place);
    let (last, next) = (known.next()?, known.next());
    drop(known);
    let end = match next {
        Some(next) if next.rank == last.rank => next.position.min(last.end_of_gap()),
        Some(_) => last.end_of_gap(),
        None if roster.has_whole_waitlist() => last.end_of_gap(),
        None => return None,
    };
    let position = match end - last.position {
        room if room >= 2 => last.position + room / 2,
        _ => spread(roster, last, ahead, transitions)?,
    };
    Some(Place { position, by_hand: true, ..last })
}

/// Spreads the users of this rank who were moved into the gap of `last` over the whole gap, and
/// returns the position that this leaves behind `last`, who is the one with this number. `None` if
/// not all of them are loaded.
fn spread(
    roster: &mut Roster,
    last: Place,
    ahead: usize,
    transitions: &mut Vec<Transition>,
) -> Option<i64> {
    let gap = Place::arrival(last.position);
    let is_in_gap = |place: &Place| {
        place.rank == last.rank && Place::arrival(place.position) == gap && place.is_between()
    };
    let is_behind_gap = |user: &DirectoryUser| {
        user.waitlist_place
            .is_some_and(|place| (place.rank, Place::arrival(place.position)) > (last.rank, gap))
    };
    if !roster.has_whole_waitlist() && !roster.line().last().is_some_and(is_behind_gap) {
        return None;
    }
    let in_gap: Vec<_> = roster
        .line()
        .enumerate()
        .filter(|(_, user)| user.waitlist_place.as_ref().is_some_and(is_in_gap))
        .map(|(n, user)| (n < ahead, user.clone()))
        .collect();
    let before = in_gap.iter().filter(|(is_ahead, _)| *is_ahead).count();
    let spacing = Place::GAP / i64::try_from(in_gap.len() + 2).ok()?;
    let position = |n: usize| Some(gap * Place::GAP + spacing * i64::try_from(n + 1).ok()?);
    for (n, (is_ahead, user)) in in_gap.into_iter().enumerate() {
        let moved = position(if is_ahead { n } else { n + 1 })?;
        transitions.extend(shift(roster, user, moved));
    }
    position(before)
}

/// Gives a waiting user another position of the same rank.
pub(super) fn shift(
    roster: &mut Roster,
    mut user: DirectoryUser,
    position: i64,
) -> Option<Transition> {
    let place = user.waitlist_place.filter(|place| place.position != position)?;
    leave_waitlist(roster, &mut user);
    join_waitlist(roster, &mut user, Place { position, ..place });
    let step = stays(roster, &user, Reason::Renumbered);
    roster.put(user);
    Some(step)
}

/// The next user on the waitlist gets the seat of a dismissed user, unless the policy is by hand.
pub(super) fn dismiss(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let mut user = person(roster, id)?.ok_or(Refusal::WantsNoSeat)?;
    let (reason, outcome) = match user.state {
        SeatState::Blocked => (Reason::DismissedByHand, Outcome::Updated),
        SeatState::Provisioned => (Reason::ReleasedByHand, Outcome::Released),
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {
            return Err(Refusal::WantsNoSeat);
        }
    };
    let step = set_state(roster, &mut user, SeatState::Dismissed, reason, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(outcome) })
}

/// The user gets a free seat if no user waits, and otherwise waits behind all users of the rank.
pub(super) fn undo_dismiss(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let known = person(roster, id)?.filter(|user| user.state == SeatState::Dismissed);
    let mut user = known.ok_or(Refusal::NotDismissed)?;
    let (to, outcome) = if roster.has_seat_for_newcomer() {
        (SeatState::Provisioned, Outcome::Admitted)
    } else {
        (SeatState::Blocked, Outcome::Blocked)
    };
    let step = set_state(roster, &mut user, to, Reason::DismissalUndone, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(outcome) })
}
