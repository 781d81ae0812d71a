//! Leases, table by table: a worker that has lost its lease writes nothing more, and the next one
//! does the work. `replay_turns.rs` has the stories of bulk replays.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{
    access::Role,
    id::OrganizationId,
    invariant::{Removed, Round},
    organization::SeatLimit,
    resync::{Resync, ResyncState},
};
use futures_util::{FutureExt, future::BoxFuture};
use seatkeeper::{
    channels::email::{mailer::Mailer, server::SmtpServer},
    commands::{
        Error, Gap, Look, backfill, note_findings, purge_bodies,
        resync::{Turn, work_on},
    },
    jobs::{
        self, Job, Progress, check_invariants, periodic, retention,
        send_messages::{self, Mail},
    },
    queries,
    state::AppState,
};
use tokio::{runtime::Handle, sync::watch, task::block_in_place};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    smtp::{MailServer, Mood},
    world::{ACME, TestApp, stories},
};

stories! {
    a_worker_that_has_lost_a_periodic_job_writes_nothing_more,
    a_worker_that_has_lost_the_check_notes_no_findings,
    a_worker_that_has_lost_the_retention_removes_no_body,
    a_worker_that_has_lost_an_email_does_not_say_how_it_ended,
    a_worker_that_has_lost_the_event_log_does_not_say_what_it_found,
    a_worker_that_has_lost_a_resync_writes_nothing_more,
    a_lost_lease_ends_one_turn_and_never_the_job,
}

/// Longer than each lease.
const LONG: Duration = Duration::from_mins(11);

fn is_lost<T: std::fmt::Debug>(result: Result<T, Error>, table_and_key: &str) {
    let lost = result.unwrap_err();
    assert!(matches!(lost, Error::LeaseLost(_)), "{lost:?}");
    assert_eq!(lost.to_string(), format!("the lease on {table_and_key} is lost"));
}

async fn jobs(world: &TestApp) -> Vec<String> {
    let row = r"
        select name || ' ' || claim || ' ' || heartbeats || ' ' || lease_millis || ' '
            || finished || ' ' || coalesce(finished_at, 0) || ' ' || notes
        from jobs
        order by name
        ";
    world.texts(row).await
}

async fn a_worker_that_has_lost_a_periodic_job_writes_nothing_more(world: TestApp) {
    let claim = async || periodic::claim(&world.state, "story", Duration::ZERO).await.unwrap();
    let slow = claim().await.unwrap();
    assert!(claim().await.is_none(), "it is held");
    periodic::keep(&world.state, &slow).await.unwrap();
    claim().await;
    world.clock.pass(LONG);
    let next = claim().await.unwrap();
    let before = jobs(&world).await;

    is_lost(periodic::keep(&world.state, &slow).await, "jobs story");
    is_lost(periodic::finish(&world.state, &slow, "slow").await, "jobs story");

    assert_eq!(jobs(&world).await, before);
    periodic::keep(&world.state, &next).await.unwrap();
    periodic::finish(&world.state, &next, "next").await.unwrap();
    assert_eq!(world.texts("select notes from jobs").await, ["next"]);
    is_lost(periodic::finish(&world.state, &slow, "slow").await, "jobs story");
    let again = claim().await.unwrap();
    is_lost(periodic::keep(&world.state, &next).await, "jobs story");
    assert_eq!(again.notes, "next", "the next worker sees what the last one noted");
}

async fn a_worker_that_has_lost_the_check_notes_no_findings(world: TestApp) {
    let slow = periodic::claim(&world.state, "check", Duration::ZERO).await.unwrap().unwrap();
    check_invariants::first(&world.state).await.unwrap();
    let before = jobs(&world).await;

    let round = Round { organizations: 7, ..Round::default() };
    is_lost(note_findings(&world.state, &slow, &round, &[]).await, "jobs check");

    assert_eq!(jobs(&world).await, before);
}

