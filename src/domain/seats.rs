//! The seat rules. One function, [`decide`], is behind every path that can touch a seat: webhook, resync, limit change,
//! admitting by hand, replay, reactivation. It takes an organization's roster and one command, moves the roster on and
//! says what it decided. After every command it fills free seats from the waiting line, first come first served, so that
//! a newcomer never overtakes.

use super::{
    decision::{Move, Outcome, Reason},
    directory_user::{DirectoryUser, Profile, SeatState, Stamp, Weight},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    refusal::Refusal,
    roster::{LineKnown, Roster},
    time::Timestamp,
};

mod merging;

pub use merging::merge_placeholder;

/// One thing that may touch a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The directory says something about a person, by webhook or by listing.
    News(News),
    /// A person decides about somebody who waits.
    Admit(DirectoryUserId),
    MoveToFront(DirectoryUserId),
    Dismiss(DirectoryUserId),
    UndoDismiss(DirectoryUserId),
    SetLimit(SeatLimit),
    SetAutomatic(bool),
    /// The organization was created or changed in Scalekit; revives an archived one.
    OrganizationSeen(Stamp),
    /// The organization was deleted in Scalekit. The roster must hold everybody.
    OrganizationDeleted(Stamp),
}

/// What the directory says about one person. An absent part says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    pub user: DirectoryUserId,
    pub change: Change,
    pub active: Option<bool>,
    pub profile: Option<Profile>,
    pub groups: Option<Vec<GroupId>>,
    pub roles: Option<Vec<String>>,
    /// When it happened, not when it arrived.
    pub at: Timestamp,
    /// The number of the event, to order news of the same moment.
    pub event: u64,
}

/// What was decided, and every seat and place in the line that moved, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    pub moves: Vec<Move>,
    /// A deletion came after news that is younger than it, or the organization came back from a deletion: who is right
    /// only the directory knows.
    pub wants_resync: bool,
}

impl Decision {
    fn only(outcome: Outcome) -> Self {
        Self { outcome, moves: Vec::new(), wants_resync: false }
    }
}

/// Decides one command. Refused or not news: the roster stays as it was.
pub fn decide(roster: &mut Roster, command: &Command, now: Timestamp) -> Result<Decision, Refusal> {
    let mut decision = match command {
        Command::News(news) => hear(roster, news, now),
        Command::Admit(id) => admit(roster, id, now)?,
        Command::MoveToFront(id) => move_to_front(roster, id)?,
        Command::Dismiss(id) => dismiss(roster, id, now)?,
        Command::UndoDismiss(id) => undo_dismiss(roster, id, now)?,
        Command::SetLimit(limit) => set_limit(roster, *limit)?,
        Command::SetAutomatic(automatic) => {
            roster.automatic = *automatic;
            Decision::only(Outcome::Updated)
        }
        Command::OrganizationSeen(stamp) => organization_seen(roster, *stamp),
        Command::OrganizationDeleted(stamp) => organization_deleted(roster, *stamp, now),
    };
    fill(roster, &mut decision.moves, now);
    Ok(decision)
}

/// Free seats go to the head of the line.
fn fill(roster: &mut Roster, moves: &mut Vec<Move>, now: Timestamp) {
    while roster.automatic && !roster.archived && roster.limit.has_room(roster.used) && roster.waiting > 0 {
        let Some(mut user) = roster.next_in_line().and_then(|id| roster.people.get(&id).cloned()) else {
            roster.short = true;
            break;
        };
        moves.push(shift(roster, &mut user, SeatState::Provisioned, Reason::NextInLine, now));
        roster.put(user);
    }
}

