//! Reclaim: the people who are suggested by usage signals and by their groups, and what admins do
//! about a suggestion.

use std::time::Duration;

use domain::{
    access::{Role, Viewer},
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId},
    manual_decision::ManualDecision,
    organization::SeatLimit,
    reclaim::UnusedReason,
    refusal::Refusal,
    setting::SettingName,
};
use seatkeeper::{
    commands::{self, ByHand, Chosen, Error},
    queries::{self, export},
};
use views::reclaim::{ReclaimList, ReclaimPage, ReclaimQuery, ReclaimRow, Signals};

use crate::{
    support::{
        lists::exported,
        world::{ACME, TestApp, diruser, operator, scope, staff, stories},
    },
    usage_signals::{import, line},
};

stories! {
    an_organization_without_signals_has_no_suggestions_and_the_page_says_so,
    a_person_who_has_not_used_the_seat_for_long_is_suggested,
    a_person_without_any_signal_is_suggested_once_the_product_counts_for_long_enough,
    a_dismissal_releases_the_seat_and_admits_the_next,
    an_ignored_suggestion_comes_back_after_a_later_use,
    an_ignored_suggestion_ends_with_a_new_seat_or_by_hand,
    a_person_who_left_all_groups_is_suggested_where_others_are_in_groups,
    the_setting_says_after_how_long_and_never,
    the_list_is_read_page_by_page_and_exported,
}

pub const DAY: Duration = Duration::from_hours(24);

pub fn id(name: &str) -> DirectoryUserId {
    DirectoryUserId::new(diruser(name))
}

fn days(number: u32) -> Duration {
    DAY * number
}

/// The person used the product now.
pub async fn used(world: &TestApp, name: &str) {
    import(world, &[line(&diruser(name), world.clock.now())]).await;
}

pub async fn page(world: &TestApp, list: ReclaimList) -> ReclaimPage {
    let query = ReclaimQuery { list, before: None };
    queries::reclaim_page(&world.state, (&scope(ACME), &staff()), &query).await.unwrap()
}

fn names(rows: &[ReclaimRow]) -> Vec<String> {
    let name = |row: &ReclaimRow| row.name.as_ref().map(ToString::to_string).unwrap_or_default();
    rows.iter().map(name).collect()
}

async fn suggested(world: &TestApp) -> Vec<String> {
    let page = page(world, ReclaimList::Unused).await;
    assert_eq!(Ok(page.suggested), i64::try_from(page.rows.len()), "the count is that of the rows");
    assert!(page.rows.iter().all(|row| !row.reasons.is_empty()), "each has a reason: {page:?}");
    names(&page.rows)
}

async fn kept(world: &TestApp) -> Vec<String> {
    names(&page(world, ReclaimList::Kept).await.rows)
}

async fn ignore(world: &TestApp, name: &str) -> Result<(), Error> {
    let organization = OrganizationId::new(ACME);
    commands::ignore_suggestion(&world.state, &operator(), &organization, &id(name)).await
}

async fn restore(world: &TestApp, name: &str) -> Result<(), Error> {
    let organization = OrganizationId::new(ACME);
    commands::restore_suggestion(&world.state, &operator(), &organization, &id(name)).await
}

async fn dismiss(world: &TestApp, name: &str) {
    let new = ByHand {
        organization: OrganizationId::new(ACME),
        decision: ManualDecision::Dismiss,
        chosen: Chosen::These(vec![id(name)]),
        note: String::new(),
        preview_mark: None,
    };
    commands::decide_by_hand(&world.state, &operator(), &new).await.unwrap();
}

async fn state_of(world: &TestApp, name: &str) -> SeatState {
    let people = world.people(ACME).await;
    people.into_iter().find(|row| row.user == id(name)).unwrap().state
}

/// Ada and Bob hold the seats; both used the product at the beginning.
async fn with_two_users(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for name in ["ada", "bob"] {
        world.joined(ACME, name).await;
        used(world, name).await;
    }
}

async fn an_organization_without_signals_has_no_suggestions_and_the_page_says_so(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(days(400));

    let empty = page(&world, ReclaimList::Unused).await;

    assert_eq!((empty.rows, empty.signals, empty.after_days), (vec![], Signals::Never, Some(60)));
    used(&world, "ada").await;
    let heard_at = world.clock.now();
    world.clock.pass(days(60));
    let stopped = page(&world, ReclaimList::Unused).await;
    assert_eq!((stopped.rows, stopped.signals), (vec![], Signals::Stopped(heard_at)));
    let missing = queries::reclaim_page(
        &world.state,
        (&scope("org_404"), &staff()),
        &ReclaimQuery::default(),
    )
    .await;
    assert!(matches!(missing, Err(Error::Missing)));
    world.check().await;
}

