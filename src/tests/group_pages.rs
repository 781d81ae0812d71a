//! The list of groups and the page of a group: names, numbers, orders, members.

use std::{collections::HashSet, time::Duration};

use domain::{
    admission::{AdmissionPolicy, GroupOrder},
    group::MemberCounts,
    id::{DirectoryUserId, GroupId, OrganizationId},
    manual_decision::ManualDecision,
    organization::SeatLimit,
};
use seatkeeper::{
    commands::{self, ByHand, Chosen, Error},
    queries::{self, export},
};
use views::{
    groups::{GroupKey, GroupPage, GroupQuery, Groups, GroupsQuery, GroupsSort, Listed},
    pagination::Key,
};

use crate::support::{
    lists::exported,
    world::{ACME, TestApp, diruser, operator, scope, stories},
};

stories! {
    the_numbers_follow_the_seats_and_the_memberships,
    a_deleted_group_is_marked_and_comes_last,
    groups_are_found_by_name_as_people_write_it,
    every_order_is_read_page_by_page_without_a_gap,
    a_page_stays_where_it_is_when_the_row_it_begins_behind_changes_or_goes,
    an_export_has_the_groups_of_all_pages_in_their_order,
    the_page_of_a_group_has_its_members_and_its_rank,
    a_group_of_another_organization_is_missing,
    wrong_numbers_of_a_group_are_found,
    groups_of_an_older_release_are_found_by_name_after_a_while,
}

const OTHER: &str = "org_1002";

