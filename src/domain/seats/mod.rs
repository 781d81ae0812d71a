//! The seat rules. Every path that can change a seat calls [`decide`]: a webhook, a resync, a limit
//! change, a manual admission, a replay, a reactivation. The function takes the roster of an
//! organization and one command, updates the roster and returns the outcome.
//!
//! Unless the policy is by hand, it fills free seats from the waitlist, in order, after every
//! command. A new user takes a free seat only if no user waits, so that a new user never overtakes
//! a waiting user; on the waitlist a user of a higher group comes before users of lower ones.

use std::collections::BTreeMap;

use super::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, Precedence, Profile, SeatState, Version},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    refusal::Refusal,
    roster::Roster,
    time::Timestamp,
    waitlist::Place,
};

mod by_hand;
mod life;
mod merging;
mod newer_fields;
mod ranking;

pub use merging::{identify_placeholder, merge_placeholder};
use newer_fields::{NewerFields, merge_fields};

/// A command that can change a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The directory reports a user, by webhook or in a listing.
    UserUpdate(UserUpdate),
    /// A group event names users who joined or left the group.
    GroupMembers(GroupMembers),
    /// A group was deleted. The roster must hold every waiting user in it.
    GroupDeleted(GroupId, Version),
    /// An admin decides about one user.
    Admit(DirectoryUserId),
    MoveToFront(DirectoryUserId),
    /// To a position in the waitlist, counted from 1.
    MoveTo(DirectoryUserId, i64),
    /// Of a user who waits or holds a seat.
    Dismiss(DirectoryUserId),
    UndoDismiss(DirectoryUserId),
    SetLimit(SeatLimit),
    /// The roster must hold every waiting user.
    SetPolicy(AdmissionPolicy),
    /// The organization was created or changed in Scalekit, or a person says that it exists again.
    /// The command restores an archived organization. The roster must hold every removed user that
    /// the directory still has.
    OrganizationSeen(Version),
    /// The organization was deleted in Scalekit. The roster must hold every user of the
    /// organization, and every time at which it existed after this.
    OrganizationDeleted(Version),
    /// The same, by a person.
    OrganizationArchived(Version),
}

impl Command {
    /// The version of a deletion of the organization.
    pub fn deletion(&self) -> Option<Version> {
        match self {
            Self::OrganizationDeleted(version) | Self::OrganizationArchived(version) => {
                Some(*version)
            }
            _ => None,
        }
    }
}

/// What the directory says about one user. An absent part changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserUpdate {
    pub user: DirectoryUserId,
    pub change: Change,
    pub active: Option<bool>,
    pub profile: Option<Profile>,
    pub groups: Option<Vec<GroupId>>,
    pub roles: Option<Vec<String>>,
    /// The time at which the change happened, not the time at which it arrived.
    pub at: Timestamp,
    /// The number of the event. It orders updates with the same time.
    pub event: u64,
}

/// The users who joined (true) or left one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMembers {
    pub group: GroupId,
    pub members: BTreeMap<DirectoryUserId, bool>,
    pub version: Version,
}

/// The result of a command, with every change of a seat or of a position in the waitlist, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatOutcome {
    pub outcome: Outcome,
    pub transitions: Vec<Transition>,
    /// A deletion arrived after an update that is newer than it, or the organization was restored.
    /// Only a resync can show what is true.
    pub wants_resync: bool,
}

impl SeatOutcome {
    fn only(outcome: Outcome) -> Self {
        Self { outcome, transitions: Vec::new(), wants_resync: false }
    }
}

