//! Merges a placeholder, known only by its e-mail address, with a user who is known by id. Two rows
//! become one.

use super::{
    DesiredState, is_outlived, join_waitlist, leave_waitlist,
    life::{desired_state, end_before_deletion},
    ranking, set_state, stays,
};
use crate::{
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, Precedence, SeatState},
    id::DirectoryUserId,
    roster::Roster,
    seats::SeatOutcome,
    time::Timestamp,
    waitlist::Place,
};

/// Merges the placeholder into the user. For each field the newer value is kept. If both want a
/// seat, a dismissal has priority, because an admin decided it. After that, a seat has priority
/// over a place in the waitlist, and the earlier place over the later one. If both held a seat, one
/// of them becomes free, and the next command fills it unless the policy is by hand.
///
/// Returns `None` if one of them is not known. Otherwise the roster removes the placeholder, and
/// the store merges its row.
pub fn merge_placeholder(
    roster: &mut Roster,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Option<SeatOutcome> {
    let known = roster.person(id)?.clone();
    let mut by_email = roster.forget(placeholder, id)?;
    let was_newly_blocked = roster.blocked.contains(placeholder) || roster.blocked.contains(id);
    let is_deletion = by_email.activity_version.weight == Precedence::Deleted;
    let wants_resync = is_deletion && is_outlived(&known, by_email.activity_version);
    let mut person = known.clone();
    let takes_list = by_email.groups_version > person.groups_version;
    roster.memberships.merge(placeholder, id, takes_list);
    take_newer_facts(&mut person, &by_email);
    person.activity_version = person.activity_version.max(by_email.activity_version);
    person.known_since = person.known_since.min(by_email.known_since);
    end_before_deletion(roster, &mut person);
    let (state, place) =
        (merged_state(desired_state(roster, &person), &by_email, &known), by_email.waitlist_place);
    let since = [&by_email, &known]
        .into_iter()
        .filter(|one| one.state == state)
        .map(|one| one.since)
        .min()
        .unwrap_or(now);
    let mut transitions = Vec::new();
    if wants_a_seat(by_email.state) {
        transitions.push(set_state(roster, &mut by_email, SeatState::Removed, Reason::Merged, now));
    }

    if person.state != state {
        transitions.push(set_state(roster, &mut person, state, Reason::Merged, now));
    } else if !transitions.is_empty() || wants_a_seat(state) {
        // From now on both users have one history, and its last entry is the current state.
        transitions.push(stays(roster, &person, Reason::Merged));
    }
    person.since = since;
    roster.learn_former_address(known.email_key(), known.profile_versions.email.at, &person);
    roster.learn_former_address(by_email.email_key(), by_email.profile_versions.email.at, &person);
    if let Some(place) = place {
        take_place(roster, &mut person, place);
    }
    if let Some(last) = transitions.last_mut() {
        last.place = person.waitlist_place;
    }
    transitions.extend(ranking::follow_groups(roster, &mut person));
    roster.put(person);
    if !was_newly_blocked {
        roster.blocked.remove(id);
    }
    Some(SeatOutcome { outcome: Outcome::Updated, transitions, wants_resync })
}

/// Gives the placeholder its first real id. `None`, and nothing changes, if the id is already
/// loaded or the placeholder is not.
pub fn identify_placeholder(
    roster: &mut Roster,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> Option<Vec<Transition>> {
    if !roster.identify_placeholder(placeholder, id) {
        return None;
    }
    let user = roster.person(id).filter(|user| wants_a_seat(user.state));
    Some(user.map(|user| stays(roster, user, Reason::Identified)).into_iter().collect())
}

fn wants_a_seat(state: SeatState) -> bool {
    matches!(state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed)
}

/// The newest activity decides whether the user wants a seat. The earlier states decide which state
/// the user gets.
fn merged_state(wish: DesiredState, by_email: &DirectoryUser, known: &DirectoryUser) -> SeatState {
    let had = [known.state, by_email.state];
    let best_first = [SeatState::Dismissed, SeatState::Provisioned, SeatState::Blocked];
    match wish {
        DesiredState::In => {
            best_first.into_iter().find(|state| had.contains(state)).unwrap_or(known.state)
        }
        DesiredState::Off => SeatState::Inactive,
        DesiredState::Gone => SeatState::Removed,
    }
}

/// Groups that are not loaded stay as stored. The store compares their versions in the same way.
fn take_newer_facts(user: &mut DirectoryUser, by_email: &DirectoryUser) {
    let (known, said) = (user.profile_versions, by_email.profile_versions);
    if said.email > known.email {
        user.profile.email.clone_from(&by_email.profile.email);
        user.profile_versions.email = said.email;
    }
    if said.name > known.name {
        user.profile.name.clone_from(&by_email.profile.name);
        user.profile_versions.name = said.name;
    }
    if said.external_id > known.external_id {
        user.profile.external_id.clone_from(&by_email.profile.external_id);
        user.profile_versions.external_id = said.external_id;
    }
    if by_email.roles_version > user.roles_version {
        user.roles.clone_from(&by_email.roles);
        user.roles_version = by_email.roles_version;
    }
    if by_email.groups_version > user.groups_version {
        user.groups.clone_from(&by_email.groups);
        user.groups_version = by_email.groups_version;
    }
}

/// Gives a waiting user the better of two places: one that an admin chose, or else the earlier one.
fn take_place(roster: &mut Roster, user: &mut DirectoryUser, other: Place) {
    let Some(own) = user.waitlist_place else { return };
    let is_earlier = match (own.by_hand, other.by_hand) {
        (false, false) => other.position < own.position,
        (true, true) => (other.rank, other.position) < (own.rank, own.position),
        (own, _) => !own,
    };
    if is_earlier {
        leave_waitlist(roster, user);
        join_waitlist(roster, user, other);
    }
}