async fn with_groups(world: &TestApp, organization: &str, user: &str, groups: &str) {
    world.clock.pass(Duration::from_secs(1));
    let groups = format!(r#""active":true,"groups":[{groups}],"#);
    let body = world.body(organization, user, "organization.directory.user_updated", &groups);
    world.post(&body).await;
}

async fn group_event(world: &TestApp, change: &str, data: &str) {
    world.clock.pass(Duration::from_secs(1));
    let (number, at) = (world.number(), world.clock.now().rfc3339());
    let body = format!(
        r#"{{"id":"evt_{number}","type":"organization.directory.group_{change}","occurred_at":"{at}","organization_id":"{ACME}","data":{{{data}}}}}"#
    );
    world.post(&body).await;
}

async fn dismiss(world: &TestApp, user: &str) {
    let new = ByHand {
        organization: OrganizationId::new(ACME),
        decision: ManualDecision::Dismiss,
        chosen: Chosen::These(vec![DirectoryUserId::new(diruser(user))]),
        note: String::new(),
        preview_mark: None,
    };
    commands::decide_by_hand(&world.state, &operator(), &new).await.unwrap();
}

async fn list(world: &TestApp, query: &GroupsQuery) -> Groups {
    queries::groups(&world.state, &scope(ACME), query).await.unwrap()
}

async fn names(world: &TestApp, query: GroupsQuery) -> Vec<String> {
    list(world, &query).await.rows.iter().map(|row| row.name.to_string()).collect()
}

/// The numbers of a group: with a seat, waiting, not now, inactive.
async fn numbers(world: &TestApp, group: &str) -> [i64; 4] {
    let groups = list(world, &GroupsQuery::default()).await;
    let row = groups.rows.iter().find(|row| row.group.as_str() == group).unwrap();
    MemberCounts::STATES.map(|state| row.counts.of(state))
}

const SALES: &str = r#"{"id":"dirgroup_sales","name":"Sales"}"#;
const CREW: &str = r#"{"id":"dirgroup_crew","name":"Crew"}"#;

async fn the_numbers_follow_the_seats_and_the_memberships(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for user in ["ada", "bob", "cleo"] {
        with_groups(&world, ACME, user, &format!("{SALES},{CREW}")).await;
    }
    assert_eq!(numbers(&world, "dirgroup_sales").await, [1, 2, 0, 0]);

    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap();
    assert_eq!(numbers(&world, "dirgroup_sales").await, [2, 1, 0, 0]);
    dismiss(&world, "ada").await;
    assert_eq!(numbers(&world, "dirgroup_sales").await, [2, 0, 1, 0]);
    world.deactivated(ACME, "bob").await;
    assert_eq!(numbers(&world, "dirgroup_sales").await, [1, 0, 1, 1]);
    with_groups(&world, ACME, "cleo", CREW).await;
    assert_eq!(numbers(&world, "dirgroup_sales").await, [0, 0, 1, 1]);
    world.left(ACME, "bob").await;
    assert_eq!(numbers(&world, "dirgroup_sales").await, [0, 0, 1, 0]);
    assert_eq!(numbers(&world, "dirgroup_crew").await, [1, 0, 1, 0]);
    world.check().await;
}

async fn a_deleted_group_is_marked_and_comes_last(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    group_event(
        &world,
        "created",
        r#""id":"dirgroup_a","display_name":"Alpha","directory_id":"dir_1""#,
    )
    .await;
    for (user, groups) in [("ada", SALES), ("bob", CREW)] {
        with_groups(&world, ACME, user, groups).await;
    }
    group_event(&world, "deleted", r#""id":"dirgroup_crew""#).await;

    let groups = list(&world, &GroupsQuery::default()).await;
    let seen: Vec<_> = groups
        .rows
        .iter()
        .map(|row| (row.name.to_string(), row.deleted, row.counts.members()))
        .collect();
    let row = |name: &str, deleted, members| (name.to_owned(), deleted, members);
    assert_eq!(seen, [row("Alpha", false, 0), row("Sales", false, 1), row("Crew", true, 0)]);
    assert_eq!((groups.matching, groups.deleted), (2, 1));
    assert_eq!(groups.rows[0].directory.as_ref().unwrap(), "dir_1");
    let descending = GroupsQuery { descending: true, ..GroupsQuery::default() };
    assert_eq!(names(&world, descending).await, ["Sales", "Alpha", "Crew"]);
    for descending in [false, true] {
        let sort = GroupsSort::Members;
        let query = GroupsQuery { sort, descending, ..GroupsQuery::default() };
        assert_eq!(names(&world, query).await.pop().unwrap(), "Crew");
    }
    world.check().await;
}

async fn groups_are_found_by_name_as_people_write_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    for (id, name) in [("1", "Équipe Ventes"), ("2", "100% Crew"), ("3", "")] {
        let data = format!(r#""id":"dirgroup_{id}","display_name":"{name}""#);
        group_event(&world, "created", &data).await;
    }
    let found = async |search: &str| {
        let query = GroupsQuery { search: search.to_owned(), ..GroupsQuery::default() };
        names(&world, query).await
    };

    assert_eq!(found("equipe").await, ["Équipe Ventes"]);
    assert_eq!(found("0% c").await, ["100% Crew"]);
    assert_eq!(found("dirgroup_3").await, ["dirgroup_3"], "a group without a name is its id");
    assert_eq!(found("no such group").await, [""; 0]);
    group_event(&world, "updated", r#""id":"dirgroup_2","display_name":"Pilots""#).await;
    assert_eq!((found("crew").await, found("PILOTS").await), (vec![], vec!["Pilots".to_owned()]));
}

/// Makes groups directly in the database; some have the same name and the same numbers, and each
/// tenth one is deleted.
async fn many_groups(world: &TestApp, count: i64) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world
        .tamper(&format!(
            "insert into directory_groups (organization_id, id, name, search_key, deleted, \
             version_at, version_tie, provisioned, blocked) \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {count}) \
             select '{ACME}', 'dirgroup_' || (10000 + n), 'G' || (n * 37 % 100), \
             'g' || (n * 37 % 100), n % 10 = 0, 0, 0, n % 7, n % 3 from numbers"
        ))
        .await;
}

const SORTS: [(GroupsSort, bool); 6] = [
    (GroupsSort::Name, false),
    (GroupsSort::Name, true),
    (GroupsSort::Members, false),
    (GroupsSort::Members, true),
    (GroupsSort::Waiting, false),
    (GroupsSort::Waiting, true),
];

/// Reads all pages; each has at most fifty groups, and no group is on two of them.
async fn all_pages(world: &TestApp, mut query: GroupsQuery) -> Vec<views::groups::GroupRow> {
    let mut all = Vec::new();
    loop {
        let page = list(world, &query).await;
        assert!(page.rows.len() <= 50);
        all.extend(page.rows);
        query.before = page.page.older;
        if query.before.is_none() {
            break;
        }
    }
    let once: HashSet<_> = all.iter().map(|row| &row.group).collect();
    assert_eq!(once.len(), all.len(), "{query:?}");
    all
}

async fn every_order_is_read_page_by_page_without_a_gap(world: TestApp) {
    many_groups(&world, 130).await;

    for (sort, descending) in SORTS {
        let query = GroupsQuery { sort, descending, ..GroupsQuery::default() };
        let all = all_pages(&world, query.clone()).await;
        assert_eq!(all.len(), 130, "{query:?}");
        let number = |row: &views::groups::GroupRow| match sort {
            GroupsSort::Name => 0,
            GroupsSort::Members => row.counts.members(),
            GroupsSort::Waiting => row.counts.blocked,
        };
        let (live, deleted) = all.split_at(117);
        assert!(live.iter().all(|row| !row.deleted) && deleted.iter().all(|row| row.deleted));
        for part in [live, deleted] {
            let numbers: Vec<_> = part.iter().map(number).collect();
            let is_sorted = numbers
                .is_sorted_by(|one, next| if descending { one >= next } else { one <= next });
            assert!(is_sorted, "{query:?} {numbers:?}");
        }
        let search = GroupsQuery { search: "g1".to_owned(), ..query };
        let found = all_pages(&world, search).await;
        let expected = all.iter().filter(|row| row.name.as_str().starts_with("G1"));
        assert!(found.iter().eq(expected), "{sort:?} {descending}");
    }
    let before = GroupKey::parse("members.0.3.dirgroup_1 g1");
    let first = list(&world, &GroupsQuery { before, ..GroupsQuery::default() }).await;
    assert_eq!((first.rows.len(), first.page.is_first()), (50, true), "a row of another order");
}

async fn a_page_stays_where_it_is_when_the_row_it_begins_behind_changes_or_goes(world: TestApp) {
    many_groups(&world, 130).await;
    for (sort, descending) in SORTS {
        let query = GroupsQuery { sort, descending, ..GroupsQuery::default() };
        let first = list(&world, &query).await;
        let second = GroupsQuery { before: first.page.older, ..query };
        let before = list(&world, &second).await.rows;
        let group = &first.rows[49].group;
        for change in ["set search_key = 'a'", "set search_key = 'z', blocked = 99, deleted = true"]
        {
            world.tamper(&format!("update directory_groups {change} where id = '{group}'")).await;
            assert_eq!(list(&world, &second).await.rows, before, "{second:?} {change}");
        }
        world.tamper(&format!("delete from directory_groups where id = '{group}'")).await;
        assert_eq!(list(&world, &second).await.rows, before, "{second:?}");
    }
}

async fn an_export_has_the_groups_of_all_pages_in_their_order(world: TestApp) {
    many_groups(&world, 1_100).await;
    for (sort, descending) in SORTS {
        let query = GroupsQuery { sort, descending, ..GroupsQuery::default() };
        let rows = exported(&world, export::Groups::new(scope(ACME), query.clone())).await.unwrap();
        let groups = rows.into_iter().map(|cells| GroupId::new(cells.group));
        let pages = all_pages(&world, query).await;
        assert!(groups.eq(pages.into_iter().map(|row| row.group)), "{sort:?} {descending}");
    }
    let unknown = export::Groups::new(scope("org_unknown"), GroupsQuery::default());
    assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)));
}

