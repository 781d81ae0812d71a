//! The organization switcher: whose organizations it offers, and which ones come first.

use std::time::Duration;

use domain::{
    access::{Role, Viewer},
    id::OrganizationId,
    organization::SeatLimit,
    time::Timestamp,
    view_as::ViewAs,
};
use seatkeeper::{commands, queries};
use views::switcher::{Switcher, SwitcherRow};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    a_tenant_is_offered_their_own_organizations_alone,
    staff_find_each_organization_by_a_part_of_its_name_or_id,
    twenty_others_are_offered_and_archived_ones_come_last,
    two_organizations_of_one_name_have_their_ids_beside_it,
    the_last_five_come_first_without_the_one_of_the_page,
    an_organization_that_was_left_is_not_among_the_last,
    a_view_offers_its_organization_alone_and_leaves_no_trace,
    a_person_who_stays_in_one_organization_writes_nothing,
    two_windows_write_once_a_minute,
    ten_visits_of_an_account_are_kept,
    an_organization_that_does_not_exist_is_not_visited,
}

const SAM: &str = "sam@seats.example";
const TESS: &str = "tess@acme.test";

async fn account(world: &TestApp, email: &str, role: Role, organizations: &[&str]) -> Viewer {
    world.account(email, role, organizations).await;
    world.viewer_of(email).await
}

/// Organizations `org_1` to `org_N`, called `Name 01` and so on.
async fn organizations(world: &TestApp, count: usize) {
    for n in 1..=count {
        let id = format!("org_{n}");
        world.organization(&id, SeatLimit::Seats(5)).await;
        called(world, &id, &format!("Name {n:02}")).await;
    }
}

async fn called(world: &TestApp, id: &str, name: &str) {
    let key = format!("{} {id}", name.to_lowercase());
    let set = format!("update organizations set name = '{name}', search_key = '{key}'");
    world.tamper(&format!("{set} where id = '{id}'")).await;
}

async fn visits(world: &TestApp, viewer: &Viewer, id: &str) {
    let scope = viewer.scope(&OrganizationId::new(id)).unwrap();
    commands::note_visit(&world.state, viewer, &scope).await.unwrap();
}

async fn offered(world: &TestApp, viewer: &Viewer, search: &str) -> Switcher {
    queries::switcher(&world.state, viewer, search, None).await.unwrap()
}

