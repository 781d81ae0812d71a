//! Who joined a group and who left it: each real change is kept once, with the time of its event.

use std::time::Duration;

use domain::{
    id::{DirectoryUserId, GroupId, OrganizationId, WebhookId},
    organization::SeatLimit,
    time::Timestamp,
};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    queries,
    scalekit::payload,
};
use views::groups::{ChangeRow, GroupList, GroupQuery, Listed};

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, diruser, scope, stories},
};

stories! {
    each_change_is_kept_with_the_time_of_its_event,
    a_batch_keeps_each_change_of_its_events,
    duplicates_and_late_events_keep_nothing,
    a_person_who_is_removed_leaves_every_group,
    the_deletion_of_a_group_is_the_end_of_its_memberships,
    an_update_that_repeats_the_groups_keeps_nothing,
    a_second_resync_keeps_nothing,
    a_placeholder_takes_its_changes_along,
    a_merge_keeps_the_changes_of_the_user_alone,
    who_left_last_month_is_read_page_by_page,
    a_person_reads_which_groups_they_joined_and_left,
}

const SALES: &str = r#"{"id":"dirgroup_sales","name":"Sales"}"#;
const CREW: &str = r#"{"id":"dirgroup_crew","name":"Crew"}"#;

/// This second of a day.
fn second(second: u64) -> Timestamp {
    Timestamp::parse("2026-09-01T00:00:00Z").unwrap().plus(Duration::from_secs(second))
}

/// An event of this kind at this second.
async fn event(world: &TestApp, second_of_day: u64, kind: &str, data: &str) {
    let (number, at) = (world.number(), second(second_of_day).rfc3339());
    let body = format!(
        r#"{{"id":"evt_{number}","type":"organization.{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{{data}}}}}"#
    );
    world.post(&body).await;
}

