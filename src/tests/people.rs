//! The list of people: its views, filters and orders, page by page.

use std::{collections::HashSet, time::Duration};

use domain::{
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    time::Timestamp,
};
use seatkeeper::{
    commands::Error,
    queries::{self, export},
};
use views::{People, PeopleQuery, PeopleSort, PersonKey, pagination::Key};

use crate::support::{
    lists::exported,
    world::{ACME, TestApp, scope, stories},
};

stories! {
    the_views_count_what_the_search_matches,
    people_are_in_the_order_that_is_asked_for,
    each_filter_leaves_the_people_it_names,
    every_order_is_read_page_by_page_without_a_gap,
    a_page_stays_where_it_is_when_the_row_it_begins_behind_changes_or_goes,
    a_filter_that_few_people_pass_is_read_in_bounded_parts,
    an_export_has_the_people_of_all_pages_in_their_order,
}

async fn read(world: &TestApp, query: &PeopleQuery) -> People {
    queries::people(&world.state, &scope(ACME), query).await.unwrap()
}

fn names(people: &People) -> Vec<String> {
    people.rows.iter().map(|row| row.name.as_ref().unwrap().to_string()).collect()
}

async fn named(world: &TestApp, query: PeopleQuery) -> Vec<String> {
    names(&read(world, &query).await)
}

fn any() -> PeopleQuery {
    PeopleQuery::default()
}

/// Five people, one in each state, and another one on the waitlist.
async fn one_in_each_state(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for user in ["ada", "omar", "nina", "ivo", "rosa"] {
        world.joined(ACME, user).await;
    }
    world.deactivated(ACME, "ivo").await;
    world.left(ACME, "rosa").await;
}

async fn the_views_count_what_the_search_matches(world: TestApp) {
    one_in_each_state(&world).await;
    let (seat, waits) = (SeatState::Provisioned, SeatState::Blocked);

    let all = read(&world, &any()).await;
    assert_eq!(names(&all), ["ada", "ivo", "nina", "omar"], "without removed people");
    assert_eq!((all.count(None), all.count(Some(SeatState::Removed))), (4, 1));
    assert_eq!((all.count(Some(seat)), all.count(Some(waits))), (1, 2));
    let removed = PeopleQuery { state: Some(SeatState::Removed), ..any() };
    assert_eq!(named(&world, removed).await, ["rosa"]);

    let search = PeopleQuery { search: "NINA".to_owned(), ..any() };
    let found = read(&world, &search).await;
    assert_eq!(names(&found), ["nina"]);
    assert_eq!((found.count(None), found.count(Some(seat)), found.count(Some(waits))), (1, 0, 1));
    let found = PeopleQuery { state: Some(waits), ..search };
    let found = read(&world, &found).await;
    assert_eq!((names(&found), found.rows[0].position), (vec!["nina".to_owned()], Some(2)));
}

