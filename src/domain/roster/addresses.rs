//! Which user an e-mail address refers to, by the addresses that the users have and had.

use std::collections::BTreeMap;

use super::Roster;
use crate::{
    directory_user::{DirectoryUser, FormerAddress, email_key},
    event::Change,
    id::DirectoryUserId,
    seats::UserUpdate,
    time::Timestamp,
};

/// The user or users that an e-mail address refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    Person(DirectoryUserId),
    None,
    Several,
}

impl Roster {
    /// Keeps the e-mail address of the update, and the address that the user had before it, as
    /// former addresses if the user now has another address.
    pub(crate) fn learn_former_addresses(
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
    pub(crate) fn learn_former_address(
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

    /// The loaded user who was imported under this external id, unless several were.
    pub fn imported(&self, external_id: &str) -> Option<&DirectoryUser> {
        let has_it = |user: &&DirectoryUser| {
            user.is_imported() && user.profile.external_id.as_deref() == Some(external_id)
        };
        let mut users = self.people.values().filter(has_it);
        users.next().filter(|_| users.next().is_none())
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
}
