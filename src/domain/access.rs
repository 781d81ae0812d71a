//! Who the viewer is, and what the viewer may see and do. A page of an organization requires an
//! `OrganizationScope`. Only this module and a locked row can make one.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    api_key::ApiKey,
    id::{AccountId, OrganizationId},
    refusal::Refusal,
    time::Timestamp,
    view_as::ViewAs,
};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Staff who also change the settings of the installation.
    StaffAdmin,
    /// Customer success. Sees every organization.
    Staff,
    /// A customer's own admin. Sees only the account's organizations.
    TenantAdmin,
    /// May only read. Sees only the account's organizations.
    TenantViewer,
}

impl Role {
    pub const ALL: [Self; 4] =
        [Self::StaffAdmin, Self::Staff, Self::TenantAdmin, Self::TenantViewer];

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

    /// Whether the account may decide about seats by hand in the organizations that it sees.
    pub fn may_decide(self) -> bool {
        self != Self::TenantViewer
    }

    /// Whether the account may change which groups have which roles, in the organizations that it
    /// sees.
    pub fn may_map_roles(self) -> bool {
        self != Self::TenantViewer
    }

    /// Whether the account may change when and where alerts notify, in the organizations that it
    /// sees.
    pub fn may_set_alerts(self) -> bool {
        self != Self::TenantViewer
    }

    /// Whether the account may ask for seats, in the organizations that it sees. Staff answer.
    pub fn may_ask_for_seats(self) -> bool {
        self == Self::TenantAdmin
    }

    /// Whether the account may invite people and change members, in the organizations that it sees.
    pub fn may_manage_members(self) -> bool {
        self != Self::TenantViewer
    }

    /// Whether the account may start, confirm and cancel resyncs of the organizations that it sees.
    pub fn may_resync(self) -> bool {
        self != Self::TenantViewer
    }
}

/// The account that makes a request. It is loaded again for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    /// Of a tenant: the role that it was created with. In each organization it has a role of its
    /// own.
    pub role: Role,
    /// The organizations of a tenant, with the role in each; empty for staff, who see all of them.
    pub organizations: BTreeMap<OrganizationId, Role>,
    /// A staff member who sees an organization as its admin; the role and the organizations are
    /// those of the admin then.
    pub view_as: Option<ViewAs>,
}

/// Proof that the viewer is staff. Functions for staff only require it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub account: AccountId,
    pub name: String,
}

/// Proof that the viewer is a staff admin. Functions for staff admins only require it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffAdmin(Staff);

impl StaffAdmin {
    pub fn staff(&self) -> &Staff {
        &self.0
    }
}

/// Proof that the viewer showed lately who they are: with the password or a factor, and not only
/// with the cookie. Commands that are worth a stolen session require it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshProof(());

impl FreshProof {
    /// How long a proof is fresh.
    pub const LASTS: Duration = Duration::from_mins(5);

    /// Refused if it is too long ago. A time that is still to come was written while the clock was
    /// wrong; clocks of two processes differ by less.
    pub fn of(proved_at: Timestamp, now: Timestamp) -> Result<Self, Refusal> {
        let apart = now.since(proved_at).max(proved_at.since(now));
        if apart < Self::LASTS { Ok(Self(())) } else { Err(Refusal::ProofTooOld) }
    }

    /// The user of the command line has the machine.
    pub fn of_command_line() -> Self {
        Self(())
    }

    /// A program shows its whole key with each call.
    pub fn of_api_key(_: &ApiKey) -> Self {
        Self(())
    }
}

/// The right to the data of one organization. Functions that read for a viewer require it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationScope(OrganizationId);

impl OrganizationScope {
    /// The scope of a row that this transaction has locked.
    pub fn of_locked_row(id: OrganizationId) -> Self {
        Self(id)
    }

    /// The scope of the organization of a delivery that staff work on.
    pub fn of_delivery(id: OrganizationId) -> Self {
        Self(id)
    }

    /// The scope of the organization of a message in the outbox.
    pub fn of_message(id: OrganizationId) -> Self {
        Self(id)
    }

    /// The scope of the organization that a person signs in to.
    pub fn of_sign_on(id: OrganizationId) -> Self {
        Self(id)
    }

    pub fn id(&self) -> &OrganizationId {
        &self.0
    }
}

impl Viewer {
    /// Returns the scope of an organization. A tenant gets `None` for another tenant's organization
    /// and for one that does not exist, so that the two look the same.
    pub fn scope(&self, id: &OrganizationId) -> Option<OrganizationScope> {
        self.role_in(id).map(|_| OrganizationScope(id.clone()))
    }

    /// The role in an organization; `None` if the viewer may not see it.
    pub fn role_in(&self, id: &OrganizationId) -> Option<Role> {
        if self.role.is_staff() { Some(self.role) } else { self.organizations.get(id).copied() }
    }

