//! An organization as the seat rules see it: its limit and counts, the users that a command may
//! change, and the head of the waitlist. It is a plain value in memory: `store` loads it, `seats`
//! changes it, and `store` writes the changed users.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    directory_user::{DirectoryUser, FormerAddress, SeatState, Version, email_key},
    event::Change,
    id::DirectoryUserId,
    organization::{SeatLimit, Usage},
    seats::UserUpdate,
    time::Timestamp,
};

/// How much of the waitlist is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadedWaitlist {
    /// Every waiting user is loaded.
    #[default]
    All,
    /// Every waiting user up to this position is loaded.
    UpTo(i64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub limit: SeatLimit,
    /// When a person set the limit. `None` means the default limit, or no limit.
    pub limit_at: Option<Timestamp>,
    /// Whether free seats are filled from the waitlist without a manual decision.
    pub automatic: bool,
    /// The organization was deleted in Scalekit, and no event shows that it exists again.
    pub archived: bool,
    /// The version of the newest event about the organization itself: created, changed or deleted.
    pub version: Option<Version>,
    /// The version of the newest deletion, also if the organization exists again.
    pub deleted: Option<Version>,
    /// The time of the oldest event by which the organization exists again after the newest
    /// deletion. What the directory says about users before that time gives no seat.
    pub revived: Option<Timestamp>,
    /// The times, as loaded, of the events by which the organization exists.
    pub(super) seen: BTreeSet<Timestamp>,
    /// Such times found since the roster was loaded. They are still to be written.
    pub(super) seen_now: BTreeSet<Timestamp>,
    pub(super) used: i64,
    pub(super) waiting: i64,
    /// The positions assigned so far reach from `first` to `last`.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) people: BTreeMap<DirectoryUserId, DirectoryUser>,
    pub(super) line: BTreeMap<i64, DirectoryUserId>,
    pub(super) loaded_waitlist: LoadedWaitlist,
    /// Set when a command finds a free seat and a waiting user, but the next user in the waitlist
    /// is not loaded.
    pub(super) short: bool,
    touched: BTreeSet<DirectoryUserId>,
    /// Users who joined the waitlist since the roster was loaded and still wait.
    pub(super) blocked: BTreeSet<DirectoryUserId>,
    /// The former addresses that were loaded.
    former: Vec<FormerAddress>,
    /// The former addresses found since the roster was loaded. They are still to be written.
    learnt: BTreeMap<(String, DirectoryUserId), FormerAddress>,
}

/// The user or users that an e-mail address refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    Person(DirectoryUserId),
    None,
    Several,
}

/// The counts stored in the row of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub used: i64,
    pub waiting: i64,
    pub first_position: i64,
    pub last_position: i64,
}

impl Roster {
    pub fn new(limit: SeatLimit, automatic: bool, counts: Counts) -> Self {
        let Counts { used, waiting, first_position, last_position } = counts;
        let loaded_waitlist =
            if waiting == 0 { LoadedWaitlist::All } else { LoadedWaitlist::UpTo(i64::MIN) };
        Self {
            limit,
            automatic,
            used,
            waiting,
            first: first_position,
            last: last_position,
            loaded_waitlist,
            ..Self::default()
        }
    }

    /// Adds a user as stored. Before a command is decided, the roster needs every user that the
    /// command names, and the head of the waitlist as far as `WaitlistDemand` says. Before an
    /// organization is deleted, the roster needs every user. A user that a command has changed
    /// stays as changed.
    pub fn add(&mut self, user: DirectoryUser) {
        if self.touched.contains(&user.id) {
            return;
        }
        if let (SeatState::Blocked, Some(position)) = (user.state, user.waitlist_position) {
            self.line.insert(position, user.id.clone());
        }
        self.people.insert(user.id.clone(), user);
    }

    /// Sets how much of the waitlist is loaded.
    pub fn waitlist_is_loaded(&mut self, known: LoadedWaitlist) {
        self.loaded_waitlist = known;
    }

    pub fn usage(&self) -> Usage {
        Usage { limit: self.limit, used: self.used, waiting: self.waiting }
    }

    pub fn counts(&self) -> Counts {
        Counts {
            used: self.used,
            waiting: self.waiting,
            first_position: self.first,
            last_position: self.last,
        }
    }

    pub fn person(&self, id: &DirectoryUserId) -> Option<&DirectoryUser> {
        self.people.get(id)
    }

    /// All loaded users, in the order of their ids.
    pub fn people(&self) -> impl Iterator<Item = &DirectoryUser> {
        self.people.values()
    }

