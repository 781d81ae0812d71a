//! The list of all organizations, page by page.

use std::collections::HashSet;

use domain::{
    alert::AlertKind,
    condition::Condition,
    directory_user::SeatState,
    id::OrganizationId,
    organization::{SeatLimit, SeatStatus},
};
use seatkeeper::queries::{self, export};
use views::{
    FoundPerson, OrganizationKey, OrganizationRow, Overview, OverviewQuery, OverviewSort,
    pagination::Key,
};

use crate::support::{
    lists::exported,
    property::fresh_seed,
    world::{ACME, TestApp, staff, stories},
};

stories! {
    every_order_is_read_page_by_page_without_a_gap,
    a_page_stays_where_it_is_when_the_row_it_begins_behind_changes,
    an_export_has_the_organizations_of_all_pages_in_their_order,
    each_number_is_that_of_the_rows_behind_it,
    staff_find_a_person_by_the_address_whatever_the_organization,
}

const SORTS: [OverviewSort; 5] = [
    OverviewSort::Urgency,
    OverviewSort::Name,
    OverviewSort::Limit,
    OverviewSort::Used,
    OverviewSort::Waiting,
];

/// Makes organizations directly in the database: with all kinds of limits, many with the same name
/// and the same numbers, each eleventh of them archived.
async fn many_organizations(world: &TestApp, count: i64) {
    let columns = "(id, name, search_key, limit_kind, limit_seats, limit_version, used, waiting, \
         first_position, last_position, policy, policy_version, archived, revision, created_at, \
         changed_at)";
    world
        .tamper(&format!(
            "insert into organizations {columns} \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {count}) \
             select 'org_' || (10000 + n), 'C' || (n * 37 % 40), 'c' || (n * 37 % 40), \
             case n % 3 when 0 then 'seats' when 1 then 'unlimited' else 'not_set' end, \
             case n % 3 when 0 then n % 5 end, 0, n % 7, n % 4, 0, 0, 'first_come', 0, \
             n % 11 = 0, 1, 0, 0 from numbers"
        ))
        .await;
}

/// Full, nearly full and roomy organizations are sorted by their fullness alone.
fn urgency(row: &OrganizationRow) -> SeatStatus {
    match row.usage.seat_status() {
        SeatStatus::Full | SeatStatus::NearlyFull => SeatStatus::Room,
        other => other,
    }
}

async fn read(world: &TestApp, query: &OverviewQuery) -> Overview {
    queries::overview(&world.state, &staff().staff().unwrap(), query).await.unwrap()
}

/// Reads all pages; each has at most fifty organizations, and none is on two of them.
async fn all_pages(world: &TestApp, mut query: OverviewQuery) -> Vec<OrganizationRow> {
    let mut all = Vec::new();
    loop {
        let page = read(world, &query).await;
        assert!(page.rows.len() <= 50);
        all.extend(page.rows);
        query.before = page.page.older;
        if query.before.is_none() {
            break;
        }
    }
    let once: HashSet<_> = all.iter().map(|row| &row.id).collect();
    assert_eq!(once.len(), all.len(), "{query:?}");
    all
}

