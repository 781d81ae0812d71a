//! Staff change seat limits; users on the waitlist are admitted, and each e-mail is sent once.

use std::time::Duration;

use domain::{
    access::Role,
    admission::AdmissionPolicy,
    decision::Reason,
    id::OrganizationId,
    organization::{SeatLimit, Usage},
    refusal::Refusal,
};
use seatkeeper::{
    commands::{self, Error, NewLimit},
    queries,
};
use views::{OverviewQuery, OverviewSort};

use crate::support::world::{ACME, TestApp, operator, scope, staff, stories};

stories! {
    raising_the_limit_admits_in_order_and_resolves_the_alert,
    lowering_evicts_no_person_and_admits_no_person_until_below,
    a_preview_promises_what_saving_does,
    an_archived_organization_has_no_preview_as_it_has_no_limit,
    two_editors_cannot_overwrite_each_other,
    a_limit_needs_a_reason_and_an_organization,
    an_alert_writes_to_each_admin_once,
    without_admins_staff_are_notified,
    an_organization_without_a_limit_is_reported_to_staff_alone,
    the_overview_puts_the_most_urgent_first,
    a_count_changed_by_hand_is_found,
    a_person_who_waits_without_a_known_decision_gets_no_invented_reason,
}

async fn crowd(world: &TestApp, seats: i64, people: i64) {
    world.organization(ACME, SeatLimit::Seats(seats)).await;
    for n in 0..people {
        world.joined(ACME, &format!("p{n:02}")).await;
    }
}

async fn raising_the_limit_admits_in_order_and_resolves_the_alert(world: TestApp) {
    account(&world, "sam@seats.example", Role::Staff, &[]).await;
    crowd(&world, 3, 8).await;
    assert!(world.page(ACME).await.limit_reached_since.is_some());

    world.set_limit(ACME, SeatLimit::Seats(5)).await.unwrap();

    let page = world.page(ACME).await;
    assert_eq!(page.usage, Usage { limit: SeatLimit::Seats(5), used: 5, waiting: 3 });
    assert_eq!(world.waitlist(ACME).await, ["p05", "p06", "p07"]);
    assert!(page.limit_reached_since.is_some());
    assert_eq!(page.limit_set.unwrap().by.unwrap(), "command line (story)");

    world.set_limit(ACME, SeatLimit::Unlimited).await.unwrap();

    let page = world.page(ACME).await;
    assert_eq!(page.usage, Usage { limit: SeatLimit::Unlimited, used: 8, waiting: 0 });
    assert_eq!(page.limit_reached_since, None);
    world.check().await;
}

async fn an_archived_organization_has_no_preview_as_it_has_no_limit(world: TestApp) {
    crowd(&world, 1, 3).await;
    world.tamper("update organizations set archived = true").await;

    let preview = queries::limit_preview(&world.state, &scope(ACME), SeatLimit::Seats(9)).await;
    let saved = world.set_limit(ACME, SeatLimit::Seats(9)).await;

    assert!(matches!(preview, Err(Error::Refused(Refusal::Archived))), "{preview:?}");
    assert!(matches!(saved, Err(Error::Refused(Refusal::Archived))), "{saved:?}");
}

async fn lowering_evicts_no_person_and_admits_no_person_until_below(world: TestApp) {
    crowd(&world, 5, 6).await;

    world.set_limit(ACME, SeatLimit::Seats(3)).await.unwrap();
    assert_eq!(world.usage(ACME).await.over(), 2);

    world.left(ACME, "p00").await;
    world.left(ACME, "p01").await;
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(3), used: 3, waiting: 1 });
    world.left(ACME, "p02").await;

    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(3), used: 3, waiting: 0 });
    world.check().await;
}

async fn a_preview_promises_what_saving_does(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for n in (0..18).rev() {
        // the ids sort differently from the order of arrival
        world.joined(ACME, &format!("p{n:02}")).await;
    }

    for (limit, names) in [(4, 2), (1, 0), (2, 0), (5, 1)] {
        assert_eq!(
            saved_as_promised(&world, SeatLimit::Seats(limit)).await,
            (names, names),
            "{limit}"
        );
    }
    world.set_policy(ACME, AdmissionPolicy::ByHand).await.unwrap();
    assert_eq!(
        saved_as_promised(&world, SeatLimit::Seats(9)).await,
        (0, 0),
        "no person gets in without a manual decision"
    );
    world.set_limit(ACME, SeatLimit::Seats(5)).await.unwrap();
    world.set_policy(ACME, AdmissionPolicy::FirstCome).await.unwrap();
    assert_eq!(
        saved_as_promised(&world, SeatLimit::Unlimited).await,
        (13, 10),
        "the first ten are named"
    );
}

