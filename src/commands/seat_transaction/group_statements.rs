//! What a transaction has heard about groups. The rules keep only the newest statement about a
//! user; the changes of memberships need each of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        directory_user::Version,
        id::{DirectoryUserId, GroupId, OrganizationId},
        membership_changes::Said,
        roster::Roster,
        seats::Command,
    },
    store::groups::GroupUpdate,
};

pub(super) type User = (OrganizationId, DirectoryUserId);

#[derive(Debug, Default)]
pub(super) struct GroupStatements {
    /// Statements about users, without the newest list of each: the user has that one.
    of_users: BTreeMap<User, Vec<(Version, Said)>>,
    /// The groups that were deleted.
    deleted: BTreeMap<OrganizationId, Vec<(Version, GroupId)>>,
    /// The groups whose deletion has ended a stored membership of the user.
    ended: BTreeMap<User, BTreeMap<GroupId, Version>>,
}

/// The lists of groups that are not stored yet and that a command may replace.
pub(super) type Lists = Vec<(DirectoryUserId, Vec<GroupId>, Version)>;

pub(super) fn unsaved_lists(roster: &Roster, command: &Command) -> Lists {
    let users: Vec<_> = match command {
        Command::UserUpdate(update) => roster.person(&update.user).into_iter().collect(),
        Command::OrganizationDeleted(_) => roster.touched().collect(),
        _ => Vec::new(),
    };
    let list = |groups: &Vec<GroupId>| groups.clone();
    users
        .into_iter()
        .filter_map(|user| {
            Some((user.id.clone(), user.groups.as_ref().map(list)?, user.groups_version))
        })
        .collect()
}

impl GroupStatements {
    /// Keeps what the command said, after it was decided.
    pub fn decided(
        &mut self,
        id: &OrganizationId,
        (command, roster): (&Command, &Roster),
        before: Lists,
    ) {
        for (user, groups, version) in before {
            if roster.person(&user).is_some_and(|known| known.groups_version != version) {
                self.add(id, &user, (version, Said::List(groups)));
            }
        }
        if let Command::GroupMembers(said) = command {
            for (user, joined) in &said.members {
                let list = roster.person(user).map(|user| user.groups_version);
                if list.is_none_or(|list| said.version > list) {
                    let group = said.group.clone();
                    let what = if *joined { Said::Joined(group) } else { Said::Left(group) };
                    self.add(id, user, (said.version, what));
                }
            }
        }
    }

    fn add(&mut self, id: &OrganizationId, user: &DirectoryUserId, said: (Version, Said)) {
        self.of_users.entry((id.clone(), user.clone())).or_default().push(said);
    }

    /// A group was deleted, and these users were members until then.
    pub fn group_deleted(
        &mut self,
        id: &OrganizationId,
        update: &GroupUpdate<'_>,
        left: Vec<DirectoryUserId>,
    ) {
        let (group, version) = (update.id.clone(), update.stamp);
        self.deleted.entry(id.clone()).or_default().push((version, group.clone()));
        for user in left {
            self.ended.entry((id.clone(), user)).or_default().insert(group.clone(), version);
        }
    }

    /// A placeholder has the id of a user from now on.
    pub fn rename(&mut self, placeholder: &User, id: &User) {
        if let Some(said) = self.of_users.remove(placeholder) {
            self.of_users.entry(id.clone()).or_default().extend(said);
        }
        if let Some(ended) = self.ended.remove(placeholder) {
            self.ended.entry(id.clone()).or_default().extend(ended);
        }
    }

    /// What was said about a placeholder does not count for the user it is merged into.
    pub fn forget(&mut self, placeholder: &User) {
        self.of_users.remove(placeholder);
        self.ended.remove(placeholder);
    }

    /// Whether something was said about a user beside the newest list.
    pub fn is_about(&self, id: &OrganizationId, user: &DirectoryUserId) -> bool {
        let is_empty = self.of_users.is_empty() && self.ended.is_empty();
        let key = || (id.clone(), user.clone());
        !is_empty && (self.of_users.contains_key(&key()) || self.ended.contains_key(&key()))
    }

    /// Takes what was said about a user, and the groups whose deletion has ended a membership.
    pub fn take(
        &mut self,
        id: &OrganizationId,
        user: &DirectoryUserId,
    ) -> (Vec<(Version, Said)>, BTreeSet<GroupId>) {
        let key = (id.clone(), user.clone());
        let mut said = self.of_users.remove(&key).unwrap_or_default();
        let deleted = self.deleted.get(id).into_iter().flatten();
        said.extend(deleted.map(|(version, group)| (*version, Said::Deleted(group.clone()))));
        let ended = self.ended.remove(&key).unwrap_or_default();
        (said, ended.into_keys().collect())
    }

    /// The memberships that ended with their groups, of the users that were not taken.
    pub fn ended(self) -> impl Iterator<Item = (User, GroupId, Version)> {
        self.ended.into_iter().flat_map(|(user, groups)| {
            groups.into_iter().map(move |(group, version)| (user.clone(), group, version))
        })
    }
}
