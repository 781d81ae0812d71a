//! The product is told of each person whose application roles are others with another default role
//! or other roles of a group, however many they are.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    access::Role,
    id::{GroupId, OrganizationId},
    organization::SeatLimit,
    outgoing_event::{EventType, OutgoingEvent},
    role::{GroupRoles, RoleName},
    setting::SettingName,
};
use seatkeeper::{
    commands::{NewGroupRoles, set_group_roles},
    jobs::role_changes,
};
use serde_json::Value;

use crate::{
    event_feed::{OTHER, all, interrupted, told},
    support::{
        scalekit::Scalekit,
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    another_default_role_is_told_to_each_person_who_has_it,
    changes_that_follow_each_other_are_told_in_their_order,
    thousands_are_told_in_parts_and_a_worker_that_dies_tells_each_person_once,
}

const SALES: &str = "dirgroup_sales";
const IT: &str = "dirgroup_it";

async fn in_groups(world: &TestApp, user: &str, groups: &[&str]) {
    world.clock.pass(Duration::from_secs(1));
    let groups: Vec<String> = groups.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let groups = format!(r#""active":true,"groups":[{}],"#, groups.join(","));
    let kind = "organization.directory.user_updated";
    world.post(&world.body(ACME, user, kind, &groups)).await;
}

async fn map(world: &TestApp, group: &str, names: &[&str], dashboard: Option<Role>) {
    let application = names.iter().map(|name| RoleName::parse(name).unwrap()).collect();
    let new = NewGroupRoles {
        organization: OrganizationId::new(ACME),
        group: GroupId::new(group),
        roles: GroupRoles { application, dashboard },
        expected_version: None,
    };
    set_group_roles(&world.state, &operator(), &new).await.unwrap();
}

async fn default_role(world: &TestApp, name: &str) {
    world.change_setting(SettingName::DefaultRole, name).await.unwrap();
}

async fn with_roles(world: &TestApp) {
    world.change_setting(SettingName::ApplicationRoles, "editor, reader").await.unwrap();
    world.organization(ACME, SeatLimit::Unlimited).await;
}

/// The events since then about roles, as `organization person before→after`.
async fn since(world: &TestApp, events: &mut usize) -> Vec<String> {
    role_changes::work_off(&world.state).await.unwrap();
    assert_eq!(world.texts("select group_id from role_changes").await, [""; 0]);
    let new = all(&world.state).await.split_off(*events);
    *events += new.len();
    let roles = new.iter().filter(|event| event.kind == EventType::RolesChanged);
    let said = |event| told(event).replace("roles.changed ", "");
    roles.map(|event| format!("{} {}", event.organization, said(event))).collect()
}

async fn another_default_role_is_told_to_each_person_who_has_it(world: TestApp) {
    with_roles(&world).await;
    world.organization(OTHER, SeatLimit::Seats(0)).await;
    in_groups(&world, "ada", &[SALES]).await;
    in_groups(&world, "cy", &[IT]).await;
    world.joined(ACME, "gone").await;
    world.left(ACME, "gone").await;
    world.joined(OTHER, "dan").await;
    map(&world, SALES, &["editor"], None).await;
    let mut seen = 0;
    assert_eq!(since(&world, &mut seen).await, ["org_1001 ada []→[editor]"]);

    default_role(&world, "reader").await;

    let mut first = since(&world, &mut seen).await;
    first.sort();
    assert_eq!(first, ["org_1001 cy []→[reader]", "org_1002 dan []→[reader]"]);
    let event = all(&world.state).await.into_iter().find(|event| {
        event.kind == EventType::RolesChanged && event.organization.as_str() == OTHER
    });
    let data: Value = serde_json::from_str(&event.unwrap().data).unwrap();
    assert_eq!(
        (&data["user"]["state"], &data["user"]["roles"][0]),
        (&"blocked".into(), &"reader".into())
    );
    assert_eq!(since(&world, &mut seen).await, [""; 0], "once");

    default_role(&world, "editor").await;
    default_role(&world, "reader").await;
    let of_dan = since(&world, &mut seen).await.into_iter().filter(|told| told.contains("dan"));
    assert_eq!(
        of_dan.collect::<Vec<_>>(),
        ["org_1002 dan [reader]→[editor]", "org_1002 dan [editor]→[reader]"]
    );
}

async fn changes_that_follow_each_other_are_told_in_their_order(world: TestApp) {
    with_roles(&world).await;
    in_groups(&world, "ada", &[SALES]).await;
    in_groups(&world, "bob", &[SALES, IT]).await;
    let mut seen = 0;
    since(&world, &mut seen).await;

    map(&world, SALES, &["editor"], None).await;
    map(&world, IT, &["editor"], None).await;

    let both = ["org_1001 ada []→[editor]", "org_1001 bob []→[editor]"];
    let mut first = since(&world, &mut seen).await;
    first.sort();
    assert_eq!(first, both);

    map(&world, SALES, &["editor"], Some(Role::TenantViewer)).await;
    assert_eq!(since(&world, &mut seen).await, [""; 0], "a role in the dashboard is none");

    default_role(&world, "reader").await;
    map(&world, SALES, &[], None).await;
    in_groups(&world, "ada", &[IT]).await;
    default_role(&world, "editor").await;

    let told = since(&world, &mut seen).await;
    assert_eq!(told, ["org_1001 ada [reader]→[editor]"], "with the membership, at once");
}

async fn thousands_are_told_in_parts_and_a_worker_that_dies_tells_each_person_once(world: TestApp) {
    with_roles(&world).await;
    let scalekit = Scalekit::of(&world, &[1_100]).await;
    scalekit.resync(false).await;
    let before = all(&world.state).await.len();
    default_role(&world, "reader").await;

    let mut polls = 30;
    while !world.texts("select group_id from role_changes").await.is_empty() {
        drop(interrupted(role_changes::work_off(&world.state), polls).await);
        polls += 30;
        world.clock.pass(Duration::from_mins(3));
    }

    let events = all(&world.state).await.split_off(before);
    let person = |event: &OutgoingEvent| {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["after"], serde_json::json!(["reader"]));
        data["user"]["id"].as_str().unwrap().to_owned()
    };
    let people: BTreeSet<String> = events.iter().map(person).collect();
    assert_eq!((events.len(), people.len()), (1_100, 1_100));
    let parts =
        "select distinct cast(revision as text) from outgoing_events where type = 'roles.changed'";
    assert_eq!(world.texts(parts).await.len(), 3);
}
