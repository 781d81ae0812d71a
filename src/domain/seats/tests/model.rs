//! A second implementation of the rules, as simple as possible: it keeps every update, derives the
//! facts from all of them, and stores the waitlist as a list. It is slow, and it was written
//! without looking at the first implementation.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Activity, Facts, activity, counts_from, ended, facts, full, newest, order};
use crate::{
    admission::AdmissionPolicy,
    decision::Outcome,
    directory_user::{Precedence, SeatState, Version},
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    refusal::Refusal,
    roster::Roster,
    seats::{Command, UserUpdate},
    time::Timestamp,
};

pub(super) struct Model {
    limit: SeatLimit,
    policy: AdmissionPolicy,
    is_limit_by_hand: bool,
    /// The newest event about the organization, its newest deletion, and the times at which an
    /// event showed that it exists.
    newest: Option<Version>,
    deleted: Option<Version>,
    seen: BTreeSet<Timestamp>,
    people: BTreeMap<DirectoryUserId, Person>,
    /// Updates of single memberships, and deletions of groups.
    joined: Vec<(DirectoryUserId, GroupId, Version, bool)>,
    ended: Vec<(GroupId, Version)>,
    /// The waiting users in the order of arrival.
    line: Vec<Turn>,
    arrivals: i64,
}

/// A waiting user. A user who was moved behind another one shares the arrival of that one.
#[derive(Clone)]
struct Turn {
    user: DirectoryUserId,
    arrival: i64,
    is_own: bool,
    /// The rank that an admin gave.
    placed: Option<i64>,
}

struct Person {
    state: SeatState,
    heard: Vec<UserUpdate>,
}

impl Model {
    pub(super) fn of(roster: &Roster) -> Self {
        let (limit, policy) = (roster.limit, roster.policy.clone());
        Self {
            limit,
            policy,
            is_limit_by_hand: false,
            newest: None,
            deleted: None,
            seen: BTreeSet::new(),
            people: BTreeMap::new(),
            joined: Vec::new(),
            ended: Vec::new(),
            line: Vec::new(),
            arrivals: 0,
        }
    }

    pub(super) fn does(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let outcome = match command {
            Command::UserUpdate(update) => self.hear(update),
            Command::OrganizationSeen(stamp) => self.organization(*stamp, false),
            Command::OrganizationDeleted(stamp) | Command::OrganizationArchived(stamp) => {
                self.organization(*stamp, true)
            }
            Command::GroupMembers(said) => {
                let joined = said.members.iter().map(|(user, joined)| {
                    (user.clone(), said.group.clone(), said.version, *joined)
                });
                self.joined.extend(joined);
                Outcome::Updated
            }
            Command::GroupDeleted(group, version) => {
                self.ended.push((group.clone(), *version));
                Outcome::Updated
            }
            Command::SetPolicy(policy) => self.ranked_anew(policy),
            _ if self.is_archived() => return Err(Refusal::Archived),
            Command::SetLimit(limit) => {
                (self.limit, self.is_limit_by_hand) = (*limit, true);
                Outcome::Updated
            }
            Command::Admit(id) => self.by_hand(
                id,
                &[SeatState::Blocked, SeatState::Dismissed],
                SeatState::Provisioned,
            )?,
            Command::MoveToFront(id) => self.placed(id, 1)?,
            Command::MoveTo(id, number) => self.placed(id, *number)?,
            Command::Dismiss(id) => {
                let held = self.people.get(id).map(|person| person.state);
                self.by_hand(
                    id,
                    &[SeatState::Blocked, SeatState::Provisioned],
                    SeatState::Dismissed,
                )?;
                if held == Some(SeatState::Provisioned) {
                    Outcome::Released
                } else {
                    Outcome::Updated
                }
            }
            Command::UndoDismiss(id) => {
                let is_free = self.has_room() && self.line.is_empty();
                let to = if is_free { SeatState::Provisioned } else { SeatState::Blocked };
                self.by_hand(id, &[SeatState::Dismissed], to)?
            }
        };
        while self.policy != AdmissionPolicy::ByHand && !self.is_archived() && self.has_room() {
            let Some(first) = self.in_order().into_iter().next() else { break };
            self.moved(&first.user, SeatState::Provisioned);
        }
        Ok(outcome)
    }

    fn hear(&mut self, update: &UserUpdate) -> Outcome {
        let is_new = !self.people.contains_key(&update.user);
        let person = self
            .people
            .entry(update.user.clone())
            .or_insert(Person { state: SeatState::Removed, heard: Vec::new() });
        let before = newest(&person.heard, self.deleted).map(|update| update.map(order));
        person.heard.push(update.clone());
        person.heard.extend(self.deleted.and_then(|deletion| ended(&person.heard, deletion)));
        let after = newest(&person.heard, self.deleted).map(|update| update.map(order));
        let (state, wish) = (person.state, self.wish(&update.user));
        let says =
            (is_new || before[0] != after[0]).then(|| activity(update).unwrap_or(Activity::Active));
        if self.is_archived() {
            Outcome::Archived
        } else if says == Some(wish) {
            self.follow(&update.user, wish)
        } else if wish == Activity::Deleted && state != SeatState::Removed {
            self.moved(&update.user, SeatState::Removed);
            Outcome::Removed
        } else if !is_new && (before == after || !full(update)) {
            // a deletion that was outlived may still end groups
            Outcome::Stale
        } else {
            Outcome::Updated
        }
    }

