//! Every sample payload about a user, with exactly what is read from it.

use super::*;
use crate::domain::attribute::Attributes;

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
        attributes: None,
    }
}

const ADA: &str = "diruser_53891546960887884";

fn attributes(all: &[(&str, &str)]) -> Attributes {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const OXFORD_LANE: &str = r#"{"formatted":"123, Oxford Lane, Kansas City, Missouri, 64112","postal_code":"64112","state":"Missouri"}"#;

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
        attributes: Some(attributes(&[
            ("cost_center", "CC-1042"),
            ("department", "Engineering"),
            ("division", "Platform"),
            ("employee_id", "E-00815"),
            ("language", "en"),
            ("locale", "en-US"),
            ("mobile_phone_number", "1-579-4072"),
            ("nickname", "Ada"),
            ("organization", "Acme Corp"),
            ("phone_number", "1-579-4072"),
            ("profile", "https://acme.example/people/ada"),
            ("title", "Staff Engineer"),
            ("user_type", "Employee"),
            ("zoneinfo", "Europe/London"),
        ])),
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
        attributes: Some(attributes(&[
            ("active", "true"),
            ("displayName", "Ada Lovelace"),
            ("emails", r#"[{"primary":true,"type":"work","value":"ada.lovelace@acme.example"}]"#),
            ("externalId", "00u1010p7z3iTcjOG698"),
            ("groups", "[]"),
            ("locale", "en-US"),
            ("name", r#"{"familyName":"Lovelace","givenName":"Ada"}"#),
            ("schemas", r#"["urn:ietf:params:scim:schemas:core:2.0:User"]"#),
            ("userName", "ada.lovelace@acme.example"),
        ])),
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
        attributes: Some(attributes(&[
            ("address", OXFORD_LANE),
            ("attribute1", "value1"),
            ("attribute2", "value2"),
            ("nickname", "Ada"),
            ("phone_number", "1234567892"),
            ("picture", "https://image.example/profile.jpg"),
        ])),
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
        attributes: Some(attributes(&[
            ("active", "false"),
            ("address", OXFORD_LANE),
            ("attribute1", "value1"),
            ("attribute2", "value2"),
            ("nickname", "Ada"),
            ("phone_number", "1234567892"),
            ("picture", "https://image.example/profile.jpg"),
            ("userName", "ada.lovelace@acme.example"),
        ])),
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
        attributes: Some(attributes(&[
            ("active", "true"),
            ("displayName", "Ada Lovelace"),
            ("emails", r#"["ada.lovelace@acme.example"]"#),
            ("externalId", "00uxyz123abcdefg4567"),
            ("locale", "en-US"),
            ("userName", "ada.lovelace@acme.example"),
        ])),
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
