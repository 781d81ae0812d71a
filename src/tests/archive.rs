//! Staff archive an organization by hand. It is the same as its deletion in Scalekit.

use std::time::Duration;

use domain::{
    access::Role, condition::Condition, id::OrganizationId, organization::SeatLimit,
    refusal::Refusal, text::ExternalText, time::Timestamp,
};
use seatkeeper::{
    commands::{
        self, Actor, Error, NewArchive, archive_organization, ingest_deliveries,
        restore_organization,
    },
    queries,
};
use views::OverviewQuery;

use crate::{
    revivals::{
        Event::{self, Organization, User},
        ON, delivery, facts,
    },
    support::world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    an_archived_organization_is_as_if_scalekit_had_deleted_it,
    late_events_do_not_revive_what_a_person_has_archived,
    what_a_person_has_archived_a_person_can_restore,
    a_deletion_in_scalekit_is_not_undone_by_hand,
    an_organization_is_not_archived_on_other_numbers_than_were_seen,
    an_event_from_a_clock_that_is_ahead_does_not_outlive_the_archive,
    two_people_archive_an_organization_once,
    the_overview_counts_archived_organizations_apart,
}

fn end(expected: Option<(i64, i64)>) -> NewArchive {
    let reason = "The contract ended".to_owned();
    NewArchive { organization: OrganizationId::new(ACME), reason, expected }
}

async fn archive(world: &TestApp) {
    archive_organization(&world.state, &operator(), &end(None)).await.unwrap();
}

async fn restore(world: &TestApp) -> Result<(), Error> {
    restore_organization(&world.state, &operator(), &OrganizationId::new(ACME)).await
}

/// Ada and Bob hold the two seats, Cleo waits, and Ada has an account here.
async fn lively(world: &TestApp, organization: &str) {
    world.organization(organization, SeatLimit::Seats(2)).await;
    for name in ["ada", "bob", "cleo"] {
        world.joined(organization, name).await;
    }
}

async fn happens(world: &TestApp, since: Timestamp, event: Event) {
    ingest_deliveries(&world.state, &[delivery(world, since, ACME, event)]).await.unwrap();
}

async fn an_archived_organization_is_as_if_scalekit_had_deleted_it(world: TestApp) {
    for organization in [ACME, "org_deleted"] {
        lively(&world, organization).await;
        let email = format!("ada.of.{organization}@acme.test");
        world.account(&email, Role::TenantAdmin, &[organization]).await;
        world
            .tamper(&format!(
                "update account_organizations set user_id = 'diruser_ada' where organization_id = '{organization}'"
            ))
            .await;
    }
    world.clock.pass(Duration::from_mins(1));

    let before = archive_organization(&world.state, &operator(), &end(Some((2, 1)))).await.unwrap();
    let at = world.clock.now().rfc3339();
    world
        .post(&format!(
            r#"{{"id":"evt_end","type":"organization.deleted","occurred_at":"{at}","organization_id":"org_deleted","data":{{"id":"org_deleted"}}}}"#
        ))
        .await;

    assert_eq!((before.used, before.waiting), (2, 1));
    assert_eq!(facts(&world, ACME).await, facts(&world, "org_deleted").await);
    assert!(
        facts(&world, ACME)
            .await
            .starts_with("archived not_set used 0 waiting 0, diruser_ada removed")
    );
    assert_eq!(world.texts("select organization_id from account_organizations").await, [""; 0]);
    let page = world.page(ACME).await;
    assert_eq!(page.limit_reached_since, None, "its alerts are resolved");
    let ended = page.ended.unwrap();
    assert_eq!((ended.used, ended.waiting, ended.by_hand), (2, 1, true));
    assert_eq!(ended.reason.unwrap(), "The contract ended");
    assert!(!world.page("org_deleted").await.ended.unwrap().by_hand);

    let entries = "select actor || '|' || coalesce(before_value, '') || '|' || reason from audit_log \
         where organization_id = 'org_1001' and action in ('archive_organization', 'end_membership') order by id";
    assert_eq!(
        world.texts(entries).await,
        [
            "command line (story)|All 2 seats taken, 1 waiting|The contract ended".to_owned(),
            format!("command line (story)|ada.of.{ACME}@acme.test|The organization was archived"),
        ]
    );
    let reasons = "select distinct reason || ' ' || actor from decisions \
         where organization_id = 'org_1001' and to_state = 'removed'";
    assert_eq!(world.texts(reasons).await, ["organization_archived command line (story)"]);
    world.check().await;
}

async fn late_events_do_not_revive_what_a_person_has_archived(world: TestApp) {
    let since = world.clock.now();
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.clock.pass(Duration::from_mins(30));
    archive(&world).await;
    world.clock.pass(Duration::from_hours(1));

    for late in
        [Organization("created", 1), Organization("updated", 20), User("ada", "created", 10, ON)]
    {
        happens(&world, since, late).await;
        assert!(facts(&world, ACME).await.starts_with("archived"), "{late:?}");
    }
    happens(&world, since, Organization("updated", 40)).await;
    happens(&world, since, User("bob", "created", 50, ON)).await;

    assert_eq!(
        facts(&world, ACME).await,
        "alive not_set used 0 waiting 1, ada removed, bob blocked"
    );
    assert_eq!(world.page(ACME).await.ended, None);
    world.check().await;
}