fn ids(rows: &[SwitcherRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

async fn written(world: &TestApp) -> Vec<String> {
    let said = "select organization_id || ' ' || visited_at from organization_visits \
                order by visited_at desc";
    world.texts(said).await
}

async fn a_tenant_is_offered_their_own_organizations_alone(world: TestApp) {
    organizations(&world, 4).await;
    let tess = account(&world, TESS, Role::TenantViewer, &["org_3", "org_1"]).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    visits(&world, &sam, "org_2").await;

    let all = offered(&world, &tess, "").await;

    assert_eq!((ids(&all.recent), ids(&all.others)), (vec![], vec!["org_1", "org_3"]));
    for search in ["name", "NAME 0", "org_", "%", ""] {
        let found = offered(&world, &tess, search).await;
        assert!(ids(&found.others).iter().all(|id| ["org_1", "org_3"].contains(id)), "{search}");
    }
    assert_eq!(ids(&offered(&world, &tess, " Name 03 ").await.others), ["org_3"]);
    assert_eq!(offered(&world, &tess, "Name 02").await, Switcher::default());
}

async fn staff_find_each_organization_by_a_part_of_its_name_or_id(world: TestApp) {
    organizations(&world, 3).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;

    assert_eq!(ids(&offered(&world, &sam, "").await.others), ["org_1", "org_2", "org_3"]);
    assert_eq!(ids(&offered(&world, &sam, "ME 02").await.others), ["org_2"]);
    assert_eq!(ids(&offered(&world, &sam, "g_3").await.others), ["org_3"]);
    let nothing = Switcher { may_find_people: true, ..Switcher::default() };
    assert_eq!(offered(&world, &sam, "na%e").await, nothing, "taken literally");
}

async fn twenty_others_are_offered_and_archived_ones_come_last(world: TestApp) {
    organizations(&world, 22).await;
    world.tamper("update organizations set archived = true where id = 'org_1'").await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;

    let all = offered(&world, &sam, "").await;
    assert_eq!((all.others.len(), all.is_cut), (Switcher::OTHERS, true));
    assert_eq!(all.others[0].id.as_str(), "org_2");
    visits(&world, &sam, "org_2").await;
    visits(&world, &sam, "org_22").await;

    let all = offered(&world, &sam, "").await;
    assert_eq!((all.recent.len(), all.others.len(), all.is_cut), (2, Switcher::OTHERS, false));
    let last = all.others.last().unwrap();
    assert_eq!((last.id.as_str(), last.archived), ("org_1", true));
}

async fn two_organizations_of_one_name_have_their_ids_beside_it(world: TestApp) {
    organizations(&world, 3).await;
    called(&world, "org_3", "Name 01").await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;

    let rows = offered(&world, &sam, "").await.others;

    let beside = |row: &SwitcherRow| row.beside.as_ref().map(|id| id.as_str().to_owned());
    let beside: Vec<_> = rows.iter().map(beside).collect();
    assert_eq!(beside, [Some("org_1".to_owned()), Some("org_3".to_owned()), None]);
}

async fn the_last_five_come_first_without_the_one_of_the_page(world: TestApp) {
    organizations(&world, 8).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    for n in 1..=7 {
        visits(&world, &sam, &format!("org_{n}")).await;
        world.clock.pass(Duration::from_secs(1));
    }

    let here = OrganizationId::new("org_7");
    let found = queries::switcher(&world.state, &sam, "", Some(&here)).await.unwrap();

    assert_eq!(ids(&found.recent), ["org_6", "org_5", "org_4", "org_3", "org_2"]);
    assert_eq!(ids(&found.others), ["org_1", "org_7", "org_8"]);
    let found = queries::switcher(&world.state, &sam, "name 04", Some(&here)).await.unwrap();
    assert_eq!((ids(&found.recent), ids(&found.others)), (vec!["org_4"], vec![]));
}

async fn an_organization_that_was_left_is_not_among_the_last(world: TestApp) {
    organizations(&world, 2).await;
    let tess = account(&world, TESS, Role::TenantAdmin, &["org_1", "org_2"]).await;
    visits(&world, &tess, "org_1").await;
    world.tamper("delete from account_organizations where organization_id = 'org_1'").await;

    let found = offered(&world, &world.viewer_of(TESS).await, "").await;

    assert_eq!((ids(&found.recent), ids(&found.others)), (vec![], vec!["org_2"]));
}

async fn a_view_offers_its_organization_alone_and_leaves_no_trace(world: TestApp) {
    organizations(&world, 3).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    visits(&world, &sam, "org_2").await;
    let view = ViewAs {
        organization: OrganizationId::new("org_1"),
        reason: "Ticket 7".to_owned(),
        until: Timestamp::from_nanos(i64::MAX),
    };
    let viewing = sam.viewing_as(view);

    visits(&world, &viewing, "org_1").await;

    let found = offered(&world, &viewing, "").await;
    assert_eq!((ids(&found.recent), ids(&found.others)), (vec![], vec!["org_1"]));
    assert_eq!(written(&world).await.len(), 1, "of org_2, before the view");
}

async fn a_person_who_stays_in_one_organization_writes_nothing(world: TestApp) {
    organizations(&world, 2).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    visits(&world, &sam, "org_1").await;
    let before = written(&world).await;
    world.clock.pass(Duration::from_hours(1));

    visits(&world, &sam, "org_1").await;

    assert_eq!(written(&world).await, before);
    visits(&world, &sam, "org_2").await;
    world.clock.pass(Duration::from_secs(1));
    visits(&world, &sam, "org_1").await;
    let after = written(&world).await;
    assert!(after[0].starts_with("org_1 ") && after.len() == 2, "{after:?}");
}

async fn two_windows_write_once_a_minute(world: TestApp) {
    organizations(&world, 2).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    visits(&world, &sam, "org_1").await;
    world.clock.pass(Duration::from_secs(1));
    visits(&world, &sam, "org_2").await;
    let before = written(&world).await;

    world.clock.pass(Duration::from_secs(58));
    visits(&world, &sam, "org_1").await;
    assert_eq!(written(&world).await, before);

    world.clock.pass(Duration::from_secs(1));
    visits(&world, &sam, "org_1").await;
    assert!(written(&world).await[0].starts_with("org_1 "));
}

async fn ten_visits_of_an_account_are_kept(world: TestApp) {
    organizations(&world, 12).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;
    let tess = account(&world, TESS, Role::TenantAdmin, &["org_1"]).await;
    visits(&world, &tess, "org_1").await;
    for n in 1..=12 {
        world.clock.pass(Duration::from_secs(1));
        visits(&world, &sam, &format!("org_{n}")).await;
    }

    let kept = written(&world).await;

    assert_eq!(kept.len(), 11, "the account's ten, and the other account's: {kept:?}");
    assert!(kept[9].starts_with("org_3 "), "{kept:?}");
}

async fn an_organization_that_does_not_exist_is_not_visited(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let sam = account(&world, SAM, Role::Staff, &[]).await;

    visits(&world, &sam, "org_404").await;

    assert_eq!(written(&world).await, [""; 0]);
}