fn hear(roster: &mut Roster, news: &News, now: Timestamp) -> Decision {
    if roster.archived {
        return Decision::only(Outcome::Archived);
    }
    let known = roster.people.get(&news.user).cloned();
    let mut user = known.clone().unwrap_or_else(|| DirectoryUser::unknown(news.user.clone()));
    let fresh = Fresh::of(news, &user, known.is_some());
    let wants_resync = news.change == Change::Deleted && is_outlived(&user, fresh.stamp);
    if !fresh.any() {
        roster.learn_former_addresses(None, news, &user);
        return Decision { wants_resync, ..Decision::only(Outcome::Stale) };
    }
    learn(&mut user, news, &fresh, known.is_some());
    roster.learn_former_addresses(known.as_ref(), news, &user);
    let (outcome, step) = match fresh.activity {
        Some(wish) => turn(roster, &mut user, wish, known.is_some(), now),
        None => (Outcome::Updated, None),
    };
    roster.put(user);
    Decision { outcome, moves: step.into_iter().collect(), wants_resync }
}

/// Something younger than this deletion was heard of a person, and not that they were deleted.
fn is_outlived(user: &DirectoryUser, deletion: Stamp) -> bool {
    let is_deleted = user.activity_news.weight == Weight::Deleted;
    !is_deleted && user.newest_news() > deletion
}

/// What the directory wants for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    In,
    Off,
    Gone,
}

/// Which parts of the news are newer than what is known.
struct Fresh {
    stamp: Stamp,
    activity: Option<Wish>,
    profile: FreshProfile,
    groups: bool,
    roles: bool,
}

struct FreshProfile {
    email: bool,
    name: bool,
    external_id: bool,
}

impl Fresh {
    fn of(news: &News, user: &DirectoryUser, is_known: bool) -> Self {
        let wish = match (news.change, news.active) {
            (Change::Deleted, _) => Some(Wish::Gone),
            (_, Some(false)) => Some(Wish::Off),
            (_, Some(true)) | (Change::Created, None) => Some(Wish::In),
            // absent is not off: an update without it leaves activity as it is
            (Change::Updated, None) => None,
        };
        let weight = match wish {
            Some(Wish::Gone) => Weight::Deleted,
            Some(Wish::Off) => Weight::Inactive,
            Some(Wish::In) | None => Weight::Active,
        };
        let stamp = Stamp { at: news.at, weight, event: news.event };
        let full = news.change != Change::Deleted;
        let profile = news.profile.as_ref().filter(|_| full);
        let known = user.profile_news;
        Self {
            stamp,
            activity: match wish {
                // Nobody has said yet; whatever is said later, however old, is better than this guess.
                None if !is_known => Some(Wish::In),
                wish => wish.filter(|_| stamp > user.activity_news),
            },
            profile: FreshProfile {
                email: profile.is_some_and(|profile| profile.email.is_some()) && stamp > known.email,
                name: profile.is_some_and(|profile| profile.name.is_some()) && stamp > known.name,
                external_id: profile.is_some_and(|profile| profile.external_id.is_some()) && stamp > known.external_id,
            },
            groups: full && news.groups.is_some() && stamp > user.groups_news,
            roles: full && news.roles.is_some() && stamp > user.roles_news,
        }
    }

    fn any(&self) -> bool {
        let FreshProfile { email, name, external_id } = self.profile;
        self.activity.is_some() || email || name || external_id || self.groups || self.roles
    }
}

/// Takes over the parts that are newer, each with the time of its news.
fn learn(user: &mut DirectoryUser, news: &News, fresh: &Fresh, is_known: bool) {
    let guessed = !is_known && news.change == Change::Updated && news.active.is_none();
    if fresh.activity.is_some() && !guessed {
        user.activity_news = fresh.stamp;
        label(user, news);
    }
    learn_profile(user, news, fresh);
    if let (Some(groups), true) = (&news.groups, fresh.groups) {
        let mut groups = groups.clone();
        groups.sort();
        groups.dedup();
        user.groups = Some(groups);
        user.groups_news = fresh.stamp;
    }
    if let (Some(roles), true) = (&news.roles, fresh.roles) {
        user.roles.clone_from(roles);
        user.roles_news = fresh.stamp;
    }
}