async fn what_a_person_has_archived_a_person_can_restore(world: TestApp) {
    let since = world.clock.now();
    lively(&world, ACME).await;
    let refused = restore(&world).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotArchived))), "{refused:?}");
    archive(&world).await;
    let page = queries::settings(&world.state, &scope(ACME), &staff()).await.unwrap();
    assert!(page.staff.unwrap().can_restore);
    world.clock.pass(Duration::from_mins(30));

    restore(&world).await.unwrap();

    assert!(facts(&world, ACME).await.starts_with("alive not_set used 0 waiting 0"));
    assert_eq!(world.wanted_resyncs().await, [ACME]);
    world.clock.pass(Duration::from_hours(1));
    happens(&world, since, User("ada", "updated", 20, ON)).await;
    happens(&world, since, User("bob", "updated", 50, ON)).await;
    let facts = facts(&world, ACME).await;
    assert!(
        facts.starts_with("alive not_set used 0 waiting 1, ada removed, bob blocked"),
        "{facts}"
    );
    world.check().await;
}

async fn a_deletion_in_scalekit_is_not_undone_by_hand(world: TestApp) {
    let since = world.clock.now();
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.clock.pass(Duration::from_mins(30));
    archive(&world).await;
    world.clock.pass(Duration::from_mins(30));

    happens(&world, since, Organization("deleted", 40)).await;

    let refused = restore(&world).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::DeletedInScalekit))), "{refused:?}");
    let page = queries::settings(&world.state, &scope(ACME), &staff()).await.unwrap();
    assert!(page.archived && !page.staff.unwrap().can_restore);
    let by = "select coalesce(archived_by, 'none') from organizations";
    assert_eq!(world.texts(by).await, ["none"]);
    assert!(!world.page(ACME).await.ended.unwrap().by_hand);
    world.check().await;
}

async fn an_organization_is_not_archived_on_other_numbers_than_were_seen(world: TestApp) {
    lively(&world, ACME).await;
    let sam = staff().staff().unwrap();
    let seen = queries::archive_page(&world.state, &scope(ACME), &sam).await.unwrap();
    assert_eq!(seen.holders, ["ada", "bob"].map(ExternalText::new));
    assert_eq!(seen.waiting, ["cleo"].map(ExternalText::new));
    world.joined(ACME, "dan").await;

    let expected = Some((seen.usage.used, seen.usage.waiting));
    let refused = archive_organization(&world.state, &operator(), &end(expected)).await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::ArchiveChangedMeanwhile))));
    let without = NewArchive { reason: " ".to_owned(), ..end(None) };
    let refused = archive_organization(&world.state, &operator(), &without).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::ArchiveReasonMissing))));
    assert_eq!(world.usage(ACME).await.waiting, 2, "nothing was changed");
    world.check().await;
}

async fn an_event_from_a_clock_that_is_ahead_does_not_outlive_the_archive(world: TestApp) {
    let since = world.clock.now();
    lively(&world, ACME).await;
    happens(&world, since, Organization("updated", 3)).await;

    archive(&world).await;
    assert!(facts(&world, ACME).await.starts_with("archived not_set used 0 waiting 0"));

    restore(&world).await.unwrap();
    assert!(facts(&world, ACME).await.starts_with("alive"));
    world.check().await;
}

async fn two_people_archive_an_organization_once(world: TestApp) {
    lively(&world, ACME).await;
    let other = world.beside().await;
    let by = |name: &str| Actor::command_line(name);
    let (kim, lee) = (by("kim"), by("lee"));
    let new = end(Some((2, 1)));

    let (first, second) = tokio::join!(
        archive_organization(&world.state, &kim, &new),
        archive_organization(&other.state, &lee, &new),
    );

    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(refused[..], [Error::Refused(Refusal::Archived)]), "{refused:?}");
    let ends = "select reason from audit_log where action = 'archive_organization'";
    assert_eq!(world.texts(ends).await.len(), 1);
    other.close().await;
    world.check().await;
}

async fn the_overview_counts_archived_organizations_apart(world: TestApp) {
    lively(&world, ACME).await;
    world.organization("org_alive", SeatLimit::Seats(5)).await;
    archive(&world).await;
    let sam = staff().staff().unwrap();
    let overview = async |condition| {
        let query = OverviewQuery { condition, ..OverviewQuery::default() };
        queries::overview(&world.state, &sam, &query).await.unwrap()
    };

    let all = overview(None).await;
    let ids: Vec<_> = all.rows.iter().map(|row| row.id.as_str()).collect();
    let archived = Some(Condition::Archived);
    assert_eq!((ids, all.counts.all, all.counts.of(archived)), (vec!["org_alive", ACME], 2, 1));
    let archived = overview(archived).await;
    assert_eq!(archived.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [ACME]);
    let limit = commands::NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(9),
        until: None,
        reason: "no".to_owned(),
        expected_version: None,
    };
    let refused = commands::set_seat_limit(&world.state, &operator(), &limit).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Archived))));
}