async fn page(world: &TestApp, group: &str) -> GroupPage {
    let (group, query) = (GroupId::new(group), GroupQuery::default());
    queries::group_page(&world.state, &scope(ACME), &group, &query).await.unwrap()
}

async fn the_page_of_a_group_has_its_members_and_its_rank(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for (user, groups) in [("ada", CREW), ("bob", SALES), ("cleo", SALES), ("dan", CREW)] {
        with_groups(&world, ACME, user, groups).await;
    }
    let order = ["dirgroup_other", "dirgroup_sales"].map(GroupId::new).to_vec();
    let policy = AdmissionPolicy::GroupsFirst(GroupOrder::new(order).unwrap());
    world.set_policy(ACME, policy).await.unwrap();

    let sales = page(&world, "dirgroup_sales").await;
    assert_eq!((sales.row.name.as_str(), sales.rank), ("Sales", Some((2, 2))));
    let Listed::Members { rows, .. } = sales.list else { panic!("no members") };
    let rows: Vec<_> =
        rows.iter().map(|row| (row.name.as_ref().unwrap().to_string(), row.position)).collect();
    assert_eq!(rows, [("bob".to_owned(), Some(1)), ("cleo".to_owned(), Some(2))]);
    assert_eq!(page(&world, "dirgroup_crew").await.rank, None);

    group_event(&world, "deleted", r#""id":"dirgroup_sales""#).await;
    let sales = page(&world, "dirgroup_sales").await;
    assert!(sales.row.deleted && sales.deleted_at.is_some());
    assert_eq!(sales.row.counts, MemberCounts::default());
}

async fn a_group_of_another_organization_is_missing(world: TestApp) {
    for organization in [ACME, OTHER] {
        world.organization(organization, SeatLimit::Seats(1)).await;
    }
    with_groups(&world, OTHER, "ada", SALES).await;

    for (organization, group) in
        [(ACME, "dirgroup_sales"), (ACME, "dirgroup_404"), ("org_404", "dirgroup_sales")]
    {
        let (group, query) = (GroupId::new(group), GroupQuery::default());
        let page = queries::group_page(&world.state, &scope(organization), &group, &query).await;
        assert!(matches!(page, Err(Error::Missing)), "{organization}");
        let record = queries::group_record(&world.state, &scope(organization), &group).await;
        assert!(matches!(record, Ok(None) | Err(Error::Missing)), "{organization}");
    }
    assert_eq!(list(&world, &GroupsQuery::default()).await.rows, []);
}

async fn wrong_numbers_of_a_group_are_found(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    with_groups(&world, ACME, "ada", &format!("{SALES},{CREW}")).await;
    world.check().await;

    for column in ["provisioned", "blocked", "dismissed", "inactive"] {
        let wrong = format!(
            "update directory_groups set {column} = {column} + 1 where id = 'dirgroup_crew'"
        );
        world.tamper(&wrong).await;
        let found = queries::check(&world.state).await.unwrap();
        let told = "org_1001: the stored numbers of members of its groups (with a seat, waiting, \
                    not now, inactive) are ";
        assert!(found.len() == 1 && found[0].0.starts_with(told), "{column}: {found:?}");
        assert!(found[0].0.ends_with(", the people say 2, 0, 0, 0"), "{column}: {found:?}");
        world.tamper(&wrong.replace('+', "-")).await;
    }
    world.check().await;
}

async fn groups_of_an_older_release_are_found_by_name_after_a_while(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    group_event(&world, "created", r#""id":"dirgroup_1","display_name":"Équipe""#).await;
    world.tamper("update directory_groups set search_key = 'équipe'").await;
    let query = GroupsQuery { search: "equipe".to_owned(), ..GroupsQuery::default() };
    assert_eq!(names(&world, query.clone()).await, [""; 0]);

    assert_eq!(seatkeeper::jobs::search_keys::work_off(&world.state).await.unwrap(), 1);

    assert_eq!(names(&world, query).await, ["Équipe"]);
}
