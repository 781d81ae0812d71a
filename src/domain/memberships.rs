//! Who is in the groups of the admission policy, as far as the rank of a waiting person depends on
//! it. The newest of three statements counts: the list of all groups of a user, an update of one
//! membership, and the deletion of the group.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    directory_user::{DirectoryUser, Version},
    id::{DirectoryUserId, GroupId},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// The memberships as stored. They count for a user whose list of groups has not changed since
    /// the roster was loaded.
    stored: BTreeMap<DirectoryUserId, BTreeSet<GroupId>>,
    /// The newest update of each single membership, and whether the user joined.
    single: BTreeMap<DirectoryUserId, BTreeMap<GroupId, (Version, bool)>>,
    /// The newest deletion of each group.
    deleted: BTreeMap<GroupId, Version>,
}

impl Memberships {
    /// Adds a membership as stored.
    pub fn add_stored(&mut self, user: DirectoryUserId, group: GroupId) {
        self.stored.entry(user).or_default().insert(group);
    }

    /// Adds an update of a single membership, unless a newer one is known.
    pub fn add_update(
        &mut self,
        user: DirectoryUserId,
        group: GroupId,
        (version, joined): (Version, bool),
    ) {
        let of_user = self.single.entry(user).or_default();
        let known = of_user.entry(group).or_insert((version, joined));
        if version > known.0 {
            *known = (version, joined);
        }
    }

    /// Adds the deletion of a group, unless a newer one is known.
    pub fn add_deletion(&mut self, group: GroupId, version: Version) {
        let known = self.deleted.entry(group).or_insert(version);
        *known = version.max(*known);
    }

    pub fn is_in(&self, user: &DirectoryUser, group: &GroupId) -> bool {
        let single = self.single.get(&user.id).and_then(|of_user| of_user.get(group));
        let (said_at, is_in) = match single {
            Some((version, joined)) if *version > user.groups_version => (*version, *joined),
            _ => (user.groups_version, self.is_listed(user, group)),
        };
        is_in && self.deleted.get(group).is_none_or(|deletion| said_at > *deletion)
    }

    fn is_listed(&self, user: &DirectoryUser, group: &GroupId) -> bool {
        match &user.groups {
            Some(groups) => groups.contains(group),
            None => self.stored.get(&user.id).is_some_and(|groups| groups.contains(group)),
        }
    }

    /// Only what is known of these users, and the deletions.
    #[cfg(test)]
    pub(super) fn of(&self, users: &BTreeSet<DirectoryUserId>) -> Self {
        let mut some = self.clone();
        some.stored.retain(|user, _| users.contains(user));
        some.single.retain(|user, _| users.contains(user));
        some
    }

    /// The placeholder is this user. `takes_list`: its list of groups is the newer one.
    pub(super) fn merge(
        &mut self,
        placeholder: &DirectoryUserId,
        id: &DirectoryUserId,
        takes_list: bool,
    ) {
        let stored = self.stored.remove(placeholder);
        if takes_list {
            self.stored.remove(id);
            self.stored.extend(stored.map(|groups| (id.clone(), groups)));
        }
        for (group, update) in self.single.remove(placeholder).into_iter().flatten() {
            self.add_update(id.clone(), group, update);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{directory_user::Precedence, time::Timestamp};

    fn version(second: i64) -> Version {
        Version { at: Timestamp::from_seconds(second), weight: Precedence::Active, event: 1 }
    }

    /// Ada, whose list of groups at this second has the group or not.
    fn ada(second: i64, is_listed: bool) -> DirectoryUser {
        let mut user = DirectoryUser::unknown(DirectoryUserId::new("ada"));
        user.groups = Some(if is_listed { vec![GroupId::new("g")] } else { Vec::new() });
        user.groups_version = version(second);
        user
    }

    #[test]
    fn the_newest_statement_about_a_membership_counts() {
        let group = GroupId::new("g");
        for (list, single, deleted, is_in) in [
            ((5, true), None, None, true),
            ((5, true), Some((4, false)), None, true),
            ((5, true), Some((6, false)), None, false),
            ((5, false), Some((6, true)), None, true),
            ((5, false), Some((4, true)), None, false),
            ((5, true), None, Some(4), true),
            ((5, true), None, Some(6), false),
            ((5, false), Some((7, true)), Some(6), true),
            ((5, true), Some((7, true)), Some(8), false),
        ] {
            let mut memberships = Memberships::default();
            if let Some((second, joined)) = single {
                let said = (version(second), joined);
                memberships.add_update(DirectoryUserId::new("ada"), group.clone(), said);
            }
            if let Some(second) = deleted {
                memberships.add_deletion(group.clone(), version(second));
            }
            let found = memberships.is_in(&ada(list.0, list.1), &group);
            assert_eq!(found, is_in, "{list:?} {single:?} {deleted:?}");
        }
    }

    #[test]
    fn a_stored_membership_counts_until_a_new_list_of_groups() {
        let (id, group) = (DirectoryUserId::new("ada"), GroupId::new("g"));
        let mut memberships = Memberships::default();
        memberships.add_stored(id, group.clone());

        let as_stored = DirectoryUser { groups: None, ..ada(5, false) };
        assert!(memberships.is_in(&as_stored, &group));
        assert!(!memberships.is_in(&ada(6, false), &group));
    }

    #[test]
    fn a_placeholder_brings_its_updates_and_its_newer_list() {
        let (id, placeholder) = (DirectoryUserId::new("ada"), DirectoryUserId::new("email:ada"));
        let group = GroupId::new("g");
        for takes_list in [false, true] {
            let mut memberships = Memberships::default();
            memberships.add_stored(placeholder.clone(), group.clone());
            let other = GroupId::new("h");
            memberships.add_update(placeholder.clone(), other.clone(), (version(9), true));

            memberships.merge(&placeholder, &id, takes_list);

            let as_stored = DirectoryUser { groups: None, ..ada(5, false) };
            assert_eq!(memberships.is_in(&as_stored, &group), takes_list);
            assert!(memberships.is_in(&as_stored, &other));
        }
    }
}