/// Decides one command. A refused command leaves the roster as it was.
///
/// A stale update changes no user, with two exceptions: the roster may learn from it (a former
/// address, or since when a user is known), and a deletion that was outlived still ends the older
/// groups. Free seats are filled after a stale update too.
pub fn decide(
    roster: &mut Roster,
    command: &Command,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let mut decision = match command {
        Command::UserUpdate(update) => apply_update(roster, update, now),
        Command::GroupMembers(said) => ranking::group_members(roster, said),
        Command::GroupDeleted(group, version) => ranking::group_deleted(roster, group, *version),
        Command::Admit(id) => by_hand::admit(roster, id, now)?,
        Command::MoveToFront(id) => by_hand::move_to(roster, id, 1)?,
        Command::MoveTo(id, number) => by_hand::move_to(roster, id, *number)?,
        Command::Dismiss(id) => by_hand::dismiss(roster, id, now)?,
        Command::UndoDismiss(id) => by_hand::undo_dismiss(roster, id, now)?,
        Command::SetLimit(limit) => set_limit(roster, *limit, now)?,
        Command::SetPolicy(policy) => ranking::set_policy(roster, policy),
        Command::OrganizationSeen(stamp) => life::organization_seen(roster, *stamp, now),
        Command::OrganizationDeleted(stamp) => {
            life::organization_deleted(roster, (*stamp, false), now)
        }
        Command::OrganizationArchived(stamp) => {
            life::organization_deleted(roster, (*stamp, true), now)
        }
    };
    fill(roster, &mut decision.transitions, now);
    Ok(decision)
}

/// Gives free seats to the first users in the waitlist, unless the policy is by hand.
fn fill(roster: &mut Roster, transitions: &mut Vec<Transition>, now: Timestamp) {
    while roster.policy.is_automatic()
        && !roster.archived
        && roster.limit.has_room(roster.used)
        && roster.waiting > 0
    {
        let Some(mut user) =
            roster.next_on_waitlist().and_then(|id| roster.people.get(&id).cloned())
        else {
            roster.short = true;
            break;
        };
        transitions.push(set_state(
            roster,
            &mut user,
            SeatState::Provisioned,
            Reason::NextOnWaitlist,
            now,
        ));
        roster.put(user);
    }
}

fn apply_update(roster: &mut Roster, update: &UserUpdate, now: Timestamp) -> SeatOutcome {
    let known = roster.people.get(&update.user).cloned();
    let mut user = known.clone().unwrap_or_else(|| DirectoryUser::unknown(update.user.clone()));
    let fresh = NewerFields::of(update, &user, known.is_some());
    let wants_resync =
        update.change == Change::Deleted && !roster.archived && is_outlived(&user, fresh.stamp);
    merge_fields(&mut user, update, &fresh, known.is_some());
    match &known {
        None => (user.known_since, user.since) = (update.at, now),
        Some(_) if !user.has_stated_activity() => {
            user.known_since = user.known_since.min(update.at);
        }
        Some(_) => {}
    }
    life::end_before_deletion(roster, &mut user);
    roster.learn_former_addresses(known.as_ref().filter(|_| fresh.any()), update, &user);
    let (outcome, step) = follow(roster, &mut user, (&fresh, known.as_ref()), now);
    let ranked = ranking::follow_groups(roster, &mut user);
    if known.as_ref() != Some(&user) {
        roster.put(user);
    }
    SeatOutcome { outcome, transitions: step.into_iter().chain(ranked).collect(), wants_resync }
}

/// Gives the user the state that the merged facts want. While the organization is archived, or if
/// the facts are from before it existed again, they are kept but give no seat.
fn follow(
    roster: &mut Roster,
    user: &mut DirectoryUser,
    (fresh, known): (&NewerFields, Option<&DirectoryUser>),
    now: Timestamp,
) -> (Outcome, Option<Transition>) {
    if roster.archived {
        return (Outcome::Archived, None);
    }
    // An old event may show that the user was there when the organization was deleted.
    let is_ended = known.is_some_and(|known| known.activity_version != user.activity_version);
    match (fresh.activity, life::desired_state(roster, user)) {
        (Some(said), wish) if said == wish => transition(roster, user, wish, known.is_some(), now),
        (_, DesiredState::Gone) if user.is_live() => {
            (Outcome::Removed, life::remove(roster, user, now))
        }
        _ => (if fresh.any() || is_ended { Outcome::Updated } else { Outcome::Stale }, None),
    }
}

/// Returns whether the user has an update that is newer than this deletion, and is not deleted.
fn is_outlived(user: &DirectoryUser, deletion: Version) -> bool {
    let is_deleted = user.activity_version.weight == Precedence::Deleted;
    !is_deleted && user.newest_version() > deletion
}

