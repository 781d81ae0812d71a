//! What gives application roles, and changes of it whose people are still to be told.

use std::collections::BTreeSet;

use super::{RoleMapping, RoleName, RoleSource};
use crate::id::{GroupId, OrganizationId};

/// What the application roles of the people of an organization follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleRules {
    pub mapping: RoleMapping,
    pub default: Option<RoleName>,
}

/// The roles of a group, or the default role, were changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesChange {
    /// `None`: the default role, of all organizations.
    pub organization: Option<OrganizationId>,
    pub source: RoleSource,
    pub before: BTreeSet<RoleName>,
    pub after: BTreeSet<RoleName>,
}

impl RoleRules {
    /// The names of the roles of a person in these groups who is not removed, in order.
    pub fn names(&self, groups: &BTreeSet<GroupId>) -> Vec<String> {
        let roles = self.mapping.application(groups.iter(), self.default.as_ref());
        roles.into_keys().map(String::from).collect()
    }

    /// The rules before and after a change, given those of now and the changes that came later.
    pub fn around(mut self, change: &RulesChange, later: &[RulesChange]) -> (Self, Self) {
        for later in later.iter().rev() {
            self.set(&later.source, &later.before);
        }
        self.set(&change.source, &change.after);
        let mut before = self.clone();
        before.set(&change.source, &change.before);
        (before, self)
    }

    fn set(&mut self, source: &RoleSource, roles: &BTreeSet<RoleName>) {
        match source {
            RoleSource::Default => self.default = roles.first().cloned(),
            RoleSource::Group(group) => {
                let mut of_group = self.mapping.of(group);
                of_group.application.clone_from(roles);
                self.mapping.set(group.clone(), of_group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> BTreeSet<RoleName> {
        names.iter().map(|name| RoleName::parse(name).unwrap()).collect()
    }

    fn change(group: Option<&str>, before: &[&str], after: &[&str]) -> RulesChange {
        let source = group.map_or(RoleSource::Default, |id| RoleSource::Group(GroupId::new(id)));
        let organization = group.map(|_| OrganizationId::new("org_1"));
        RulesChange { organization, source, before: roles(before), after: roles(after) }
    }

    /// What a person in these groups is told of changes, which are told when all of them are done.
    fn told(changes: &[RulesChange], groups: &[&str]) -> Vec<(Vec<String>, Vec<String>)> {
        let mut now = RoleRules::default();
        for change in changes {
            now.set(&change.source, &change.after);
        }
        let groups = groups.iter().copied().map(GroupId::new).collect();
        let tell = |(at, change): (usize, &RulesChange)| {
            let (before, after) = now.clone().around(change, &changes[at + 1..]);
            let (before, after) = (before.names(&groups), after.names(&groups));
            (before != after).then_some((before, after))
        };
        changes.iter().enumerate().filter_map(tell).collect()
    }

    fn step(before: &[&str], after: &[&str]) -> (Vec<String>, Vec<String>) {
        let names = |names: &[&str]| names.iter().copied().map(str::to_owned).collect();
        (names(before), names(after))
    }

    #[test]
    fn what_is_told_leads_from_the_first_roles_to_the_last_ones() {
        let same_role_twice = [change(Some("a"), &[], &["x"]), change(Some("b"), &[], &["x"])];
        assert_eq!(told(&same_role_twice, &["a", "b"]), [step(&[], &["x"])]);
        assert_eq!(told(&same_role_twice, &["b"]), [step(&[], &["x"])]);
        assert_eq!(told(&same_role_twice, &[]), []);

        let there_and_back = [change(None, &[], &["r"]), change(None, &["r"], &[])];
        assert_eq!(told(&there_and_back, &[]), [step(&[], &["r"]), step(&["r"], &[])]);

        let default_then_group = [change(None, &[], &["r"]), change(Some("a"), &[], &["r"])];
        assert_eq!(told(&default_then_group, &["a"]), [step(&[], &["r"])]);
        let group_then_default = [change(Some("a"), &[], &["x"]), change(None, &[], &["r"])];
        assert_eq!(told(&group_then_default, &["a"]), [step(&[], &["x"])]);
        assert_eq!(told(&group_then_default, &["b"]), [step(&[], &["r"])]);
    }
}
