//! A second implementation of the rules, as simple as possible: it keeps every update, derives the
//! facts from all of them, and stores the waitlist as a list. It is slow, and it was written
//! without looking at the first implementation.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decision::Outcome,
    directory_user::{Profile, SeatState, Version},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    refusal::Refusal,
    roster::Roster,
    seats::{Command, UserUpdate},
    time::Timestamp,
};

pub(super) struct Model {
    limit: SeatLimit,
    automatic: bool,
    is_limit_by_hand: bool,
    /// The newest event about the organization, its newest deletion, and the times at which an
    /// event showed that it exists.
    newest: Option<Version>,
    deleted: Option<Version>,
    seen: BTreeSet<Timestamp>,
    people: BTreeMap<DirectoryUserId, Person>,
    line: Vec<DirectoryUserId>,
}

struct Person {
    state: SeatState,
    heard: Vec<UserUpdate>,
}

/// The facts about a user, derived from all updates in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// `None` if no update states the activity.
    pub(super) activity: Option<Activity>,
    pub(super) profile: Profile,
    pub(super) groups: Option<Vec<GroupId>>,
    pub(super) roles: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Activity {
    Active,
    Inactive,
    Deleted,
}

type Order = (Timestamp, Activity, u64);

fn activity(update: &UserUpdate) -> Option<Activity> {
    match (update.change, update.active) {
        (Change::Deleted, _) => Some(Activity::Deleted),
        (_, Some(false)) => Some(Activity::Inactive),
        (_, Some(true)) | (Change::Created, None) => Some(Activity::Active),
        (Change::Updated, None) => None,
    }
}

fn order(update: &UserUpdate) -> Order {
    (update.at, activity(update).unwrap_or(Activity::Active), update.event)
}

/// Only a deletion has no facts of its own.
fn full(update: &UserUpdate) -> bool {
    update.change != Change::Deleted
}

/// The newest update of each part: activity, e-mail, name, external id, groups, roles. Groups from
/// before the deletion of the organization are over.
fn newest(heard: &[UserUpdate], deletion: Option<Version>) -> [Option<&UserUpdate>; 6] {
    let is_over = |update: &UserUpdate| {
        deletion.is_some_and(|Version { at, event, .. }| {
            order(update) <= (at, Activity::Deleted, event)
        })
    };
    let says = |update: &&UserUpdate, fact: fn(&Profile) -> &Option<String>| {
        update.profile.as_ref().is_some_and(|profile| fact(profile).is_some())
    };
    [
        heard.iter().filter(|update| activity(update).is_some()).max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.email))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.name))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.external_id))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| !is_over(update))
            .filter(|update| !full(update) || update.groups.is_some())
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| update.roles.is_some())
            .max_by_key(|update| order(update)),
    ]
}

pub(super) fn facts(heard: &[UserUpdate], deletion: Option<Version>) -> Facts {
    let [active, email, name, external_id, groups, roles] = newest(heard, deletion);
    let tombstone = active.filter(|update| update.change == Change::Deleted);
    let sorted = |mut groups: Vec<GroupId>| {
        groups.sort();
        groups.dedup();
        groups
    };
    Facts {
        activity: active.and_then(activity),
        profile: Profile {
            email: email.or(tombstone).and_then(|update| update.profile.clone()?.email),
            name: name.or(tombstone).and_then(|update| update.profile.clone()?.name),
            external_id: external_id
                .or(tombstone)
                .and_then(|update| update.profile.clone()?.external_id),
        },
        // a deletion, of the person or of the organization, ends every group
        groups: groups
            .map(|update| update.groups.clone().filter(|_| full(update)).unwrap_or_default())
            .or(deletion.map(|_| Vec::new()))
            .map(sorted),
        roles: roles.and_then(|update| update.roles.clone()).unwrap_or_default(),
    }
}

/// The time of the newest statement about the activity, or of the oldest update if there is none.
pub(super) fn counts_from(heard: &[UserUpdate]) -> Timestamp {
    let stated = heard.iter().filter(|update| activity(update).is_some()).map(order).max();
    stated.map_or_else(|| heard.iter().map(|update| update.at).min().unwrap(), |(at, ..)| at)
}

/// The deletion of a person by the deletion of the organization, if the person was there before it.
pub(super) fn ended(heard: &[UserUpdate], deletion: Version) -> Option<UserUpdate> {
    let Version { at, event, .. } = deletion;
    let user = heard.first().filter(|_| counts_from(heard) <= at)?.user.clone();
    let change = Change::Deleted;
    Some(UserUpdate {
        user,
        change,
        active: None,
        profile: None,
        groups: None,
        roles: None,
        at,
        event,
    })
}

impl Model {
    pub(super) fn of(roster: &Roster) -> Self {
        let (limit, automatic) = (roster.limit, roster.automatic);
        Self {
            limit,
            automatic,
            is_limit_by_hand: false,
            newest: None,
            deleted: None,
            seen: BTreeSet::new(),
            people: BTreeMap::new(),
            line: Vec::new(),
        }
    }

    pub(super) fn does(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let outcome = match command {
            Command::UserUpdate(update) => self.hear(update),
            Command::OrganizationSeen(stamp) => self.organization(*stamp, false),
            Command::OrganizationDeleted(stamp) => self.organization(*stamp, true),
            Command::SetAutomatic(automatic) => {
                self.automatic = *automatic;
                Outcome::Updated
            }
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
            Command::MoveToFront(id) => {
                self.by_hand(id, &[SeatState::Blocked], SeatState::Blocked)?
            }
            Command::Dismiss(id) => {
                self.by_hand(id, &[SeatState::Blocked], SeatState::Dismissed)?
            }
            Command::UndoDismiss(id) => {
                self.by_hand(id, &[SeatState::Dismissed], SeatState::Blocked)?
            }
        };
        while self.automatic && !self.is_archived() && self.has_room() && !self.line.is_empty() {
            self.moved(&self.line[0].clone(), SeatState::Provisioned);
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
            (Activity::Active, _) if self.has_room() => (Provisioned, Outcome::Admitted),
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
        let is_undo = from == [SeatState::Dismissed];
        if !self.people.get(id).is_some_and(|person| from.contains(&person.state)) {
            return Err(if is_undo { Refusal::NotDismissed } else { Refusal::NotWaiting });
        }
        if to == SeatState::Provisioned && !self.has_room() {
            return Err(Refusal::NoFreeSeat);
        }
        self.moved(id, to);
        if to == SeatState::Blocked && !is_undo {
            self.line.rotate_right(1);
        }
        Ok(match to {
            SeatState::Provisioned => Outcome::Admitted,
            SeatState::Blocked if is_undo => Outcome::Blocked,
            _ => Outcome::Updated,
        })
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
        self.line.retain(|waiting| waiting != id);
        if to == SeatState::Blocked {
            self.line.push(id.clone());
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
            (self.limit, self.automatic, self.is_archived()),
            (roster.limit, roster.automatic, roster.archived)
        );
        assert_eq!(self.used(), roster.usage().used);
        assert!(self.line.iter().eq(roster.line().map(|user| &user.id)), "{:?} waits", self.line);
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
