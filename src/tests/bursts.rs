//! Webhooks arrive by the hundreds while a resync compares people with their directory: the newest
//! event wins, and no event is lost. And a thousand people want a seat at once: each recipient is
//! notified once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use domain::{
    access::Role, id::OrganizationId, organization::SeatLimit, resync::ResyncState, time::Timestamp,
};
use futures_util::future::join_all;
use seatkeeper::{channels::address::AllowedAddresses, commands::set_slack};
use simulator::{
    event::Body,
    fault::{Fault, FaultRate},
    world::{DirectoryPlan, Plan, Provider, World as Invented},
};

use crate::{
    slack::{Receiver, at_home, posted},
    support::{
        scalekit::Scalekit,
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    a_storm_of_webhooks_during_resyncs_loses_no_update,
    a_thousand_people_who_are_blocked_at_once_are_one_message_for_each_recipient,
}

/// Tasks that make events happen at the same time.
const HANDS: usize = 6;
/// Resyncs during the burst, which ends after the last of them: then no later run can repair what a
/// run did wrong.
const RUNS: usize = 3;

async fn a_storm_of_webhooks_during_resyncs_loses_no_update(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(260)).await;
    let directory = |provider, people| DirectoryPlan { provider, groups: 5, people };
    let directories = vec![directory(Provider::Entra, 180), directory(Provider::Google, 95)];
    let plan = Plan {
        id: OrganizationId::new(ACME),
        name: "Acme".to_owned(),
        domain: "acme.test".to_owned(),
        directories,
    };
    let scalekit = Arc::new(Scalekit::delivering(&world, 11, &[plan]).await);
    // every event is delivered, and unchanged; only order, time and repetition are random
    for (fault, amount) in [
        (Fault::Duplicate, 0.2),
        (Fault::Reorder, 0.2),
        (Fault::Late, 0.2),
        (Fault::WrongSecret, 0.2),
    ] {
        scalekit.simulator.faults().switch_on(FaultRate { fault, amount });
    }
    scalekit.simulator.faults().switch_on(FaultRate { fault: Fault::Slow, amount: 4.0 });
    let over = Arc::new(AtomicBool::new(false));
    let comparing = tokio::spawn(compare(Arc::clone(&scalekit), Arc::clone(&over)));

    join_all((0..HANDS).map(|hand| storm(&world, &scalekit, hand, &over))).await;
    comparing.await.unwrap();
    scalekit.falls_quiet(&world).await;

    assert_eq!(scalekit.simulator.totals().given_up, 0, "every event was delivered");
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    assert_eq!(world.dead_letters().await, [""; 0]);
    world.check().await;
}

async fn compare(scalekit: Arc<Scalekit>, over: Arc<AtomicBool>) {
    let _over = Over(over);
    for _ in 0..RUNS {
        let run = scalekit.settled(ACME).await.unwrap();
        assert_eq!(run.state, ResyncState::Done, "{run:?}");
    }
}

/// Ends the burst, also if a run fails its assertion.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes one event after the other happen, each at its own time, until the resyncs are over.
async fn storm(world: &TestApp, scalekit: &Scalekit, hand: usize, over: &AtomicBool) {
    for turn in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let act = |invented: &mut Invented, _| {
            world.clock.pass(Duration::from_millis(1));
            let now = world.clock.now();
            match (hand + turn) % 16 {
                0 => invented.burst(&OrganizationId::new(ACME), 6, now),
                1 | 2 => gone_and_back(invented, turn * 31 + hand, now),
                3 if turn % 100 < 50 => a_group_goes(invented, now),
                _ => invented.next_turn(now),
            }
        };
        scalekit.simulator.play(act).await;
    }
}

/// A user is deleted and hired again a microsecond later, under the old id or a new one.
fn gone_and_back(invented: &mut Invented, draw: usize, now: Timestamp) -> Vec<Body> {
    let acme = OrganizationId::new(ACME);
    let people: Vec<_> =
        invented.organization(&acme).unwrap().people().map(|(_, person)| person.clone()).collect();
    let person = &people[draw % people.len()];
    let mut bodies = invented.fire(&acme, &person.id(), now);
    bodies.extend(invented.rehire(&acme, person, draw.is_multiple_of(2), now));
    bodies
}

fn a_group_goes(invented: &mut Invented, now: Timestamp) -> Vec<Body> {
    let acme = OrganizationId::new(ACME);
    let last = invented.organization(&acme).unwrap().directories[0]
        .groups
        .last()
        .map(|group| group.id.clone());
    last.map(|group| invented.delete_group(&acme, &group, now)).unwrap_or_default()
}

async fn a_thousand_people_who_are_blocked_at_once_are_one_message_for_each_recipient(
    world: TestApp,
) {
    const ADMINS: [&str; 2] = ["kim@acme.test", "lee@acme.test"];
    world.organization(ACME, SeatLimit::Seats(0)).await;
    for admin in ADMINS {
        world.account(admin, Role::TenantAdmin, &[ACME]).await;
    }
    let slack = Receiver::start().await;
    let state = at_home(&world, None);
    set_slack(&state, &operator(), &OrganizationId::new(ACME), &slack.url).await.unwrap();
    let requests: Vec<_> = (0..1_000)
        .map(|n| {
            let kind = "organization.directory.user_created";
            let body = world.body(ACME, &format!("p{n:03}"), kind, "\"active\":true,");
            world.request(&format!("msg_burst{n}"), &body)
        })
        .collect();

    let answers = requests.into_iter().map(|request| TestApp::answered(world.router(), request));
    let answers = join_all(answers).await;

    assert!(answers.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(world.usage(ACME).await.waiting, 1_000);
    let outbox = "select channel || ' ' || recipient from outbox order by 1";
    let each = ["email kim@acme.test", "email lee@acme.test", "slack organization"];
    assert_eq!(world.texts(outbox).await, each);
    assert_eq!(world.sent_now().await, [], "the burst may go on");

    let mut sent = world.sent().await;
    sent.sort_by_key(|one| one.to.clone());
    assert_eq!(sent.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ADMINS);
    for one in &sent {
        assert_eq!(one.email.subject, "org_1001 Ltd: 1,000 people are waiting for a seat");
        assert!(one.email.text.contains("and 990 more"), "{}", one.email.text);
    }
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    assert!(slack.texts()[0].starts_with("1,000 people are waiting at org_1001 Ltd."));
    world.joined(ACME, "one-more").await;
    assert_eq!(world.sent().await, []);
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
    assert_eq!(world.texts(outbox).await, each, "no message for the next one");
    world.check().await;
}