/// An event about a user with all groups, at this second.
async fn with_groups(world: &TestApp, second: u64, user: &str, groups: &[&str]) {
    let id = diruser(user);
    let data = format!(r#""id":"{id}","email":"{user}@acme.test","groups":[{}]"#, groups.join(","));
    event(world, second, "directory.user_updated", &data).await;
}

/// A group event that names who joined and who left, at this second.
async fn members(world: &TestApp, second: u64, (added, removed): (&str, &str)) {
    let quoted = |user: &str| match user {
        "" => String::new(),
        user => format!("{:?}", diruser(user)),
    };
    let data = format!(
        r#""group_id":"dirgroup_crew","added_members":[{}],"removed_members":[{}]"#,
        quoted(added),
        quoted(removed)
    );
    event(world, second, "directory.group_membership_updated", &data).await;
}

/// The changes as `second user ±group`, in the order in which they were made.
async fn changes(world: &TestApp) -> Vec<String> {
    let start = second(0).nanos();
    let select = format!(
        "select ((at - {start}) / 1000000000) || ' ' || user_id || ' ' \
         || case when joined then '+' else '-' end || group_id \
         from membership_changes order by revision, ordinal"
    );
    let all = world.texts(&select).await;
    all.into_iter().map(|text| text.replace("diruser_", "").replace("dirgroup_", "")).collect()
}

async fn each_change_is_kept_with_the_time_of_its_event(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    with_groups(&world, 2, "ada", &[SALES]).await;
    with_groups(&world, 4, "ada", &[SALES, CREW]).await;
    members(&world, 6, ("bob", "ada")).await;
    assert_eq!(changes(&world).await, ["2 ada +sales", "4 ada +crew", "6 ada -crew"]);

    // the group named bob, who is known only now
    with_groups(&world, 5, "bob", &[]).await;
    with_groups(&world, 8, "ada", &[]).await;
    assert_eq!(changes(&world).await[3..], ["6 bob +crew", "8 ada -sales"]);
    world.check().await;
}

async fn a_batch_keeps_each_change_of_its_events(world: TestApp) {
    let user = |change: &str, user: &str, groups: &str| {
        let id = diruser(user);
        (format!("user_{change}"), format!(r#""id":"{id}","email":"{user}@acme.test"{groups}"#))
    };
    let group = |change: &str, data: &str| (format!("group_{change}"), data.to_owned());
    let members =
        |data: &str| group("membership_updated", &format!(r#""group_id":"dirgroup_crew",{data}"#));
    let events = [
        user("created", "ada", &format!(r#","groups":[{SALES}]"#)),
        user("created", "bob", &format!(r#","groups":[{CREW}]"#)),
        user("updated", "ada", &format!(r#","groups":[{SALES},{CREW}]"#)),
        user("deleted", "bob", ""),
        members(r#""added_members":[],"removed_members":["diruser_ada"]"#),
        members(r#""added_members":["diruser_ada"],"removed_members":[]"#),
        group("deleted", r#""id":"dirgroup_sales""#),
        user("updated", "ada", &format!(r#","groups":[{SALES}]"#)),
        user("deleted", "ada", ""),
    ];
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for (n, (kind, data)) in (1..).zip(events) {
        let at = second(n).rfc3339();
        for (organization, deliveries) in [(ACME, &mut alone), ("org_2", &mut together)] {
            let body = format!(
                r#"{{"id":"evt_{n}","type":"organization.directory.{kind}","occurred_at":"{at}","organization_id":"{organization}","data":{{{data}}}}}"#
            );
            let reading = payload::read(body.as_bytes());
            let id = WebhookId::new(format!("msg_{n}"));
            let now = world.clock.now();
            deliveries.push(Delivery::new(id, body.into_bytes(), reading, now));
        }
    }

    for delivery in alone {
        ingest_deliveries(&world.state, &[delivery]).await.unwrap();
    }
    ingest_deliveries(&world.state, &together).await.unwrap();

    let of = |organization| {
        let start = second(0).nanos();
        format!(
            "select ((at - {start}) / 1000000000) || user_id || case when joined then '+' else '-' \
             end || group_id from membership_changes where organization_id = '{organization}' \
             order by at, user_id, group_id, joined"
        )
    };
    let told = world.texts(&of(ACME)).await;
    let told: Vec<_> =
        told.iter().map(|text| text.replace("diruser_", " ").replace("dirgroup_", "")).collect();
    assert_eq!(
        told,
        [
            "1 ada+sales",
            "2 bob+crew",
            "3 ada+crew",
            "4 bob-crew",
            "5 ada-crew",
            "6 ada+crew",
            "7 ada-sales",
            "8 ada-crew",
            "8 ada+sales",
            "9 ada-sales"
        ]
    );
    assert_eq!(world.texts(&of("org_2")).await, world.texts(&of(ACME)).await);
    world.check().await;
}

async fn duplicates_and_late_events_keep_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let body = world.body(
        ACME,
        "ada",
        "organization.directory.user_created",
        &format!(r#""groups":[{SALES}],"#),
    );
    for _ in 0..2 {
        world.deliver("msg_1", &body).await;
    }
    world.deliver("msg_2", &body).await;
    let first = changes(&world).await;
    assert_eq!(first.len(), 1, "{first:?}");

    // all of this happened before
    with_groups(&world, 3, "ada", &[CREW]).await;
    members(&world, 2, ("ada", "")).await;
    event(&world, 4, "directory.group_deleted", r#""id":"dirgroup_sales""#).await;
    event(&world, 5, "directory.user_deleted", r#""id":"diruser_ada""#).await;
    assert_eq!(changes(&world).await, first);
    world.check().await;
}

async fn a_person_who_is_removed_leaves_every_group(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    with_groups(&world, 2, "ada", &[SALES, CREW]).await;
    with_groups(&world, 3, "bob", &[SALES]).await;

    event(&world, 6, "directory.user_deleted", r#""id":"diruser_ada""#).await;

    assert_eq!(changes(&world).await[3..], ["6 ada -crew", "6 ada -sales"]);
    let left = "select user_id || ' ' || group_id from memberships";
    assert_eq!(world.texts(left).await, ["diruser_bob dirgroup_sales"]);
    with_groups(&world, 4, "ada", &[CREW]).await;
    assert_eq!(changes(&world).await.len(), 5, "she was removed after that");
    world.check().await;
}

async fn the_deletion_of_a_group_is_the_end_of_its_memberships(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    with_groups(&world, 2, "ada", &[SALES, CREW]).await;
    with_groups(&world, 9, "bob", &[SALES]).await;

    event(&world, 6, "directory.group_deleted", r#""id":"dirgroup_sales""#).await;
    assert_eq!(changes(&world).await[3..], ["6 ada -sales"], "bob came after it");
    with_groups(&world, 5, "cleo", &[SALES]).await;
    assert_eq!(changes(&world).await.len(), 4, "cleo was there before it");

    event(&world, 12, "deleted", &format!(r#""id":"{ACME}""#)).await;
    assert_eq!(changes(&world).await[4..], ["12 ada -crew", "12 bob -sales"]);
    world.check().await;
}

async fn an_update_that_repeats_the_groups_keeps_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    with_groups(&world, 2, "ada", &[SALES]).await;
    with_groups(&world, 3, "ada", &[SALES]).await;
    let data = format!(r#""id":"diruser_ada","active":false,"groups":[{SALES}]"#);
    event(&world, 4, "directory.user_updated", &data).await;
    event(&world, 5, "directory.user_updated", r#""id":"diruser_ada","name":"Ada""#).await;
    members(&world, 6, ("", "ada")).await;

    assert_eq!(changes(&world).await, ["2 ada +sales"]);
    world.check().await;
}

async fn a_second_resync_keeps_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let (scalekit, acme) = (Scalekit::of(&world, &[20]).await, OrganizationId::new(ACME));
    scalekit.resync(false).await;
    let count = "select cast(count(*) as text) from membership_changes";
    let memberships = "select cast(count(*) as text) from memberships";
    let first = world.texts(count).await;
    assert_eq!(first, world.texts(memberships).await);
    assert_ne!(first, ["0"]);

    scalekit.resync(false).await;
    assert_eq!(world.texts(count).await, first);

    let gone =
        world.texts("select user_id from memberships order by user_id limit 1").await.concat();
    let of_gone = format!(
        "select cast(count(*) as text) from membership_changes where user_id = '{gone}' and joined"
    );
    let joined = world.texts(&of_gone).await;
    scalekit
        .happens(&world, |world, now| world.fire(&acme, &DirectoryUserId::new(&gone), now))
        .await;
    scalekit.resync(false).await;
    let left = of_gone.replace("and joined", "and not joined");
    assert_eq!(world.texts(&left).await, joined, "each group that was joined is left");
    world.check().await;
}

async fn a_placeholder_takes_its_changes_along(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let by_address = format!(r#""email":"ada@acme.test","groups":[{SALES}]"#);
    event(&world, 2, "directory.user_created", &by_address).await;
    assert_eq!(changes(&world).await, ["2 email:ada@acme.test +sales"]);

    with_groups(&world, 4, "ada", &[CREW]).await;

    assert_eq!(changes(&world).await, ["2 ada +sales", "4 ada -sales", "4 ada +crew"]);
    world.check().await;
}

async fn a_merge_keeps_the_changes_of_the_user_alone(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let of_id = format!(r#""id":"diruser_ada","groups":[{CREW}]"#);
    event(&world, 1, "directory.user_created", &of_id).await;
    let by_address = format!(r#""email":"ada@acme.test","groups":[{SALES}]"#);
    event(&world, 3, "directory.user_created", &by_address).await;
    assert_eq!(changes(&world).await, ["1 ada +crew", "3 email:ada@acme.test +sales"]);

    // from here on both are known to be one person; the placeholder's list is the newer one
    event(&world, 2, "directory.user_updated", r#""id":"diruser_ada","email":"ada@acme.test""#)
        .await;

    assert_eq!(changes(&world).await, ["1 ada +crew", "3 ada +sales", "3 ada -crew"]);
    let people = "select id from directory_users";
    assert_eq!(world.texts(people).await, ["diruser_ada"]);
    world.check().await;
}

/// Everyone joins Sales on the first day of September, and all but the first leave one a day.
async fn comings_and_goings(world: &TestApp, people: u64) {
    const DAY: u64 = 24 * 60 * 60;
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.clock.pass(Duration::from_hours(24 * 90));
    for n in 0..people {
        with_groups(world, n, &format!("p{n}"), &[SALES]).await;
    }
    for n in 1..people {
        with_groups(world, n * DAY, &format!("p{n}"), &[]).await;
    }
}

async fn read(world: &TestApp, query: GroupQuery) -> (Vec<ChangeRow>, GroupQuery) {
    let group = GroupId::new("dirgroup_sales");
    let page = queries::group_page(&world.state, &scope(ACME), &group, &query).await.unwrap();
    let Listed::Changes { rows, page } = page.list else { panic!("no changes") };
    (rows, GroupQuery { change: page.older, ..query })
}

async fn who_left_last_month_is_read_page_by_page(world: TestApp) {
    comings_and_goings(&world, 40).await;
    let all = GroupQuery { list: GroupList::Changes, ..GroupQuery::default() };

    let (first, next) = read(&world, all.clone()).await;
    assert_eq!(first.len(), 50);
    assert_eq!((first[0].called.as_str(), first[0].joined), ("p39@acme.test", false));
    let (second_page, end) = read(&world, next).await;
    assert_eq!((second_page.len(), end.change), (29, None));
    let rows: Vec<_> = first.into_iter().chain(second_page).collect();
    assert!(rows.is_sorted_by(|newer, older| newer.key > older.key));
    assert_eq!(rows.iter().filter(|row| row.joined).count(), 40);

    let since = Timestamp::of_day("2026-10-01");
    let october = GroupQuery { since, joined: Some(false), ..all.clone() };
    let left: Vec<_> =
        read(&world, october).await.0.iter().map(|row| row.called.to_string()).collect();
    assert_eq!(left.len(), 10);
    assert_eq!((left[0].as_str(), left[9].as_str()), ("p39@acme.test", "p30@acme.test"));
    let joined = GroupQuery { since, joined: Some(true), ..all };
    assert_eq!(read(&world, joined).await.0, []);
}

async fn a_person_reads_which_groups_they_joined_and_left(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    with_groups(&world, 2, "ada", &[SALES, CREW]).await;
    with_groups(&world, 4, "ada", &[CREW]).await;

    let person = queries::person_record(&world.state, &scope(ACME), "diruser_ada").await.unwrap();

    let groups = person.unwrap().history.into_iter().filter(|entry| entry.kind == "group");
    let groups: Vec<_> =
        groups.map(|entry| (entry.at, entry.what, entry.why.unwrap_or_default())).collect();
    let told =
        |at, what: &str, name: &str| (second(at).rfc3339(), what.to_owned(), name.to_owned());
    assert_eq!(
        groups,
        [told(4, "left", "Sales"), told(2, "joined", "Sales"), told(2, "joined", "Crew")]
    );
}
