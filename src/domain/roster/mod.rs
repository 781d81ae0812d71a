//! An organization as the seat rules see it: its limit and counts, the users that a command may
//! change, and the head of the waitlist. It is a plain value in memory: `store` loads it, `seats`
//! changes it, and `store` writes the changed users.

mod addresses;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

pub use addresses::Addressee;

use super::{
    admission::AdmissionPolicy,
    directory_user::{DirectoryUser, FormerAddress, Profile, SeatState, Version},
    id::DirectoryUserId,
    memberships::Memberships,
    organization::{SeatLimit, Usage},
    time::Timestamp,
    waitlist::PlaceKey,
};

/// How much of the waitlist is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LoadedWaitlist {
    /// Every waiting user is loaded.
    #[default]
    All,
    /// Every waiting user up to this place is loaded.
    UpTo(PlaceKey),
    /// It is not known who is first.
    Nothing,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub limit: SeatLimit,
    /// When a person set the limit. `None` means the default limit, or no limit.
    pub limit_at: Option<Timestamp>,
    pub policy: AdmissionPolicy,
    /// What the ranks of the users depend on.
    pub memberships: Memberships,
    /// The organization was deleted in Scalekit or archived by hand, and nothing shows that it
    /// exists again.
    pub archived: bool,
    /// The version of the newest event about the organization itself: created, changed or deleted.
    pub version: Option<Version>,
    /// The version of the newest deletion, also if the organization exists again.
    pub deleted: Option<Version>,
    /// The newest deletion is a person's and not Scalekit's.
    pub deleted_by_hand: bool,
    /// The time of the oldest event by which the organization exists again after the newest
    /// deletion. What the directory says about users before that time gives no seat.
    pub revived: Option<Timestamp>,
    /// The times, as loaded, of the events by which the organization exists.
    pub(super) seen: BTreeSet<Timestamp>,
    /// Such times found since the roster was loaded. They are still to be written.
    pub(super) seen_now: BTreeSet<Timestamp>,
    pub(super) used: i64,
    pub(super) waiting: i64,
    /// The arrivals so far are numbered from `first` to `last`; a move to the front is one, too.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) people: BTreeMap<DirectoryUserId, DirectoryUser>,
    pub(super) line: BTreeSet<PlaceKey>,
    pub(super) loaded_waitlist: LoadedWaitlist,
    /// Set when a command finds a free seat and a waiting user, but the next user in the waitlist
    /// is not loaded, and when a move or a new policy needs users that are not loaded.
    pub(super) short: bool,
    /// The users who changed since the roster was loaded, each with the state that is stored;
    /// `None`: the user is new.
    touched: BTreeMap<DirectoryUserId, Option<SeatState>>,
    /// The profiles of these users, as stored.
    profiles: BTreeMap<DirectoryUserId, Profile>,
    /// Users who joined the waitlist since the roster was loaded and still wait.
    pub(super) blocked: BTreeSet<DirectoryUserId>,
    /// The former addresses that were loaded.
    former: Vec<FormerAddress>,
    /// The former addresses found since the roster was loaded. They are still to be written.
    learnt: BTreeMap<(String, DirectoryUserId), FormerAddress>,
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
    pub fn new(limit: SeatLimit, policy: AdmissionPolicy, counts: Counts) -> Self {
        let Counts { used, waiting, first_position, last_position } = counts;
        let loaded_waitlist =
            if waiting == 0 { LoadedWaitlist::All } else { LoadedWaitlist::Nothing };
        Self {
            limit,
            policy,
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
        if self.is_touched(&user.id) {
            return;
        }
        self.line.extend(user.waitlist_key());
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
        let is_whole = self.has_whole_waitlist();
        let is_known = move |key: &&PlaceKey| match &self.loaded_waitlist {
            LoadedWaitlist::UpTo(last) => is_whole || *key <= last,
            LoadedWaitlist::All => true,
            LoadedWaitlist::Nothing => is_whole,
        };
        self.line.iter().take_while(is_known).filter_map(|key| self.people.get(&key.user))
    }

    /// Returns whether every waiting user is loaded.
    pub fn has_whole_waitlist(&self) -> bool {
        i64::try_from(self.line.len()).is_ok_and(|known| known == self.waiting)
    }

    /// Returns whether a user who does not wait yet gets a free seat: no user may wait for it.
    pub(super) fn has_seat_for_newcomer(&self) -> bool {
        self.limit.has_room(self.used) && self.waiting == 0
    }

    /// The rank of a user under the policy, by the user's groups.
    pub fn rank(&self, user: &DirectoryUser) -> i64 {
        self.policy.rank(|group| self.memberships.is_in(user, group))
    }

    /// The users who changed since the roster was loaded. The store writes them.
    pub fn touched(&self) -> impl Iterator<Item = &DirectoryUser> {
        self.touched_with_stored_state().map(|(user, _)| user)
    }

    /// The same users, each with the state that is stored; `None`: the user is new.
    pub fn touched_with_stored_state(
        &self,
    ) -> impl Iterator<Item = (&DirectoryUser, Option<SeatState>)> {
        self.touched.iter().filter_map(|(id, stored)| Some((self.people.get(id)?, *stored)))
    }

    /// The users whose profile is another one than the stored one, which comes second.
    pub fn with_new_profile(&self) -> impl Iterator<Item = (&DirectoryUser, &Profile)> {
        let known = self.profiles.iter().filter_map(|(id, old)| Some((self.people.get(id)?, old)));
        known.filter(|(user, old)| user.profile != **old)
    }

    /// Returns whether a user changed since the roster was loaded.
    pub fn is_touched(&self, id: &DirectoryUserId) -> bool {
        self.touched.contains_key(id)
    }

    /// Returns whether a user joined the waitlist since the roster was loaded and still waits.
    pub fn has_newly_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Returns whether too little was loaded. This happens when a command finds a free seat and a
    /// waiting user but does not know the next user, when a move does not know the users next to
    /// its position, when a new policy does not find every waiting user, or when an organization is
    /// deleted and a user with a seat or in the waitlist is not loaded. All outcomes from that
    /// command on are invalid: the caller loads more and decides again.
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

    /// A copy without what a stale event may add (former addresses, times at which the organization
    /// existed, since when a user is known), for tests of everything else.
    #[cfg(test)]
    pub(super) fn without_history(&self) -> Self {
        let mut copy = Self {
            former: Vec::new(),
            learnt: BTreeMap::new(),
            seen_now: BTreeSet::new(),
            touched: BTreeMap::new(),
            profiles: BTreeMap::new(),
            ..self.clone()
        };
        copy.people.values_mut().for_each(|user| user.known_since = Timestamp::NEVER);
        copy
    }

    /// Removes a placeholder who turned out to be the user `id`. A new user takes over the row of
    /// the placeholder.
    pub(super) fn forget(
        &mut self,
        placeholder: &DirectoryUserId,
        id: &DirectoryUserId,
    ) -> Option<DirectoryUser> {
        let user = self.people.remove(placeholder)?;
        let stored = self.touched.remove(placeholder).unwrap_or(Some(user.state));
        if let Some(own @ None) = self.touched.get_mut(id) {
            *own = stored;
        }
        Some(user)
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
        let old = user.waitlist_key();
        let stored = self.touched.remove(placeholder).unwrap_or(Some(user.state));
        self.touched.insert(id.clone(), stored);
        self.memberships.merge(placeholder, id, true);
        if self.blocked.remove(placeholder) {
            self.blocked.insert(id.clone());
        }
        user.id = id.clone();
        if let (Some(old), Some(new)) = (old, user.waitlist_key()) {
            self.line.remove(&old);
            if let LoadedWaitlist::UpTo(last) = &mut self.loaded_waitlist
                && *last == old
            {
                last.clone_from(&new);
            }
            self.line.insert(new);
        }
        self.put(user);
        true
    }

    pub(super) fn put(&mut self, user: DirectoryUser) {
        let id = user.id.clone();
        let known = self.people.insert(id.clone(), user);
        if let Entry::Vacant(entry) = self.touched.entry(id.clone()) {
            entry.insert(known.as_ref().map(|user| user.state));
            self.profiles.extend(known.map(|user| (id, user.profile)));
        }
    }

    /// The first user in the waitlist, if that part of the waitlist is loaded.
    pub(super) fn next_on_waitlist(&self) -> Option<DirectoryUserId> {
        self.line().next().map(|u| u.id.clone())
    }
}