/// Each fact for itself: what says nothing leaves what is known.
fn learn_profile(user: &mut DirectoryUser, news: &News, fresh: &Fresh) {
    let Some(profile) = &news.profile else { return };
    if fresh.profile.email {
        user.profile.email.clone_from(&profile.email);
        user.profile_news.email = fresh.stamp;
    }
    if fresh.profile.name {
        user.profile.name.clone_from(&profile.name);
        user.profile_news.name = fresh.stamp;
    }
    if fresh.profile.external_id {
        user.profile.external_id.clone_from(&profile.external_id);
        user.profile_news.external_id = fresh.stamp;
    }
}

/// A deletion is thin: what it says labels the tombstone where no event has named the person, for as long as it is the last word.
fn label(user: &mut DirectoryUser, news: &News) {
    let label = news.profile.clone().filter(|_| news.change == Change::Deleted).unwrap_or_default();
    if user.profile_news.email == Stamp::NEVER {
        user.profile.email = label.email;
    }
    if user.profile_news.name == Stamp::NEVER {
        user.profile.name = label.name;
    }
    if user.profile_news.external_id == Stamp::NEVER {
        user.profile.external_id = label.external_id;
    }
}

/// PRODUCT's table: what a wish makes of each state.
fn turn(roster: &mut Roster, user: &mut DirectoryUser, wish: Wish, is_known: bool, now: Timestamp) -> (Outcome, Option<Move>) {
    let from = user.state;
    let (to, reason, outcome) = match (wish, from) {
        (Wish::In, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed) => return (Outcome::Updated, None),
        (Wish::In, _) if roster.limit.has_room(roster.used) => (SeatState::Provisioned, Reason::SeatFree, Outcome::Admitted),
        (Wish::In, _) => (SeatState::Blocked, why_blocked(roster), Outcome::Blocked),
        (Wish::Off, SeatState::Provisioned) => (SeatState::Inactive, Reason::Deactivated, Outcome::Released),
        (Wish::Off, _) => (SeatState::Inactive, Reason::Deactivated, Outcome::Updated),
        (Wish::Gone, _) => (SeatState::Removed, Reason::Deleted, Outcome::Removed),
    };
    let mut step = shift(roster, user, to, reason, now);
    if !is_known {
        step.from = None;
    }
    let touched = touches(step.from, to);
    (outcome, touched.then_some(step))
}

/// A seat, or a place in the line, is on one side of the move. (A dismissed person still wants a seat.)
fn touches(from: Option<SeatState>, to: SeatState) -> bool {
    let wants = |state| matches!(state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed);
    wants(to) || from.is_some_and(wants)
}

fn why_blocked(roster: &Roster) -> Reason {
    match roster.limit {
        SeatLimit::NotSet => Reason::LimitNotSet,
        limit if limit.over(roster.used) > 0 => Reason::OverLimit,
        _ => Reason::SeatsTaken,
    }
}

/// The one place where a state changes: keeps the counts and the line in step.
fn shift(roster: &mut Roster, user: &mut DirectoryUser, to: SeatState, reason: Reason, now: Timestamp) -> Move {
    let step = Move { user: user.id.clone(), from: Some(user.state), to, reason, limit: roster.limit, used: roster.used };
    match user.state {
        SeatState::Provisioned => roster.used -= 1,
        SeatState::Blocked => {
            roster.blocked.remove(&user.id);
            leave_line(roster, user);
        }
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
    }
    match to {
        SeatState::Provisioned => roster.used += 1,
        SeatState::Blocked => {
            roster.last += 1;
            roster.blocked.insert(user.id.clone());
            join_line(roster, user, roster.last);
        }
        SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
    }
    user.state = to;
    user.since = now;
    step
}

fn join_line(roster: &mut Roster, user: &mut DirectoryUser, place: i64) {
    user.place = Some(place);
    roster.line.insert(place, user.id.clone());
    roster.waiting += 1;
}

fn leave_line(roster: &mut Roster, user: &mut DirectoryUser) {
    if let Some(place) = user.place.take() {
        roster.line.remove(&place);
    }
    roster.waiting -= 1;
}

fn waiting(roster: &Roster, id: &DirectoryUserId) -> Result<DirectoryUser, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    roster.people.get(id).filter(|user| user.state == SeatState::Blocked).cloned().ok_or(Refusal::NotWaiting)
}

