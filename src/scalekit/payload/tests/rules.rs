//! Rules that no sample shows: which field comes first, and the result of wrong types and missing
//! fields.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::property::cases;

/// Reads a body of one type about `org_1` with this data. Returns the payload, or the sentence of
/// the error.
fn data(kind: &str, data: &Value) -> Result<EventPayload, String> {
    body(&json!({"id": "evt_1", "type": kind, "organization_id": "org_1", "data": data}))
        .map(|event| event.payload)
}

fn body(body: &Value) -> Result<Event, String> {
    match read(body.to_string().as_bytes()) {
        ParsedBody::Event(event) => Ok(*event),
        ParsedBody::Unknown(envelope) => Err(format!("unknown {}", envelope.kind)),
        ParsedBody::Unreadable { why, .. } => Err(why),
    }
}

fn user(data_: &Value) -> UserPayload {
    match data("organization.directory.user_updated", data_) {
        Ok(EventPayload::User(user_payload)) => user_payload,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_listed_type_is_read() {
    assert!(KINDS.into_iter().all(is_known));
    assert!(!is_known("user.login"));
}

#[test]
fn old_names_mean_what_the_new_ones_mean() {
    for (old, new) in [
        ("scalekit.dir.user.create", "organization.directory.user_created"),
        ("scalekit.dir.user.update", "organization.directory.user_updated"),
        ("scalekit.dir.user.delete", "organization.directory.user_deleted"),
        ("scalekit.dir.group.create", "organization.directory.group_created"),
        ("scalekit.dir.group.update", "organization.directory.group_updated"),
        ("scalekit.dir.group.delete", "organization.directory.group_deleted"),
        ("scalekit.dir.sync.enable", "organization.directory_enabled"),
        ("scalekit.dir.sync.disable", "organization.directory_disabled"),
        ("scalekit.org.create", "organization.created"),
    ] {
        let with = json!({"id": "org_1"});
        assert_eq!(data(old, &with), data(new, &with));
        assert!(data(old, &with).is_ok(), "{old}");
    }
}

#[test]
fn absent_null_and_empty_groups_differ() {
    let groups = |groups: Value| user(&json!({"id": "u", "groups": groups})).groups;
    assert_eq!(user(&json!({"id": "u"})).groups, None);
    assert_eq!(groups(Value::Null), Some(vec![]));
    assert_eq!(groups(json!([])), Some(vec![]));
    assert_eq!(groups(json!("all people")), None);
    let many = |count: usize| groups((0..count).map(|n| json!(format!("g{n}"))).collect());
    assert_eq!(many(5_000).map(|groups| groups.len()), Some(5_000));
    assert_eq!(many(5_001), None, "it says nothing");
    let mixed = json!([{"id": "g1", "display_name": "One"}, {"name": "no id"}, "g2", {"id": 3}, {"id": "g1"}, null]);
    assert_eq!(
        groups(mixed),
        Some(vec![group("g1", "One"), (GroupId::new("g2"), None), (GroupId::new("3"), None)])
    );
}

#[test]
fn roles_are_names() {
    let roles = |roles: Value| user(&json!({"id": "u", "roles": roles})).roles;
    assert_eq!(user(&json!({"id": "u"})).roles, None);
    assert_eq!(roles(Value::Null), Some(vec![]));
    assert_eq!(
        roles(json!([{"role_name": "admin"}, "admin", {"role_name": ""}, 7, "member"])),
        Some(vec!["admin".into(), "member".into()])
    );
}

#[test]
fn absent_is_not_off() {
    let active = |fields: Value| user(&fields).active;
    assert_eq!(active(json!({"id": "u"})), None);
    assert_eq!(
        active(json!({"id": "u", "active": null, "raw_attributes": {"active": false}})),
        Some(false)
    );
    assert_eq!(
        active(json!({"id": "u", "active": true, "raw_attributes": {"active": false}})),
        Some(true)
    );
    assert_eq!(
        active(json!({"id": "u", "active": 0, "raw_attributes": {"active": "False"}})),
        Some(false)
    );
    assert_eq!(active(json!({"id": "u", "active": "no", "raw_attributes": []})), None);
}

#[test]
fn a_name_is_pieced_together_but_never_an_address() {
    let name = |mut fields: Value| {
        fields["id"] = json!("u");
        fields["email"] = json!(" ada@acme.test ");
        let profile = user(&fields).profile.unwrap();
        assert_eq!(profile.email.as_deref(), Some("ada@acme.test"));
        profile.name
    };
    assert_eq!(name(json!({"name": " Ada ", "given_name": "No"})).as_deref(), Some("Ada"));
    assert_eq!(
        name(json!({"name": "", "given_name": "Ada", "family_name": "King"})).as_deref(),
        Some("Ada King")
    );
    assert_eq!(name(json!({"family_name": "King"})).as_deref(), Some("King"));
    assert_eq!(name(json!({"name": 7, "preferred_username": "ada"})).as_deref(), Some("ada"));
    assert_eq!(name(json!({})), None);
    assert_eq!(name(json!({"name": "A\u{0}a"})).as_deref(), Some("A\u{fffd}a"));
    assert_eq!(name(json!({"name": "é".repeat(600)})).unwrap().len(), 1_000);
    assert_eq!(name(json!({"name": format!("x{}", "é".repeat(600))})).unwrap().len(), 999);
}

#[test]
fn the_envelope_names_the_organization_before_the_data_does() {
    let kind = "organization.directory.user_created";
    let read = |envelope: &str, inner: &str| {
        let event = body(
            &json!({"type": kind, "organization_id": envelope, "data": {"id": "u", "organization_id": inner}}),
        )?;
        Ok((event.envelope.organization.unwrap().to_string(), event.mismatch))
    };
    assert_eq!(read("org_1", "org_1"), Ok(("org_1".into(), false)));
    assert_eq!(read("", "org_2"), Ok(("org_2".into(), false)));
    assert_eq!(read("org_1", "org_2"), Ok(("org_1".into(), true)));
    assert_eq!(read("", ""), Err("The event names no organization.".to_owned()));
}

#[test]
fn an_organizations_event_may_name_it_by_its_own_id() {
    let kind = "organization.updated";
    let own = body(&json!({"type": kind, "data": {"id": "org_9", "external_id": 42}})).unwrap();
    assert_eq!((own.envelope.organization, own.mismatch), (OrganizationId::parse("org_9"), false));
    assert_eq!(
        own.payload,
        EventPayload::Organization {
            name: None,
            external_id: Some("42".into()),
            change: Change::Updated
        }
    );
    assert!(
        body(&json!({"type": kind, "organization_id": "org_1", "data": {"id": "org_9"}}))
            .unwrap()
            .mismatch
    );
}

#[test]
fn numbers_are_ids_too() {
    assert_eq!(user(&json!({"id": 42})).user, DirectoryUserId::parse("42"));
    let event =
        body(&json!({"id": 7, "type": "organization.created", "organization_id": 1})).unwrap();
    assert_eq!(
        (event.envelope.event, event.envelope.organization),
        (EventId::parse("7"), OrganizationId::parse("1"))
    );
}

#[test]
fn the_time_may_be_called_timestamp_and_may_be_missing() {
    let at = |fields: Value| {
        let mut whole = json!({"type": "organization.created", "organization_id": "org_1"});
        whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body(&whole).unwrap().envelope.occurred_at
    };
    let (early, late) = ("2026-01-01T00:00:00.000000001Z", "2026-01-02T00:00:00Z");
    assert_eq!(at(json!({"occurred_at": early, "timestamp": late})), Timestamp::parse(early));
    assert_eq!(at(json!({"occurred_at": "yesterday", "timestamp": late})), Timestamp::parse(late));
    assert_eq!(at(json!({"occurred_at": null, "timestamp": ""})), None);
    for bad in [
        json!(5),
        json!("2026-01-01"),
        json!("1767225600"),
        json!(["2026-01-01T00:00:00Z"]),
        json!("9999-01-01T00:00:00Z"),
    ] {
        let whole =
            json!({"type": "organization.created", "organization_id": "org_1", "occurred_at": bad});
        assert_eq!(
            body(&whole).unwrap_err(),
            "What stands in “occurred_at” cannot be read as a time."
        );
    }
}

#[test]
fn what_lacks_its_key_is_a_dead_letter_with_a_sentence() {
    let neither = "The user has neither an id nor an e-mail address.";
    for kind in ["created", "updated", "deleted"] {
        let kind = format!("organization.directory.user_{kind}");
        assert_eq!(data(&kind, &json!({"name": "No Id"})).unwrap_err(), neither);
        assert_eq!(data(&kind, &json!([])).unwrap_err(), neither);
        assert_eq!(data(&kind, &json!({"id": null, "email": ""})).unwrap_err(), neither);
        assert_eq!(data(&kind, &json!({"email": "x".repeat(255)})).unwrap_err(), neither);
    }
    let user = |fields| data("organization.directory.user_created", &fields).unwrap_err();
    for id in [
        json!({}),
        json!(true),
        json!(1.5),
        json!("a b"),
        json!("nul\u{0}"),
        json!("x".repeat(401)),
    ] {
        assert_eq!(
            user(json!({"id": id, "email": "ada@acme.test"})),
            "What stands in “id” cannot be an id."
        );
    }
    assert_eq!(
        user(json!({"email": "ada at acme"})),
        "The user has no id, and an e-mail address that cannot stand in for one."
    );
    assert_eq!(
        data("organization.directory.group_deleted", &json!({"name": "All"})).unwrap_err(),
        "The group has no id."
    );
    assert_eq!(
        data("organization.directory.group_membership_updated", &json!({})).unwrap_err(),
        "The group has no id."
    );
    assert_eq!(
        data("organization.directory_enabled", &json!({})).unwrap_err(),
        "The directory has no id."
    );
}

#[test]
fn a_dead_letter_still_says_what_it_can_about_itself() {
    let body = json!({"id": "evt_1", "type": "organization.directory.user_created", "data": {"organization_id": "org_1"}});
    let ParsedBody::Unreadable { envelope: found, .. } = read(body.to_string().as_bytes()) else {
        panic!()
    };
    assert_eq!(found, Some(envelope("evt_1", "organization.directory.user_created", "", "org_1")));
}

#[test]
fn an_unknown_type_differs_from_nonsense() {
    let login = json!({"id": "evt_1", "type": "user.login", "organization_id": [], "data": 5, "occurred_at": "2026-01-01T00:00:00Z"});
    assert_eq!(
        read(login.to_string().as_bytes()),
        ParsedBody::Unknown(envelope("evt_1", "user.login", "2026-01-01T00:00:00Z", ""))
    );
    let why = |bytes: &[u8]| match read(bytes) {
        ParsedBody::Unreadable { why, .. } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(b"[]"), "The body is JSON, but not an object.");
    assert_eq!(why(b"{\"type\":7}"), "The body names no type of event.");
    assert_eq!(why(b""), "The body is not JSON: EOF while parsing a value at line 1 column 0.");
    assert_eq!(
        why("[".repeat(100_000).as_bytes()),
        "The body is not JSON: EOF while parsing a list at line 1 column 100000."
    );
}

/// Any JSON, so that every field gets every type.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0} a-zé@.]{0,500}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop::sample::select(vec!["id", "name", "email", "active", "role_name", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

fn envelope_field() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["id", "organization_id", "occurred_at", "timestamp"])
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        read(&bytes);
    }

    #[test]
    fn no_field_of_any_type_makes_it_panic_or_leaves_a_nul(
        kind in prop::sample::select(vec![
            "organization.directory.user_created", "organization.directory.user_deleted", "organization.directory.group_updated",
            "organization.directory.group_membership_updated", "organization.directory_enabled", "organization.deleted", "role.created",
        ]),
        envelope in prop::collection::vec((envelope_field(), any_json()), 0..4),
        data in prop::collection::vec((prop::sample::select(vec![
            "id", "user_id", "group_id", "organization_id", "directory_id", "email", "name", "given_name", "family_name", "dp_id", "active",
            "groups", "roles", "raw_attributes", "added_members", "display_name", "external_id", "provider",
        ]), any_json()), 0..8),
    ) {
        let mut body: serde_json::Map<_, _> =
            envelope.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        body.insert("type".into(), kind.into());
        let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        body.insert("data".into(), data);
        let found = format!("{:?}", read(Value::Object(body).to_string().as_bytes())).replace("\\\\", "");
        prop_assert!(!found.contains("\\0"), "{}", found);
    }
}