/// How many users were admitted, and how many of them the preview named, in the same order.
async fn saved_as_promised(world: &TestApp, limit: SeatLimit) -> (usize, usize) {
    let admitted = "select u.name from decisions d join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id \
        where d.cause = 'set_seat_limit' order by d.revision, d.ordinal";
    let before = world.texts(admitted).await.len();
    let promised = queries::limit_preview(&world.state, &scope(ACME), limit).await.unwrap();

    world.set_limit(ACME, limit).await.unwrap();

    assert_eq!(world.usage(ACME).await, promised.after, "{limit}");
    let got_in = world.texts(admitted).await.split_off(before);
    assert_eq!(i64::try_from(got_in.len()).unwrap(), promised.admitted, "{limit}");
    let first: Vec<_> = promised.first_admitted.iter().map(ToString::to_string).collect();
    assert_eq!(got_in[..first.len()], first, "{limit}");
    (got_in.len(), promised.first_admitted.len())
}

async fn two_editors_cannot_overwrite_each_other(world: TestApp) {
    crowd(&world, 2, 3).await;
    let version = world.page(ACME).await.limit_version;
    let change = |limit, version| NewLimit {
        organization: OrganizationId::new(ACME),
        limit,
        until: None,
        reason: "Upgrade".to_owned(),
        expected_version: Some(version),
    };

    commands::set_seat_limit(&world.state, &operator(), &change(SeatLimit::Seats(3), version))
        .await
        .unwrap();
    let second =
        commands::set_seat_limit(&world.state, &operator(), &change(SeatLimit::Seats(9), version))
            .await;

    assert!(
        matches!(second, Err(Error::Refused(Refusal::LimitChangedMeanwhile(SeatLimit::Seats(3))))),
        "{second:?}"
    );
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(3));
}

async fn a_limit_needs_a_reason_and_an_organization(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let change = |id: &str, reason: &str| NewLimit {
        organization: OrganizationId::new(id),
        limit: SeatLimit::Seats(2),
        until: None,
        reason: reason.to_owned(),
        expected_version: None,
    };

    for blank in [
        "",
        " \u{a0}\u{3000}",
        "\u{200b}",
        "\u{2063}",
        "\u{ad}\u{ad}",
        "\u{fe0f}",
        "\u{e0100}",
        "\u{2800}\u{3164}",
        "\u{200b} \0 \u{feff}",
    ] {
        let refused =
            commands::set_seat_limit(&world.state, &operator(), &change(ACME, blank)).await;
        assert!(
            matches!(refused, Err(Error::Refused(Refusal::ReasonMissing))),
            "{blank:?}: {refused:?}"
        );
    }
    let long =
        commands::set_seat_limit(&world.state, &operator(), &change(ACME, &"x".repeat(501))).await;
    let unknown =
        commands::set_seat_limit(&world.state, &operator(), &change("org_unknown", "Because"))
            .await;

    assert!(matches!(long, Err(Error::Refused(Refusal::ReasonTooLong))));
    assert!(matches!(unknown, Err(Error::Missing)));
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(1));
    assert!(
        world.texts("select id from audit_log where action = 'set_seat_limit'").await.is_empty()
    );
}

async fn account(world: &TestApp, email: &str, role: Role, organizations: &[&str]) {
    let new = commands::NewAccount {
        email: email.to_owned(),
        name: "Ada Admin".to_owned(),
        role,
        organizations: organizations.iter().map(|id| OrganizationId::new(*id)).collect(),
        password: "correct horse battery".to_owned(),
    };
    commands::add_account(&world.state, &operator(), &new).await.unwrap();
}

async fn an_alert_writes_to_each_admin_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    account(&world, "kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    account(&world, "lee@acme.test", Role::TenantAdmin, &[ACME]).await;
    account(&world, "vic@acme.test", Role::TenantViewer, &[ACME]).await;
    account(&world, "sam@seats.example", Role::Staff, &[]).await;

    for user in ["ada", "bob", "cleo", "dan"] {
        world.joined(ACME, user).await;
    }
    let recipients = "select recipient from outbox where message = 'seat_limit_reached' order by created_at, recipient";
    assert_eq!(world.texts(recipients).await, ["kim@acme.test", "lee@acme.test"]);

    world.set_limit(ACME, SeatLimit::Seats(4)).await.unwrap();
    world.clock.pass(Duration::from_mins(1));
    world.joined(ACME, "eve").await;

    assert_eq!(
        world.texts(recipients).await,
        ["kim@acme.test", "lee@acme.test", "kim@acme.test", "lee@acme.test"]
    );
    let alerts = "select cast(count(*) as text) from alerts where kind = 'seat_limit_reached'";
    assert_eq!(world.texts(alerts).await, ["2"]);
}

