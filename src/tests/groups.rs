//! Groups: their names, their members and their organizations, in every order of events.

use std::time::Duration;

use domain::{
    decision::Outcome,
    id::{DirectoryUserId, OrganizationId},
    organization::SeatLimit,
};
use seatkeeper::commands::{Notify, ReplayContext, replay};

use crate::{
    replay::dead,
    support::{
        scalekit::Scalekit,
        tables::names,
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    a_group_known_from_people_alone_has_its_newest_name,
    what_a_group_says_of_itself_counts_before_what_people_say,
    a_group_whose_id_is_used_again_keeps_who_came_after_its_deletion,
    a_person_in_a_group_before_its_deletion_is_not_in_it_after,
    a_group_may_name_people_who_are_not_known_yet,
    an_event_about_a_group_alone_belongs_to_its_one_owner,
    a_group_without_an_owner_or_with_two_leaves_a_dead_letter,
    a_person_who_is_removed_leaves_their_groups_in_every_order,
    a_person_who_comes_back_without_a_word_about_groups_is_in_none,
    groups_end_with_the_organization_and_with_a_removal_by_a_resync,
    a_merge_with_a_placeholder_who_was_deleted_ends_the_groups,
    groups_and_roles_follow_the_newest_event,
}

/// An event about Ada at this second, with her groups as JSON.
async fn ada(world: &TestApp, second: u32, groups: &str) {
    let body = format!(
        r#"{{"id":"evt_{second}","type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{ACME}","data":{{"id":"diruser_ada","email":"ada@acme.test"{groups}}}}}"#
    );
    world.post(&body).await;
}

/// Ada is deleted at this second.
async fn ada_goes(world: &TestApp, second: u32) {
    let body = format!(
        r#"{{"id":"evt_{second}","type":"organization.directory.user_deleted","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{ACME}","data":{{"id":"diruser_ada","email":"ada@acme.test"}}}}"#
    );
    world.post(&body).await;
}

async fn a_person_who_is_removed_leaves_their_groups_in_every_order(world: TestApp) {
    ada(&world, 2, IN_CREW).await;
    assert_eq!(groups(&world).await, ["Crew"]);
    ada_goes(&world, 4).await;
    assert_eq!(groups(&world).await, [""; 0]);

    // late events from before her deletion
    ada(&world, 3, IN_CREW).await;
    members(&world, 1, &of_acme(), (ADA, "")).await;
    assert_eq!(groups(&world).await, [""; 0]);

    // she is in the group again; the late deletion is older than that
    ada(&world, 12, &format!(r#","active":true{IN_CREW}"#)).await;
    ada_goes(&world, 11).await;
    assert_eq!(groups(&world).await, ["Crew"]);
}

/// The stored memberships, as `person group`.
async fn memberships(world: &TestApp) -> Vec<String> {
    world
        .texts("select user_id || ' ' || group_id from memberships order by user_id, group_id")
        .await
}

async fn a_person_who_comes_back_without_a_word_about_groups_is_in_none(world: TestApp) {
    ada(&world, 2, IN_CREW).await;
    members(&world, 3, &of_acme(), (r#""diruser_bob""#, "")).await;
    ada_goes(&world, 4).await;
    assert_eq!(memberships(&world).await, [""; 0]);
    ada(&world, 6, r#","active":true"#).await;
    assert_eq!(memberships(&world).await, [""; 0]);

    // the deletion is late: she is back already, but not in the groups from before it
    ada(&world, 12, &format!(r#","active":true{IN_CREW}"#)).await;
    assert_eq!(memberships(&world).await, ["diruser_ada dirgroup_1"]);
    ada(&world, 16, r#","active":true"#).await;
    ada_goes(&world, 14).await;
    members(&world, 13, &of_acme(), (ADA, "")).await;
    ada(&world, 11, IN_CREW).await;
    assert_eq!((memberships(&world).await, world.usage(ACME).await.waiting), (Vec::new(), 1));

    members(&world, 15, &of_acme(), (ADA, "")).await;
    assert_eq!(
        memberships(&world).await,
        ["diruser_ada dirgroup_1"],
        "she joined after the deletion"
    );
    world.check().await;
}

async fn groups_end_with_the_organization_and_with_a_removal_by_a_resync(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let (scalekit, acme) = (Scalekit::of(&world, &[20]).await, OrganizationId::new(ACME));
    scalekit.resync(false).await;
    let gone =
        world.texts("select user_id from memberships order by user_id limit 1").await.concat();
    scalekit
        .happens(&world, |world, now| world.fire(&acme, &DirectoryUserId::new(&gone), now))
        .await;
    scalekit.resync(false).await;
    let of_gone = format!("select group_id from memberships where user_id = '{gone}'");
    assert_eq!(world.texts(&of_gone).await, [""; 0]);
    assert_eq!(
        world.texts(&format!("select state from directory_users where id = '{gone}'")).await,
        ["removed"]
    );

    let now = |kind: &str, data: &str| {
        world.clock.pass(Duration::from_secs(1));
        let (number, at) = (world.number(), world.clock.now().rfc3339());
        format!(
            r#"{{"id":"evt_{number}","type":"organization.{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{{data}}}}}"#
        )
    };
    world.post(&now("directory.user_created", &format!(r#""id":"{gone}","active":true"#))).await;
    assert_eq!(world.texts(&of_gone).await, [""; 0]);
    let other =
        world.texts("select user_id from memberships order by user_id limit 1").await.concat();
    for (kind, data) in
        [("deleted", format!(r#""id":"{ACME}""#)), ("created", format!(r#""id":"{ACME}""#))]
    {
        world.post(&now(kind, &data)).await;
        assert_eq!(memberships(&world).await, [""; 0], "{kind}");
    }
    world.post(&now("directory.user_created", &format!(r#""id":"{other}","active":true"#))).await;
    assert_eq!(memberships(&world).await, [""; 0]);
    assert_eq!(
        world.texts(&format!("select state from directory_users where id = '{other}'")).await,
        ["blocked"]
    );
}

async fn a_merge_with_a_placeholder_who_was_deleted_ends_the_groups(world: TestApp) {
    let event = |second: u32, kind: &str, data: &str| {
        format!(
            r#"{{"id":"evt_{second}","type":"organization.directory.user_{kind}","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{ACME}","data":{{{data}}}}}"#
        )
    };
    // no event has said yet that ada@acme.test was her address
    world.post(&event(8, "deleted", r#""email":"ada@acme.test""#)).await;
    world.post(&event(6, "created", &format!(r#""id":"diruser_ada"{IN_CREW}"#))).await;
    world.post(&event(10, "updated", r#""id":"diruser_ada","email":"lovelace@acme.test""#)).await;
    assert_eq!(memberships(&world).await, ["diruser_ada dirgroup_1"]);

    world.post(&event(5, "created", r#""id":"diruser_ada","email":"ada@acme.test""#)).await;

    assert_eq!(
        world.texts("select id || ' ' || state from directory_users").await,
        ["diruser_ada removed"]
    );
    assert_eq!(memberships(&world).await, [""; 0]);
    world.check().await;
}

/// An event about the group at this second; `change` is `created` or `deleted`.
async fn crew(world: &TestApp, second: u32, change: &str, name: &str) {
    let body = format!(
        r#"{{"id":"evt_{second}","type":"organization.directory.group_{change}","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{ACME}","data":{{"id":"dirgroup_1","display_name":"{name}"}}}}"#
    );
    world.post(&body).await;
}

/// An event type that only one Scalekit guide names; `organization` is a field of the envelope, or
/// empty.
async fn members(world: &TestApp, second: u32, organization: &str, (added, removed): (&str, &str)) {
    let body = format!(
        r#"{{"id":"evt_{second}","type":"organization.directory.group_membership_updated","occurred_at":"2026-09-01T00:00:{second:02}Z",{organization}"data":{{"group_id":"dirgroup_1","added_members":[{added}],"removed_members":[{removed}]}}}}"#
    );
    world.post(&body).await;
}

const IN_CREW: &str = r#","groups":[{"id":"dirgroup_1","name":"Crew"}]"#;
const ADA: &str = r#""diruser_ada""#;

fn of_acme() -> String {
    format!(r#""organization_id":"{ACME}","#)
}

async fn groups(world: &TestApp) -> Vec<String> {
    names(&world.people(ACME).await[0].groups)
}

async fn a_group_known_from_people_alone_has_its_newest_name(world: TestApp) {
    ada(&world, 2, r#","groups":[{"id":"dirgroup_1"}]"#).await;
    assert_eq!(groups(&world).await, ["dirgroup_1"]);

    ada(&world, 5, r#","groups":[{"id":"dirgroup_1","name":"Pilots"}]"#).await;
    ada(&world, 4, IN_CREW).await;
    assert_eq!(groups(&world).await, ["Pilots"]);

    ada(&world, 6, r#","groups":[{"id":"dirgroup_1"}]"#).await;
    assert_eq!(groups(&world).await, ["Pilots"], "no name says nothing");
}

async fn what_a_group_says_of_itself_counts_before_what_people_say(world: TestApp) {
    ada(&world, 5, IN_CREW).await;
    crew(&world, 3, "created", "Cabin crew").await;
    ada(&world, 6, IN_CREW).await;

    assert_eq!(groups(&world).await, ["Cabin crew"]);
}

async fn a_group_whose_id_is_used_again_keeps_who_came_after_its_deletion(world: TestApp) {
    ada(&world, 5, IN_CREW).await;
    crew(&world, 3, "deleted", "Crew").await;
    crew(&world, 4, "created", "Crew").await;

    assert_eq!(groups(&world).await, ["Crew"]);
}

async fn a_person_in_a_group_before_its_deletion_is_not_in_it_after(world: TestApp) {
    crew(&world, 5, "created", "Crew").await;
    ada(&world, 3, IN_CREW).await;
    assert_eq!(groups(&world).await, ["Crew"]);

    crew(&world, 4, "deleted", "Crew").await;
    assert_eq!(groups(&world).await, [""; 0], "the deletion is late, and she was in it before");

    members(&world, 3, &of_acme(), (ADA, "")).await;
    assert_eq!(groups(&world).await, [""; 0]);
    members(&world, 6, &of_acme(), (ADA, "")).await;
    assert_eq!(groups(&world).await, ["Crew"]);
}

async fn a_group_may_name_people_who_are_not_known_yet(world: TestApp) {
    members(&world, 5, &of_acme(), (ADA, r#""diruser_bob""#)).await;
    ada(&world, 3, "").await;
    assert_eq!(groups(&world).await, ["dirgroup_1"]);

    ada(&world, 4, r#","groups":[]"#).await;
    assert_eq!(groups(&world).await, ["dirgroup_1"], "she joined after that");
    ada(&world, 6, r#","groups":[]"#).await;
    assert_eq!(groups(&world).await, [""; 0]);

    members(&world, 7, &of_acme(), (ADA, "")).await;
    members(&world, 8, &of_acme(), ("", ADA)).await;
    ada(&world, 2, IN_CREW).await;
    assert_eq!(groups(&world).await, [""; 0]);
    world.check().await;
}

async fn an_event_about_a_group_alone_belongs_to_its_one_owner(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    ada(&world, 1, r#","groups":[]"#).await;
    crew(&world, 2, "created", "Crew").await;

    members(&world, 3, "", (ADA, "")).await;

    assert_eq!(groups(&world).await, ["Crew"]);
    assert_eq!(world.outcomes().await, ["admitted", "updated", "updated"]);
    assert_eq!(
        world.texts("select organization_id from deliveries where event_id = 'evt_3'").await,
        [ACME]
    );
}

async fn a_group_without_an_owner_or_with_two_leaves_a_dead_letter(world: TestApp) {
    ada(&world, 1, r#","groups":[]"#).await;
    members(&world, 3, "", (ADA, "")).await;
    let why = "The event names no organization, and there is not exactly one that has its group.";
    assert_eq!(world.dead_letter_reasons().await, [why]);

    crew(&world, 2, "created", "Crew").await;
    let dead_letter = dead(&world).await.remove(0);
    let outcome =
        replay(&world.state, &ReplayContext::by(&operator(), Notify::Suppressed), &dead_letter)
            .await
            .unwrap();
    assert_eq!((outcome, groups(&world).await), (Outcome::Updated, vec!["Crew".to_owned()]));

    let other = r#"{"id":"evt_9","type":"organization.directory.group_created","organization_id":"org_2","data":{"id":"dirgroup_1"}}"#;
    world.post(other).await;
    members(&world, 4, "", ("", ADA)).await;
    assert_eq!(groups(&world).await, ["Crew"], "it may be the other one’s");
    assert_eq!(dead(&world).await.len(), 1);
}

async fn groups_and_roles_follow_the_newest_event(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let with = |groups: &str, seconds: i64, event: i64| {
        format!(
            r#"{{"id":"evt_{event}","type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:{seconds:02}Z","organization_id":"{ACME}","data":{{"id":"diruser_ada","email":"ada@acme.test"{groups}}}}}"#
        )
    };

    world.post(&with(r#","groups":[{"id":"dirgroup_1","name":"Pilots"},{"id":"dirgroup_2"}],"roles":[{"role_name":"admin"}]"#, 5, 5)).await;
    world.post(&with("", 6, 6)).await;
    world.post(&with(r#","groups":[]"#, 4, 4)).await;
    let group = format!(
        r#"{{"id":"evt_7","type":"organization.directory.group_updated","occurred_at":"2026-09-01T00:00:07Z","organization_id":"{ACME}","data":{{"id":"dirgroup_2","display_name":"Crew"}}}}"#
    );
    world.post(&group).await;

    let ada = world.people(ACME).await.remove(0);
    assert!(names(&ada.groups) == ["Crew", "Pilots"] && ada.roles == ["admin"], "{ada:?}");

    world
        .post(
            &group
                .replace("updated", "deleted")
                .replace("evt_7", "evt_8")
                .replace("00:07Z", "00:08Z"),
        )
        .await;
    assert_eq!(groups(&world).await, ["Pilots"]);
    world.post(&with(r#","groups":null"#, 9, 9)).await;
    assert_eq!(groups(&world).await, [""; 0]);
}
