//! Who is looking, and what they may see and do. An organization's data can be reached only with an
//! `OrganizationScope`, and only this module (and a locked row) can make one.

use serde::{Deserialize, Serialize};

use super::id::{AccountId, OrganizationId};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Customer success, and staff accounts, secrets' status, retention, defaults.
    StaffAdmin,
    /// Customer success: every organization.
    Staff,
    /// A customer's own admin: their organizations alone.
    TenantAdmin,
    /// Reads, their organizations alone.
    TenantViewer,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::StaffAdmin, Self::Staff, Self::TenantAdmin, Self::TenantViewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::StaffAdmin => "staff-admin",
            Self::Staff => "staff",
            Self::TenantAdmin => "tenant-admin",
            Self::TenantViewer => "tenant-viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    pub fn is_staff(self) -> bool {
        matches!(self, Self::StaffAdmin | Self::Staff)
    }

    /// Whether they may start, confirm and cancel resyncs of the organizations they see.
    pub fn may_resync(self) -> bool {
        self != Self::TenantViewer
    }
}

/// Who is looking: loaded again for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// A tenant's organizations; empty for staff, who see all.
    pub organizations: Vec<OrganizationId>,
}

/// Staff, proven: what only staff may do takes one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub account: AccountId,
    pub name: String,
}

/// The right to one organization's data. Every store function on tenant data takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationScope(OrganizationId);

impl OrganizationScope {
    /// From a row this transaction has locked.
    #[cfg(feature = "server")]
    pub(crate) fn of_locked_row(id: OrganizationId) -> Self {
        Self(id)
    }

    pub fn id(&self) -> &OrganizationId {
        &self.0
    }
}

impl Viewer {
    /// The scope of `id`, or nothing: for somebody else's organization the same as for one that does not exist.
    pub fn scope(&self, id: &OrganizationId) -> Option<OrganizationScope> {
        let may = self.role.is_staff() || self.organizations.contains(id);
        may.then(|| OrganizationScope(id.clone()))
    }

    pub fn staff(&self) -> Option<Staff> {
        self.role.is_staff().then(|| Staff { account: self.account.clone(), name: self.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(role: Role, organizations: &[&str]) -> Viewer {
        let organizations = organizations.iter().map(|id| OrganizationId::new(*id)).collect();
        Viewer { account: AccountId::new("acc_1"), name: "Kim".into(), email: "kim@acme.test".into(), role, organizations }
    }

    #[test]
    fn a_tenant_sees_their_own_organizations_alone() {
        let kim = viewer(Role::TenantAdmin, &["org_1", "org_2"]);
        assert!(kim.scope(&OrganizationId::new("org_2")).is_some());
        assert_eq!(kim.scope(&OrganizationId::new("org_3")), None);
        assert_eq!(kim.staff(), None);
    }

    #[test]
    fn staff_see_every_organization() {
        let sam = viewer(Role::Staff, &[]);
        assert!(sam.scope(&OrganizationId::new("org_3")).is_some());
        assert!(sam.staff().is_some());
    }
}
