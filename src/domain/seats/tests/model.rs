//! A second implementation of the rules, as simple as possible: it keeps every update, derives the
//! facts from all of them, and stores the waitlist as a list. It is slow, and it was written
//! without looking at the first implementation.

use std::collections::BTreeMap;

use crate::domain::{
    decision::Outcome,
    directory_user::{Precedence, Profile, SeatState, Version},
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
    archived: bool,
    seen: Option<Version>,
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

fn activity(news: &UserUpdate) -> Option<Activity> {
    match (news.change, news.active) {
        (Change::Deleted, _) => Some(Activity::Deleted),
        (_, Some(false)) => Some(Activity::Inactive),
        (_, Some(true)) | (Change::Created, None) => Some(Activity::Active),
        (Change::Updated, None) => None,
    }
}

fn order(news: &UserUpdate) -> Order {
    (news.at, activity(news).unwrap_or(Activity::Active), news.event)
}

/// Only a deletion has no facts of its own.
fn full(news: &UserUpdate) -> bool {
    news.change != Change::Deleted
}

/// The newest update of each part: activity, e-mail, name, external id, groups, roles.
fn newest(heard: &[UserUpdate]) -> [Option<&UserUpdate>; 6] {
    let says =
        |news: &&UserUpdate, fact: fn(&Profile) -> &Option<String>| news.profile.as_ref().is_some_and(|profile| fact(profile).is_some());
    [
        heard.iter().filter(|news| activity(news).is_some()).max_by_key(|news| order(news)),
        heard.iter().filter(|news| full(news)).filter(|news| says(news, |profile| &profile.email)).max_by_key(|news| order(news)),
        heard.iter().filter(|news| full(news)).filter(|news| says(news, |profile| &profile.name)).max_by_key(|news| order(news)),
        heard.iter().filter(|news| full(news)).filter(|news| says(news, |profile| &profile.external_id)).max_by_key(|news| order(news)),
        heard.iter().filter(|news| !full(news) || news.groups.is_some()).max_by_key(|news| order(news)),
        heard.iter().filter(|news| full(news)).filter(|news| news.roles.is_some()).max_by_key(|news| order(news)),
    ]
}

pub(super) fn facts(heard: &[UserUpdate]) -> Facts {
    let [active, email, name, external_id, groups, roles] = newest(heard);
    let tombstone = active.filter(|news| news.change == Change::Deleted);
    let sorted = |mut groups: Vec<GroupId>| {
        groups.sort();
        groups.dedup();
        groups
    };
    Facts {
        activity: active.and_then(activity),
        profile: Profile {
            email: email.or(tombstone).and_then(|news| news.profile.clone()?.email),
            name: name.or(tombstone).and_then(|news| news.profile.clone()?.name),
            external_id: external_id.or(tombstone).and_then(|news| news.profile.clone()?.external_id),
        },
        // a deletion ends every group
        groups: groups.map(|news| news.groups.clone().filter(|_| full(news)).unwrap_or_default()).map(sorted),
        roles: roles.and_then(|news| news.roles.clone()).unwrap_or_default(),
    }
}

impl Model {
    pub(super) fn of(roster: &Roster) -> Self {
        let (limit, automatic) = (roster.limit, roster.automatic);
        Self { limit, automatic, archived: false, seen: None, people: BTreeMap::new(), line: Vec::new() }
    }

    pub(super) fn does(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let outcome = match command {
            Command::UserUpdate(news) => self.hear(news),
            Command::OrganizationSeen(stamp) => self.organization(*stamp, false),
            Command::OrganizationDeleted(stamp) => self.organization(*stamp, true),
            Command::SetAutomatic(automatic) => {
                self.automatic = *automatic;
                Outcome::Updated
            }
            _ if self.archived => return Err(Refusal::Archived),
            Command::SetLimit(limit) => {
                self.limit = *limit;
                Outcome::Updated
            }
            Command::Admit(id) => self.by_hand(id, &[SeatState::Blocked, SeatState::Dismissed], SeatState::Provisioned)?,
            Command::MoveToFront(id) => self.by_hand(id, &[SeatState::Blocked], SeatState::Blocked)?,
            Command::Dismiss(id) => self.by_hand(id, &[SeatState::Blocked], SeatState::Dismissed)?,
            Command::UndoDismiss(id) => self.by_hand(id, &[SeatState::Dismissed], SeatState::Blocked)?,
        };
        while self.automatic && !self.archived && self.has_room() && !self.line.is_empty() {
            self.moved(&self.line[0].clone(), SeatState::Provisioned);
        }
        Ok(outcome)
    }

    fn hear(&mut self, news: &UserUpdate) -> Outcome {
        if self.archived {
            return Outcome::Archived;
        }
        let is_new = !self.people.contains_key(&news.user);
        let person = self.people.entry(news.user.clone()).or_insert(Person { state: SeatState::Removed, heard: Vec::new() });
        let before = newest(&person.heard).map(|news| news.map(order));
        person.heard.push(news.clone());
        let after = newest(&person.heard).map(|news| news.map(order));
        let wish = facts(&person.heard).activity.unwrap_or(Activity::Active);
        if is_new || before[0] != after[0] {
            self.follow(&news.user, wish)
        } else if before == after || !full(news) {
            // a deletion that was outlived may still end groups
            Outcome::Stale
        } else {
            Outcome::Updated
        }
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

    fn by_hand(&mut self, id: &DirectoryUserId, from: &[SeatState], to: SeatState) -> Result<Outcome, Refusal> {
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
        if self.seen.is_some_and(|seen| stamp <= seen) {
            return Outcome::Stale;
        }
        self.seen = Some(stamp);
        if !gone {
            if std::mem::take(&mut self.archived) {
                self.limit = SeatLimit::NotSet;
            }
            return Outcome::Updated;
        }
        assert_eq!(stamp.weight, Precedence::Deleted);
        self.archived = true;
        self.line.clear();
        for (id, person) in &mut self.people {
            let profile = Some(facts(&person.heard).profile);
            let (user, at, event) = (id.clone(), stamp.at, stamp.event);
            person.heard.push(UserUpdate { user, change: Change::Deleted, active: None, profile, groups: None, roles: None, at, event });
            person.state = SeatState::Removed;
        }
        Outcome::Removed
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
        self.people.values().filter(|person| person.state == SeatState::Provisioned).map(|_| 1).sum()
    }

    /// The roster has the same users, waitlist and settings as the model.
    pub(super) fn assert_same(&self, roster: &Roster) {
        assert_eq!((self.limit, self.automatic, self.archived), (roster.limit, roster.automatic, roster.archived));
        assert_eq!(self.used(), roster.usage().used);
        assert!(self.line.iter().eq(roster.line().map(|user| &user.id)), "{:?} waits", self.line);
        assert!(self.people.keys().eq(roster.people().map(|user| &user.id)));
        for (person, user) in self.people.values().zip(roster.people()) {
            let Facts { profile, groups, roles, .. } = facts(&person.heard);
            assert_eq!((person.state, profile, groups, roles), (user.state, user.profile.clone(), user.groups.clone(), user.roles.clone()));
        }
    }
}
