//! An organization as the seat rules see it: its limit and counts, the people a command may touch, and the head of
//! the waiting line. A plain value in memory; `store` fills it, `seats` moves it on, `store` writes what was touched.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    directory_user::{DirectoryUser, SeatState, Stamp, email_key},
    id::DirectoryUserId,
    organization::{SeatLimit, Usage},
    seats::Command,
};

/// How much of the waiting line has been loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineKnown {
    /// Everybody who waits is among the people.
    #[default]
    Whole,
    /// Everybody who waits up to this place is.
    UpTo(i64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub limit: SeatLimit,
    /// Whether freed seats are filled from the line without asking.
    pub automatic: bool,
    /// Deleted in Scalekit.
    pub archived: bool,
    /// What is known of the organization itself: created, deleted.
    pub news: Option<Stamp>,
    pub(super) used: i64,
    pub(super) waiting: i64,
    /// The places handed out so far reach from `first` to `last`.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) people: BTreeMap<DirectoryUserId, DirectoryUser>,
    pub(super) line: BTreeMap<i64, DirectoryUserId>,
    pub(super) line_known: LineKnown,
    /// A command came to a free seat and somebody who waits, and did not know who is next.
    pub(super) short: bool,
    touched: BTreeSet<DirectoryUserId>,
    /// People who joined the waitlist since the roster was loaded and are in it still.
    pub(super) blocked: BTreeSet<DirectoryUserId>,
}

/// The counts an organization's row carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub used: i64,
    pub waiting: i64,
    pub first_place: i64,
    pub last_place: i64,
}

impl Roster {
    pub fn new(limit: SeatLimit, automatic: bool, counts: Counts) -> Self {
        let Counts { used, waiting, first_place, last_place } = counts;
        let line_known = if waiting == 0 { LineKnown::Whole } else { LineKnown::UpTo(i64::MIN) };
        Self { limit, automatic, used, waiting, first: first_place, last: last_place, line_known, ..Self::default() }
    }

    /// How many must be added from the head of the line before these commands are decided on a roster with these numbers.
    ///
    /// Each command takes at most one person from the head (a seat it frees goes to them, or they leave the line), and a
    /// limit or the switch at most as many more as seats are free under the highest limit in sight. With one person less
    /// there is a batch that comes up short.
    pub fn head_needed(usage: &Usage, automatic: bool, commands: &[Command]) -> i64 {
        let everybody = |command: &Command| matches!(command, Command::OrganizationDeleted(_));
        if commands.iter().any(everybody) {
            return usage.waiting;
        }
        if !automatic && !commands.contains(&Command::SetAutomatic(true)) {
            return 0;
        }
        let limits = commands.iter().filter_map(|command| if let Command::SetLimit(limit) = command { Some(*limit) } else { None });
        let free = limits.chain([usage.limit]).map(|limit| limit.free(usage.used).unwrap_or(usage.waiting)).max().unwrap_or(0);
        let each = i64::try_from(commands.len()).unwrap_or(i64::MAX);
        usage.waiting.min(free.saturating_add(each))
    }

    /// Adds somebody as stored. Before a command is decided everybody it names must be added, and the head of the line as
    /// far as `head_needed` says; before an organization is deleted, everybody.
    pub fn add(&mut self, user: DirectoryUser) {
        if let (SeatState::Blocked, Some(place)) = (user.state, user.place) {
            self.line.insert(place, user.id.clone());
        }
        self.people.insert(user.id.clone(), user);
    }

    /// Says how far the line among the people is complete.
    pub fn line_is_known(&mut self, known: LineKnown) {
        self.line_known = known;
    }

    pub fn usage(&self) -> Usage {
        Usage { limit: self.limit, used: self.used, waiting: self.waiting }
    }

    pub fn counts(&self) -> Counts {
        Counts { used: self.used, waiting: self.waiting, first_place: self.first, last_place: self.last }
    }

    pub fn person(&self, id: &DirectoryUserId) -> Option<&DirectoryUser> {
        self.people.get(id)
    }

    /// Everybody loaded, by id.
    pub fn people(&self) -> impl Iterator<Item = &DirectoryUser> {
        self.people.values()
    }

    /// The known part of the waiting line, in order.
    pub fn line(&self) -> impl Iterator<Item = &DirectoryUser> {
        let is_whole = i64::try_from(self.line.len()).is_ok_and(|known| known == self.waiting);
        let limit = match self.line_known {
            LineKnown::UpTo(place) if !is_whole => place,
            LineKnown::Whole | LineKnown::UpTo(_) => i64::MAX,
        };
        self.line.range(..=limit).filter_map(|(_, id)| self.people.get(id))
    }

    /// Whoever was changed since the roster was made, to be written.
    pub fn touched(&self) -> impl Iterator<Item = &DirectoryUser> {
        self.touched.iter().filter_map(|id| self.people.get(id))
    }

    /// Whether a person was changed since the roster was made.
    pub fn is_touched(&self, id: &DirectoryUserId) -> bool {
        self.touched.contains(id)
    }

    /// Whether a person was blocked since the roster was loaded and waits now.
    pub fn has_newly_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// The roster was filled too sparsely: since it was, a command came to a free seat and somebody who waits, yet did not
    /// know who is next (or an organization was deleted without everybody there). What was decided from that command on is
    /// void; decide again with more loaded.
    pub fn is_short(&self) -> bool {
        self.short || (self.archived && (self.used > 0 || self.waiting > 0))
    }

    /// The live people with this address, among those loaded.
    pub fn with_email(&self, email: &str) -> Vec<DirectoryUserId> {
        let key = email_key(email);
        self.people.values().filter(|u| u.is_live() && u.email_key().as_ref() == Some(&key)).map(|u| u.id.clone()).collect()
    }

    /// The first real id adopts whoever was known by e-mail alone. False: there was nobody to adopt.
    pub fn adopt(&mut self, stand_in: &DirectoryUserId, id: &DirectoryUserId) -> bool {
        if self.people.contains_key(id) {
            return false;
        }
        let Some(mut user) = self.people.remove(stand_in) else { return false };
        self.touched.remove(stand_in);
        if self.blocked.remove(stand_in) {
            self.blocked.insert(id.clone());
        }
        user.id = id.clone();
        if let Some(place) = user.place {
            self.line.insert(place, id.clone());
        }
        self.put(user);
        true
    }

    pub(super) fn put(&mut self, user: DirectoryUser) {
        self.touched.insert(user.id.clone());
        self.people.insert(user.id.clone(), user);
    }

    /// Whoever is next, if the line is known that far.
    pub(super) fn next_in_line(&self) -> Option<DirectoryUserId> {
        self.line().next().map(|u| u.id.clone())
    }
}
