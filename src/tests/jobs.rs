//! The loop of the background jobs: an error or a panic ends one turn and never the job.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use seatkeeper::{
    channels::email::mailer::Mailer,
    commands,
    jobs::{
        self, AtStop, Job, JobContext, Progress, Silence,
        send_messages::{Mail, Way},
    },
    queries,
};
use tokio::sync::watch;

use crate::support::{
    scalekit::Scalekit,
    world::{TestApp, stories},
};

stories! {
    each_job_goes_on_after_a_panic,
    a_turn_that_fails_is_tried_again,
    at_a_stop_a_turn_is_dropped_or_finished,
    a_job_that_always_fails_is_reported_until_it_works_again,
}

const LONG: Duration = Duration::from_mins(1);

/// How the first turn of a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Panics,
    Fails,
}

/// A real job whose first turn ends otherwise. It counts the turns that worked.
struct Broken {
    job: Box<dyn Job>,
    first: First,
    turns: AtomicUsize,
    worked: Arc<AtomicUsize>,
}

impl Job for Broken {
    fn name(&self) -> &'static str {
        self.job.name()
    }

    /// The time between two turns of the real job can be minutes.
    fn interval(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn silence(&self) -> Silence {
        self.job.silence()
    }

    fn at_stop(&self) -> AtStop {
        self.job.at_stop()
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async move {
            if self.turns.fetch_add(1, Ordering::SeqCst) == 0 {
                assert_ne!(self.first, First::Panics, "on purpose");
                return Err(commands::Error::Missing);
            }
            let progress = self.job.run_once(context).await?;
            self.worked.fetch_add(1, Ordering::SeqCst);
            Ok(progress)
        }
        .boxed()
    }
}

/// Every job of a server that has a mail server and Scalekit's API.
async fn all(world: &TestApp) -> (Scalekit, Vec<Box<dyn Job>>) {
    let scalekit = Scalekit::of(world, &[3]).await;
    let mail = Mail {
        mailer: Mailer::memory(),
        from: "Seatkeeper <seats@seats.example>".parse().unwrap(),
    };
    let jobs = jobs::all(&scalekit.state, vec![Way::Email(mail)]);
    (scalekit, jobs)
}

async fn each_job_works_after(world: &TestApp, first: First) {
    let (scalekit, jobs) = all(world).await;
    assert!(jobs.len() >= 13, "{}", jobs.len());
    for job in jobs {
        let (name, worked) = (job.name(), Arc::new(AtomicUsize::new(0)));
        let broken = Broken { job, first, turns: AtomicUsize::new(0), worked: worked.clone() };
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(jobs::run(scalekit.state.clone(), Box::new(broken), stopping));
        let works = async {
            while worked.load(Ordering::SeqCst) < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(LONG, works).await.is_ok(), "{name}");
        stop.send(true).unwrap();
        tokio::time::timeout(LONG, running).await.expect(name).expect(name);
    }
    world.check().await;
}

async fn each_job_goes_on_after_a_panic(world: TestApp) {
    each_job_works_after(&world, First::Panics).await;
}

async fn a_turn_that_fails_is_tried_again(world: TestApp) {
    each_job_works_after(&world, First::Fails).await;
}

/// A job whose turn waits until the test lets it go on.
struct Waits {
    at_stop: AtStop,
    began: watch::Sender<bool>,
    go_on: watch::Receiver<bool>,
    finished: Arc<AtomicUsize>,
}

impl Job for Waits {
    fn name(&self) -> &'static str {
        "waits"
    }

    fn interval(&self) -> Duration {
        LONG
    }

    fn at_stop(&self) -> AtStop {
        self.at_stop
    }

    fn run_once<'a>(
        &'a self,
        _context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            self.began.send_replace(true);
            self.go_on.clone().wait_for(|go_on| *go_on).await.unwrap();
            self.finished.fetch_add(1, Ordering::SeqCst);
            Ok(Progress::Done)
        }
        .boxed()
    }
}

async fn at_a_stop_a_turn_is_dropped_or_finished(world: TestApp) {
    for (at_stop, turns) in [(AtStop::DropTurn, 0), (AtStop::FinishTurn, 1)] {
        let (stop, stopping) = watch::channel(false);
        let (began, mut has_begun) = watch::channel(false);
        let (let_go, go_on) = watch::channel(false);
        let finished = Arc::new(AtomicUsize::new(0));
        let job = Waits { at_stop, began, go_on, finished: finished.clone() };
        let running = tokio::spawn(jobs::run(world.state.clone(), Box::new(job), stopping));
        has_begun.wait_for(|begun| *begun).await.unwrap();

        stop.send(true).unwrap();
        if at_stop == AtStop::FinishTurn {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(!running.is_finished(), "the turn is not finished");
            let_go.send(true).unwrap();
        }

        tokio::time::timeout(LONG, running).await.unwrap().unwrap();
        assert_eq!(finished.load(Ordering::SeqCst), turns, "{at_stop:?}");
    }
}

/// A job that fails until it is repaired.
struct Fails {
    turns: Arc<AtomicUsize>,
    repaired: watch::Receiver<bool>,
}

impl Job for Fails {
    fn name(&self) -> &'static str {
        "fails"
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn run_once<'a>(
        &'a self,
        _context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            self.turns.fetch_add(1, Ordering::SeqCst);
            if *self.repaired.borrow() { Ok(Progress::Done) } else { Err(commands::Error::Missing) }
        }
        .boxed()
    }
}

async fn a_job_that_always_fails_is_reported_until_it_works_again(world: TestApp) {
    let (stop, stopping) = watch::channel(false);
    let (repair, repaired) = watch::channel(false);
    let turns = Arc::new(AtomicUsize::new(0));
    let running = tokio::spawn(jobs::run(
        world.state.clone(),
        Box::new(Fails { turns: turns.clone(), repaired }),
        stopping,
    ));
    let many = async |most: usize| {
        while turns.load(Ordering::SeqCst) < most {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };

    many(10).await;
    world.clock.pass(Duration::from_mins(2));
    many(12).await;
    let late = queries::ready(&world.state).await;
    assert!(late.len() == 1 && late[0].contains("“fails”"), "{late:?}");

    repair.send(true).unwrap();
    let now = turns.load(Ordering::SeqCst);
    many(now + 3).await;
    assert_eq!(queries::ready(&world.state).await, [""; 0]);
    stop.send(true).unwrap();
    running.await.unwrap();
}