fn admit(roster: &mut Roster, id: &DirectoryUserId, now: Timestamp) -> Result<Decision, Refusal> {
    let mut user = match roster.people.get(id) {
        Some(user) if user.state == SeatState::Dismissed && !roster.archived => user.clone(),
        _ => waiting(roster, id)?,
    };
    if !roster.limit.has_room(roster.used) {
        return Err(Refusal::NoFreeSeat);
    }
    let step = shift(roster, &mut user, SeatState::Provisioned, Reason::ByHand, now);
    roster.put(user);
    Ok(Decision { moves: vec![step], ..Decision::only(Outcome::Admitted) })
}

fn move_to_front(roster: &mut Roster, id: &DirectoryUserId) -> Result<Decision, Refusal> {
    let mut user = waiting(roster, id)?;
    let step = Move {
        user: id.clone(),
        from: Some(SeatState::Blocked),
        to: SeatState::Blocked,
        reason: Reason::MovedToFront,
        limit: roster.limit,
        used: roster.used,
    };
    leave_line(roster, &mut user);
    roster.first -= 1;
    let place = roster.first;
    join_line(roster, &mut user, place);
    roster.put(user);
    // Whatever else is known of the line, this is its first.
    if let LineKnown::UpTo(known) = &mut roster.line_known {
        *known = place.max(*known);
    }
    Ok(Decision { moves: vec![step], ..Decision::only(Outcome::Updated) })
}

fn dismiss(roster: &mut Roster, id: &DirectoryUserId, now: Timestamp) -> Result<Decision, Refusal> {
    let mut user = waiting(roster, id)?;
    let step = shift(roster, &mut user, SeatState::Dismissed, Reason::DismissedByHand, now);
    roster.put(user);
    Ok(Decision { moves: vec![step], ..Decision::only(Outcome::Updated) })
}

fn undo_dismiss(roster: &mut Roster, id: &DirectoryUserId, now: Timestamp) -> Result<Decision, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    let dismissed = roster.people.get(id).filter(|user| user.state == SeatState::Dismissed);
    let mut user = dismissed.cloned().ok_or(Refusal::NotDismissed)?;
    let step = shift(roster, &mut user, SeatState::Blocked, Reason::DismissalUndone, now);
    roster.put(user);
    Ok(Decision { moves: vec![step], ..Decision::only(Outcome::Blocked) })
}

fn set_limit(roster: &mut Roster, limit: SeatLimit) -> Result<Decision, Refusal> {
    if roster.archived {
        return Err(Refusal::Archived);
    }
    roster.limit = limit;
    Ok(Decision::only(Outcome::Updated))
}

fn organization_seen(roster: &mut Roster, stamp: Stamp) -> Decision {
    if roster.news.is_some_and(|known| stamp <= known) {
        return Decision::only(Outcome::Stale);
    }
    roster.news = Some(stamp);
    let revived = std::mem::take(&mut roster.archived);
    if revived {
        roster.limit = SeatLimit::NotSet;
    }
    // What was said of people while the organization was archived has changed nothing; the directory still knows it.
    Decision { wants_resync: revived, ..Decision::only(Outcome::Updated) }
}

fn organization_deleted(roster: &mut Roster, stamp: Stamp, now: Timestamp) -> Decision {
    if roster.news.is_some_and(|known| stamp <= known) {
        return Decision { wants_resync: !roster.archived, ..Decision::only(Outcome::Stale) };
    }
    roster.news = Some(stamp);
    roster.archived = true;
    let mut moves = Vec::new();
    let everybody: Vec<_> = roster.people.values().cloned().collect();
    for mut user in everybody {
        if user.is_live() {
            let step = shift(roster, &mut user, SeatState::Removed, Reason::OrganizationDeleted, now);
            if touches(step.from, step.to) {
                moves.push(step);
            }
        }
        // Tombstones too: nothing from before this moment brings anybody back after a revival.
        user.activity_news = user.activity_news.max(stamp);
        roster.put(user);
    }
    Decision { moves, ..Decision::only(Outcome::Removed) }
}

#[cfg(test)]
mod tests;