async fn people_are_in_the_order_that_is_asked_for(world: TestApp) {
    one_in_each_state(&world).await;
    let waits = PeopleQuery { state: Some(SeatState::Blocked), ..any() };
    let by = |sort, descending| PeopleQuery { sort: Some(sort), descending, ..any() };

    let waitlist = read(&world, &waits).await;
    assert_eq!(names(&waitlist), ["omar", "nina"]);
    assert_eq!(
        waitlist.rows.iter().map(|row| row.position).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
    let by_name = PeopleQuery { sort: Some(PeopleSort::Name), ..waits };
    let by_name = read(&world, &by_name).await;
    assert_eq!(names(&by_name), ["nina", "omar"]);
    assert_eq!(by_name.rows.iter().map(|row| row.position).collect::<Vec<_>>(), [Some(2), Some(1)]);

    for (sort, descending, expected) in [
        (PeopleSort::Name, false, ["ada", "ivo", "nina", "omar"]),
        (PeopleSort::Name, true, ["omar", "nina", "ivo", "ada"]),
        (PeopleSort::Since, false, ["ada", "omar", "nina", "ivo"]),
        (PeopleSort::Since, true, ["ivo", "nina", "omar", "ada"]),
    ] {
        assert_eq!(named(&world, by(sort, descending)).await, expected, "{sort:?} {descending}");
        let search = PeopleQuery { search: "acme".to_owned(), ..by(sort, descending) };
        assert_eq!(named(&world, search).await, expected, "searched, {sort:?} {descending}");
    }
}

async fn each_filter_leaves_the_people_it_names(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let event = "organization.directory.user_created";
    for (user, more) in [
        ("ada", r#""groups":[{"id":"dirgroup_1","name":"Sales"}],"#),
        ("bob", r#""roles":[{"role_name":"billing_admin"}],"#),
        ("cleo", r#""groups":[{"id":"dirgroup_1","name":"Sales"},{"id":"dirgroup_2"}],"#),
    ] {
        world.clock.pass(Duration::from_hours(24));
        let body = world.body(ACME, user, event, &format!("\"active\":true,{more}"));
        world.post(&body.replace("cleo@acme.test", "ADA@acme.test")).await;
    }
    let group = |id: &str| PeopleQuery { group: Some(GroupId::new(id)), ..any() };

    let all = read(&world, &any()).await;
    let groups: Vec<_> = all.groups.iter().map(|(_, name)| name.to_string()).collect();
    assert_eq!(groups, ["Sales", "dirgroup_2"]);
    assert_eq!(named(&world, group("dirgroup_1")).await, ["ada", "cleo"]);
    assert_eq!(named(&world, group("dirgroup_2")).await, ["cleo"]);
    assert_eq!(named(&world, group("dirgroup_unknown")).await, [""; 0]);
    let role = |role: &str| PeopleQuery { role: role.to_owned(), ..any() };
    assert_eq!(named(&world, role("billing_admin")).await, ["bob"]);
    assert_eq!(named(&world, role("billing")).await, [""; 0], "a role is named in full");
    let duplicates = PeopleQuery { duplicates: true, ..any() };
    assert_eq!(named(&world, duplicates.clone()).await, ["ada", "cleo"]);
    for sort in [PeopleSort::Name, PeopleSort::Since] {
        for descending in [false, true] {
            let since = Some(all.rows[1].since);
            let query = PeopleQuery { since, sort: Some(sort), descending, ..any() };
            let found: HashSet<_> = named(&world, query).await.into_iter().collect();
            assert_eq!(found.len(), 2, "{sort:?} {descending}: {found:?}");
            assert!(!found.contains("ada"));
        }
    }
    let together = PeopleQuery { group: Some(GroupId::new("dirgroup_2")), ..duplicates };
    assert_eq!(named(&world, together).await, ["cleo"]);

    world.left(ACME, "cleo").await;
    assert_eq!(named(&world, PeopleQuery { duplicates: true, ..any() }).await, [""; 0]);
    assert_eq!(named(&world, group("dirgroup_1")).await, ["ada"]);
}

/// Makes people directly in the database, each tenth of them inactive; some have the same name and
/// the same time.
async fn many_people(world: &TestApp, count: i64) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let columns = "(organization_id, id, state, email, email_key, name, search_key, roles, since, \
         activity_at, activity_tie, email_at, email_tie, name_at, name_tie, external_id_at, \
         external_id_tie, groups_at, groups_tie, roles_at, roles_tie)";
    world
        .tamper(&format!(
            "insert into directory_users {columns} \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {count}) \
             select '{ACME}', 'diruser_' || (10000 + n), \
             case when n % 10 = 0 then 'inactive' else 'dismissed' end, null, null, \
             'P' || (10000 + n * 37 % 1000), 'p' || (10000 + n * 37 % 1000), \
             case when n = {count} then '[\"rare\"]' else '[]' end, n / 3, \
             0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 from numbers"
        ))
        .await;
}

/// Reads all pages; each has at most fifty people, and no person is on two of them.
async fn all_pages(world: &TestApp, mut query: PeopleQuery) -> Vec<DirectoryUserId> {
    let mut all = Vec::new();
    loop {
        let page = read(world, &query).await;
        assert!(page.rows.len() <= 50);
        all.extend(page.rows.into_iter().map(|row| row.user));
        query.before = page.page.older;
        if query.before.is_none() {
            break;
        }
    }
    let once: HashSet<_> = all.iter().collect();
    assert_eq!(once.len(), all.len(), "{query:?}");
    all
}

async fn every_order_is_read_page_by_page_without_a_gap(world: TestApp) {
    many_people(&world, 130).await;

    for sort in [PeopleSort::Name, PeopleSort::Since] {
        let query = PeopleQuery { sort: Some(sort), ..any() };
        let up = all_pages(&world, query.clone()).await;
        let mut down = all_pages(&world, PeopleQuery { descending: true, ..query.clone() }).await;
        assert_eq!(up.len(), 130, "{sort:?}");
        down.reverse();
        assert_eq!(up, down, "{sort:?}");
        let search = PeopleQuery { search: "P1".to_owned(), ..query.clone() };
        assert_eq!(all_pages(&world, search).await, up, "{sort:?}, searched");
        let since = Some(Timestamp::from_nanos(20));
        let later = all_pages(&world, PeopleQuery { since, ..query.clone() }).await;
        assert_eq!(later.len(), 130 - 59, "{sort:?}");
        let state = Some(SeatState::Inactive);
        assert_eq!(all_pages(&world, PeopleQuery { state, ..query }).await.len(), 13, "{sort:?}");
    }
    let other = PeopleQuery { before: PersonKey::parse("since.17.0.diruser_1"), ..any() };
    let first = read(&world, &other).await;
    assert_eq!((first.rows.len(), first.page.is_first()), (50, true), "a row of another order");
}

async fn a_page_stays_where_it_is_when_the_row_it_begins_behind_changes_or_goes(world: TestApp) {
    many_people(&world, 130).await;
    world
        .tamper(
            "update directory_users set state = 'blocked', waitlist_rank = 0, \
             waitlist_position = since where since < 40",
        )
        .await;
    let (by_name, by_since) = (Some(PeopleSort::Name), Some(PeopleSort::Since));
    let waits = PeopleQuery { state: Some(SeatState::Blocked), ..any() };
    for query in [
        PeopleQuery { sort: by_name, ..any() },
        PeopleQuery { sort: by_name, descending: true, ..any() },
        PeopleQuery { sort: by_since, ..any() },
        PeopleQuery { sort: by_since, descending: true, ..any() },
        PeopleQuery { search: "P".to_owned(), sort: by_since, ..any() },
        waits,
    ] {
        let first = read(&world, &query).await;
        let second = PeopleQuery { before: first.page.older, ..query };
        let before = named(&world, second.clone()).await;
        let user = &first.rows[49].user;
        for change in [
            "set name = 'A', search_key = 'a', since = 0, \
             waitlist_position = case when state = 'blocked' then -1 end",
            "set name = 'Z', search_key = 'z', since = 99, state = 'removed', \
             waitlist_rank = null, waitlist_position = null",
        ] {
            world.tamper(&format!("update directory_users {change} where id = '{user}'")).await;
            assert_eq!(named(&world, second.clone()).await, before, "{second:?} {change}");
        }
        world.tamper(&format!("delete from directory_users where id = '{user}'")).await;
        assert_eq!(named(&world, second.clone()).await, before, "{second:?}");
    }
}

async fn a_filter_that_few_people_pass_is_read_in_bounded_parts(world: TestApp) {
    many_people(&world, 5_000).await;
    world
        .tamper(
            "insert into memberships (organization_id, user_id, group_id) \
             select organization_id, id, 'dirgroup_all' from directory_users where since < 1600",
        )
        .await;
    let mut query = PeopleQuery { role: "rare".to_owned(), ..any() };
    let (mut found, mut parts) = (Vec::new(), 0);
    loop {
        let page = read(&world, &query).await;
        found.extend(page.rows.into_iter().map(|row| row.user.to_string()));
        parts += 1;
        assert_eq!(page.looked_through, page.page.older.is_some());
        query.before = page.page.older;
        if query.before.is_none() {
            break;
        }
    }
    assert_eq!((found, parts), (vec!["diruser_15000".to_owned()], 5));

    // a large group is read in the order of the list, a small one from its members
    let group = Some(GroupId::new("dirgroup_all"));
    let large = all_pages(&world, PeopleQuery { group: group.clone(), ..any() }).await;
    assert_eq!(large.len(), 4_799);
    world.tamper("delete from memberships where user_id > 'diruser_11000'").await;
    let small = all_pages(&world, PeopleQuery { group, ..any() }).await;
    assert_eq!(small.len(), 1_000);
    assert!(small.iter().all(|user| large.contains(user)));
}

async fn an_export_has_the_people_of_all_pages_in_their_order(world: TestApp) {
    many_people(&world, 1_200).await;
    for query in [
        any(),
        PeopleQuery { sort: Some(PeopleSort::Since), descending: true, ..any() },
        PeopleQuery { state: Some(SeatState::Inactive), ..any() },
        PeopleQuery { role: "rare".to_owned(), ..any() },
    ] {
        let rows = exported(&world, export::People::new(scope(ACME), query.clone())).await.unwrap();
        let users: Vec<_> =
            rows.into_iter().map(|cells| DirectoryUserId::new(cells.user)).collect();
        assert_eq!(users, all_pages(&world, query.clone()).await, "{query:?}");
    }
    let unknown = export::People::new(scope("org_unknown"), any());
    assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)));
}
