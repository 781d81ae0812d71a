//! Roles: what the members of a group may do. An organization maps its groups to application roles,
//! which the SaaS product gives a meaning, and to roles in this dashboard.
//!
//! - Application roles add up: a person has the roles of all their groups. A person without a
//!   mapped group has the default role of the installation. A removed person has none.
//! - Of dashboard roles the highest wins: that of the account, or that of one of the groups of the
//!   account's directory user. The last admin of an organization stays an admin.

mod dashboard;
mod effects;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

pub use self::{
    dashboard::{
        DashboardChange, DashboardMember, dashboard_changes, ended_memberships, is_last_admin,
    },
    effects::{RoleEffect, role_effects},
    rules::{RoleRules, RulesChange},
};
use super::{access::Role, id::GroupId, refusal::Refusal};

/// The name of an application role: 1 to 64 letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RoleName(String);

impl RoleName {
    pub const LONGEST: usize = 64;
    /// The largest number of application roles of an installation.
    pub const MOST: usize = 50;

    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        (fits && text.bytes().all(is_name)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.0
    }
}

impl TryFrom<String> for RoleName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("this is no name of a role")
    }
}

/// The roles that the members of one group get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRoles {
    pub application: BTreeSet<RoleName>,
    /// A role of tenants.
    pub dashboard: Option<Role>,
}

impl GroupRoles {
    pub fn is_empty(&self) -> bool {
        self.application.is_empty() && self.dashboard.is_none()
    }

    /// Whether a group with these roles may get others: not the same ones, and no new role that is
    /// not among the `known` ones of the installation.
    pub fn may_become(&self, after: &Self, known: &[RoleName]) -> Result<(), Refusal> {
        if self == after {
            return Err(Refusal::RolesAreTheSame);
        }
        let mut new = after.application.difference(&self.application);
        match new.find(|role| !known.contains(role)) {
            Some(role) => Err(Refusal::NoRole(role.to_string())),
            None => Ok(()),
        }
    }
}

/// `editor, reader; dashboard: tenant-admin`, or `none`.
impl fmt::Display for GroupRoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&joined(self.application.iter()))?;
        let Some(role) = self.dashboard else { return Ok(()) };
        if !self.application.is_empty() {
            f.write_str("; ")?;
        }
        write!(f, "dashboard: {}", role.as_str())
    }
}

/// `editor, reader`
pub fn joined<'a>(names: impl Iterator<Item = &'a RoleName>) -> String {
    names.map(RoleName::as_str).collect::<Vec<_>>().join(", ")
}

/// Where an application role of a person comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RoleSource {
    Group(GroupId),
    /// The person is in no mapped group.
    Default,
}

/// The groups of an organization that have roles. A group without roles is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMapping(BTreeMap<GroupId, GroupRoles>);

impl RoleMapping {
    /// The largest number of groups with roles.
    pub const MOST: usize = 500;

    pub fn set(&mut self, group: GroupId, roles: GroupRoles) {
        if roles.is_empty() {
            self.0.remove(&group);
        } else {
            self.0.insert(group, roles);
        }
    }

    pub fn of(&self, group: &GroupId) -> GroupRoles {
        self.0.get(group).cloned().unwrap_or_default()
    }

    pub fn groups(&self) -> impl Iterator<Item = (&GroupId, &GroupRoles)> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a group gives this application role.
    pub fn gives(&self, role: &RoleName) -> bool {
        self.0.values().any(|roles| roles.application.contains(role))
    }

    /// The application roles of a person who is in these groups and is not removed, with the source
    /// of each. A group that gives only a dashboard role counts as no mapped group.
    pub fn application<'a>(
        &self,
        groups: impl Iterator<Item = &'a GroupId>,
        default: Option<&RoleName>,
    ) -> BTreeMap<RoleName, Vec<RoleSource>> {
        let mut found: BTreeMap<RoleName, Vec<RoleSource>> = BTreeMap::new();
        for group in groups {
            for role in self.0.get(group).into_iter().flat_map(|roles| &roles.application) {
                found.entry(role.clone()).or_default().push(RoleSource::Group(group.clone()));
            }
        }
        if found.is_empty() {
            found.extend(default.map(|role| (role.clone(), vec![RoleSource::Default])));
        }
        found
    }

    /// The highest dashboard role of these groups.
    pub fn dashboard<'a>(&self, groups: impl Iterator<Item = &'a GroupId>) -> Option<Role> {
        let roles = groups.filter_map(|group| self.0.get(group)?.dashboard);
        roles.max_by_key(|role| *role == Role::TenantAdmin)
    }
}

#[cfg(test)]
mod tests;