    fn is_archived(&self) -> bool {
        self.deleted.is_some() && self.exists_since().is_none()
    }

    /// The oldest event after the newest deletion by which the organization exists.
    fn exists_since(&self) -> Option<Timestamp> {
        let deletion = self.deleted?;
        self.seen.iter().copied().find(|at| *at > deletion.at)
    }

    /// What the directory wants for a person, as far as the organization exists.
    fn wish(&self, id: &DirectoryUserId) -> Activity {
        let heard = &self.people[id].heard;
        if self.is_archived() || self.exists_since().is_some_and(|since| counts_from(heard) < since)
        {
            return Activity::Deleted;
        }
        facts(heard, self.deleted).activity.unwrap_or(Activity::Active)
    }

    fn follow(&mut self, id: &DirectoryUserId, wish: Activity) -> Outcome {
        use SeatState::{Blocked, Dismissed, Inactive, Provisioned, Removed};
        let (to, outcome) = match (wish, self.people[id].state) {
            (Activity::Active, Provisioned | Blocked | Dismissed) => return Outcome::Updated,
            (Activity::Active, _) if self.has_room() && self.line.is_empty() => {
                (Provisioned, Outcome::Admitted)
            }
            (Activity::Active, _) => (Blocked, Outcome::Blocked),
            (Activity::Inactive, Provisioned) => (Inactive, Outcome::Released),
            (Activity::Inactive, _) => (Inactive, Outcome::Updated),
            (Activity::Deleted, _) => (Removed, Outcome::Removed),
        };
        self.moved(id, to);
        outcome
    }

    fn by_hand(
        &mut self,
        id: &DirectoryUserId,
        from: &[SeatState],
        to: SeatState,
    ) -> Result<Outcome, Refusal> {
        if !self.people.get(id).is_some_and(|person| from.contains(&person.state)) {
            return Err(match from {
                [SeatState::Dismissed] => Refusal::NotDismissed,
                [.., SeatState::Provisioned] => Refusal::WantsNoSeat,
                _ => Refusal::NotWaiting,
            });
        }
        if to == SeatState::Provisioned && !self.has_room() {
            return Err(Refusal::NoFreeSeat);
        }
        self.moved(id, to);
        Ok(if to == SeatState::Provisioned { Outcome::Admitted } else { Outcome::Blocked })
    }

    /// A user gets a position by hand: before all others, or directly behind the one ahead.
    fn placed(&mut self, id: &DirectoryUserId, number: i64) -> Result<Outcome, Refusal> {
        let waiting = i64::try_from(self.line.len()).unwrap();
        let Some(own) = self.line.iter().position(|turn| turn.user == *id) else {
            return Err(Refusal::NotWaiting);
        };
        if !(1..=waiting).contains(&number) {
            return Err(Refusal::WaitlistPosition(waiting));
        }
        self.line.remove(own);
        let user = id.clone();
        if number == 1 {
            self.arrivals += 1;
            let arrival = -self.arrivals;
            self.line.insert(0, Turn { user, arrival, is_own: true, placed: Some(0) });
            return Ok(Outcome::Updated);
        }
        let ahead = self.in_order()[usize::try_from(number - 2).unwrap()].clone();
        let behind = self.line.iter().position(|turn| turn.user == ahead.user).unwrap() + 1;
        let placed = Some(self.rank(&ahead));
        self.line.insert(behind, Turn { user, arrival: ahead.arrival, is_own: false, placed });
        Ok(Outcome::Updated)
    }

    /// A new policy: only the users at the front keep the rank that an admin gave.
    fn ranked_anew(&mut self, policy: &AdmissionPolicy) -> Outcome {
        if self.policy != *policy {
            let mut ranked: Vec<_> =
                self.line.iter().map(|turn| (self.rank(turn), turn.clone())).collect();
            // those who share an arrival are behind the one who arrived, by their old ranks
            ranked.sort_by_key(|(rank, turn)| (turn.arrival, !turn.is_own, *rank));
            self.line = ranked.into_iter().map(|(_, turn)| turn).collect();
            self.line.iter_mut().for_each(|turn| turn.placed = turn.placed.filter(|r| *r == 0));
            self.policy = policy.clone();
        }
        Outcome::Updated
    }

    /// The waitlist: by rank, then in the order of arrival.
    fn in_order(&self) -> Vec<Turn> {
        let mut line = self.line.clone();
        line.sort_by_key(|turn| self.rank(turn));
        line
    }

