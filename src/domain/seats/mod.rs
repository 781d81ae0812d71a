//! The seat rules. Every path that can change a seat calls [`decide`]: a webhook, a resync, a limit
//! change, a manual admission, a replay, a reactivation. The function takes the roster of an
//! organization and one command, updates the roster and returns the outcome.
//!
//! If admission is automatic, it fills free seats from the waitlist in order after every command,
//! so that a new user never overtakes a waiting user. If admission is manual, a new user takes a
//! free seat even while other users wait.

use super::{
    decision::{Outcome, Reason, Transition},
    directory_user::{DirectoryUser, Precedence, Profile, SeatState, Version},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    refusal::Refusal,
    roster::{LoadedWaitlist, Roster},
    time::Timestamp,
};

mod life;
mod merging;
mod newer_fields;

pub use merging::merge_placeholder;
use newer_fields::{NewerFields, merge_fields};

/// A command that can change a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The directory reports a user, by webhook or in a listing.
    UserUpdate(UserUpdate),
    /// An admin decides about a waiting user.
    Admit(DirectoryUserId),
    MoveToFront(DirectoryUserId),
    Dismiss(DirectoryUserId),
    UndoDismiss(DirectoryUserId),
    SetLimit(SeatLimit),
    SetAutomatic(bool),
    /// The organization was created or changed in Scalekit. The command restores an archived
    /// organization. The roster must hold every removed user that the directory still has.
    OrganizationSeen(Version),
    /// The organization was deleted in Scalekit. The roster must hold every user of the
    /// organization, and every time at which it existed after this.
    OrganizationDeleted(Version),
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
        Command::Admit(id) => admit(roster, id, now)?,
        Command::MoveToFront(id) => move_to_front(roster, id)?,
        Command::Dismiss(id) => dismiss(roster, id, now)?,
        Command::UndoDismiss(id) => undo_dismiss(roster, id, now)?,
        Command::SetLimit(limit) => set_limit(roster, *limit, now)?,
        Command::SetAutomatic(automatic) => {
            roster.automatic = *automatic;
            SeatOutcome::only(Outcome::Updated)
        }
        Command::OrganizationSeen(stamp) => life::organization_seen(roster, *stamp, now),
        Command::OrganizationDeleted(stamp) => life::organization_deleted(roster, *stamp, now),
    };
    fill(roster, &mut decision.transitions, now);
    Ok(decision)
}

/// Gives free seats to the first users in the waitlist, if admission is automatic.
fn fill(roster: &mut Roster, transitions: &mut Vec<Transition>, now: Timestamp) {
    while roster.automatic
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
    if known.as_ref() != Some(&user) {
        roster.put(user);
    }
    SeatOutcome { outcome, transitions: step.into_iter().collect(), wants_resync }
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
        (DesiredState::In, _) if roster.limit.has_room(roster.used) => {
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
    let step = Transition {
        user: user.id.clone(),
        from: Some(user.state),
        to,
        reason,
        limit: roster.limit,
        used: roster.used,
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
            join_waitlist(roster, user, roster.last);
        }
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
    }
    user.state = to;
    user.since = now;
    step
}

fn join_waitlist(roster: &mut Roster, user: &mut DirectoryUser, position: i64) {
    user.waitlist_position = Some(position);
    roster.line.insert(position, user.id.clone());
    roster.waiting += 1;
}

fn leave_waitlist(roster: &mut Roster, user: &mut DirectoryUser) {
    if let Some(position) = user.waitlist_position.take() {
        roster.line.remove(&position);
    }
    roster.waiting -= 1;
}

fn waiting(roster: &Roster, id: &DirectoryUserId) -> Result<DirectoryUser, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    roster
        .people
        .get(id)
        .filter(|user| user.state == SeatState::Blocked)
        .cloned()
        .ok_or(Refusal::NotWaiting)
}

fn admit(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let mut user = match roster.people.get(id) {
        Some(user) if user.state == SeatState::Dismissed && !roster.archived => user.clone(),
        _ => waiting(roster, id)?,
    };
    if !roster.limit.has_room(roster.used) {
        return Err(Refusal::NoFreeSeat);
    }
    let step = set_state(roster, &mut user, SeatState::Provisioned, Reason::ByHand, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(Outcome::Admitted) })
}

fn move_to_front(roster: &mut Roster, id: &DirectoryUserId) -> Result<SeatOutcome, Refusal> {
    let mut user = waiting(roster, id)?;
    let step = Transition {
        user: id.clone(),
        from: Some(SeatState::Blocked),
        to: SeatState::Blocked,
        reason: Reason::MovedToFront,
        limit: roster.limit,
        used: roster.used,
    };
    leave_waitlist(roster, &mut user);
    roster.first -= 1;
    let position = roster.first;
    join_waitlist(roster, &mut user, position);
    roster.put(user);
    // This user is now the first in the waitlist, so at least this position is loaded.
    if let LoadedWaitlist::UpTo(known) = &mut roster.loaded_waitlist {
        *known = position.max(*known);
    }
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(Outcome::Updated) })
}

fn dismiss(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    let mut user = waiting(roster, id)?;
    let step = set_state(roster, &mut user, SeatState::Dismissed, Reason::DismissedByHand, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(Outcome::Updated) })
}

fn undo_dismiss(
    roster: &mut Roster,
    id: &DirectoryUserId,
    now: Timestamp,
) -> Result<SeatOutcome, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    let dismissed = roster.people.get(id).filter(|user| user.state == SeatState::Dismissed);
    let mut user = dismissed.cloned().ok_or(Refusal::NotDismissed)?;
    let step = set_state(roster, &mut user, SeatState::Blocked, Reason::DismissalUndone, now);
    roster.put(user);
    Ok(SeatOutcome { transitions: vec![step], ..SeatOutcome::only(Outcome::Blocked) })
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
