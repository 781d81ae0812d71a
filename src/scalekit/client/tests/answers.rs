//! What is read from an answer, and what is no answer.

use super::*;

#[tokio::test]
async fn people_come_with_what_is_said_of_each() {
    let (scalekit, client) =
        Scalekit::saying(include_str!("../samples/directory_users_list.include_detail.json"))
            .open()
            .await;

    let page = client.users(&acme(), &DirectoryId::new("dir_1"), Some("a b")).await.unwrap();

    let path = format!(
        "/api/v1/organizations/{ACME}/directories/dir_1/users?page_size=30&include_detail=true&page_token=a+b"
    );
    assert_eq!(scalekit.asked()[1], path);
    assert_eq!((page.total, page.next, page.items.len()), (Some(3), None, 3));
    let alan = &page.items[2];
    assert_eq!(
        (alan.active, alan.groups.as_deref(), alan.roles.as_deref()),
        (Some(false), Some(&[][..]), Some(&["member".to_owned()][..]))
    );
    let grace = page.items[1].profile.as_ref().unwrap();
    assert_eq!(
        (grace.name.as_deref(), grace.external_id.as_deref()),
        (Some("Grace Hopper"), Some("00u6960887885"))
    );
}

#[tokio::test]
async fn without_detail_no_person_is_called_active_or_without_groups() {
    let (_, client) =
        Scalekit::saying(include_str!("../samples/directory_users_list.last_page.json"))
            .open()
            .await;

    let alan =
        client.users(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap().items.remove(0);

    assert_eq!((alan.active, alan.groups, alan.roles), (None, None, None));
    assert_eq!(alan.profile.unwrap().name.as_deref(), Some("Alan Turing"));
}

#[tokio::test]
async fn directories_groups_and_organizations_are_read() {
    let (_, client) =
        Scalekit::saying(include_str!("../samples/directories_list.json")).open().await;
    let directories = client.directories(&acme()).await.unwrap();
    let okta = Directory {
        id: DirectoryId::new("dir_53879621145330183"),
        provider: Some("OKTA".into()),
        enabled: true,
        people: Some(3),
    };
    assert_eq!(directories.items, [okta]);

    let (_, client) =
        Scalekit::saying(include_str!("../samples/directory_groups_list.json")).open().await;
    let groups = client.groups(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap();
    assert_eq!(
        groups.items.iter().filter_map(|group| group.name.as_deref()).collect::<Vec<_>>(),
        ["Avengers", "Admins"]
    );

    let (_, client) =
        Scalekit::saying(include_str!("../samples/organizations_list.json")).open().await;
    let organizations = client.organizations(None).await.unwrap();
    assert_eq!(organizations.items[1].name.as_deref(), Some("Globex GmbH"));

    let one = r#"{"organization":{"id":"org_53879494091473415","display_name":"Acme","external_id":"acme-1","slug":null}}"#;
    let (scalekit, client) = Scalekit::saying(one).open().await;
    let organization = client.organization(&acme()).await.unwrap();
    assert_eq!(
        (organization.name.as_deref(), organization.external_id.as_deref()),
        (Some("Acme"), Some("acme-1"))
    );
    assert_eq!(scalekit.asked()[1], format!("/api/v1/organizations/{ACME}"));
    assert!(
        client
            .organization(&OrganizationId::new("org_2"))
            .await
            .unwrap_err()
            .to_string()
            .contains("another organization")
    );
}

#[tokio::test]
async fn the_event_log_is_asked_from_one_moment_to_another() {
    let (scalekit, client) =
        Scalekit::saying(include_str!("../samples/events_paginated.response.json")).open().await;

    let page = client
        .events(
            (Timestamp::from_seconds(1_700_000_000), Timestamp::from_seconds(1_700_000_060)),
            None,
        )
        .await
        .unwrap();

    assert_eq!(page.items[0]["id"], "evt_53891546994442318");
    assert_eq!(page.next.as_deref(), Some("b3BhcXVlLW5leHQ"));
    let span = r#"{"end_time":"2023-11-14T22:14:20Z","start_time":"2023-11-14T22:13:20Z"}"#;
    assert_eq!(scalekit.asked()[1], format!("/api/v1/events/paginated?page_size=100 {span}"));
}

#[tokio::test]
async fn missing_null_and_empty_mean_the_same() {
    for body in [
        "{}",
        r#"{"users":null,"total_size":null,"next_page_token":null}"#,
        r#"{"users":[],"total_size":0,"next_page_token":""}"#,
    ] {
        let (_, client) = Scalekit::saying(body).open().await;
        let page = client.users(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap();
        assert_eq!(
            page,
            Page {
                items: Vec::new(),
                set_aside: Vec::new(),
                total: None,
                next: None,
                asked_at: client.shared.clock.now()
            },
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_an_answer_is_said_clearly() {
    for (body, says, calls) in [
        ("<html>", "is not JSON", 1 + 3), // a part may have been lost, so the call is retried
        ("[]", "not a JSON object", 1 + 1),
        (r#"{"users":{}}"#, "not a list", 1 + 1),
    ] {
        let (scalekit, client) = Scalekit::saying(body).open().await;
        let error = client.users(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap_err();
        assert!(error.to_string().contains(says), "{body}: {error}");
        assert_eq!((error.code(), scalekit.asked().len()), ("UNUSABLE_ANSWER", calls));
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_set_aside_and_spoils_no_other() {
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(10_000));
    for (strange, says) in [
        (r#"{"email":"ada@acme.test"}"#, "no id"),
        (r#"{"id":"diruser_1","user_detail":{"organization_id":"org_2"}}"#, "another organization"),
        (r#"{"id":"diruser_1","organization_id":"org_2"}"#, "another organization"),
        (r#"{"id":"diruser_1","user_detail":{"id":"diruser_2"}}"#, "two ids"),
        (r#"{"id":"diruser_1","email":"\ud83d@acme.test"}"#, "half a character"),
        (r#"{"id":true}"#, "cannot be one"),
        (r#"{"id":{"a":1}}"#, "cannot be one"),
        (&long, "cannot be one"),
        ("null", "not an object"),
        ("7", "not an object"),
        (r#"["diruser_1"]"#, "not an object"),
    ] {
        let body = format!(
            r#"{{"users":[{strange},{{"id":"diruser_9","user_detail":{{"active":true}}}}],"total_size":2}}"#
        );
        let (_, client) = Scalekit::saying(body.leak()).open().await;

        let page = client.users(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap();

        assert_eq!(page.items.len(), 1, "{strange}");
        assert!(
            page.set_aside.len() == 1 && page.set_aside[0].why.contains(says),
            "{strange}: {:?}",
            page.set_aside
        );
    }
}

#[tokio::test]
async fn a_group_that_cannot_be_read_leaves_a_persons_groups_as_they_are() {
    for groups in [
        r#"[{"id":"dirgroup_1"},{"name":"Without an id"}]"#,
        r#""Avengers""#,
        "[null]",
        r#"{"id":"dirgroup_1"}"#,
    ] {
        let body = format!(
            r#"{{"users":[{{"id":"diruser_1","user_detail":{{"active":true,"groups":{groups}}}}}]}}"#
        );
        let (_, client) = Scalekit::saying(body.leak()).open().await;

        let page = client.users(&acme(), &DirectoryId::new("dir_1"), None).await.unwrap();

        assert_eq!(
            (page.items[0].groups.clone(), page.set_aside.len(), page.set_aside[0].is_part),
            (None, 1, true),
            "{groups}"
        );
    }
}
