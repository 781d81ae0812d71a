//! What an account may do, in a word or two.

use domain::access::Role;

pub fn account_role(role: Role) -> &'static str {
    match role {
        Role::StaffAdmin => "Staff admin",
        Role::Staff => "Staff",
        Role::TenantAdmin => "Admin",
        Role::TenantViewer => "Viewer",
    }
}
