//! A search finds a name in every spelling that looks the same, and an invisible name counts as no
//! name.

use domain::organization::SeatLimit;
use seatkeeper::{jobs::search_keys, queries};
use views::{OverviewQuery, PeopleQuery};

use crate::support::world::{ACME, TestApp, scope, staff, stories};

stories! {
    a_name_is_found_whichever_way_it_is_written,
    keys_of_an_older_release_are_made_anew_once,
    a_name_that_cannot_be_seen_is_none,
}

/// A user of `ACME` with this name.
async fn named(world: &TestApp, id: &str, name: &str) {
    let body = world.body(ACME, id, "organization.directory.user_created", "");
    let old = format!("\"name\":\"{id}\"");
    let new = format!("\"name\":{}", serde_json::Value::from(name));
    assert!(world.post(&body.replace(&old, &new)).await.is_success());
}

/// The ids of the users that a search finds.
async fn found(world: &TestApp, search: &str) -> Vec<String> {
    let query = PeopleQuery { search: search.to_owned(), ..PeopleQuery::default() };
    let people = queries::people(&world.state, &scope(ACME), &query).await.unwrap();
    people.rows.into_iter().map(|row| row.user.to_string()).collect()
}

async fn a_name_is_found_whichever_way_it_is_written(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let names =
        ["İstanbul Işık", "Jose\u{301}", "Straße", "Ａｄａ", "Zo\u{200b}e\u{308}", "O’Brien"];
    for (n, name) in names.iter().enumerate() {
        named(&world, &format!("p{n}"), name).await;
    }
    for (search, id) in [
        ("istanbul", "p0"),
        ("ISTANBUL isik", "p0"),
        ("İSTANBUL", "p0"),
        ("jose", "p1"),
        ("JOSÉ", "p1"),
        ("strasse", "p2"),
        ("STRASSE", "p2"),
        ("ada", "p3"),
        ("zoe", "p4"),
        ("Zoë", "p4"),
        ("Zo\u{200b}e", "p4"),
        ("o'brien", "p5"),
    ] {
        assert_eq!(found(&world, search).await, [format!("diruser_{id}")], "{search}");
    }
    let body = r#"{"id":"evt_o","type":"organization.updated","organization_id":"org_1001","data":{"id":"org_1001","display_name":"İzmir A.Ş."}}"#;
    world.post(body).await;
    let query = OverviewQuery { search: "izmir a.s.".to_owned(), ..OverviewQuery::default() };
    let sam = staff().staff().unwrap();
    assert_eq!(queries::overview(&world.state, &sam, &query).await.unwrap().counts.all, 1);
}

async fn keys_of_an_older_release_are_made_anew_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    named(&world, "p0", "José").await;
    named(&world, "p1", "Ada").await;
    world
        .tamper(
            "update directory_users set search_key = 'josé p0@acme.test' where id = 'diruser_p0'",
        )
        .await;
    assert!(found(&world, "jose").await.is_empty());

    assert_eq!(search_keys::work_off(&world.state).await.unwrap(), 1);

    assert_eq!(found(&world, "jose").await, ["diruser_p0"]);
    world
        .tamper(
            "update directory_users set search_key = 'josé p0@acme.test' where id = 'diruser_p0'",
        )
        .await;
    assert_eq!(search_keys::work_off(&world.state).await.unwrap(), 0, "once");
}

async fn a_name_that_cannot_be_seen_is_none(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    named(&world, "ada", "\u{200b}\u{3164}").await;
    named(&world, "bob", "Bob\u{202e}").await;
    let body = r#"{"id":"evt_o","type":"organization.updated","organization_id":"org_1001","data":{"id":"org_1001","display_name":"\u200b"}}"#;
    world.post(body).await;

    let people = world.people(ACME).await;
    let ada = people.iter().find(|row| row.user.as_str() == "diruser_ada").unwrap();
    assert!(ada.name.is_none() && ada.email.as_ref().unwrap() == "ada@acme.test", "{ada:?}");
    let page = world.page(ACME).await;
    assert_eq!(page.name, ACME, "shown as its id");
    let bob = page.waitlist[0].name.clone().unwrap();
    assert_eq!((bob.as_str(), bob.whole()), ("Bob\u{fffd}", Some("Bob\\u{202e}")));
}