    /// The loaded part of the waitlist, in order.
    pub fn line(&self) -> impl Iterator<Item = &DirectoryUser> {
        let is_whole = i64::try_from(self.line.len()).is_ok_and(|known| known == self.waiting);
        let limit = match self.loaded_waitlist {
            LoadedWaitlist::UpTo(position) if !is_whole => position,
            LoadedWaitlist::All | LoadedWaitlist::UpTo(_) => i64::MAX,
        };
        self.line.range(..=limit).filter_map(|(_, id)| self.people.get(id))
    }

    /// The users who changed since the roster was loaded. The store writes them.
    pub fn touched(&self) -> impl Iterator<Item = &DirectoryUser> {
        self.touched.iter().filter_map(|id| self.people.get(id))
    }

    /// Returns whether a user changed since the roster was loaded.
    pub fn is_touched(&self, id: &DirectoryUserId) -> bool {
        self.touched.contains(id)
    }

    /// Returns whether a user joined the waitlist since the roster was loaded and still waits.
    pub fn has_newly_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Returns whether too little was loaded. This happens when a command finds a free seat and a
    /// waiting user but does not know the next user, or when an organization is deleted and a user
    /// with a seat or in the waitlist is not loaded. All outcomes from that command on are invalid:
    /// the caller loads more and decides again.
    pub fn is_short(&self) -> bool {
        self.short || (self.archived && (self.used > 0 || self.waiting > 0))
    }

    /// Adds the time of an event by which the organization exists, as stored. A deletion needs all
    /// of them.
    pub fn add_seen(&mut self, at: Timestamp) {
        self.seen.insert(at);
    }

    /// The times of the events by which the organization exists, found since the roster was loaded.
    pub fn seen_now(&self) -> impl Iterator<Item = Timestamp> {
        self.seen_now.iter().copied()
    }

    /// Returns whether the organization has existed from this time on without a deletion.
    pub fn exists_since(&self, at: Timestamp) -> bool {
        !self.archived && self.revived.is_none_or(|revived| at >= revived)
    }

    /// Adds a former address as stored.
    pub fn add_former_address(&mut self, former: FormerAddress) {
        self.former.push(former);
    }

    /// The former addresses found since the roster was loaded.
    pub fn learnt_addresses(&self) -> impl Iterator<Item = &FormerAddress> {
        self.learnt.values()
    }

    /// Keeps the e-mail address of the update, and the address that the user had before it, as
    /// former addresses if the user now has another address.
    pub(super) fn learn_former_addresses(
        &mut self,
        before: Option<&DirectoryUser>,
        update: &UserUpdate,
        now: &DirectoryUser,
    ) {
        let said = update.profile.as_ref().and_then(|profile| profile.email.as_deref());
        if let Some(before) = before {
            self.learn_former_address(before.email_key(), before.profile_versions.email.at, now);
        }
        self.learn_former_address(said.map(email_key), update.at, now);
    }

    /// Keeps an address that a user had at the time `last`, if the user now has another address and
    /// has it from a later update.
    pub(super) fn learn_former_address(
        &mut self,
        key: Option<String>,
        last: Timestamp,
        now: &DirectoryUser,
    ) {
        let until = now.profile_versions.email.at;
        if let Some(email_key) = key
            && now.email_key().is_some_and(|own| own != email_key)
            && last < until
        {
            let known = self.learnt.entry((email_key.clone(), now.id.clone()));
            let former = known.or_insert_with(|| FormerAddress {
                user: now.id.clone(),
                email_key,
                last,
                until,
            });
            former.last = former.last.max(last);
            former.until = former.until.max(until);
        }
    }

