//! Lists that are exported have the rows of all pages of their page, in their order.

use std::collections::HashMap;

use domain::{
    access::{Role, Viewer},
    decision::Outcome,
    directory::PlanPart,
    directory_user::SeatState,
    id::{GroupId, OrganizationId, ResyncId},
    organization::SeatLimit,
    time::Timestamp,
};
use seatkeeper::{
    commands::Error,
    queries::{self, AuditEntry, export},
};
use views::{
    PeopleQuery,
    audit::AuditQuery,
    deliveries::{DeliveriesQuery, Show},
    groups::{GroupList, GroupQuery, Listed},
    resyncs::ResyncQuery,
    waitlist::{WaitlistFilter, WaitlistQuery, WaitlistRow},
};

use crate::support::{
    lists::exported,
    scalekit::Scalekit,
    world::{ACME, TestApp, scope, staff, stories},
};

stories! {
    the_waitlist_and_the_other_lists_beside_it,
    the_audit_log_as_far_as_it_may_be_read,
    the_inbox_without_personal_data,
    the_resyncs_as_far_as_they_may_be_read,
    the_plan_of_a_resync_and_its_parts,
    who_joined_and_who_left_a_group,
}

/// More than are read at once.
const MANY: usize = 620;

/// Makes people directly in the database: two of three wait, the others were dismissed.
async fn many_people(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let columns = "(organization_id, id, state, email, email_key, name, search_key, roles, \
         waitlist_rank, waitlist_position, since, activity_at, activity_tie, email_at, email_tie, \
         name_at, name_tie, external_id_at, external_id_tie, groups_at, groups_tie, roles_at, \
         roles_tie)";
    world
        .tamper(&format!(
            "insert into directory_users {columns} \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {MANY} * 3 / 2) \
             select '{ACME}', 'diruser_' || (10000 + n), \
             case when n % 3 = 0 then 'dismissed' else 'blocked' end, 'p@acme.test', \
             'p@acme.test', 'P' || (n % 7), 'p' || (n % 7) || ' p@acme.test', '[]', \
             case when n % 3 <> 0 then n % 2 end, case when n % 3 <> 0 then -n end, n, \
             0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 from numbers"
        ))
        .await;
}

async fn waitlist_pages(world: &TestApp, filter: &WaitlistFilter) -> Vec<WaitlistRow> {
    let mut query = WaitlistQuery { filter: filter.clone(), ..WaitlistQuery::default() };
    let mut all = Vec::new();
    loop {
        let page = queries::waitlist(&world.state, &scope(ACME), &query).await.unwrap();
        all.extend(page.rows);
        query.after = page.page.older;
        if query.after.is_none() {
            return all;
        }
    }
}

async fn the_waitlist_and_the_other_lists_beside_it(world: TestApp) {
    many_people(&world).await;
    for state in WaitlistFilter::STATES {
        for search in ["", "P3"] {
            let filter = WaitlistFilter { state, search: search.to_owned(), group: None };
            let list = export::Waitlist::new(scope(ACME), filter.clone());
            let rows = exported(&world, list).await.unwrap();
            let pages = waitlist_pages(&world, &filter).await;
            let cells = rows.iter().map(|row| (row.user.clone(), row.position, row.since.clone()));
            let expected =
                pages.iter().map(|row| (row.user.to_string(), row.position, row.since.rfc3339()));
            assert!(cells.eq(expected), "{filter:?}");
            assert!(rows.iter().all(|row| row.state == state && row.has_duplicate_email));
            match (state, search) {
                (SeatState::Blocked, "") => assert_eq!(rows.len(), MANY),
                (SeatState::Provisioned, _) => assert_eq!(rows, []),
                _ => assert!(!rows.is_empty()),
            }
        }
    }
    let whole = export::Waitlist::new(scope(ACME), WaitlistFilter::default());
    let whole = exported(&world, whole).await.unwrap();
    let positions: HashMap<_, _> =
        whole.iter().map(|row| (row.user.clone(), row.position.unwrap())).collect();
    let some = WaitlistFilter { search: "P3".to_owned(), ..WaitlistFilter::default() };
    let some = exported(&world, export::Waitlist::new(scope(ACME), some)).await.unwrap();
    assert!(some.iter().all(|row| row.position == positions.get(&row.user).copied()));
    let people = export::People::new(scope(ACME), PeopleQuery::default());
    let people = exported(&world, people).await.unwrap();
    assert!(people.iter().all(|row| row.position == positions.get(&row.user).copied()));
    assert_eq!(people.iter().filter(|row| row.position.is_some()).count(), MANY);
    let unknown = export::Waitlist::new(scope("org_unknown"), WaitlistFilter::default());
    assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)));
}

async fn audit_pages(world: &TestApp, viewer: &Viewer, mut query: AuditQuery) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let page = queries::audit(&world.state, viewer, &query).await.unwrap();
        all.extend(page.rows.into_iter().map(|row| {
            let text = |text: Option<_>| text.map_or("-".to_owned(), |text| format!("{text}"));
            let (reason, address) = (text(row.reason), text(row.address));
            let by = row.actor_id.map_or("-".to_owned(), |id| id.to_string());
            format!("{} {by} {reason} {address} {}", row.id, text(row.request_id))
        }));
        query.before = page.page.older;
        if query.before.is_none() {
            return all;
        }
    }
}

