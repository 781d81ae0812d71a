use super::{harmless::is_time, *};

const BODY: &str = r#"{"type":"organization.directory.user_created", "id":"evt_1","n":1.10,"data":{"id":"diruser_1","email":"ada@acme.test","name":"Ada \"L\" }","active":true,"groups":[],"roles":[{"role_name":"admin"}],"raw_attributes":{"id":"secret","active":true,"emails":["ada@acme.test"]}}}"#;

#[test]
fn a_body_is_printed_as_it_came() {
    let printed = printed(BODY.as_bytes(), Personal::Shown).unwrap();

    assert!(
        printed.starts_with("{\n  \"type\": \"organization.directory.user_created\",\n  \"id\": \"evt_1\",\n  \"n\": 1.10,\n"),
        "{printed}"
    );
    assert!(printed.contains("\"groups\": [],\n"), "{printed}");
    let (before, after): (serde_json::Value, serde_json::Value) =
        (serde_json::from_str(BODY).unwrap(), serde_json::from_str(&printed).unwrap());
    assert_eq!(before, after);
}

#[test]
fn what_may_be_about_a_person_is_hidden() {
    let printed = printed(BODY.as_bytes(), Personal::Hidden).unwrap();

    for secret in ["ada", "Ada", "secret"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
    for shown in [
        "\"id\": \"diruser_1\"",
        "\"active\": true",
        "\"role_name\": \"admin\"",
        "\"email\": \"•••\"",
        "\"•••\": \"•••\"",
    ] {
        assert!(printed.contains(shown), "{shown}: {printed}");
    }
}

#[test]
fn an_address_in_place_of_an_id_is_hidden() {
    for id in ["ada@acme.test", "ada\\u0040acme.test", "Ada Lovelace"] {
        let body = format!(r#"{{"data":{{"id":"{id}"}}}}"#);
        assert_eq!(
            printed(body.as_bytes(), Personal::Hidden).unwrap(),
            "{\n  \"data\": {\n    \"id\": \"•••\"\n  }\n}"
        );
    }
}

#[test]
fn personal_data_are_hidden_wherever_they_stand() {
    let body = r#"{"type":"ada@acme.test","id":"Ada","ada@acme.test":1,"Ada":{"id":"ada.lovelace"},"data":{"external_id":"ada-1",
        "dp_id":"ada2","occurred_at":"ada","object":"Ada L","raw_attributes":{"id":"dir_ada","type":"ada"},"added_members":["ada"]}}"#;

    let printed = printed(body.as_bytes(), Personal::Hidden).unwrap();

    assert!(!printed.to_lowercase().contains("ada"), "{printed}");
    assert!(
        printed.contains("\"external_id\": \"•••\"") && printed.contains("\"•••\": \"•••\""),
        "{printed}"
    );
}

#[test]
fn ids_times_and_types_look_the_part() {
    assert!(is_made_id("diruser_92165446") && is_made_id("evt_01k_x") && is_made_id("dlv_01K"));
    for bad in [
        "",
        "ada",
        "_1",
        "x_1",
        "jane_doe",
        "diruser_",
        "Ada_1",
        "a@b_c",
        "diruser_a@b",
        "diruser_ä",
        "email:ada_1",
    ] {
        assert!(!is_made_id(bad), "{bad}");
    }
    assert!(is_kind("organization.directory.user_created") && is_kind("scalekit.dir.user.create"));
    for bad in ["", "Ada", "ada@acme.test", "ada lovelace", "ada%40acme.test", "ad\u{e4}"] {
        assert!(!is_kind(bad), "{bad}");
    }
    assert!(
        is_time("2025-12-09T09:25:02.025330364Z")
            && is_time("1790000000")
            && !is_time("ada")
            && !is_time("1 Ada")
    );
}

#[test]
fn what_cannot_be_seen_is_printed_as_an_escape() {
    let printed = printed("[\"a\u{202e}b\u{200b}\u{e0041}\"]".as_bytes(), Personal::Shown).unwrap();

    assert_eq!(printed, "[\n  \"a\\u202eb\\u200b\\udb40\\udc41\"\n]");
}

#[test]
fn what_is_no_json_is_none() {
    for bad in [&b"not json"[..], b"", b"{", b"\xff", "[".repeat(200_000).as_bytes()] {
        assert_eq!(printed(bad, Personal::Shown), None);
    }
    assert_eq!(printed(b" [1,\n{}] ", Personal::Shown).as_deref(), Some("[\n  1,\n  {}\n]"));
}

#[test]
fn an_endless_body_is_cut() {
    let long = format!("[\"{}\"]", "ü".repeat(300_000));

    let shown = printed(long.as_bytes(), Personal::Shown).unwrap();

    assert!(shown.len() < 200_010 && shown.ends_with('…'));
}