async fn a_worker_that_has_lost_the_retention_removes_no_body(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_hours(91 * 24));
    let slow = periodic::claim(&world.state, "retention", Duration::ZERO).await.unwrap().unwrap();
    let next = periodic::take_over(&world.state, "retention").await.unwrap().unwrap();
    let (before, now) = (jobs(&world).await, world.clock.now());

    is_lost(purge_bodies(&world.state, &slow, Removed::default(), now).await, "jobs retention");

    let bodies = async || world.texts("select id from deliveries where body is not null").await;
    assert_eq!((jobs(&world).await, bodies().await.len()), (before, 1));
    periodic::finish(&world.state, &next, "").await.unwrap();
    world.clock.pass(LONG);
    assert_eq!(retention::work_off(&world.state).await.unwrap(), 1);
    assert_eq!(bodies().await, [""; 0]);
}

fn mail(server: &MailServer) -> Mail {
    let mailer = Mailer::smtp(SmtpServer::parse(&server.url()).unwrap());
    Mail { mailer, from: "Seatkeeper <seats@seats.example>".parse().unwrap() }
}

async fn a_worker_that_has_lost_an_email_does_not_say_how_it_ended(world: TestApp) {
    let (mut broken, good) = (MailServer::start().await, MailServer::start().await);
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_secs(61));
    broken.be(Mood::Silent);
    let (state, slow) = (world.state.clone(), mail(&broken));
    let sending = tokio::spawn(async move { send_messages::work_off(&state, &slow).await });
    let held = "select id from outbox where lease_millis <> 0";
    while world.texts(held).await.is_empty() {
        tokio::task::yield_now().await;
    }
    let beside = world.beside().await;
    assert_eq!(
        send_messages::work_off(&beside.state, &mail(&good)).await.unwrap(),
        0,
        "it is held"
    );
    world.clock.pass(LONG);
    assert_eq!(send_messages::work_off(&beside.state, &mail(&good)).await.unwrap(), 1);
    let row = r"
        select claim || ' ' || heartbeats || ' ' || lease_millis || ' ' || attempts || ' '
            || due_at || ' ' || sent_at || coalesce(last_error, '')
        from outbox
        ";
    let before = world.texts(row).await;
    let id = world.outbox().await.remove(0);

    broken.close().await; // it would be sent again later

    is_lost(sending.await.unwrap(), &format!("outbox {id}"));
    assert_eq!(world.texts(row).await, before);
    world.joined(ACME, "bob").await;
    world.left(ACME, "ada").await;
    world.left(ACME, "bob").await;
    world.joined(ACME, "cleo").await;
    world.clock.pass(Duration::from_secs(61));
    assert_eq!(
        send_messages::work_off(&world.state, &mail(&good)).await.unwrap(),
        1,
        "the next turn works"
    );
}

/// At this call of Scalekit's API another process takes the event log over.
async fn log_lost_at(world: &TestApp, scalekit: &Scalekit, call: usize) -> Gap {
    let (beside, handle) = (Arc::new(world.beside().await), Handle::current());
    scalekit.handle(move |number, _| {
        if number == call {
            let taken = beside.tamper("update event_log set claim = claim + 1");
            block_in_place(|| handle.block_on(taken));
        }
        Behaviour::Good
    });
    backfill(&scalekit.state, Look::AfterSilence).await.unwrap()
}

