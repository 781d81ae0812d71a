//! The ranks of the waiting users follow their groups and the policy.

use std::collections::BTreeMap;

use super::{GroupMembers, SeatOutcome, by_hand::shift, join_waitlist, leave_waitlist, stays};
use crate::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, Version},
    id::GroupId,
    roster::Roster,
    waitlist::Place,
};

/// Gives a waiting user the rank of the user's groups, unless an admin moved the user. The order of
/// arrival stays.
pub(super) fn follow_groups(roster: &mut Roster, user: &mut DirectoryUser) -> Option<Transition> {
    let place = user.waitlist_place.filter(|place| !place.by_hand)?;
    let rank = roster.rank(user);
    if rank == place.rank {
        return None;
    }
    leave_waitlist(roster, user);
    join_waitlist(roster, user, Place { rank, ..place });
    Some(stays(roster, user, Reason::GroupsChanged))
}

/// A group event names users who joined or left.
pub(super) fn group_members(roster: &mut Roster, said: &GroupMembers) -> SeatOutcome {
    let mut users = Vec::new();
    for (user, joined) in &said.members {
        let (user, group) = (user.clone(), said.group.clone());
        roster.memberships.add_update(user.clone(), group, (said.version, *joined));
        users.extend(roster.people.get(&user).cloned());
    }
    follow_all(roster, users)
}

pub(super) fn group_deleted(
    roster: &mut Roster,
    group: &GroupId,
    deletion: Version,
) -> SeatOutcome {
    let is_member = |user: &&DirectoryUser| {
        user.waitlist_place.is_some() && roster.memberships.is_in(user, group)
    };
    let members = roster.people.values().filter(is_member).cloned().collect();
    roster.memberships.add_deletion(group.clone(), deletion);
    follow_all(roster, members)
}

fn follow_all(roster: &mut Roster, users: Vec<DirectoryUser>) -> SeatOutcome {
    let mut transitions = Vec::new();
    for mut user in users {
        if let Some(step) = follow_groups(roster, &mut user) {
            transitions.push(step);
            roster.put(user);
        }
    }
    SeatOutcome { transitions, ..SeatOutcome::only(Outcome::Updated) }
}

/// Ranks every waiting user anew. Only the users who were moved to the front keep their rank.
pub(super) fn set_policy(roster: &mut Roster, policy: &AdmissionPolicy) -> SeatOutcome {
    if roster.policy == *policy {
        return SeatOutcome::only(Outcome::Updated);
    }
    roster.short |= !roster.has_whole_waitlist();
    roster.policy = policy.clone();
    let line: Vec<_> = roster.line().cloned().collect();
    let mut transitions = order_gaps(roster, &line);
    for user in line {
        let Some(mut user) = roster.people.get(&user.id).cloned() else { continue };
        let Some(place) = user.waitlist_place.filter(|place| place.rank != Place::FRONT) else {
            continue;
        };
        let new = Place { rank: roster.rank(&user), by_hand: false, ..place };
        if new == place {
            continue;
        }
        leave_waitlist(roster, &mut user);
        join_waitlist(roster, &mut user, new);
        if new.rank != place.rank {
            transitions.push(stays(roster, &user, Reason::PolicyChanged));
        }
        roster.put(user);
    }
    SeatOutcome { transitions, ..SeatOutcome::only(Outcome::Updated) }
}

/// People of several ranks may have been moved into one gap. They may have one rank now, so they
/// are spread over the gap in the order in which they waited.
fn order_gaps(roster: &mut Roster, line: &[DirectoryUser]) -> Vec<Transition> {
    let mut gaps: BTreeMap<i64, Vec<DirectoryUser>> = BTreeMap::new();
    for user in line {
        if let Some(place) = user.waitlist_place.filter(Place::is_between) {
            gaps.entry(Place::arrival(place.position)).or_default().push(user.clone());
        }
    }
    let mut transitions = Vec::new();
    for (gap, users) in gaps {
        let parts = i64::try_from(users.len()).unwrap_or(Place::GAP).saturating_add(1);
        for (user, n) in users.into_iter().zip(1..) {
            transitions.extend(shift(roster, user, gap * Place::GAP + Place::GAP / parts * n));
        }
    }
    transitions
}