async fn without_admins_staff_are_notified(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    account(&world, "sam@seats.example", Role::StaffAdmin, &[]).await;

    world.joined(ACME, "ada").await;

    assert_eq!(world.recipients().await, ["sam@seats.example"]);
    assert!(world.sent_text().await.contains("no admin"));
}

async fn an_organization_without_a_limit_is_reported_to_staff_alone(world: TestApp) {
    world.joined(ACME, "ada").await;
    account(&world, "kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    account(&world, "sam@seats.example", Role::Staff, &[]).await;
    world.left(ACME, "ada").await;

    world.joined(ACME, "bob").await;
    world.joined(ACME, "cleo").await;

    assert_eq!(world.recipients().await, ["sam@seats.example"]);
    assert_eq!(world.page(ACME).await.limit_reached_since, None);

    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();
    let kinds = world.open_alerts().await;
    assert_eq!(kinds, ["seat_limit_reached"]);
    assert_eq!(
        world.texts("select recipient from outbox order by created_at, id").await.last().unwrap(),
        "kim@acme.test"
    );
}

/// One organization of every kind, as (id, limit, users, later limit).
const EVERY_KIND: [(&str, SeatLimit, i64, Option<i64>); 8] = [
    ("org_room", SeatLimit::Seats(10), 3, None),
    ("org_full", SeatLimit::Seats(2), 2, None),
    ("org_waiting", SeatLimit::Seats(2), 5, None),
    ("org_over", SeatLimit::Seats(4), 4, Some(2)),
    ("org_unlimited", SeatLimit::Unlimited, 2, None),
    ("org_not_set", SeatLimit::NotSet, 1, None),
    ("org_nearly", SeatLimit::Seats(5), 4, None),
    ("org_zero", SeatLimit::Seats(0), 0, None),
];

async fn every_kind(world: &TestApp) {
    for (id, limit, people, later) in EVERY_KIND {
        world.organization(id, limit).await;
        for n in 0..people {
            world.joined(id, &format!("{id}{n}")).await;
        }
        if let Some(later) = later {
            world.set_limit(id, SeatLimit::Seats(later)).await.unwrap();
        }
    }
}

async fn the_overview_puts_the_most_urgent_first(world: TestApp) {
    every_kind(&world).await;
    let sam = staff().staff().unwrap();
    let query = OverviewQuery::default();

    let overview = queries::overview(&world.state, &sam, &query).await.unwrap();
    let ids: Vec<_> = overview.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "org_over",
            "org_waiting",
            "org_not_set",
            "org_full",
            "org_zero",
            "org_nearly",
            "org_room",
            "org_unlimited"
        ]
    );

    let search = OverviewQuery {
        search: "ORG_N".to_owned(),
        sort: OverviewSort::Name,
        descending: true,
        ..query
    };
    let found = queries::overview(&world.state, &sam, &search).await.unwrap();
    let ids: Vec<_> = found.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((ids, found.counts.all), (vec!["org_not_set", "org_nearly"], 2));
}

async fn a_count_changed_by_hand_is_found(world: TestApp) {
    crowd(&world, 2, 3).await;
    world.check().await;

    world.tamper("update organizations set used = 1").await;

    let found = queries::check(&world.state).await.unwrap();
    assert!(found.iter().any(|check| check.0.contains(ACME)), "{found:?}");
}

async fn a_person_who_waits_without_a_known_decision_gets_no_invented_reason(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    let told = async || {
        let row = world.page(ACME).await.waitlist.remove(0);
        (row.reason, row.reason.sentence(row.limit_seen, row.used_seen))
    };
    assert_eq!(
        told().await,
        (Reason::SeatsTaken, "No seat was free: the plan has no seats.".to_owned())
    );
    let unknown = (Reason::Unknown, "Seatkeeper has no record of the reason.".to_owned());

    world.tamper("update decisions set reason = 'of_a_later_version'").await;
    assert_eq!(told().await, unknown);
    assert_eq!(world.page(ACME).await.decisions[0].reason, Reason::Unknown);

    world.tamper("delete from decisions").await;
    assert_eq!(told().await, unknown);
}
