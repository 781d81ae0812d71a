//! Every sample payload, with exactly what is read from it.

use super::*;

macro_rules! payload {
    ($name:literal) => {
        read(include_bytes!(concat!("../../../tests/payloads/", $name, ".json")))
    };
}

fn event(envelope: Envelope, payload: EventPayload) -> ParsedBody {
    ParsedBody::Event(Box::new(Event { envelope, mismatch: false, payload }))
}

fn ada(name: Option<&str>) -> Profile {
    Profile {
        external_id: Some("00u1a2b3c4D5e6F7g8h9".into()),
        ..profile("ada.lovelace@acme.example", name)
    }
}

fn profile(email: &str, name: Option<&str>) -> Profile {
    Profile { email: Some(email.into()), name: name.map(Into::into), external_id: None }
}

/// A payload about a user with nothing but the id.
fn thin(user: &str, change: Change) -> UserPayload {
    UserPayload {
        user: DirectoryUserId::parse(user),
        change,
        active: None,
        profile: None,
        groups: None,
        roles: None,
    }
}

const ACME: &str = "org_53879494091473415";
const ADA: &str = "diruser_53891546960887884";

#[test]
fn a_created_user_brings_everything() {
    let envelope = envelope(
        "evt_53891546994442316",
        "organization.directory.user_created",
        "2025-01-06T18:44:25.153954Z",
        ACME,
    );
    let user_payload = UserPayload {
        active: Some(true),
        profile: Some(ada(Some("Ada Lovelace"))),
        groups: Some(vec![group("dirgroup_38862741498233423", "Avengers")]),
        roles: Some(vec!["billing_admin".into()]),
        ..thin(ADA, Change::Created)
    };
    assert_eq!(
        payload!("organization.directory.user_created"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn a_captured_okta_user_is_in_no_groups() {
    let envelope = envelope(
        "evt_111962867057559304",
        "organization.directory.user_created",
        "2026-02-11T09:31:09.190748Z",
        "org_111960706403795990",
    );
    let user_payload = UserPayload {
        active: Some(true),
        profile: Some(Profile {
            external_id: Some("00u1010p7z3iTcjOG698".into()),
            ..ada(Some("Ada Lovelace"))
        }),
        groups: Some(vec![]),
        roles: Some(vec!["member".into()]),
        ..thin("diruser_111962867007293192", Change::Created)
    };
    assert_eq!(
        payload!("organization.directory.user_created.okta-captured-shape"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn an_updated_user_brings_all_groups() {
    let envelope = envelope(
        "evt_53891546994442317",
        "organization.directory.user_updated",
        "2025-01-06T18:45:25.153954Z",
        ACME,
    );
    let user_payload = UserPayload {
        active: Some(true),
        profile: Some(ada(Some("Ada King"))),
        groups: Some(vec![
            group("dirgroup_38862741498233423", "Avengers"),
            group("dirgroup_40072007005503806", "Admins"),
        ]),
        roles: Some(vec!["billing_admin".into()]),
        ..thin(ADA, Change::Updated)
    };
    assert_eq!(
        payload!("organization.directory.user_updated"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn a_deactivated_user_is_inactive() {
    let envelope = envelope(
        "evt_53891546994442319",
        "organization.directory.user_updated",
        "2025-01-06T18:47:25.153954Z",
        ACME,
    );
    let user_payload = UserPayload {
        active: Some(false),
        profile: Some(ada(Some("Ada King"))),
        groups: Some(vec![]),
        roles: Some(vec!["billing_admin".into()]),
        ..thin(ADA, Change::Updated)
    };
    assert_eq!(
        payload!("organization.directory.user_updated.deactivated-constructed"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn a_deleted_user_is_thin() {
    let envelope = envelope(
        "evt_53891546994442318",
        "organization.directory.user_deleted",
        "2025-01-06T18:46:25.153954Z",
        ACME,
    );
    let user_payload = UserPayload { profile: Some(ada(None)), ..thin(ADA, Change::Deleted) };
    assert_eq!(
        payload!("organization.directory.user_deleted"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn a_user_of_2024_has_another_type_and_nanoseconds() {
    let envelope = envelope(
        "evt_12345678901234567",
        "scalekit.dir.user.create",
        "2023-04-15T14:30:45.123456789Z",
        "org_12345678901234567",
    );
    let user_payload = UserPayload {
        active: Some(true),
        profile: Some(Profile {
            external_id: Some("00u1010p7z3iTcjOG698".into()),
            ..ada(Some("Ada Lovelace"))
        }),
        groups: Some(vec![]),
        ..thin("diruser_98765432109876543", Change::Created)
    };
    assert_eq!(
        payload!("legacy-scalekit.dir.user.create"),
        event(envelope, EventPayload::User(user_payload))
    );
}

#[test]
fn the_guides_users_are_read_too() {
    let created = "organization.directory.user_created";
    assert_eq!(
        payload!("docs-variant-user_created.user_id"),
        event(
            envelope("evt_123456789", created, "2024-08-21T10:20:17.072Z", "org_123456789"),
            EventPayload::User(UserPayload {
                profile: Some(profile("user@example.com", Some("John Doe"))),
                ..thin("usr_123456789", Change::Created)
            }),
        )
    );
    assert_eq!(
        payload!("simplified-quickstart.user_created"),
        event(
            envelope("evt_1234567890", created, "2024-01-15T10:30:00Z", "org_12345"),
            EventPayload::User(UserPayload {
                profile: Some(profile("john.doe@company.com", Some("John Doe"))),
                ..thin("", Change::Created)
            }),
        )
    );
}

#[test]
fn the_skills_users_come_change_and_go() {
    let created = "organization.directory.user_created";
    let john = |name| profile("john@company.com", name);
    assert_eq!(
        payload!("simplified-skill.user_created"),
        event(
            envelope("evt_1234567890", created, "2026-02-09T10:30:00Z", "org_xyz789"),
            EventPayload::User(UserPayload {
                active: Some(true),
                profile: Some(john(Some("John Doe"))),
                ..thin("user_abc123", Change::Created)
            }),
        )
    );
    assert_eq!(
        payload!("simplified-skill.user_updated"),
        event(
            envelope(
                "evt_1234567891",
                "organization.directory.user_updated",
                "2026-02-09T10:31:00Z",
                "org_xyz789"
            ),
            EventPayload::User(UserPayload {
                active: Some(false),
                profile: Some(john(Some("John Doe"))),
                ..thin("user_abc123", Change::Updated)
            }),
        )
    );
    assert_eq!(
        payload!("simplified-skill.user_deleted"),
        event(
            envelope(
                "evt_1234567892",
                "organization.directory.user_deleted",
                "2026-02-09T10:32:00Z",
                "org_xyz789"
            ),
            EventPayload::User(UserPayload {
                profile: Some(john(None)),
                ..thin("user_abc123", Change::Deleted)
            }),
        )
    );
}

#[test]
fn the_cookbooks_users_have_no_time() {
    let jane = |change| {
        EventPayload::User(UserPayload {
            profile: Some(profile("jane.roe@company.com", Some("Jane Roe"))),
            ..thin("diruser_51", change)
        })
    };
    assert_eq!(
        payload!("simplified-cookbook.user_created"),
        event(
            envelope("evt_1234567897", "organization.directory.user_created", "", "org_12345"),
            jane(Change::Created)
        )
    );
    assert_eq!(
        payload!("simplified-cookbook.user_deleted"),
        event(
            envelope("evt_1234567898", "organization.directory.user_deleted", "", "org_12345"),
            jane(Change::Deleted)
        )
    );
}

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