    /// The highest role that the account has anywhere.
    pub fn highest_role(&self) -> Role {
        if self.role.is_staff() || self.organizations.is_empty() {
            return self.role;
        }
        let is_admin = self.organizations.values().any(|role| *role == Role::TenantAdmin);
        if is_admin { Role::TenantAdmin } else { Role::TenantViewer }
    }

    /// The same person, who sees an organization as its admin. Only staff can; others stay who they
    /// are.
    #[must_use]
    pub fn viewing_as(self, view: ViewAs) -> Self {
        if !self.role.is_staff() {
            return self;
        }
        let organizations = [(view.organization.clone(), Role::TenantAdmin)].into();
        Self { role: Role::TenantAdmin, organizations, view_as: Some(view), ..self }
    }

    /// The staff member behind a view.
    pub fn behind_view(&self) -> Option<Staff> {
        let staff = || Staff { account: self.account.clone(), name: self.name.clone() };
        self.view_as.as_ref().map(|_| staff())
    }

    pub fn staff(&self) -> Option<Staff> {
        self.role
            .is_staff()
            .then(|| Staff { account: self.account.clone(), name: self.name.clone() })
    }

    pub fn staff_admin(&self) -> Option<StaffAdmin> {
        self.staff().filter(|_| self.role == Role::StaffAdmin).map(StaffAdmin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(role: Role, organizations: &[&str]) -> Viewer {
        let organizations =
            organizations.iter().map(|id| (OrganizationId::new(*id), role)).collect();
        Viewer {
            account: AccountId::new("acc_1"),
            name: "Kim".into(),
            email: "kim@acme.test".into(),
            role,
            organizations,
            view_as: None,
        }
    }

    #[test]
    fn a_tenant_sees_their_own_organizations_alone() {
        let kim = viewer(Role::TenantAdmin, &["org_1", "org_2"]);
        assert!(kim.scope(&OrganizationId::new("org_2")).is_some());
        assert_eq!(kim.scope(&OrganizationId::new("org_3")), None);
        assert_eq!(kim.staff(), None);
    }

    #[test]
    fn a_tenant_has_a_role_in_each_organization() {
        let mut kim = viewer(Role::TenantViewer, &["org_1", "org_2"]);
        kim.organizations.insert(OrganizationId::new("org_2"), Role::TenantAdmin);
        let role = |id| kim.role_in(&OrganizationId::new(id));
        assert_eq!(role("org_1"), Some(Role::TenantViewer));
        assert_eq!(role("org_2"), Some(Role::TenantAdmin));
        assert_eq!(role("org_3"), None);
        assert_eq!(kim.highest_role(), Role::TenantAdmin);
        kim.organizations.remove(&OrganizationId::new("org_2"));
        assert_eq!(kim.highest_role(), Role::TenantViewer);
        let sam = viewer(Role::Staff, &[]);
        assert_eq!(sam.role_in(&OrganizationId::new("org_3")), Some(Role::Staff));
    }

    #[test]
    fn a_proof_is_fresh_for_five_minutes_whatever_the_clock_does() {
        let proved_at = Timestamp::from_seconds(1_790_000_000);
        let minutes = |count| Duration::from_mins(count);

        for now in [proved_at, proved_at.plus(minutes(4)), proved_at.minus(minutes(4))] {
            assert!(FreshProof::of(proved_at, now).is_ok(), "{now:?}");
        }
        for now in [proved_at.plus(minutes(5)), proved_at.minus(minutes(5))] {
            assert_eq!(FreshProof::of(proved_at, now), Err(Refusal::ProofTooOld), "{now:?}");
        }
    }

    #[test]
    fn a_view_has_the_rights_of_a_tenant_admin_and_of_no_staff() {
        let (organization, until) = (OrganizationId::new("org_1"), Timestamp::from_seconds(9));
        let view = ViewAs { organization, reason: "Ticket 7".into(), until };
        let sam = viewer(Role::StaffAdmin, &[]).viewing_as(view.clone());

        assert_eq!((sam.staff(), sam.staff_admin()), (None, None));
        assert_eq!(sam.role_in(&OrganizationId::new("org_1")), Some(Role::TenantAdmin));
        assert_eq!(sam.scope(&OrganizationId::new("org_2")), None);
        assert_eq!(sam.behind_view().unwrap().account, sam.account);
        let kim = viewer(Role::TenantViewer, &["org_2"]);
        assert_eq!(kim.clone().viewing_as(view), kim, "a tenant views as no other person");
    }

    #[test]
    fn staff_see_every_organization() {
        let sam = viewer(Role::Staff, &[]);
        assert!(sam.scope(&OrganizationId::new("org_3")).is_some());
        assert!(sam.staff().is_some());
        assert_eq!(sam.staff_admin(), None);
        assert!(viewer(Role::StaffAdmin, &[]).staff_admin().is_some());
    }
}
