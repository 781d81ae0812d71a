//! The query of the page of roles.

use std::collections::BTreeSet;

use domain::{
    access::Role,
    id::GroupId,
    role::{GroupRoles, RoleName},
};
use views::roles::RolesQuery;

use super::{Parameters, Query};

/// Without it the address asks for the form alone: a browser leaves out boxes that are not ticked,
/// so no role at all may be a choice.
const PREVIEW: &str = "preview";

/// A role that cannot be read: a form that changes roles refuses it.
#[cfg(feature = "ssr")]
pub fn unreadable_role(query: &Query) -> Option<String> {
    let mut roles = query.all("role");
    roles.find(|role| RoleName::parse(role).is_none()).map(str::to_owned)
}

/// Roles and a group that cannot be read are left out.
impl Parameters for RolesQuery {
    fn read(query: &Query) -> Self {
        let roles = || GroupRoles {
            application: query.all("role").filter_map(RoleName::parse).collect::<BTreeSet<_>>(),
            dashboard: Role::parse(query.text("dashboard")).filter(|role| !role.is_staff()),
        };
        Self {
            group: GroupId::parse(query.text("group")),
            asked: (query.text(PREVIEW) == "yes").then(roles),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let group = self.group.as_ref().map(ToString::to_string).unwrap_or_default();
        let Some(roles) = &self.asked else { return vec![("group", group)] };
        let mut fields = vec![("group", group), (PREVIEW, "yes".to_owned())];
        fields.extend(roles.application.iter().map(|role| ("role", role.to_string())));
        fields.push(("dashboard", roles.dashboard.map_or("", Role::as_str).to_owned()));
        fields
    }
}