async fn every_order_is_read_page_by_page_without_a_gap(world: TestApp) {
    many_organizations(&world, 220).await;
    for sort in SORTS {
        for descending in [false, true] {
            let query = OverviewQuery { sort, descending, ..OverviewQuery::default() };
            let all = all_pages(&world, query.clone()).await;
            assert_eq!(all.len(), 220, "{query:?}");
            let (live, archived) = all.split_at(200);
            assert!(
                live.iter().all(|row| !row.archived) && archived.iter().all(|row| row.archived)
            );
            for part in [live, archived] {
                let number = |row: &OrganizationRow| match sort {
                    OverviewSort::Used => row.usage.used,
                    OverviewSort::Waiting => row.usage.waiting,
                    _ => 0,
                };
                let is_sorted = part.is_sorted_by(|one, next| {
                    let (one, next) = (number(one), number(next));
                    if descending { one >= next } else { one <= next }
                });
                assert!(is_sorted, "{query:?}");
            }
            let found = OverviewQuery { search: "c1".to_owned(), ..query.clone() };
            let found = all_pages(&world, found).await;
            assert!(
                found.iter().eq(all.iter().filter(|row| row.name.as_str().starts_with("C1"))),
                "{query:?}"
            );
            let condition = Some(Condition::Waiting);
            let waiting = all_pages(&world, OverviewQuery { condition, ..query.clone() }).await;
            let expected = live.iter().filter(|row| row.usage.waiting > 0);
            assert!(waiting.iter().eq(expected), "{query:?}");
            if (sort, descending) == (OverviewSort::Urgency, false) {
                assert!(live.is_sorted_by_key(urgency), "by seat status");
            }
        }
    }
    let before = OrganizationKey::parse("used.0.3.0.org_1 acme");
    let first = read(&world, &OverviewQuery { before, ..OverviewQuery::default() }).await;
    assert_eq!((first.rows.len(), first.page.is_first()), (50, true), "a row of another order");
    assert_eq!(first.counts.all, 220);
}

async fn a_page_stays_where_it_is_when_the_row_it_begins_behind_changes(world: TestApp) {
    many_organizations(&world, 220).await;
    let ids = |page: Overview| -> Vec<OrganizationId> {
        page.rows.into_iter().map(|row| row.id).collect()
    };
    for sort in SORTS {
        for descending in [false, true] {
            let query = OverviewQuery { sort, descending, ..OverviewQuery::default() };
            let first = read(&world, &query).await;
            let second = OverviewQuery { before: first.page.older, ..query };
            let before = ids(read(&world, &second).await);
            // an archived organization comes last in every order
            let id = &first.rows[49].id;
            let change = "search_key = 'z', used = 999, waiting = 999, archived = true";
            world.tamper(&format!("update organizations set {change} where id = '{id}'")).await;
            assert_eq!(ids(read(&world, &second).await), before, "{second:?}");
        }
    }
}

async fn an_export_has_the_organizations_of_all_pages_in_their_order(world: TestApp) {
    many_organizations(&world, 1_100).await;
    let sam = staff().staff().unwrap();
    for sort in SORTS {
        for descending in [false, true] {
            let query = OverviewQuery { sort, descending, ..OverviewQuery::default() };
            let list = export::Organizations::new(sam.clone(), query.clone());
            let rows = exported(&world, list).await.unwrap();
            let ids = rows.into_iter().map(|cells| OrganizationId::new(cells.organization));
            let pages = all_pages(&world, query).await;
            assert!(ids.eq(pages.into_iter().map(|row| row.id)), "{sort:?} {descending}");
        }
    }
    let condition = Some(Condition::Archived);
    let archived = OverviewQuery { condition, ..OverviewQuery::default() };
    let rows = exported(&world, export::Organizations::new(sam, archived)).await.unwrap();
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|row| row.archived));
}

/// Gives some organizations open alerts of each kind, resolved ones, and seat requests in each
/// state; the random numbers are those of this run.
async fn some_trouble(world: &TestApp, seed: u64) {
    for (at, kind) in (1_u64..).zip(AlertKind::ALL) {
        let (kind, shift) = (kind.as_str(), (seed >> at) % 13);
        world
            .tamper(&format!(
                "insert into alerts (organization_id, id, kind, target, opened_at, resolved_at, \
                 notice) select id, 'alr_{kind}_' || id, '{kind}', '', 1, \
                 case when used % 2 = 0 then 2 end, 'sent' from organizations \
                 where (length(name) + used + waiting + {shift}) % 5 = 0"
            ))
            .await;
    }
    for (state, used) in [("open", 1), ("question", 2), ("approved", 3), ("withdrawn", 4)] {
        let modulo = 2 + seed % 3;
        world
            .tamper(&format!(
                "insert into seat_requests (organization_id, id, state, seats, reason, asked_by, \
                 account_id, asked_at, changed_at, version) select id, 'srq_' || id, '{state}', 1, \
                 'more', 'Kim', 'acc_1', 1, 1, 1 from organizations \
                 where used = {used} and waiting % {modulo} = 0"
            ))
            .await;
    }
}

