//! The feed of outgoing events: each change of a seat is one event, the numbers have no gap, and a
//! reader who goes on where it stopped misses nothing, whatever commits late and whatever crashes.

use std::{
    future::{Future, poll_fn},
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
    time::Duration,
};

use axum::http::StatusCode;
use domain::{
    access::OrganizationScope,
    id::{GroupId, OrganizationId},
    organization::SeatLimit,
    outgoing_event::{EventType, OutgoingEvent},
    role::{GroupRoles, RoleName},
    setting::SettingName,
};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use seatkeeper::{
    commands::{
        NewArchive, NewGroupRoles, archive_organization, number_events, restore_organization,
        set_group_roles,
    },
    jobs::{number_events as sequencer, role_changes},
    queries::{Events, EventsQuery, events_after, events_within},
    state::AppState,
};
use serde_json::{Value, json};

use crate::support::{
    seeds::{Named, fresh_seeds},
    world::{ACME, TestApp, operator, stories},
};

stories! {
    each_kind_of_change_is_an_event_with_what_the_product_needs,
    every_decision_that_changes_a_state_is_one_event_in_its_order,
    a_person_with_another_profile_or_other_attributes_is_updated_once,
    events_have_the_attributes_that_are_kept_and_none_that_are_too_much,
    roles_that_change_are_told,
    a_reader_misses_nothing_while_two_instances_commit_and_number,
    a_sequencer_that_dies_anywhere_leaves_no_gap,
}

pub const OTHER: &str = "org_1002";

pub async fn all(state: &AppState) -> Vec<OutgoingEvent> {
    sequencer::work_off(state).await.unwrap();
    after(state, None, 0).await.events
}

pub async fn after(
    state: &AppState,
    organization: Option<&OrganizationScope>,
    last: i64,
) -> Events {
    let query = EventsQuery { organization, types: &[], after: last, most: usize::MAX };
    events_after(state, query).await.unwrap()
}

pub async fn within(state: &AppState, query: EventsQuery<'_>, wait: Duration) -> Events {
    let look = |after| events_after(state, EventsQuery { after, ..query });
    events_within(state, query.after, wait, look).await.unwrap()
}

fn data(event: &OutgoingEvent) -> Value {
    let data: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(data["version"], 1);
    data
}

/// `seat.admitted ada null→provisioned`
pub fn told(event: &OutgoingEvent) -> String {
    let data = data(event);
    let name = data["user"]["name"].as_str().unwrap_or("-");
    format!("{} {name} {}→{}", event.kind, data["before"], data["after"]).replace('"', "")
}

async fn each_kind_of_change_is_an_event_with_what_the_product_needs(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for user in ["ada", "bob", "cy"] {
        world.joined(ACME, user).await;
    }
    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();
    world.left(ACME, "ada").await;
    world.deactivated(ACME, "cy").await;
    world.set_limit(ACME, SeatLimit::Unlimited).await.unwrap();
    let (organization, reason) = (OrganizationId::new(ACME), "They left".to_owned());
    let archive = NewArchive { organization, reason, expected: None };
    archive_organization(&world.state, &operator(), &archive).await.unwrap();
    restore_organization(&world.state, &operator(), &archive.organization).await.unwrap();

    let events = all(&world.state).await;

    assert_eq!(
        events.iter().map(told).collect::<Vec<_>>(),
        [
            "seat.admitted ada null→provisioned",
            "seat.admitted bob null→provisioned",
            "seat.blocked cy null→blocked",
            "seat_limit.changed - 2→1",
            "organization.over_limit - null→null",
            "seat.released ada provisioned→removed",
            "user.updated cy blocked→inactive",
            "seat_limit.changed - 1→unlimited",
            "seat.released bob provisioned→removed",
            "organization.archived - null→null",
            "seat_limit.changed - unlimited→null",
            "organization.restored - null→null",
        ]
    );
    assert_eq!(
        events[2].json().unwrap().replace(events[2].id.as_str(), "ID"),
        format!(
            r#"{{"sequence":3,"id":"ID","type":"seat.blocked","organization_id":"org_1001","occurred_at":"{}","data":{{"version":1,"user":{{"id":"diruser_cy","external_id":null,"email":"cy@acme.test","name":"cy","state":"blocked","roles":[],"attributes":{{}}}},"before":null,"after":"blocked","decision":{{"reason":"seats_taken","cause":"organization.directory.user_created","seat_limit":2,"used":2,"revision":4,"ordinal":0}}}}}}"#,
            events[2].occurred_at.rfc3339()
        )
    );
    let over = data(&events[4]);
    assert_eq!(
        (&over["seat_limit"], &over["used"], &over["over"]),
        (&1.into(), &2.into(), &1.into())
    );
}