async fn a_worker_that_has_lost_the_event_log_does_not_say_what_it_found(world: TestApp) {
    let acme = OrganizationId::new(ACME);
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[5]).await;
    scalekit.resync(false).await;
    for body in scalekit.happens(&world, |world, now| world.burst(&acme, 1, now)).await {
        world.post(&body).await;
    }
    scalekit.happens(&world, |world, now| world.burst(&acme, 230, now)).await;
    world.clock.pass(Duration::from_hours(2));
    let written = "select id from event_log where checked_at is not null";

    // three pages to the end of the log, and two of them again
    assert_eq!(log_lost_at(&world, &scalekit, 3).await, Gap::NotLooked);
    assert_eq!(world.texts(written).await, [""; 0]);
    assert!(world.usage(ACME).await.used < 5 + 1 + 230, "the last page was left to the other one");

    scalekit.handle(|_, _| Behaviour::Good);
    let held = backfill(&scalekit.state, Look::Now).await.unwrap();
    assert_eq!(held, Gap::NotLooked, "it is held");
    world.clock.pass(LONG);
    let Gap::Closed(rest) = backfill(&scalekit.state, Look::Now).await.unwrap() else {
        panic!("the next turn closes the gap")
    };
    assert!(rest > 0 && rest < 230, "{rest}");
    assert_eq!(world.usage(ACME).await.used, 5 + 1 + 230);
    assert_eq!(world.texts(written).await, ["event_log"]);
}

async fn a_worker_that_has_lost_a_resync_writes_nothing_more(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let id = scalekit.start(false).await;
    let beside = world.beside().await;
    let other = beside
        .state
        .clone()
        .with_scalekit(scalekit.state.scalekit.clone().unwrap(), scalekit.state.resyncs);
    let (clock, handle) = (world.clock.clone(), Handle::current());
    let turn = Turn::This(OrganizationId::new(ACME), id.clone());
    scalekit.handle(move |number, _| {
        // in the middle of the list
        if number == 4 {
            block_in_place(|| handle.block_on(taken_over(&other, &turn, || clock.pass(LONG))));
        }
        Behaviour::Good
    });

    let lost = scalekit.work_on(&id).await;

    assert_eq!((lost.state, lost.listed, lost.applied), (ResyncState::Done, 120, 120), "{lost:?}");
    let claim = world.texts("select cast(claim as text) from resyncs").await;
    assert_eq!(claim, ["2"]);
    assert_eq!(
        world.texts("select cast(count(*) as text) from decisions where cause = 'resync'").await,
        ["120"]
    );
    let page: Resync = scalekit.look(&id).await;
    assert_eq!(page, lost);
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done, "the next turn works");
    world.check().await;
}

/// Another process works on the run to its end, because the lease is over.
async fn taken_over(other: &AppState, turn: &Turn, wait: impl Fn()) {
    assert!(!work_on(other, turn).await.unwrap(), "it is held");
    while !work_on(other, turn).await.unwrap() {
        wait(); // the first one may still have stored a page
    }
}

/// A periodic job whose first turn is so slow that another worker does its work.
struct Slow {
    turns: AtomicUsize,
    finished: Arc<AtomicUsize>,
}

impl Job for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn run_once<'a>(
        &'a self,
        turn: &'a jobs::JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, Error>> {
        async move {
            let job = periodic::claim(turn.state, "story", Duration::ZERO).await?.unwrap();
            if self.turns.fetch_add(1, Ordering::SeqCst) == 0 {
                let other = periodic::take_over(turn.state, "story").await?.unwrap();
                periodic::finish(turn.state, &other, "other").await?;
            }
            periodic::keep(turn.state, &job).await?;
            periodic::finish(turn.state, &job, &format!("after {}", job.notes)).await?;
            self.finished.fetch_add(1, Ordering::SeqCst);
            Ok(Progress::Done)
        }
        .boxed()
    }
}

async fn a_lost_lease_ends_one_turn_and_never_the_job(world: TestApp) {
    let (stop, stopping) = watch::channel(false);
    let finished = Arc::new(AtomicUsize::new(0));
    let slow = Slow { turns: AtomicUsize::new(0), finished: finished.clone() };

    let running = tokio::spawn(jobs::run(world.state.clone(), Box::new(slow), stopping));
    let works = async {
        while finished.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, works).await.unwrap();
    stop.send(true).unwrap();
    running.await.unwrap();

    let notes = world.texts("select notes from jobs").await.remove(0);
    assert!(notes.starts_with("after ") && notes.ends_with("other"), "{notes}");
    assert_eq!(queries::ready(&world.state).await, [""; 0]);
}
