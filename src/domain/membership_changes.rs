//! Which memberships of a user began and ended, from what the directory said. Several statements
//! may be applied at once, in whatever order they arrived; each change has the time at which it
//! happened.

use std::collections::{BTreeMap, BTreeSet};

use super::{directory_user::Version, id::GroupId};

/// A statement about the groups of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The user is in these groups and in no other.
    List(Vec<GroupId>),
    Joined(GroupId),
    Left(GroupId),
    /// The group was deleted.
    Deleted(GroupId),
}

/// The groups of a user after some statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Each with the statement by which the user joined; `None`: the user was in it before.
    pub groups: BTreeMap<GroupId, Option<Version>>,
    /// In the order in which they happened.
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub group: GroupId,
    pub joined: bool,
    pub version: Version,
}

/// Follows the statements in the order of their versions. `before` are the groups before all of
/// them. A deletion ends a membership that the store has ended with it (`ended`), or that one of
/// the older statements names; any other membership is newer than the deletion.
pub fn follow(
    before: BTreeSet<GroupId>,
    mut ended: BTreeSet<GroupId>,
    mut statements: Vec<(Version, Said)>,
) -> Followed {
    statements.sort_by_key(|(version, _)| *version);
    let mut followed = Followed::default();
    followed.groups.extend(before.into_iter().chain(ended.iter().cloned()).map(|id| (id, None)));
    for (version, said) in statements {
        match said {
            Said::List(list) => {
                let list: BTreeSet<GroupId> = list.into_iter().collect();
                let over = followed.groups.keys().filter(|group| !list.contains(group));
                for group in over.cloned().collect::<Vec<_>>() {
                    followed.leave(group, version);
                }
                for group in list {
                    ended.insert(group.clone());
                    followed.join(group, version);
                }
            }
            Said::Joined(group) => {
                ended.insert(group.clone());
                followed.join(group, version);
            }
            Said::Left(group) => followed.leave(group, version),
            Said::Deleted(group) if ended.contains(&group) => followed.leave(group, version),
            Said::Deleted(_) => {}
        }
    }
    followed
}

impl Followed {
    fn join(&mut self, group: GroupId, version: Version) {
        if !self.groups.contains_key(&group) {
            self.groups.insert(group.clone(), Some(version));
            self.changes.push(Change { group, joined: true, version });
        }
    }

    fn leave(&mut self, group: GroupId, version: Version) {
        if self.groups.remove(&group).is_some() {
            self.changes.push(Change { group, joined: false, version });
        }
    }

    /// The user is not in the group after all: it was deleted later.
    pub fn not_joined(&mut self, group: &GroupId) {
        self.groups.remove(group);
        if let Some(last) = self.changes.iter().rposition(|change| change.group == *group) {
            self.changes.remove(last);
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

    fn group(name: &str) -> GroupId {
        GroupId::new(name)
    }

    fn set(names: &[&str]) -> BTreeSet<GroupId> {
        names.iter().copied().map(group).collect()
    }

    fn list(second: i64, names: &[&str]) -> (Version, Said) {
        (version(second), Said::List(set(names).into_iter().collect()))
    }

    /// The changes as `2+a 5-b`, and the groups at the end.
    fn told(followed: &Followed) -> (String, Vec<&str>) {
        let change = |change: &Change| {
            let sign = if change.joined { '+' } else { '-' };
            format!("{}{sign}{}", change.version.at.seconds(), change.group)
        };
        let changes: Vec<_> = followed.changes.iter().map(change).collect();
        (changes.join(" "), followed.groups.keys().map(GroupId::as_str).collect())
    }

    #[test]
    fn each_of_several_lists_changes_what_differs_whatever_order_they_arrive_in() {
        let statements =
            [list(4, &["a", "c"]), list(2, &["a", "b"]), list(6, &["a", "c"]), list(3, &["a"])];

        let followed = follow(set(&["a"]), BTreeSet::new(), statements.to_vec());

        assert_eq!(told(&followed), ("2+b 3-b 4+c".to_owned(), vec!["a", "c"]));
        assert_eq!(followed.groups[&group("a")], None);
        assert_eq!(followed.groups[&group("c")], Some(version(4)));
    }

    #[test]
    fn single_memberships_count_until_the_next_list() {
        let statements = vec![
            (version(2), Said::Joined(group("b"))),
            (version(3), Said::Left(group("a"))),
            list(4, &["a"]),
            (version(5), Said::Joined(group("b"))),
            (version(6), Said::Joined(group("a"))),
        ];

        let followed = follow(set(&["a"]), BTreeSet::new(), statements);

        assert_eq!(told(&followed), ("2+b 3-a 4-b 4+a 5+b".to_owned(), vec!["a", "b"]));
    }

    #[test]
    fn a_deletion_ends_what_is_older_and_nothing_that_is_newer() {
        let deleted = |second| (version(second), Said::Deleted(group("a")));
        let none = BTreeSet::new();

        let ended = follow(none.clone(), set(&["a"]), vec![deleted(5)]);
        assert_eq!(told(&ended), ("5-a".to_owned(), vec![]));
        let joined = follow(none.clone(), none.clone(), vec![deleted(5), list(2, &["a"])]);
        assert_eq!(told(&joined), ("2+a 5-a".to_owned(), vec![]));
        let again = follow(none.clone(), set(&["a"]), vec![list(6, &["a"]), deleted(5)]);
        assert_eq!(told(&again), ("5-a 6+a".to_owned(), vec!["a"]));
        let newer = follow(set(&["a"]), none, vec![deleted(5)]);
        assert_eq!(told(&newer), (String::new(), vec!["a"]), "the store knows a newer statement");
    }

    #[test]
    fn a_membership_that_the_store_refuses_has_not_begun() {
        let statements = vec![list(2, &["a"]), list(3, &[]), list(4, &["a", "b"])];
        let mut followed = follow(BTreeSet::new(), BTreeSet::new(), statements);

        followed.not_joined(&group("a"));

        assert_eq!(told(&followed), ("2+a 3-a 4+b".to_owned(), vec!["b"]));
    }
}