/// What the decisions say, as `org revision ordinal before→after`, in their order.
const DECIDED: &str = "select organization_id || ' ' || cast(revision as text) || ' ' || \
    cast(ordinal as text) || ' ' || coalesce(from_state, 'null') || '→' || to_state \
    from decisions where from_state is null or from_state <> to_state \
    order by organization_id, revision, ordinal";

fn decided(event: &OutgoingEvent) -> Option<String> {
    let data = data(event);
    let decision = data["decision"].as_object()?;
    let text = format!(
        "{} {} {} {}→{}",
        event.organization,
        decision["revision"],
        decision["ordinal"],
        data["before"],
        data["after"]
    );
    Some(text.replace('"', ""))
}

pub fn no_gap_and_in_order(events: &[OutgoingEvent]) {
    let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
}

/// The events are the decisions, and those of each organization are in their order.
async fn events_are_decisions(world: &TestApp, events: &[OutgoingEvent]) {
    no_gap_and_in_order(events);
    let mut events: Vec<&OutgoingEvent> = events.iter().collect();
    events.sort_by_key(|event| event.organization.clone()); // stable
    let told: Vec<String> = events.into_iter().filter_map(decided).collect();
    assert!(told.len() > 10, "{}", told.len());
    assert_eq!(told, world.texts(DECIDED).await);
}