    /// Returns the loaded user that an event of the time `at` means if the event names the user
    /// only by e-mail address.
    ///
    /// This is the user of the directory who has the address since `at` or earlier. Otherwise it is
    /// the user who had the address at `at` and changed it or was deleted later. An update about a
    /// user shows that the user was there, whatever deletion came before it.
    ///
    /// The answer depends on what has arrived: if the address change of its former holder arrives
    /// after an event that happened later, that event stays with the former holder. The facts of a
    /// row do not say which of them came without an id, so nothing can take them out again.
    pub fn with_email(&self, email: &str, at: Timestamp) -> Addressee {
        let key = email_key(email);
        let own = self
            .people
            .values()
            .filter(|user| user.is_in_directory() && user.email_key().as_ref() == Some(&key));
        let own: BTreeMap<_, _> =
            own.map(|user| (&user.id, user.profile_versions.email.at)).collect();
        match own.iter().next() {
            _ if own.len() > 1 => return Addressee::Several,
            Some((id, since)) if *since <= at => return Addressee::Person((*id).clone()),
            _ => {}
        }
        let was_there = |user: &DirectoryUser, last: Timestamp| {
            user.is_in_directory() || at < user.activity_version.at.max(last)
        };
        let left_it = self
            .former
            .iter()
            .chain(self.learnt.values())
            .filter(|former| former.email_key == key && at < former.until);
        let left_it =
            left_it.filter_map(|former| Some((self.people.get(&former.user)?, former.last)));
        let left = self
            .people
            .values()
            .filter(|user| !user.is_in_directory() && user.email_key().as_ref() == Some(&key));
        let left = left.map(|user| (user, user.profile_versions.email.at));
        let mut holders = own.clone();
        for (user, last) in left_it
            .chain(left)
            .filter(|(user, last)| was_there(user, *last) && !own.contains_key(&user.id))
        {
            let known = holders.entry(&user.id).or_insert(last);
            *known = (*known).max(last);
        }
        // The users who already had the address at `at` come first. If there is none, the users who
        // got it later count.
        let mut named: Vec<_> =
            holders.iter().filter(|(_, since)| **since <= at).map(|(id, _)| *id).collect();
        if named.is_empty() {
            named = holders.into_keys().collect();
        }
        match named.as_slice() {
            [] => Addressee::None,
            [one] => Addressee::Person((*one).clone()),
            _ => Addressee::Several,
        }
    }

    /// Returns whether a placeholder and a user with an id are the same person, given an event that
    /// names both the id and the address. They are not the same if the user lost that address or
    /// was deleted, and the newest update of the placeholder is not older than that. An update that
    /// names the user by id and address after the deletion counts as the end of that time.
    pub fn is_placeholder_of(
        &self,
        placeholder: &DirectoryUserId,
        id: &DirectoryUserId,
        (change, at): (Change, Timestamp),
    ) -> bool {
        let (Some(by_email), Some(user)) = (self.people.get(placeholder), self.people.get(id))
        else {
            return false;
        };
        // The address in a deletion does not update the address of the user.
        let gives_it = change != Change::Deleted && at >= user.profile_versions.email.at;
        let has_it = gives_it || by_email.email_key() == user.email_key();
        let named_last = if gives_it { at } else { user.profile_versions.email.at };
        let until = match (user.is_in_directory(), has_it) {
            (false, false) => user.activity_version.at,
            (false, true) => user.activity_version.at.max(named_last),
            (true, false) => user.profile_versions.email.at,
            (true, true) => return true,
        };
        by_email.newest_version().at < until
    }

    /// A copy without what a stale event may add (former addresses, times at which the organization
    /// existed, since when a user is known), for tests of everything else.
    #[cfg(test)]
    pub(super) fn without_history(&self) -> Self {
        let mut copy = Self {
            former: Vec::new(),
            learnt: BTreeMap::new(),
            seen_now: BTreeSet::new(),
            touched: BTreeSet::new(),
            ..self.clone()
        };
        copy.people.values_mut().for_each(|user| user.known_since = Timestamp::NEVER);
        copy
    }

    /// Removes a user who turned out to be the same as another one.
    pub(super) fn forget(&mut self, id: &DirectoryUserId) -> Option<DirectoryUser> {
        self.touched.remove(id);
        self.people.remove(id)
    }

    /// Gives the placeholder its first real id. Returns false if the id is already loaded or the
    /// placeholder is not.
    pub fn identify_placeholder(
        &mut self,
        placeholder: &DirectoryUserId,
        id: &DirectoryUserId,
    ) -> bool {
        if self.people.contains_key(id) {
            return false;
        }
        let Some(mut user) = self.people.remove(placeholder) else { return false };
        self.touched.remove(placeholder);
        if self.blocked.remove(placeholder) {
            self.blocked.insert(id.clone());
        }
        user.id = id.clone();
        if let Some(position) = user.waitlist_position {
            self.line.insert(position, id.clone());
        }
        self.put(user);
        true
    }

    pub(super) fn put(&mut self, user: DirectoryUser) {
        self.touched.insert(user.id.clone());
        self.people.insert(user.id.clone(), user);
    }

    /// The first user in the waitlist, if that part of the waitlist is loaded.
    pub(super) fn next_on_waitlist(&self) -> Option<DirectoryUserId> {
        self.line().next().map(|u| u.id.clone())
    }
}
