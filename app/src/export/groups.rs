//! The list of groups as CSV.

use domain::{access::Role, role::RoleName};
use seatkeeper::queries::GroupCells;

/// The columns, in order. `app/src/cli/export.rs` documents them.
const COLUMNS: [&str; 11] = [
    "group_id",
    "name",
    "directory_id",
    "deleted",
    "members",
    "provisioned",
    "blocked",
    "dismissed",
    "inactive",
    "roles",
    "dashboard_role",
];

/// The row with the names of the columns.
pub fn header_row() -> Vec<u8> {
    super::written([COLUMNS.map(str::to_owned)])
}

/// The rows of these groups.
pub fn rows(groups: &[GroupCells]) -> Vec<u8> {
    super::written(groups.iter().map(|group| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let counts = group.counts;
        [
            group.group.clone(),
            text(&group.name),
            text(&group.directory),
            if group.deleted { "yes" } else { "no" }.to_owned(),
            counts.members().to_string(),
            counts.provisioned.to_string(),
            counts.blocked.to_string(),
            counts.dismissed.to_string(),
            counts.inactive.to_string(),
            group.roles.application.iter().map(RoleName::as_str).collect::<Vec<_>>().join("; "),
            group.roles.dashboard.map_or("", Role::as_str).to_owned(),
        ]
    }))
}

#[cfg(test)]
mod tests {
    use domain::{group::MemberCounts, role::GroupRoles};

    use super::*;

    #[test]
    fn a_group_has_its_numbers_and_an_unknown_name_is_empty() {
        let group = GroupCells {
            group: "dirgroup_1".to_owned(),
            name: None,
            directory: Some("=dir".to_owned()),
            deleted: true,
            counts: MemberCounts { provisioned: 4, blocked: 3, dismissed: 2, inactive: 1 },
            roles: GroupRoles {
                application: ["editor", "reader"].into_iter().filter_map(RoleName::parse).collect(),
                dashboard: Some(Role::TenantAdmin),
            },
        };

        let text = String::from_utf8(rows(&[group])).unwrap();

        assert_eq!(text, "dirgroup_1,,'=dir,yes,10,4,3,2,1,editor; reader,tenant-admin\n");
    }
}