async fn every_decision_that_changes_a_state_is_one_event_in_its_order(world: TestApp) {
    for seed in fresh_seeds(2) {
        let _named = Named(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        for organization in [ACME, OTHER] {
            world.organization(&format!("{organization}_{seed}"), SeatLimit::Seats(3)).await;
        }
        let mut read = after(&world.state, None, 0).await;
        for _ in 0..60 {
            let organization = format!("{}_{seed}", [ACME, OTHER][rng.random_range(0..2)]);
            let user = format!("u{}", rng.random_range(0..8));
            match rng.random_range(0..10) {
                0..5 => drop(world.joined(&organization, &user).await),
                5..7 => drop(world.deactivated(&organization, &user).await),
                7 => drop(world.left(&organization, &user).await),
                8 => {
                    let limit = SeatLimit::Seats(rng.random_range(0..6));
                    drop(world.set_limit(&organization, limit).await);
                }
                _ => {
                    sequencer::work_off(&world.state).await.unwrap();
                    read.events.extend(after(&world.state, None, read.next).await.events);
                    read.next = read.events.last().map_or(0, |event| event.sequence);
                }
            }
        }
        let events = all(&world.state).await;

        events_are_decisions(&world, &events).await;
        assert_eq!(read.events, events[..read.events.len()], "what was read stays as it was");
    }
}

async fn a_person_with_another_profile_or_other_attributes_is_updated_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.change_setting(SettingName::KeptAttributes, "department").await.unwrap();
    world.joined(ACME, "ada").await;
    let before = all(&world.state).await.len();
    let kind = "organization.directory.user_updated";
    for department in ["Sales", "Sales", "IT"] {
        world.clock.pass(Duration::from_secs(1));
        let said = format!(r#""raw_attributes":{{"department":"{department}"}},"#);
        assert_eq!(world.post(&world.body(ACME, "ada", kind, &said)).await, StatusCode::OK);
    }
    world.clock.pass(Duration::from_secs(1));
    let renamed = world.body(ACME, "ada", kind, "").replace("ada@acme.test", "ada@b.test");
    world.post(&renamed).await;
    world.clock.pass(Duration::from_secs(1));
    world.post(&renamed.replace("evt_", "evt_9")).await;

    let events = all(&world.state).await.split_off(before);

    let changed = |event: &OutgoingEvent| (event.kind, data(event)["changed"].to_string());
    let attributes = (EventType::UserUpdated, r#"["attributes"]"#.to_owned());
    let email = (EventType::UserUpdated, r#"["email"]"#.to_owned());
    let told: Vec<_> = events.iter().map(changed).collect();
    assert_eq!(told, [attributes.clone(), attributes, email]);
    let user = &data(&events[2])["user"];
    assert_eq!(user["email"], "ada@b.test");
    let attributes: Vec<Value> =
        events.iter().map(|event| data(event)["user"]["attributes"].clone()).collect();
    let (sales, it) = (json!({"department": "Sales"}), json!({"department": "IT"}));
    assert_eq!(attributes, [sales, it.clone(), it], "also if the update says none");
}

/// A person gets a seat long after the update that said the attributes.
async fn events_have_the_attributes_that_are_kept_and_none_that_are_too_much(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.organization(OTHER, SeatLimit::Seats(0)).await;
    world.change_setting(SettingName::KeptAttributes, "title, thesis").await.unwrap();
    let kind = "organization.directory.user_created";
    let thesis = "t".repeat(1_900);
    let much: Vec<String> = (0..5).map(|n| format!(r#""thesis{n}":"{thesis}""#)).collect();
    for (organization, user, raw) in [
        (ACME, "ada", r#""title":"<b>Lead</b>","phone":"+1""#.to_owned()),
        (ACME, "bob", much.join(",")),
        (ACME, "cy", String::new()),
        // an id is the directory's: two organizations may have the same one
        (OTHER, "ada", r#""title":"Guest""#.to_owned()),
    ] {
        let said = format!(r#""active":true,"raw_attributes":{{{raw}}},"#);
        world.post(&world.body(organization, user, kind, &said)).await;
    }
    let told = async || {
        let mut events = all(&world.state).await.split_off(4);
        events.retain(|event| event.kind == EventType::SeatAdmitted);
        let told = |event: &OutgoingEvent| data(event)["user"]["attributes"].clone();
        events.iter().map(told).collect::<Vec<Value>>()
    };
    world.set_limit(ACME, SeatLimit::Seats(3)).await.unwrap();
    let lead = json!({"title": "<b>Lead</b>"});
    assert_eq!(told().await, [lead.clone(), json!({}), json!({})], "those that are kept");

    world.change_setting(SettingName::KeptAttributes, "all").await.unwrap();
    world.clock.pass(Duration::from_secs(1));
    let said = format!(r#""active":true,"raw_attributes":{{{}}},"#, much.join(","));
    let kind = "organization.directory.user_updated";
    world.post(&world.body(ACME, "bob", kind, &said)).await;
    let event = all(&world.state).await.pop().unwrap();
    assert_eq!(data(&event)["changed"], json!(["attributes"]));
    assert_eq!(data(&event)["user"]["attributes"], Value::Null, "too much for an event");

    world.change_setting(SettingName::KeptAttributes, "none").await.unwrap();
    world.set_limit(OTHER, SeatLimit::Seats(1)).await.unwrap();
    assert_eq!(told().await.pop().unwrap(), json!({}), "before the job has removed them");
}

async fn roles_that_change_are_told(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.change_setting(SettingName::ApplicationRoles, "editor, reader").await.unwrap();
    world.change_setting(SettingName::DefaultRole, "reader").await.unwrap();
    role_changes::work_off(&world.state).await.unwrap();
    world.joined(ACME, "ada").await;
    let group = GroupId::new("dirgroup_sales");
    let groups = r#""groups":[{"id":"dirgroup_sales","name":"sales"}],"#;
    let kind = "organization.directory.user_updated";
    world.clock.pass(Duration::from_secs(1));
    world.post(&world.body(ACME, "ada", kind, groups)).await;
    let editor = [RoleName::parse("editor").unwrap()].into_iter().collect();
    let roles = NewGroupRoles {
        organization: OrganizationId::new(ACME),
        group,
        roles: GroupRoles { application: editor, dashboard: None },
        expected_version: None,
    };
    set_group_roles(&world.state, &operator(), &roles).await.unwrap();
    role_changes::work_off(&world.state).await.unwrap();
    world.clock.pass(Duration::from_secs(1));
    world.post(&world.body(ACME, "ada", kind, r#""groups":[],"#)).await;

    let events = all(&world.state).await;

    assert_eq!(
        events.iter().map(told).collect::<Vec<_>>(),
        [
            "seat.admitted ada null→provisioned",
            "roles.changed ada [reader]→[editor]",
            "roles.changed ada [editor]→[reader]",
        ]
    );
    assert_eq!(data(&events[0])["user"]["roles"][0], "reader");
    assert_eq!(data(&events[1])["user"]["roles"][0], "editor");
}

async fn a_reader_misses_nothing_while_two_instances_commit_and_number(world: TestApp) {
    const ORGANIZATIONS: usize = 4;
    let other = world.beside().await;
    let ids: Vec<String> = (0..ORGANIZATIONS).map(|n| format!("org_{n}")).collect();
    for id in &ids {
        world.organization(id, SeatLimit::Seats(20)).await;
    }
    let is_over = AtomicBool::new(false);
    let joining = async {
        join_all((0..160).map(|n| {
            let there = if n % 2 == 0 { &world } else { &other };
            let kind = "organization.directory.user_created";
            let body = world.body(&ids[n % ORGANIZATIONS], &format!("u{n}"), kind, "");
            async move { assert_eq!(there.post(&body).await, StatusCode::OK) }
        }))
        .await;
        is_over.store(true, Ordering::SeqCst);
    };
    let numbering = async |state: &AppState| {
        let mut numbered = 0;
        loop {
            let is_last = is_over.load(Ordering::SeqCst);
            numbered += sequencer::work_off(state).await.unwrap();
            if is_last {
                return numbered;
            }
            tokio::task::yield_now().await;
        }
    };
    let reading = async {
        let mut read: Vec<OutgoingEvent> = Vec::new();
        while read.len() < 160 {
            let query = EventsQuery {
                organization: None,
                types: &[],
                after: read.last().map_or(0, |event| event.sequence),
                most: 7,
            };
            read.extend(within(&other.state, query, Duration::from_millis(50)).await.events);
        }
        read
    };

    let ((), here, there, read) =
        tokio::join!(joining, numbering(&world.state), numbering(&other.state), reading);

    assert_eq!(here + there, 160, "each event was numbered once");
    events_are_decisions(&world, &read).await;
    other.close().await;
}

/// Polls a future so many times and then drops it, as a crash does. `None`: it did not end.
pub async fn interrupted<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| {
        let Some(rest) = left.checked_sub(1) else { return Poll::Ready(None) };
        left = rest;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn a_sequencer_that_dies_anywhere_leaves_no_gap(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let mut died = 0;
    for polls in 0..24 {
        world.joined(ACME, &format!("u{polls}")).await;
        died += usize::from(interrupted(number_events(&world.state), polls).await.is_none());
    }

    assert!(died >= 2, "{died}");
    events_are_decisions(&world, &all(&world.state).await).await;
}
