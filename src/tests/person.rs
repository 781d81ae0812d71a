//! The page of a person: why they hold or lack a seat, and the whole history in order of time.

use std::time::Duration;

use domain::{
    access::{Role, Viewer},
    admission::AdmissionPolicy,
    audit::AuditAction,
    decision::Outcome,
    directory::Change,
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId},
    organization::SeatLimit,
};
use seatkeeper::{commands::Error, queries};
use views::person::{HistoryCursor, HistoryEntry, PersonPage};

use crate::support::world::{ACME, TestApp, diruser, scope, staff, stories};

stories! {
    a_person_reads_why_they_wait_and_then_why_they_hold_a_seat,
    a_webhook_about_another_person_says_so,
    the_history_has_each_source_in_order_of_time,
    the_history_is_read_in_parts_without_a_gap,
    a_tenant_sees_no_deliveries_and_no_names_of_staff,
    a_person_of_another_organization_is_missing,
    people_with_the_same_address_point_to_each_other,
    a_script_reads_a_person_by_id_or_by_address,
}

const OTHER: &str = "org_1002";

fn id(user: &str) -> DirectoryUserId {
    DirectoryUserId::new(diruser(user))
}

fn tenant() -> Viewer {
    let organizations = [(OrganizationId::new(ACME), Role::TenantViewer)].into();
    Viewer { role: Role::TenantViewer, organizations, ..staff() }
}

async fn page_of(
    world: &TestApp,
    viewer: &Viewer,
    user: &str,
    before: Option<&HistoryCursor>,
) -> PersonPage {
    let scope = scope(ACME);
    queries::person_page(&world.state, &scope, viewer, &id(user), before).await.unwrap()
}

/// The entries in one word each, the newest first.
fn kinds(page: &PersonPage) -> Vec<String> {
    let rows = page.history.iter().map(|row| match &row.entry {
        HistoryEntry::Decision(decision) => decision.reason.as_str().to_owned(),
        HistoryEntry::Delivery { outcome, of_another, .. } => {
            let whose = if *of_another { " of another" } else { "" };
            format!("delivery {}{whose}", outcome.as_str())
        }
        HistoryEntry::Resync { change, outcome, .. } => {
            format!("resync {} {}", change.as_str(), outcome.as_str())
        }
        HistoryEntry::Action(entry) => format!("action {}", entry.action.as_str()),
        HistoryEntry::Group { name, joined, .. } => {
            format!("{} {name}", if *joined { "joined" } else { "left" })
        }
    });
    rows.collect()
}

/// A manual action on a person, as the audit log has it.
async fn acted(world: &TestApp, organization: &str, user: &str, reason: &str) {
    let (number, at) = (world.number(), world.clock.now().nanos());
    let statement = format!(
        "insert into audit_log (organization_id, id, actor, action, target_id, target, outcome, \
         reason, at) \
         values ('{organization}', 'aud_{number:026}', 'Kim Park', '{}', '{}', '{user}', 'done', \
         '{reason}', {at})",
        AuditAction::EndMembership.as_str(),
        diruser(user),
    );
    world.tamper(&statement).await;
}

async fn a_person_reads_why_they_wait_and_then_why_they_hold_a_seat(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for user in ["ada", "bob", "cleo"] {
        world.joined(ACME, user).await;
    }

    let page = page_of(&world, &tenant(), "cleo", None).await;
    assert_eq!((page.state, page.position), (SeatState::Blocked, Some(2)));
    assert_eq!(
        page.why,
        "Found no free seat, as the only seat was taken; is number 2 on the waitlist now and gets \
         in when the limit is raised to 3."
    );

    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap();
    world.set_policy(ACME, AdmissionPolicy::ByHand).await.unwrap();
    let page = page_of(&world, &tenant(), "cleo", None).await;
    assert_eq!(
        page.why,
        "Found no free seat, as the only seat was taken; is number 1 on the waitlist now and gets \
         in when a seat becomes free or the limit is raised to 3 and an admin admits the person."
    );

    world.set_policy(ACME, AdmissionPolicy::FirstCome).await.unwrap();
    world.deactivated(ACME, "ada").await;
    let until =
        "keeps it until the directory switches the person off or an admin releases the seat";
    assert_eq!(
        page_of(&world, &tenant(), "cleo", None).await.why,
        format!("Was first on the waitlist and got a seat when 1 of 2 seats was taken; {until}.")
    );
    assert_eq!(
        page_of(&world, &tenant(), "ada", None).await.why,
        "Gave the seat back when the directory switched the person off and all 2 seats were taken; \
         being switched on again in the directory leads to the waitlist, as all 2 seats are taken."
    );
    world.left(ACME, "ada").await;
    assert_eq!(
        page_of(&world, &tenant(), "ada", None).await.why,
        "Was deleted in the directory and had no seat; being added again in the directory leads to \
         the waitlist, as all 2 seats are taken."
    );
}