async fn a_person_who_has_not_used_the_seat_for_long_is_suggested(world: TestApp) {
    with_two_users(&world).await;
    let last = world.clock.now();
    world.clock.pass(days(59));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, [""; 0]);

    world.clock.pass(DAY);

    let page = page(&world, ReclaimList::Unused).await;
    assert_eq!(suggested(&world).await, ["bob"]);
    assert_eq!(page.rows[0].reasons, [UnusedReason::LastUsed(last)]);
    assert!(matches!(page.signals, Signals::Arrive(_)));
    world.deactivated(ACME, "bob").await;
    world.clock.pass(DAY);
    world.joined(ACME, "bob").await;
    assert_eq!(suggested(&world).await, [""; 0], "a new seat");
    world.check().await;
}

async fn a_person_without_any_signal_is_suggested_once_the_product_counts_for_long_enough(
    world: TestApp,
) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.clock.pass(days(100));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, [""; 0]);
    assert!(matches!(page(&world, ReclaimList::Unused).await.signals, Signals::Began(..)));

    world.clock.pass(days(60));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, ["bob"]);

    let row = page(&world, ReclaimList::Unused).await.rows.remove(0);
    assert_eq!(row.reasons, [UnusedReason::NeverUsed(row.seat_since)]);
    world.check().await;
}

async fn a_dismissal_releases_the_seat_and_admits_the_next(world: TestApp) {
    with_two_users(&world).await;
    world.clock.pass(days(70));
    world.joined(ACME, "cleo").await;
    used(&world, "ada").await;
    assert_eq!(
        (suggested(&world).await, world.waitlist(ACME).await),
        (vec!["bob".to_owned()], vec!["cleo".to_owned()])
    );

    dismiss(&world, "bob").await;

    assert_eq!(state_of(&world, "bob").await, SeatState::Dismissed);
    assert_eq!(state_of(&world, "cleo").await, SeatState::Provisioned);
    assert_eq!(suggested(&world).await, [""; 0]);
    world.check().await;
}

async fn an_ignored_suggestion_comes_back_after_a_later_use(world: TestApp) {
    with_two_users(&world).await;
    world.clock.pass(days(70));
    used(&world, "ada").await;

    ignore(&world, "bob").await.unwrap();

    assert_eq!((suggested(&world).await, kept(&world).await), (vec![], vec!["bob".to_owned()]));
    let row = page(&world, ReclaimList::Kept).await.rows.remove(0);
    let by = row.kept.and_then(|(_, by)| by).map(|by| by.to_string());
    assert_eq!(by.as_deref(), Some("command line (story)"));
    let ada = Viewer { role: Role::TenantAdmin, ..staff() };
    let query = ReclaimQuery { list: ReclaimList::Kept, before: None };
    let page = queries::reclaim_page(&world.state, (&scope(ACME), &ada), &query).await.unwrap();
    assert_eq!(page.rows[0].kept.as_ref().unwrap().1, None, "a tenant reads no name of staff");
    let list = export::Unused::new(scope(ACME), ada, ReclaimList::Kept, world.clock.now());
    assert_eq!(exported(&world, list).await.unwrap()[0].kept_by, None);
    world.clock.pass(days(10));
    used(&world, "bob").await;
    assert_eq!((suggested(&world).await, kept(&world).await), (vec![], vec![]), "in use");
    world.clock.pass(days(60));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, ["bob"]);
    let log = "select action || ' ' || target from audit_log where target_id = 'diruser_bob'";
    assert_eq!(world.texts(log).await, ["ignore_suggestion bob"]);
    world.check().await;
}

async fn an_ignored_suggestion_ends_with_a_new_seat_or_by_hand(world: TestApp) {
    with_two_users(&world).await;
    world.clock.pass(days(70));
    used(&world, "ada").await;
    ignore(&world, "bob").await.unwrap();

    restore(&world, "bob").await.unwrap();
    restore(&world, "bob").await.unwrap();

    assert_eq!((suggested(&world).await, kept(&world).await), (vec!["bob".to_owned()], vec![]));
    let log = "select action from audit_log where target_id = 'diruser_bob' order by at, id";
    let once = ["ignore_suggestion", "restore_suggestion"];
    assert_eq!(world.texts(log).await, once, "what changes nothing is not in the log");

    ignore(&world, "bob").await.unwrap();
    world.deactivated(ACME, "bob").await;
    assert_eq!(kept(&world).await, [""; 0]);
    let refused = ignore(&world, "bob").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::HoldsNoSeat))), "{refused:?}");
    let unknown = ignore(&world, "zoe").await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::NoPerson(_)))), "{unknown:?}");
    world.joined(ACME, "bob").await;
    world.clock.pass(days(60));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, ["bob"]);
    world.check().await;
}