/// Whether the row itself shows that its organization meets the condition.
fn meets(row: &OrganizationRow, condition: Condition) -> bool {
    let (usage, live) = (row.usage, !row.archived);
    match condition {
        Condition::Archived => row.archived,
        Condition::Waiting => live && usage.waiting > 0,
        Condition::Over => live && usage.over() > 0,
        Condition::LimitNotSet => live && usage.limit == SeatLimit::NotSet,
        Condition::NearlyFull => match usage.limit {
            SeatLimit::Seats(seats) => {
                live && seats > 0 && usage.used <= seats && usage.used * 100 >= seats * 80
            }
            _ => false,
        },
        Condition::Trouble => live && (!row.trouble.is_empty() || row.to_confirm.is_some()),
        Condition::OpenRequest => live && row.request.is_some(),
    }
}

async fn each_number_is_that_of_the_rows_behind_it(world: TestApp) {
    let seed = fresh_seed();
    eprintln!("the seed is {seed}");
    many_organizations(&world, 150 + i64::try_from(seed % 50).unwrap()).await;
    some_trouble(&world, seed).await;
    // its row shows the plan and not the alert
    let alerts = "kind = 'resync_needs_confirmation' and resolved_at is null";
    world
        .tamper(&format!("update alerts set kind = 'resync_failed', target = 'x' where {alerts}"))
        .await;

    for search in ["", "c1", "no such name"] {
        let query = OverviewQuery { search: search.to_owned(), ..OverviewQuery::default() };
        let counts = read(&world, &query).await.counts;
        let all = all_pages(&world, query.clone()).await;
        let live = all.iter().filter(|row| !row.archived);
        assert_eq!(counts.all, i64::try_from(all.len()).unwrap());
        assert_eq!(counts.people_waiting, live.map(|row| row.usage.waiting).sum::<i64>());
        for condition in Condition::ALL {
            let query = OverviewQuery { condition: Some(condition), ..query.clone() };
            let rows = all_pages(&world, query.clone()).await;
            let expected: Vec<_> = all.iter().filter(|row| meets(row, condition)).collect();
            assert!(rows.iter().eq(expected), "{query:?}");
            assert_eq!(counts.of(Some(condition)), i64::try_from(rows.len()).unwrap());
            assert_eq!(read(&world, &query).await.counts, counts, "the choice changes no number");
            assert!(!search.is_empty() || !rows.is_empty(), "{query:?} has something to compare");
        }
    }
}

async fn staff_find_a_person_by_the_address_whatever_the_organization(world: TestApp) {
    const GLOBEX: &str = "org_2002";
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.organization(GLOBEX, SeatLimit::Seats(0)).await;
    for (organization, user) in [(ACME, "ada"), (ACME, "omar"), (GLOBEX, "ada")] {
        world.joined(organization, user).await;
    }
    world.left(ACME, "ada").await;
    let found = async |search: &str| {
        let query = OverviewQuery { search: search.to_owned(), ..OverviewQuery::default() };
        let people = read(&world, &query).await.people.into_iter();
        let person = |one: FoundPerson| (one.organization, one.name.to_string(), one.state);
        people.map(person).collect::<Vec<_>>()
    };
    let person = |organization, state| (OrganizationId::new(organization), "ada".to_owned(), state);
    let both = [person(ACME, SeatState::Removed), person(GLOBEX, SeatState::Blocked)];

    assert_eq!(found("ada@acme.test").await, both, "removed people are found, too");
    assert_eq!(found(" ADA@Acme.test ").await, both, "as people write it");
    assert_eq!(found("ada@acme").await, [], "a part of an address is not an address");
    assert_eq!(found("ada").await, [], "nor is a name");
}
