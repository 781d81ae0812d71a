//! The dashboard roles of the accounts of an organization.

use std::collections::BTreeSet;

use super::RoleMapping;
use crate::{
    access::Role,
    id::{AccountId, GroupId},
    time::Timestamp,
};

/// A tenant's account that belongs to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardMember {
    pub account: AccountId,
    /// The role that people gave the account in this organization.
    pub own: Role,
    /// The role in this organization.
    pub role: Role,
    pub granted_at: Timestamp,
    pub is_disabled: bool,
    /// Only a group gives the membership: without one it ends.
    pub by_group: bool,
    /// The groups of the account's directory user.
    pub groups: BTreeSet<GroupId>,
}

/// A new role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardChange {
    pub account: AccountId,
    pub before: Role,
    pub after: Role,
}

impl DashboardMember {
    /// Whether a group of this mapping makes the account an admin.
    pub fn is_admin_by_group(&self, mapping: &RoleMapping) -> bool {
        mapping.dashboard(self.groups.iter()) == Some(Role::TenantAdmin)
    }

    /// The higher one of its own role and that of its groups.
    fn entitled(&self, mapping: &RoleMapping) -> Role {
        if self.own == Role::TenantAdmin || self.is_admin_by_group(mapping) {
            Role::TenantAdmin
        } else {
            Role::TenantViewer
        }
    }
}

/// Which memberships end because no group gives them any more. `last` is the last admin, who stays.
pub fn ended_memberships(
    members: &[DashboardMember],
    mapping: &RoleMapping,
    last: Option<&AccountId>,
) -> BTreeSet<AccountId> {
    let is_over = |member: &&DashboardMember| {
        member.by_group
            && mapping.dashboard(member.groups.iter()).is_none()
            && Some(&member.account) != last
    };
    members.iter().filter(is_over).map(|member| member.account.clone()).collect()
}

/// Whether a member acts as an admin with this role: a disabled account does not.
fn is_admin(member: &DashboardMember, role: Role) -> bool {
    !member.is_disabled && role == Role::TenantAdmin
}

/// Whether an account is the only admin of its organization who can sign in, so that it can neither
/// become a viewer nor be removed.
pub fn is_last_admin(
    members: &[DashboardMember],
    mapping: &RoleMapping,
    account: &AccountId,
) -> bool {
    let (this, others): (Vec<_>, Vec<_>) =
        members.iter().partition(|member| member.account == *account);
    this.iter().any(|member| is_admin(member, member.role))
        && !others.iter().any(|member| is_admin(member, member.entitled(mapping)))
}

/// Which accounts get another role under a mapping, and the account that stays an admin only
/// because it is the last one: of several the one that has had access for the longest time.
pub fn dashboard_changes(
    members: &[DashboardMember],
    mapping: &RoleMapping,
) -> (Vec<DashboardChange>, Option<AccountId>) {
    let entitled = |member: &DashboardMember| member.entitled(mapping);
    let was_administered = members.iter().any(|member| is_admin(member, member.role));
    let has_admin = members.iter().any(|member| is_admin(member, entitled(member)));
    let last = members.iter().filter(|member| is_admin(member, member.role));
    let last = last.min_by_key(|member| (member.granted_at, &member.account));
    let last = last.filter(|_| was_administered && !has_admin).map(|member| &member.account);
    let change = |member: &DashboardMember| {
        let after =
            if Some(&member.account) == last { Role::TenantAdmin } else { entitled(member) };
        (after != member.role).then(|| DashboardChange {
            account: member.account.clone(),
            before: member.role,
            after,
        })
    };
    (members.iter().filter_map(change).collect(), last.cloned())
}
