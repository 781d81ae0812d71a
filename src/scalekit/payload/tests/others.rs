//! Every sample payload about a group, a directory or an organization, with exactly what is read
//! from it.

use super::*;

fn group_event(id: &str, directory: &str, name: &str, change: Change) -> EventPayload {
    EventPayload::Group {
        id: GroupId::new(id),
        directory: DirectoryId::parse(directory),
        name: Some(name.into()),
        change,
    }
}

#[test]
fn groups_are_created_renamed_and_deleted() {
    let (marvel, dir) = ("org_38609339635728478", "dir_38610496391217780");
    assert_eq!(
        payload!("organization.directory.group_created"),
        event(
            envelope(
                "evt_38862741515010639",
                "organization.directory.group_created",
                "2024-09-25T02:26:39.036398577Z",
                marvel
            ),
            group_event("dirgroup_38862741498233423", dir, "Avengers", Change::Created),
        )
    );
    assert_eq!(
        payload!("organization.directory.group_updated"),
        event(
            envelope(
                "evt_38864948910162368",
                "organization.directory.group_updated",
                "2024-09-25T02:48:34.745030921Z",
                marvel
            ),
            group_event("dirgroup_38862741498233423", dir, "Avengers", Change::Updated),
        )
    );
    assert_eq!(
        payload!("organization.directory.group_deleted"),
        event(
            envelope(
                "evt_40650399597723966",
                "organization.directory.group_deleted",
                "2024-10-07T10:25:26.289331747Z",
                "org_39802449573184223"
            ),
            group_event(
                "dirgroup_40072007005503806",
                "dir_39802485862301855",
                "Admins",
                Change::Deleted
            ),
        )
    );
}

#[test]
fn the_guides_groups_are_read_too() {
    let at = |event, kind, time| envelope(event, kind, time, "org_xyz789");
    assert_eq!(
        payload!("simplified-skill.group_created"),
        event(
            at("evt_1234567893", "organization.directory.group_created", "2026-02-09T10:33:00Z"),
            group_event("group_abc123", "", "Engineering", Change::Created),
        )
    );
    assert_eq!(
        payload!("simplified-skill.group_updated"),
        event(
            at("evt_1234567894", "organization.directory.group_updated", "2026-02-09T10:34:00Z"),
            group_event("group_abc123", "", "Platform Engineering", Change::Updated),
        )
    );
    assert_eq!(
        payload!("simplified-skill.group_deleted"),
        event(
            at("evt_1234567895", "organization.directory.group_deleted", "2026-02-09T10:35:00Z"),
            group_event("group_abc123", "", "Platform Engineering", Change::Deleted),
        )
    );
    assert_eq!(
        payload!("simplified-skill.group_membership_updated"),
        event(
            at(
                "evt_1234567896",
                "organization.directory.group_membership_updated",
                "2026-02-09T10:36:00Z"
            ),
            EventPayload::GroupMembers {
                group: GroupId::new("group_abc123"),
                added: vec![DirectoryUserId::new("user_abc123")],
                removed: vec![DirectoryUserId::new("user_def456")],
            },
        )
    );
}

#[test]
fn directories_come_and_go() {
    let okta = |id: &str, change| EventPayload::Directory {
        id: DirectoryId::new(id),
        provider: Some("OKTA".into()),
        change,
    };
    assert_eq!(
        payload!("organization.directory_created"),
        event(
            envelope(
                "evt_66282687144425882",
                "organization.directory_created",
                "2025-04-02T06:19:20.224596Z",
                "org_63517286769719317"
            ),
            okta("dir_66282687110871450", DirectoryChange::Created),
        )
    );
    assert_eq!(
        payload!("organization.directory_enabled"),
        event(
            envelope(
                "evt_55136848686613000",
                "organization.directory_enabled",
                "2025-01-15T08:55:22.802860294Z",
                "org_55135410258444802"
            ),
            okta("dir_55135622825771522", DirectoryChange::Enabled),
        )
    );
    for (reading, id, kind, change) in [
        (
            payload!("organization.directory_disabled"),
            "evt_53891640779079756",
            "organization.directory_disabled",
            DirectoryChange::Disabled,
        ),
        (
            payload!("organization.directory_deleted"),
            "evt_53891640779079757",
            "organization.directory_deleted",
            DirectoryChange::Deleted,
        ),
    ] {
        let envelope = envelope(id, kind, "2025-01-06T18:45:21.057814Z", ACME);
        assert_eq!(reading, event(envelope, okta("dir_53879621145330183", change)));
    }
}

#[test]
fn organizations_come_and_go() {
    for (reading, id, kind, at, change) in [
        (
            payload!("organization.created"),
            "evt_1234567890",
            "organization.created",
            "10:30",
            Change::Created,
        ),
        (
            payload!("organization.updated"),
            "evt_2345678901",
            "organization.updated",
            "10:35",
            Change::Updated,
        ),
        (
            payload!("organization.deleted"),
            "evt_3456789012",
            "organization.deleted",
            "10:40",
            Change::Deleted,
        ),
    ] {
        let envelope =
            envelope(id, kind, &format!("2024-01-15T{at}:00.123456789Z"), "org_1234567890");
        let name = Some("AcmeCorp".to_owned());
        assert_eq!(
            reading,
            event(
                envelope,
                EventPayload::Organization {
                    name,
                    external_id: Some("org_external_123".into()),
                    change
                }
            )
        );
    }
}