async fn a_webhook_about_another_person_says_so(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for user in ["ada", "bob"] {
        world.joined(ACME, user).await;
    }
    world.deactivated(ACME, "ada").await;

    let bob = kinds(&page_of(&world, &staff(), "bob", None).await);
    let own = ["seats_taken", "delivery blocked"];
    assert_eq!(bob, [["next_on_waitlist", "delivery released of another"], own].concat());
    let ada = kinds(&page_of(&world, &staff(), "ada", None).await);
    assert_eq!(ada[..2], ["deactivated", "delivery released"]);
}

async fn the_history_has_each_source_in_order_of_time(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "\"active\":true,");
    world.deliver("msg_first", &body).await;
    world.clock.pass(Duration::from_secs(1));
    world.deliver("msg_again", &body).await;
    world.clock.pass(Duration::from_secs(1));
    resynced(&world, "ada").await;
    world.clock.pass(Duration::from_secs(1));
    acted(&world, ACME, "ada", "as they asked").await;
    acted(&world, ACME, "bob", "another person").await;
    world.set_limit(ACME, SeatLimit::Seats(5)).await.unwrap();

    let page = page_of(&world, &staff(), "ada", None).await;

    assert_eq!(
        kinds(&page),
        [
            "next_on_waitlist",
            "action end_membership",
            "resync updated updated",
            "delivery duplicate",
            "seats_taken",
            "delivery blocked"
        ]
    );
    let times: Vec<_> = page.history.iter().map(|row| row.key.at).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    assert_eq!(page.revision, world.page(ACME).await.revision);
}

/// A resync that has updated this person a moment ago.
async fn resynced(world: &TestApp, user: &str) {
    let at = world.clock.now().nanos();
    for statement in [
        format!(
            "insert into resyncs (organization_id, id, state, dry_run, cause, created_at, \
             finished_at, is_complete, listed, applied, calls, created, updated, reactivated, \
             deactivated, removed, blocked, groups) \
             values ('{ACME}', 'rsn_1', 'done', false, 'form', {at}, {at}, true, 1, 1, 1, 0, 1, 0, \
             0, 0, 0, 0)"
        ),
        format!(
            "insert into resync_people (organization_id, resync_id, user_id, pass, asked_at, \
             change, blocked, outcome) \
             values ('{ACME}', 'rsn_1', '{}', 1, {at}, '{}', false, '{}')",
            diruser(user),
            Change::Updated.as_str(),
            Outcome::Updated.as_str(),
        ),
    ] {
        world.tamper(&statement).await;
    }
}

async fn the_history_is_read_in_parts_without_a_gap(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for _ in 0..30 {
        world.joined(ACME, "ada").await;
        world.deactivated(ACME, "ada").await;
        // entries of the same moment
        acted(&world, ACME, "ada", "one").await;
        acted(&world, ACME, "ada", "two").await;
    }
    let (mut all, mut before, mut pages) = (Vec::new(), None, 0);

    loop {
        let page = page_of(&world, &staff(), "ada", before.as_ref()).await;
        assert!(page.history.len() <= 50, "{}", page.history.len());
        all.extend(page.history.into_iter().map(|row| row.key));
        (before, pages) = (page.page.older, pages + 1);
        if before.is_none() {
            break;
        }
    }

    assert_eq!((all.len(), pages), (30 * 6, 4));
    let mut once = all.clone();
    once.sort_by_key(|key| (key.at, key.source, key.id.clone()));
    once.dedup();
    assert_eq!(once.len(), all.len(), "no entry is read twice");
    let times: Vec<_> = all.iter().map(|key| (key.at, key.source)).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
}