/// The person is in these groups from now on.
async fn in_groups(world: &TestApp, name: &str, groups: &str) {
    world.clock.pass(Duration::from_secs(1));
    let groups = format!(r#""active":true,"groups":[{groups}],"#);
    let body = world.body(ACME, name, "organization.directory.user_updated", &groups);
    world.post(&body).await;
}

async fn a_person_who_left_all_groups_is_suggested_where_others_are_in_groups(world: TestApp) {
    const CREW: &str = r#"{"id":"dirgroup_crew","name":"Crew"}"#;
    const SALES: &str = r#"{"id":"dirgroup_sales","name":"Sales"}"#;
    world.organization(ACME, SeatLimit::Seats(5)).await;
    in_groups(&world, "ada", CREW).await;
    in_groups(&world, "bob", &format!("{CREW},{SALES}")).await;
    in_groups(&world, "cleo", SALES).await;
    world.joined(ACME, "dan").await;
    world.clock.pass(DAY);
    let (event, at) = (world.number(), world.clock.now());
    world.post(&format!(r#"{{"id":"evt_{event}","type":"organization.directory.group_deleted","occurred_at":"{}","organization_id":"{ACME}","data":{{"id":"dirgroup_sales"}}}}"#, at.rfc3339())).await;
    world.clock.pass(days(59));
    assert_eq!(suggested(&world).await, [""; 0]);

    world.clock.pass(DAY);

    assert_eq!(suggested(&world).await, ["cleo"], "Bob has another group, Dan never had one");
    let row = page(&world, ReclaimList::Unused).await.rows.remove(0);
    assert_eq!(row.reasons, [UnusedReason::LeftGroups(at)]);
    used(&world, "cleo").await;
    assert_eq!(suggested(&world).await, [""; 0], "the seat is used");
    world.clock.pass(days(60));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, ["bob", "dan", "cleo"]);
    in_groups(&world, "ada", "").await;
    in_groups(&world, "bob", "").await;
    let reasons = page(&world, ReclaimList::Unused).await.rows.pop().unwrap().reasons;
    assert!(
        matches!(reasons[..], [UnusedReason::LastUsed(_)]),
        "no person is in a group: {reasons:?}"
    );
    world.check().await;
}

async fn the_setting_says_after_how_long_and_never(world: TestApp) {
    with_two_users(&world).await;
    world.clock.pass(days(20));
    used(&world, "ada").await;
    assert_eq!(suggested(&world).await, [""; 0]);

    world.change_setting(SettingName::ReclaimAfterDays, "14").await.unwrap();
    assert_eq!(suggested(&world).await, ["bob"]);
    world.change_setting(SettingName::ReclaimAfterDays, "never").await.unwrap();

    let off = page(&world, ReclaimList::Unused).await;
    assert_eq!((off.rows, off.suggested, off.after_days), (vec![], 0, None));
    let refused = world.change_setting(SettingName::ReclaimAfterDays, "13").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::SettingValue(_)))));
    world.check().await;
}

async fn the_list_is_read_page_by_page_and_exported(world: TestApp) {
    const PEOPLE: u64 = 120;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let mut lines = Vec::new();
    for number in 0..PEOPLE {
        world.joined(ACME, &format!("p{number}")).await;
        // every third time is the same, so that the id decides
        let at = world.clock.now().minus(Duration::from_hours(number / 3));
        lines.push(line(&diruser(&format!("p{number}")), at));
    }
    import(&world, &lines).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(days(70));
    used(&world, "ada").await;
    let mut query = ReclaimQuery::default();
    let (mut listed, mut pages) = (Vec::new(), 0);

    loop {
        let page =
            queries::reclaim_page(&world.state, (&scope(ACME), &staff()), &query).await.unwrap();
        assert_eq!(page.suggested, 120);
        listed.extend(page.rows);
        pages += 1;
        query.before = page.page.older;
        if query.before.is_none() {
            break;
        }
    }

    assert_eq!((listed.len(), pages), (120, 3));
    let idle = |row: &ReclaimRow| (row.last_used_at.unwrap().max(row.seat_since), row.user.clone());
    assert!(listed.is_sorted_by_key(idle), "the longest time without use first");
    let list = export::Unused::new(scope(ACME), staff(), ReclaimList::Unused, world.clock.now());
    let exported = exported(&world, list).await.unwrap();
    let ids: Vec<_> = exported.iter().map(|record| record.user.clone()).collect();
    assert_eq!(ids, listed.iter().map(|row| row.user.clone()).collect::<Vec<_>>());
    assert!(exported[0].reasons[0].starts_with("Last used on "), "{:?}", exported[0]);
    world.check().await;
}
