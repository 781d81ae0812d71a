//! The columns of the list of groups.

use domain::{access::Role, role::RoleName};
use seatkeeper::queries::export::{GroupCells, Groups};

use super::csv::{Columns, Csv, text, yes};

impl Csv for Groups {
    const NAME: &'static str = "groups";
    const COLUMNS: Columns<GroupCells> = &[
        ("group_id", |group| group.group.clone()),
        ("name", |group| text(group.name.as_ref())),
        ("directory_id", |group| text(group.directory.as_ref())),
        ("deleted", |group| yes(group.deleted)),
        ("members", |group| group.counts.members().to_string()),
        ("provisioned", |group| group.counts.provisioned.to_string()),
        ("blocked", |group| group.counts.blocked.to_string()),
        ("dismissed", |group| group.counts.dismissed.to_string()),
        ("inactive", |group| group.counts.inactive.to_string()),
        ("roles", |group| {
            let names: Vec<&str> = group.roles.application.iter().map(RoleName::as_str).collect();
            names.join("; ")
        }),
        ("dashboard_role", |group| group.roles.dashboard.map_or("", Role::as_str).to_owned()),
    ];
}

#[cfg(test)]
mod tests {
    use domain::{group::MemberCounts, role::GroupRoles};

    use super::{super::csv::rows, *};

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

        let text = String::from_utf8(rows::<Groups>(&[group])).unwrap();

        assert_eq!(text, "dirgroup_1,,'=dir,yes,10,4,3,2,1,editor; reader,tenant-admin\n");
    }
}