    fn rank(&self, turn: &Turn) -> i64 {
        let highest = |group: &GroupId| self.is_in(&turn.user, group);
        let groups = self.policy.groups();
        let number = groups.iter().position(highest).unwrap_or(groups.len()) + 1;
        turn.placed.unwrap_or_else(|| i64::try_from(number).unwrap())
    }

    /// The newest statement about a membership: a list of groups, or a single one.
    fn is_in(&self, id: &DirectoryUserId, group: &GroupId) -> bool {
        let heard = &self.people[id].heard;
        let list = newest(heard, self.deleted)[4].map(|update| {
            let (at, activity, event) = order(update);
            let weight = match activity {
                Activity::Active => Precedence::Active,
                Activity::Inactive => Precedence::Inactive,
                Activity::Deleted => Precedence::Deleted,
            };
            let groups = update.groups.clone().filter(|_| full(update)).unwrap_or_default();
            (Version { at, weight, event }, groups.contains(group))
        });
        let single = self.joined.iter().filter(|(user, of, ..)| user == id && of == group);
        // of two statements of one version the first stays
        let single = single.map(|(_, _, at, joined)| (*at, *joined)).rev();
        let over = self.deleted.map(|deletion| (deletion, false));
        let newest = single.chain(over).chain(list).max_by_key(|(at, _)| *at);
        let ended = self.ended.iter().filter(|(of, _)| of == group).map(|(_, at)| *at).max();
        newest.is_some_and(|(at, joined)| joined && ended.is_none_or(|ended| at > ended))
    }

    fn organization(&mut self, stamp: Version, gone: bool) -> Outcome {
        let is_newest = self.newest.is_none_or(|newest| stamp > newest);
        let before = self.exists_since();
        if self
            .deleted
            .is_some_and(|deletion| if gone { stamp <= deletion } else { stamp.at <= deletion.at })
        {
            return Outcome::Stale;
        }
        self.newest = self.newest.max(Some(stamp));
        if gone {
            self.end(stamp);
            return Outcome::Removed;
        }
        self.seen.insert(stamp.at);
        if before == self.exists_since() {
            return if is_newest { Outcome::Updated } else { Outcome::Stale };
        }
        let mut back: Vec<_> =
            self.people.iter().filter(|(_, person)| person.state == SeatState::Removed).collect();
        back.sort_by_key(|(_, person)| counts_from(&person.heard));
        for id in back.into_iter().map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let wish = self.wish(&id);
            if wish != Activity::Deleted {
                self.follow(&id, wish);
            }
        }
        Outcome::Updated
    }

    fn end(&mut self, deletion: Version) {
        self.deleted = Some(deletion);
        for person in self.people.values_mut() {
            person.heard.extend(ended(&person.heard, deletion));
        }
        for id in self.people.keys().cloned().collect::<Vec<_>>() {
            if self.wish(&id) == Activity::Deleted {
                self.moved(&id, SeatState::Removed);
            }
        }
        if !self.is_limit_by_hand {
            self.limit = SeatLimit::NotSet;
            let mut holders: Vec<_> = self
                .people
                .iter()
                .filter(|(_, person)| person.state == SeatState::Provisioned)
                .collect();
            holders.sort_by_key(|(_, person)| counts_from(&person.heard));
            for id in holders.into_iter().map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                self.moved(&id, SeatState::Blocked);
            }
        }
    }

    fn has_room(&self) -> bool {
        match self.limit {
            SeatLimit::NotSet => false,
            SeatLimit::Unlimited => true,
            SeatLimit::Seats(seats) => self.used() < seats,
        }
    }

    fn moved(&mut self, id: &DirectoryUserId, to: SeatState) {
        self.line.retain(|turn| turn.user != *id);
        if to == SeatState::Blocked {
            self.arrivals += 1;
            let arrival = self.arrivals;
            self.line.push(Turn { user: id.clone(), arrival, is_own: true, placed: None });
        }
        self.people.get_mut(id).expect("a person we know").state = to;
    }

    fn used(&self) -> i64 {
        self.people
            .values()
            .filter(|person| person.state == SeatState::Provisioned)
            .map(|_| 1)
            .sum()
    }

    /// The roster has the same users, waitlist and settings as the model.
    pub(super) fn assert_same(&self, roster: &Roster) {
        assert_eq!(
            (self.limit, &self.policy, self.is_archived()),
            (roster.limit, &roster.policy, roster.archived)
        );
        assert_eq!(self.used(), roster.usage().used);
        let line: Vec<_> = self.in_order().into_iter().map(|turn| turn.user).collect();
        assert!(line.iter().eq(roster.line().map(|user| &user.id)), "{line:?} waits");
        assert!(self.people.keys().eq(roster.people().map(|user| &user.id)));
        for (person, user) in self.people.values().zip(roster.people()) {
            let Facts { profile, groups, roles, .. } = facts(&person.heard, self.deleted);
            assert_eq!(
                (person.state, profile, groups, roles),
                (user.state, user.profile.clone(), user.groups.clone(), user.roles.clone())
            );
        }
    }
}
