//! What the page of an organization's roles shows: the roles of each group, and the preview of a
//! change.

use serde::{Deserialize, Serialize};

use domain::{
    access::Role,
    id::{DirectoryUserId, GroupId, OrganizationId},
    refusal::Refusal,
    role::{GroupRoles, RoleName},
    text::ExternalText,
};

/// The parameters of the page. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesQuery {
    /// The group that is changed.
    pub group: Option<GroupId>,
    /// The roles that it would have.
    pub asked: Option<GroupRoles>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesPage {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    /// The version that a form must send, so that two editors cannot overwrite each other.
    pub roles_version: i64,
    pub archived: bool,
    /// The application roles of the installation.
    pub known: Vec<RoleName>,
    /// The role of people without a mapped group.
    pub default_role: Option<RoleName>,
    /// The groups with roles, by name.
    pub rows: Vec<RolesRow>,
    /// The groups to choose from, by name.
    pub groups: Vec<(GroupId, ExternalText)>,
    /// The account that is an admin only because it is the last one.
    pub last_admin: Option<ExternalText>,
    pub change: Option<RolesChange>,
}

impl RolesPage {
    /// The largest number of groups to choose from.
    pub const GROUPS: i64 = 500;
    /// How many people a preview names for each role.
    pub const NAMES: usize = 5;

    /// Whether the organization may have groups that are not among those to choose from.
    pub fn has_more_groups(&self) -> bool {
        i64::try_from(self.groups.len()).is_ok_and(|groups| groups >= Self::GROUPS)
    }
}

/// A group with roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesRow {
    pub group: GroupId,
    /// The name, or the id of a group without one.
    pub name: ExternalText,
    pub deleted: bool,
    pub members: i64,
    pub roles: GroupRoles,
}

/// The group that is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesChange {
    /// As it is.
    pub row: RolesRow,
    /// `None` if nothing is asked for yet.
    pub preview: Option<Result<RolesPreview, Refusal>>,
}

/// What other roles of a group would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesPreview {
    pub roles: GroupRoles,
    pub effects: Vec<EffectRow>,
    /// Accounts with another role in the dashboard: the name, and the role afterwards.
    pub accounts: Vec<(ExternalText, Role)>,
    /// The account that would stay an admin only because it is the last one.
    pub last_admin: Option<ExternalText>,
}

/// The people who get an application role, and those who lose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRow {
    pub role: RoleName,
    pub gained: FirstPeople,
    pub lost: FirstPeople,
}

/// The first people of a number of people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPeople {
    pub count: i64,
    pub first: Vec<(DirectoryUserId, ExternalText)>,
}

/// An application role of a person, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRole {
    pub role: RoleName,
    /// The groups that give it, with their names; empty: it is the default role.
    pub groups: Vec<(GroupId, ExternalText)>,
}