async fn a_tenant_sees_no_deliveries_and_no_names_of_staff(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_secs(1));
    acted(&world, ACME, "ada", "as they asked").await;
    world.clock.pass(Duration::from_secs(1));
    world.set_limit(ACME, SeatLimit::Seats(5)).await.unwrap();
    let actors = |page: &PersonPage| {
        let rows = page.history.iter().filter_map(|row| match &row.entry {
            HistoryEntry::Decision(decision) => decision.actor.clone(),
            _ => None,
        });
        rows.map(|actor| actor.to_string()).collect::<Vec<_>>()
    };

    let page = page_of(&world, &staff(), "ada", None).await;
    assert_eq!(actors(&page), ["command line (story)"]);
    assert!(kinds(&page).contains(&"delivery blocked".to_owned()));

    let page = page_of(&world, &tenant(), "ada", None).await;
    assert_eq!(kinds(&page), ["next_on_waitlist", "action end_membership", "seats_taken"]);
    assert_eq!(actors(&page), Vec::<String>::new());
}

async fn a_person_of_another_organization_is_missing(world: TestApp) {
    for organization in [ACME, OTHER] {
        world.organization(organization, SeatLimit::Seats(1)).await;
    }
    world.joined(OTHER, "ada").await;
    acted(&world, OTHER, "ada", "another organization").await;

    for (organization, user) in [(ACME, "ada"), (ACME, "not-known"), ("org_unknown", "ada")] {
        let scope = scope(organization);
        let page = queries::person_page(&world.state, &scope, &staff(), &id(user), None).await;
        assert!(matches!(page, Err(Error::Missing)), "{organization} {user}");
    }

    world.joined(ACME, "ada").await;
    let page = page_of(&world, &staff(), "ada", None).await;
    assert_eq!(kinds(&page), ["seat_free", "delivery admitted"], "nothing of the other one");
}

async fn people_with_the_same_address_point_to_each_other(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let event = "organization.directory.user_created";
    for (user, email) in [("ada", "ada@acme.test"), ("ada2", "Ada@ACME.test"), ("bob", "b@x.test")]
    {
        let body = world.body(ACME, user, event, "\"active\":true,");
        world.post(&body.replace(&format!("{user}@acme.test"), email)).await;
    }
    let duplicates = |page: PersonPage| {
        page.duplicates.into_iter().map(|row| row.user.to_string()).collect::<Vec<_>>()
    };

    assert_eq!(duplicates(page_of(&world, &tenant(), "ada", None).await), [diruser("ada2")]);
    assert_eq!(duplicates(page_of(&world, &tenant(), "ada2", None).await), [diruser("ada")]);
    assert_eq!(duplicates(page_of(&world, &tenant(), "bob", None).await), [""; 0]);
    world.left(ACME, "ada2").await;
    for user in ["ada", "ada2"] {
        assert_eq!(duplicates(page_of(&world, &tenant(), user, None).await), [""; 0], "{user}");
    }
}

async fn a_script_reads_a_person_by_id_or_by_address(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    let (scope, unknown) = (scope(ACME), scope("org_unknown"));
    let read = async |user: &str| queries::person_record(&world.state, &scope, user).await.unwrap();

    for user in [diruser("ada"), "ADA@acme.test".to_owned()] {
        let person = read(&user).await.unwrap();
        assert_eq!((person.facts.user_id, person.facts.state), (id("ada"), SeatState::Provisioned));
        let kinds: Vec<_> = person.history.iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, ["decision", "delivery"]);
        assert_eq!(person.history[0].why.as_deref(), Some("A seat was free: 0 of 1 were taken."));
    }
    for user in ["", "diruser_unknown", "unknown@acme.test", "email:ada@acme.test"] {
        assert!(read(user).await.is_none(), "{user}");
    }
    let unknown = queries::person_record(&world.state, &unknown, &diruser("ada")).await;
    assert!(matches!(unknown, Err(Error::Missing)));
}
