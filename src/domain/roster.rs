//! An organization as the seat rules see it: its limit and counts, the people a command may touch, and the head of
//! the waiting line. A plain value in memory; `store` fills it, `seats` moves it on, `store` writes what was touched.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    directory_user::{DirectoryUser, FormerAddress, SeatState, Stamp, email_key},
    event::Change,
    id::DirectoryUserId,
    organization::{SeatLimit, Usage},
    seats::{Command, News},
    time::Timestamp,
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
    /// Former addresses, as far as they were loaded.
    former: Vec<FormerAddress>,
    /// Former addresses that were learnt since the roster was loaded, to be written.
    learnt: BTreeMap<(String, DirectoryUserId), FormerAddress>,
}

/// Whom an e-mail address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    Person(DirectoryUserId),
    Nobody,
    Several,
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

    /// Adds a former address as stored.
    pub fn add_former_address(&mut self, former: FormerAddress) {
        self.former.push(former);
    }

    /// The former addresses that were learnt since the roster was loaded.
    pub fn learnt_addresses(&self) -> impl Iterator<Item = &FormerAddress> {
        self.learnt.values()
    }

    /// Keeps the addresses that the news, or the person before it, names and the person as they are now does not have.
    pub(super) fn learn_former_addresses(&mut self, before: Option<&DirectoryUser>, news: &News, now: &DirectoryUser) {
        let said = news.profile.as_ref().and_then(|profile| profile.email.as_deref());
        if let Some(before) = before {
            self.learn_former_address(before.email_key(), before.profile_news.email.at, now);
        }
        self.learn_former_address(said.map(email_key), news.at, now);
    }

    /// Keeps an address that a person had at that moment, unless they have it now.
    pub(super) fn learn_former_address(&mut self, key: Option<String>, last: Timestamp, now: &DirectoryUser) {
        let until = now.profile_news.email.at;
        if let Some(email_key) = key
            && now.email_key().is_some_and(|own| own != email_key)
            && last < until
        {
            let known = self.learnt.entry((email_key.clone(), now.id.clone()));
            let former = known.or_insert_with(|| FormerAddress { user: now.id.clone(), email_key, last, until });
            former.last = former.last.max(last);
            former.until = former.until.max(until);
        }
    }

    /// Whom news of this moment means that names its person by address alone: among the people loaded, the live one who has
    /// that address, or the one who had it at that moment and has left it, or the directory, since.
    pub fn with_email(&self, email: &str, at: Timestamp) -> Addressee {
        let key = email_key(email);
        let own = self.people.values().filter(|user| user.is_live() && user.email_key().as_ref() == Some(&key));
        let own: BTreeMap<_, _> = own.map(|user| (&user.id, user.profile_news.email.at)).collect();
        match own.iter().next() {
            _ if own.len() > 1 => return Addressee::Several,
            Some((id, since)) if *since <= at => return Addressee::Person((*id).clone()),
            _ => {}
        }
        let was_there = |user: &DirectoryUser| user.is_live() || at < user.activity_news.at;
        let left_it = self.former.iter().chain(self.learnt.values()).filter(|former| former.email_key == key && at < former.until);
        let left_it = left_it.filter_map(|former| Some((self.people.get(&former.user)?, former.last)));
        let left = self.people.values().filter(|user| !user.is_live() && user.email_key().as_ref() == Some(&key));
        let left = left.map(|user| (user, user.profile_news.email.at));
        let mut holders = own.clone();
        for (user, last) in left_it.chain(left).filter(|(user, _)| was_there(user) && !own.contains_key(&user.id)) {
            let known = holders.entry(&user.id).or_insert(last);
            *known = (*known).max(last);
        }
        // Of those who had it, the ones who had it before that moment; else the ones who have had it since.
        let mut named: Vec<_> = holders.iter().filter(|(_, since)| **since <= at).map(|(id, _)| *id).collect();
        if named.is_empty() {
            named = holders.into_keys().collect();
        }
        match named.as_slice() {
            [] => Addressee::Nobody,
            [one] => Addressee::Person((*one).clone()),
            _ => Addressee::Several,
        }
    }

    /// Whether a placeholder and a person known by id are one: news names both the id and the address, and the person is not
    /// known to have left that address, or the directory, before the placeholder's last news.
    pub fn is_placeholder_of(&self, placeholder: &DirectoryUserId, id: &DirectoryUserId, (change, at): (Change, Timestamp)) -> bool {
        let (Some(by_email), Some(user)) = (self.people.get(placeholder), self.people.get(id)) else { return false };
        // the address of a deletion is no news of the person's address
        let gives_it = change != Change::Deleted && at >= user.profile_news.email.at;
        let has_it = gives_it || by_email.email_key() == user.email_key();
        let until = match (user.is_live(), has_it) {
            (false, _) => user.activity_news.at,
            (true, false) => user.profile_news.email.at,
            (true, true) => return true,
        };
        by_email.newest_news().at < until
    }

    /// Without what is known of former addresses, for tests of everything else.
    #[cfg(test)]
    pub(super) fn without_former_addresses(&self) -> Self {
        Self { former: Vec::new(), learnt: BTreeMap::new(), ..self.clone() }
    }

    /// Forgets a person who turned out to be another one.
    pub(super) fn forget(&mut self, id: &DirectoryUserId) -> Option<DirectoryUser> {
        self.touched.remove(id);
        self.people.remove(id)
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
