//! An organization is deleted in Scalekit, or archived by hand, and exists again: the same events
//! have one result, in whatever order they arrive.
//!
//! - The newest deletion counts. Later events by which the organization exists restore it, and the
//!   oldest of them says since when.
//! - What the directory said before the deletion is over: the deletion is the newest statement
//!   about each user it concerns. What it said between the deletion and the restoration is kept,
//!   but gives no seat. What it says from the restoration on counts, also if it arrives earlier.
//! - A limit that was set before the deletion ends with it, and so do the seats that were given
//!   under it. A limit that a person set later, because the deletion was not known yet, stays.

use super::{
    DesiredState, SeatOutcome, newer_fields::keep_label, ranking, set_state, touches, transition,
};
use crate::{
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, Precedence, Profile, SeatState, Version},
    organization::SeatLimit,
    roster::Roster,
    time::Timestamp,
};

pub(super) fn organization_seen(
    roster: &mut Roster,
    stamp: Version,
    now: Timestamp,
) -> SeatOutcome {
    let is_newest = roster.version.is_none_or(|known| stamp > known);
    let unchanged = SeatOutcome::only(if is_newest { Outcome::Updated } else { Outcome::Stale });
    if roster.deleted.is_some_and(|deletion| stamp.at <= deletion.at) {
        return unchanged;
    }
    if is_newest {
        roster.version = Some(stamp);
    }
    if !roster.seen.contains(&stamp.at) {
        roster.seen_now.insert(stamp.at);
    }
    let revived = existed_at(stamp.at, now);
    if roster.deleted.is_none() || roster.revived.is_some_and(|known| known <= revived) {
        return unchanged;
    }
    roster.revived = Some(revived);
    let was_archived = std::mem::take(&mut roster.archived);
    let transitions = restore_users(roster, now);
    // The sender may have given up on updates meanwhile. A resync gets them from the directory.
    SeatOutcome { outcome: Outcome::Updated, transitions, wants_resync: was_archived }
}

pub(super) fn organization_deleted(
    roster: &mut Roster,
    (stamp, by_hand): (Version, bool),
    now: Timestamp,
) -> SeatOutcome {
    if roster.deleted.is_some_and(|known| stamp <= known) {
        return SeatOutcome { wants_resync: !roster.archived, ..SeatOutcome::only(Outcome::Stale) };
    }
    let newest = roster
        .version
        .filter(|version| version.weight != Precedence::Deleted)
        .map(|version| version.at);
    let later = roster
        .seen
        .iter()
        .chain(&roster.seen_now)
        .copied()
        .chain(newest)
        .filter(|at| *at > stamp.at)
        .min();
    roster.version = roster.version.max(Some(stamp));
    roster.deleted = Some(stamp);
    roster.deleted_by_hand = by_hand;
    roster.revived = later.map(|at| existed_at(at, now));
    roster.archived = later.is_none();
    let mut transitions = Vec::new();
    let all: Vec<_> = roster.people.values().cloned().collect();
    for before in all {
        let mut user = before.clone();
        end_before_deletion(roster, &mut user);
        if user.is_live() && desired_state(roster, &user) == DesiredState::Gone {
            transitions.extend(remove(roster, &mut user, now));
        }
        transitions.extend(ranking::follow_groups(roster, &mut user));
        if user != before {
            roster.put(user);
        }
    }
    if roster.limit_at.is_none_or(|at| at <= stamp.at) {
        roster.limit = SeatLimit::NotSet;
        roster.limit_at = None;
        transitions.extend(give_back_seats(roster, now));
    }
    SeatOutcome { outcome: Outcome::Removed, transitions, wants_resync: !roster.archived }
}

/// The time from which the organization exists again. The sender's clock may be ahead of ours: a
/// listing that is requested after the event arrived must not be older than the event.
fn existed_at(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(now)
}

/// The state that the directory wants for a user, as far as the organization exists.
pub(super) fn desired_state(roster: &Roster, user: &DirectoryUser) -> DesiredState {
    match user.activity_version.weight {
        _ if !roster.exists_since(user.activity_at()) => DesiredState::Gone,
        Precedence::Active => DesiredState::In,
        Precedence::Inactive => DesiredState::Off,
        Precedence::Deleted => DesiredState::Gone,
    }
}

/// A user who was there when the organization was deleted is deleted by it, so that no older update
/// brings the user back. The deletion is then the newest one, and it has no labels for a tombstone.
///
/// The groups from before the deletion are over for every user, also for one who came back since.
pub(super) fn end_before_deletion(roster: &Roster, user: &mut DirectoryUser) {
    let Some(deletion) = roster.deleted else { return };
    user.leave_groups(deletion);
    if user.activity_at() <= deletion.at && user.activity_version < deletion {
        user.activity_version = deletion;
        keep_label(user, Profile::default());
    }
}

/// Removes a user because of the deletion of the organization.
pub(super) fn remove(
    roster: &mut Roster,
    user: &mut DirectoryUser,
    now: Timestamp,
) -> Option<Transition> {
    let reason = if roster.deleted_by_hand {
        Reason::OrganizationArchived
    } else {
        Reason::OrganizationDeleted
    };
    let step = set_state(roster, user, SeatState::Removed, reason, now);
    touches(step.from, step.to).then_some(step)
}

/// The seats were given under a limit that had ended by then, because the deletion arrived too
/// late. Their holders wait, as if it had arrived in time.
fn give_back_seats(roster: &mut Roster, now: Timestamp) -> Vec<Transition> {
    let mut holders: Vec<_> = roster
        .people
        .values()
        .filter(|user| user.state == SeatState::Provisioned)
        .cloned()
        .collect();
    holders.sort_by_key(DirectoryUser::activity_at);
    let mut transitions = Vec::new();
    for mut user in holders {
        transitions.push(set_state(
            roster,
            &mut user,
            SeatState::Blocked,
            Reason::OrganizationRestored,
            now,
        ));
        roster.put(user);
    }
    transitions
}

/// Follows what the directory said about removed users since the organization exists again, in the
/// order in which it happened.
fn restore_users(roster: &mut Roster, now: Timestamp) -> Vec<Transition> {
    let is_back = |user: &&DirectoryUser| {
        !user.is_live() && desired_state(roster, user) != DesiredState::Gone
    };
    let mut back: Vec<_> = roster.people.values().filter(is_back).cloned().collect();
    back.sort_by_key(DirectoryUser::activity_at);
    let mut transitions = Vec::new();
    for mut user in back {
        let wish = desired_state(roster, &user);
        if let (_, Some(step)) = transition(roster, &mut user, wish, true, now) {
            transitions.push(Transition { reason: Reason::OrganizationRestored, ..step });
        }
        roster.put(user);
    }
    transitions
}
