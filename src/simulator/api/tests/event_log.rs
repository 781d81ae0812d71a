//! Directories that are switched off and on, and the log of all events.

use super::{shapes::assert_shaped, *};

#[tokio::test]
async fn a_directory_is_switched_off_and_on_and_the_log_lists_it() {
    let caller = Caller::acme(1, 2).await;
    let directory = caller.directory(0);

    assert_eq!(
        caller.patch(&format!("{directory}:enable")).await,
        (200, sample!("directory_enable.already_enabled"))
    );
    assert_eq!(
        caller.patch(&format!("{directory}:disable")).await,
        (200, sample!("directory_disable"))
    );
    assert_eq!(
        caller.patch(&format!("{directory}:enable")).await,
        (200, sample!("directory_enable"))
    );
    assert_eq!(caller.patch(&format!("{directory}:explode")).await.0, 404);

    let (_, log) = caller.events("", &json!({})).await;
    let kinds: Vec<_> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["organization.directory_enabled", "organization.directory_disabled"]);
}

#[tokio::test]
async fn the_event_log_is_read_back_page_by_page_the_newest_first() {
    let caller = Caller::acme(2, 0).await;
    let organization = OrganizationId::new("org_1");
    caller.simulator.change(|world, now| world.burst(&organization, 120, now));
    let noon = NOW.plus(Duration::from_hours(1));
    caller.clock.pass(Duration::from_hours(2));
    caller.simulator.change(|world, now| world.delete_organization(&organization, now));

    let (_, first) = caller.events("?page_size=1000", &sample!("events_paginated.request")).await;
    assert_eq!(first["events"].as_array().unwrap().len(), 0, "of another organization");
    let (_, first) = caller.events("?page_size=1000", &json!({"source": "DIR_SYNC"})).await;
    let (_, rest) = caller
        .events(
            &format!("?page_size=100&page_token={}", first["next_page_token"].as_str().unwrap()),
            &json!({}),
        )
        .await;

    let times = |page: &Value| {
        let events = page["events"].as_array().unwrap().iter();
        events
            .map(|event| Timestamp::parse(event["occurred_at"].as_str().unwrap()).unwrap())
            .collect::<Vec<_>>()
    };
    let all = [times(&first), times(&rest)].concat();
    assert_eq!((times(&first).len(), all.len()), (100, 120));
    assert!(all.is_sorted_by(|newer, older| newer > older));
    assert_shaped(&rest, &sample!("events_paginated.response"), &["data"]);
    let (_, late) =
        caller.events("", &json!({"start_time": noon.rfc3339(), "event_types": null})).await;
    assert_eq!(late["events"].as_array().unwrap().len(), 1);
    assert_eq!(late["events"][0]["object"], json!("Organization"));
    for bad in [
        json!({"start_time": noon.rfc3339(), "end_time": NOW.rfc3339()}),
        json!({"source": "MARS"}),
        json!({"end_time": "soon"}),
        json!(3),
    ] {
        assert_eq!(caller.events("", &bad).await.0, 400, "{bad}");
    }
    assert_eq!(caller.events("?page_token=!", &json!({})).await.0, 400);
}