/// The state that the directory wants for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DesiredState {
    In,
    Off,
    Gone,
}

/// The state table of the seat rules: the new state for each desired state and current state.
fn transition(
    roster: &mut Roster,
    user: &mut DirectoryUser,
    wish: DesiredState,
    is_known: bool,
    now: Timestamp,
) -> (Outcome, Option<Transition>) {
    let from = user.state;
    let (to, reason, outcome) = match (wish, from) {
        (DesiredState::In, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed) => {
            return (Outcome::Updated, None);
        }
        (DesiredState::In, _) if roster.has_seat_for_newcomer() => {
            (SeatState::Provisioned, Reason::SeatFree, Outcome::Admitted)
        }
        (DesiredState::In, _) => (SeatState::Blocked, why_blocked(roster), Outcome::Blocked),
        (DesiredState::Off, SeatState::Provisioned) => {
            (SeatState::Inactive, Reason::Deactivated, Outcome::Released)
        }
        (DesiredState::Off, _) => (SeatState::Inactive, Reason::Deactivated, Outcome::Updated),
        (DesiredState::Gone, _) => (SeatState::Removed, Reason::Deleted, Outcome::Removed),
    };
    let mut step = set_state(roster, user, to, reason, now);
    if !is_known {
        step.from = None;
    }
    let touched = touches(step.from, to);
    (outcome, touched.then_some(step))
}

/// Returns whether a transition starts or ends in a state in which the user wants a seat. A
/// dismissed user still wants one.
fn touches(from: Option<SeatState>, to: SeatState) -> bool {
    let wants =
        |state| matches!(state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed);
    wants(to) || from.is_some_and(wants)
}

fn why_blocked(roster: &Roster) -> Reason {
    match roster.limit {
        SeatLimit::NotSet => Reason::LimitNotSet,
        limit if limit.over(roster.used) > 0 => Reason::OverLimit,
        limit if limit.has_room(roster.used) => Reason::OthersWait,
        _ => Reason::SeatsTaken,
    }
}

/// Changes the state of a user. No other function does this, so the counts and the waitlist stay
/// consistent with the states.
fn set_state(
    roster: &mut Roster,
    user: &mut DirectoryUser,
    to: SeatState,
    reason: Reason,
    now: Timestamp,
) -> Transition {
    let mut step = Transition {
        user: user.id.clone(),
        from: Some(user.state),
        to,
        reason,
        limit: roster.limit,
        used: roster.used,
        place: None,
    };
    match user.state {
        SeatState::Provisioned => roster.used -= 1,
        SeatState::Blocked => {
            roster.blocked.remove(&user.id);
            leave_waitlist(roster, user);
        }
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
    }
    match to {
        SeatState::Provisioned => roster.used += 1,
        SeatState::Blocked => {
            roster.last += 1;
            roster.blocked.insert(user.id.clone());
            let (rank, position) = (roster.rank(user), roster.last * Place::GAP);
            join_waitlist(roster, user, Place { rank, position, by_hand: false });
        }
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
    }
    user.state = to;
    user.since = now;
    step.place = user.waitlist_place;
    step
}

fn join_waitlist(roster: &mut Roster, user: &mut DirectoryUser, place: Place) {
    user.waitlist_place = Some(place);
    roster.line.insert(place.key(&user.id));
    roster.waiting += 1;
}

fn leave_waitlist(roster: &mut Roster, user: &mut DirectoryUser) {
    if let Some(key) = user.waitlist_key() {
        roster.line.remove(&key);
    }
    user.waitlist_place = None;
    roster.waiting -= 1;
}

/// A change that leaves the state of the user as it is, perhaps with another place.
fn stays(roster: &Roster, user: &DirectoryUser, reason: Reason) -> Transition {
    Transition {
        user: user.id.clone(),
        from: Some(user.state),
        to: user.state,
        reason,
        limit: roster.limit,
        used: roster.used,
        place: user.waitlist_place,
    }
}

fn set_limit(
    roster: &mut Roster,
    limit: SeatLimit,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    roster.limit = limit;
    roster.limit_at = Some(now);
    Ok(SeatOutcome::only(Outcome::Updated))
}

#[cfg(test)]
mod tests;
