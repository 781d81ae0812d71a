//! The audit log is read by staff, and by tenants as far as it is theirs; its rows are only ever
//! added.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use domain::{
    access::{Role, Staff, Viewer},
    audit::AuditAction,
    id::{AccountId, ActorId, OrganizationId},
    organization::SeatLimit,
};
use seatkeeper::{
    commands::{self, Actor, Error, NewLimit, Origin, set_password},
    queries,
};
use views::audit::{AuditPage, AuditQuery};

use crate::support::world::{ACME, TestApp, staff, stories};

stories! {
    no_row_is_changed_or_removed,
    staff_read_every_entry_and_filter_them,
    the_log_is_read_in_parts,
    a_tenant_reads_the_entries_of_their_organization_and_no_notes_of_staff,
}

const OTHER: &str = "org_1002";

/// A member of staff, with a request from a known address.
fn kim() -> Actor {
    let kim = Staff { account: AccountId::new("acc_kim"), name: "Kim Park".to_owned() };
    Actor::staff(kim).with_origin(Origin {
        address: Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7))),
        request_id: Some("req_01".to_owned()),
    })
}

async fn raise(world: &TestApp, organization: &str, seats: i64) {
    world.clock.pass(Duration::from_secs(1));
    let new = NewLimit {
        organization: OrganizationId::new(organization),
        limit: SeatLimit::Seats(seats),
        until: None,
        reason: format!("now {seats}"),
        expected_version: None,
    };
    commands::set_seat_limit(&world.state, &kim(), &new).await.unwrap();
}

async fn read(world: &TestApp, viewer: &Viewer, query: AuditQuery) -> AuditPage {
    queries::audit(&world.state, viewer, &query).await.unwrap()
}

/// The entries as `organization action after`.
fn shown(page: &AuditPage) -> Vec<String> {
    let rows = page.rows.iter().map(|row| {
        let organization = row.organization.as_ref().map_or("-", |(id, _)| id.as_str());
        let after = row.after.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{organization} {} {after}", row.action.as_str())
    });
    rows.collect()
}

async fn no_row_is_changed_or_removed(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let before = world.texts("select id || actor || action from audit_log").await;
    assert_eq!(before.len(), 1);

    for statement in
        ["update audit_log set actor = 'another person'", "delete from audit_log where actor <> ''"]
    {
        let error = world.try_to_tamper(statement).await.unwrap_err().to_string();
        assert!(error.contains("only ever added"), "{statement}: {error}");
    }

    assert_eq!(world.texts("select id || actor || action from audit_log").await, before);
}

async fn staff_read_every_entry_and_filter_them(world: TestApp) {
    for id in [ACME, OTHER] {
        world.organization(id, SeatLimit::Seats(5)).await;
    }
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.clock.pass(Duration::from_mins(1));
    let later = world.clock.now();
    raise(&world, OTHER, 6).await;
    let all = AuditQuery::default;

    let page = read(&world, &staff(), all()).await;
    assert_eq!(page.rows.len(), 5, "{:?}", shown(&page));
    assert_eq!(page.page.older, None);
    let newest = &page.rows[0];
    assert_eq!(newest.before.as_ref().unwrap().to_string(), "5 seats");
    assert_eq!(newest.reason.as_ref().unwrap().to_string(), "now 6");
    assert_eq!(newest.address.as_ref().unwrap().to_string(), "198.51.100.7");
    assert_eq!(newest.request_id.as_ref().unwrap().to_string(), "req_01");
    assert_eq!(newest.actor_id, Some(ActorId::new("acc_kim")));

    let raised = ["org_1002 set_seat_limit 6 seats".to_owned()];
    let by_action = AuditQuery { action: Some(AuditAction::SetSeatLimit), ..all() };
    let by_name = AuditQuery { actor: "Kim Park".to_owned(), ..all() };
    let by_account = AuditQuery { actor: "acc_kim".to_owned(), ..all() };
    let by_time = AuditQuery { from: Some(later), ..all() };
    for query in [by_action, by_name, by_account, by_time] {
        assert_eq!(shown(&read(&world, &staff(), query.clone()).await), raised, "{query:?}");
    }
    let target = AuditQuery { target: "ada@acme.test".to_owned(), ..all() };
    assert_eq!(
        shown(&read(&world, &staff(), target).await),
        ["org_1001 create_account tenant-admin", "- create_account tenant-admin of org_1001"]
    );
    let before =
        AuditQuery { until: Some(later), organization: Some(OrganizationId::new(OTHER)), ..all() };
    let page = read(&world, &staff(), before).await;
    assert_eq!(shown(&page), ["org_1002 add_organization 5 seats"]);
    assert_eq!(page.organization.unwrap().0.to_string(), "org_1002 Ltd");
}

async fn the_log_is_read_in_parts(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    for seats in 100..180 {
        raise(&world, ACME, seats).await;
    }
    for organization in [None, Some(OrganizationId::new(ACME))] {
        let mut query = AuditQuery { organization, ..AuditQuery::default() };
        let first = read(&world, &staff(), query.clone()).await;
        query.before.clone_from(&first.page.older);
        let second = read(&world, &staff(), query.clone()).await;

        let read: Vec<_> = [shown(&first), shown(&second)].concat();
        let raised = (100..180).rev().map(|seats| format!("{ACME} set_seat_limit {seats} seats"));
        let expected: Vec<_> = raised.chain([format!("{ACME} add_organization 5 seats")]).collect();
        assert_eq!(read, expected);
        assert_eq!((first.rows.len(), second.page.older), (50, None));
    }
    let (entries, older) = queries::audit_entries(&world.state, None, None).await.unwrap();
    assert_eq!((entries.len(), older), (81, None));
}

async fn a_tenant_reads_the_entries_of_their_organization_and_no_notes_of_staff(world: TestApp) {
    for id in [ACME, OTHER] {
        world.organization(id, SeatLimit::Seats(5)).await;
        raise(&world, id, 6).await;
    }
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    set_password(&world.state, &kim(), "ada@acme.test", "another good horse".to_owned())
        .await
        .unwrap();
    let ada = Viewer {
        role: Role::TenantViewer,
        organizations: [(OrganizationId::new(ACME), Role::TenantViewer)].into(),
        ..staff()
    };

    let own = AuditQuery { organization: Some(OrganizationId::new(ACME)), ..AuditQuery::default() };
    let page = read(&world, &ada, own).await;
    assert_eq!(
        shown(&page),
        [
            "org_1001 create_account tenant-admin",
            "org_1001 set_seat_limit 6 seats",
            "org_1001 add_organization 5 seats"
        ]
    );
    let set = &page.rows[1];
    assert_eq!(set.actor.to_string(), "Kim Park");
    assert_eq!((&set.reason, &set.address, &set.request_id), (&None, &None, &None));

    for organization in [None, Some(OTHER), Some("org_unknown")] {
        let organization = organization.map(OrganizationId::new);
        let query = AuditQuery { organization, ..AuditQuery::default() };
        let refused = queries::audit(&world.state, &ada, &query).await;
        assert!(matches!(refused, Err(Error::Missing)), "{query:?}");
    }
}