async fn the_audit_log_as_far_as_it_may_be_read(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_1002", SeatLimit::Seats(5)).await;
    let columns = "(organization_id, id, actor, actor_id, action, outcome, reason, address, \
         request_id, at)";
    world
        .tamper(&format!(
            "insert into audit_log {columns} \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {MANY}) \
             select '{ACME}', 'aud_' || (10000 + n), 'Kim', 'acc_kim', \
             case when n % 2 = 0 then 'set_notes' else 'set_seat_limit' end, 'done', 'secret', \
             '198.51.100.7', 'req_1', n / 4 from numbers"
        ))
        .await;
    let own = AuditQuery { organization: Some(OrganizationId::new(ACME)), ..AuditQuery::default() };
    let ada = Viewer {
        role: Role::TenantViewer,
        organizations: [(OrganizationId::new(ACME), Role::TenantViewer)].into(),
        ..staff()
    };
    let shown = |entry: AuditEntry| {
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let (reason, address) = (text(entry.reason), text(entry.address));
        let by = text(entry.actor_id.map(String::from));
        format!("{} {by} {reason} {address} {}", entry.id, text(entry.request_id))
    };

    let all = export::Activity::all(&staff().staff().unwrap(), AuditQuery::default());
    let all: Vec<_> = exported(&world, all).await.unwrap().into_iter().map(shown).collect();
    assert_eq!(all, audit_pages(&world, &staff(), AuditQuery::default()).await);
    assert_eq!(all.len(), MANY + 2);
    for viewer in [staff(), ada] {
        let of = export::Activity::of(scope(ACME), &viewer, own.clone());
        let of: Vec<_> = exported(&world, of).await.unwrap().into_iter().map(shown).collect();
        assert_eq!(of, audit_pages(&world, &viewer, own.clone()).await, "{:?}", viewer.role);
        let is_staff = viewer.role.is_staff();
        let told = |word: &str| of.iter().any(|entry| entry.contains(word));
        for secret in ["secret", "198.51.100.7", "req_1", "acc_kim"] {
            assert_eq!(told(secret), is_staff, "{secret}");
        }
        // notes are for staff alone
        assert_eq!(of.len() == MANY + 1, is_staff);
    }
    let unknown = export::Activity::of(scope("org_unknown"), &staff(), AuditQuery::default());
    assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)));
}

async fn the_inbox_without_personal_data(world: TestApp) {
    world
        .tamper(&format!(
            "insert into deliveries (organization_id, id, webhook_id, event_id, kind, occurred_at, \
             received_at, outcome, original, suspicious, body_hash) \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {MANY}) \
             select '', 'dlv_' || n, 'msg_' || n, \
             case when n % 9 = 0 then 'ada' || n || '@acme.test' else 'evt_' || n end, \
             case when n % 9 = 0 then 'ada@acme.test' else 'user.login' end, 0, n / 4, \
             case when n % 100 = 0 then 'dead' else 'ignored' end, true, false, '' from numbers"
        ))
        .await;
    let sam = staff().staff().unwrap();
    for (show, search) in
        [(Show::All, ""), (Show::Of(Outcome::Dead), ""), (Show::Of(Outcome::Ignored), "evt_7")]
    {
        let mut query =
            DeliveriesQuery { show, search: search.to_owned(), ..DeliveriesQuery::default() };
        let rows = exported(&world, export::Deliveries::new(&sam, query.clone())).await.unwrap();
        let mut pages = Vec::new();
        loop {
            let page = queries::deliveries(&world.state, &sam, &query).await.unwrap();
            pages.extend(page.rows);
            query.before = page.page.older;
            if query.before.is_none() {
                break;
            }
        }
        let cells = rows.iter().map(|row| {
            (row.delivery.clone(), row.kind.clone(), row.event.clone(), row.received_at.clone())
        });
        let expected = pages.iter().map(|row| {
            let kind = row.kind.as_ref().map(ToString::to_string);
            (row.id.to_string(), kind, row.event.to_string(), row.received_at.rfc3339())
        });
        assert!(cells.eq(expected), "{show:?}");
        let expected = match (show, search) {
            (Show::All, _) => MANY,
            (Show::Of(Outcome::Dead), _) => 6,
            _ => 1,
        };
        assert_eq!(rows.len(), expected, "{show:?}");
        assert!(rows.iter().all(|row| !format!("{row:?}").contains("acme.test")), "{show:?}");
    }
}

async fn the_resyncs_as_far_as_they_may_be_read(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(20)).await;
    world
        .tamper(&format!(
            "insert into resyncs (organization_id, id, state, dry_run, cause, started_by, \
             created_at, finished_at, is_complete, listed, applied, calls, created, updated, \
             reactivated, deactivated, removed, blocked, groups, delays_next) \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {MANY}) \
             select '{ACME}', 'rsn_' || (10000 + n), 'done', true, 'form', \
             case when n % 2 = 0 then 'Kim' else 'Sam' end, n, n + 5, true, n, 0, 1, n, 0, 0, 0, 0, \
             0, 0, false from numbers"
        ))
        .await;
    let tenant = Viewer { name: "Kim".to_owned(), role: Role::TenantViewer, ..staff() };

    for viewer in [staff(), tenant] {
        let mut pages = Vec::new();
        let mut before = None;
        loop {
            let (scope, viewer) = (scope(ACME), &viewer);
            let page =
                queries::resyncs_page(&world.state, &scope, viewer, before.as_ref()).await.unwrap();
            pages.extend(page.rows);
            before = page.page.older;
            if before.is_none() {
                break;
            }
        }
        let rows = exported(&world, export::Resyncs::new(scope(ACME), viewer.clone())).await;
        assert_eq!(rows.unwrap(), pages);
        let named = |name| pages.iter().filter(|run| run.by.as_deref() == Some(name)).count();
        let others = if viewer.role.is_staff() { MANY / 2 } else { 0 };
        assert_eq!((pages.len(), named("Kim"), named("Sam")), (MANY, MANY / 2, others));
    }
    let unknown = export::Resyncs::new(scope("org_unknown"), staff());
    assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)));
}

async fn the_plan_of_a_resync_and_its_parts(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(20)).await;
    world.joined(ACME, "ghost").await;
    let scalekit = Scalekit::of(&world, &[MANY]).await;
    let run = scalekit.resync(true).await;
    let plan = |only| exported(&world, export::Plan::new(scope(ACME), run.id.clone(), only));

    let mut all = Vec::new();
    for part in PlanPart::ALL {
        let mut query = ResyncQuery::of(part);
        let mut pages = Vec::new();
        loop {
            let (scope, viewer) = (scope(ACME), staff());
            let page = queries::resync_page(&world.state, &scope, &viewer, &run.id, &query).await;
            let mut plan = page.unwrap().plan;
            pages.extend(plan.rows.pop().map(|(_, rows)| rows).unwrap_or_default());
            query.before = plan.page.and_then(|page| page.older);
            if query.before.is_none() {
                break;
            }
        }
        let rows = plan(Some(part)).await.unwrap();
        let cells = rows.iter().map(|row| (row.user.clone(), row.change, row.blocked));
        let expected = pages.iter().map(|row| (row.user.to_string(), row.change, row.blocked));
        assert!(cells.eq(expected), "{part:?}");
        if matches!(part, PlanPart::Of(_)) {
            all.extend(rows);
        }
    }
    all.sort_by(|one, other| one.user.cmp(&other.user));
    assert_eq!(all.len(), MANY + 1);
    assert_eq!(plan(None).await.unwrap(), all);
    for (organization, id) in [(ACME, "rsn_unknown"), ("org_unknown", run.id.as_str())] {
        let unknown = export::Plan::new(scope(organization), ResyncId::new(id), None);
        assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)), "{organization}");
    }
}

async fn who_joined_and_who_left_a_group(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let body = world.body(
        ACME,
        "ada",
        "organization.directory.user_created",
        r#""active":true,"groups":[{"id":"dirgroup_1","name":"Sales"}],"#,
    );
    world.post(&body).await;
    world
        .tamper(&format!(
            "insert into membership_changes (organization_id, group_id, joined, at, revision, \
             ordinal, user_id, recorded_at) \
             with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < {MANY}) \
             select '{ACME}', 'dirgroup_1', n % 2 = 0, n / 4, 1000 + n, n % 3, \
             (select min(id) from directory_users), 7 from numbers"
        ))
        .await;
    let group = GroupId::new("dirgroup_1");
    let all = GroupQuery { list: GroupList::Changes, ..GroupQuery::default() };
    let later =
        GroupQuery { joined: Some(false), since: Some(Timestamp::from_nanos(100)), ..all.clone() };
    for (mut query, count) in [(all, MANY + 1), (later, 110)] {
        let list = export::Changes::new(scope(ACME), group.clone(), query.clone());
        let rows = exported(&world, list).await.unwrap();
        let mut pages = Vec::new();
        loop {
            let page = queries::group_page(&world.state, &scope(ACME), &group, &query).await;
            let Listed::Changes { rows, page } = page.unwrap().list else { panic!("no changes") };
            pages.extend(rows);
            query.change = page.older;
            if query.change.is_none() {
                break;
            }
        }
        let cells = rows.iter().map(|row| (row.at.clone(), row.joined, row.user.clone()));
        let expected =
            pages.iter().map(|row| (row.key.at.rfc3339(), row.joined, row.user.to_string()));
        assert!(cells.eq(expected), "{query:?}");
        assert_eq!(rows.len(), count, "{query:?}");
    }
    for (organization, group) in [(ACME, "dirgroup_unknown"), ("org_unknown", "dirgroup_1")] {
        let (group, query) = (GroupId::new(group), GroupQuery::default());
        let unknown = export::Changes::new(scope(organization), group, query);
        assert!(matches!(exported(&world, unknown).await, Err(Error::Missing)), "{organization}");
    }
}
