//! Seatkeeper crashes at every point at which it waits: in commands that open and resolve alerts,
//! while messages leave, and while owed ones are written. Whatever happens then, each alert has one
//! message for each recipient on each channel, and none of them waits for ever.
//!
//! What is guaranteed: the row of the outbox is written once. If a crash comes between the server's
//! acceptance and the record of it, the same e-mail leaves again with the same `Message-ID`, and
//! a post to Slack again.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use domain::{
    access::Role,
    id::{DeliveryId, OrganizationId, WebhookId},
    organization::SeatLimit,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use seatkeeper::{
    channels::{address::AllowedAddresses, email::mailer::Mailer, slack::SlackPoster},
    commands::{
        Delivery, Error, NewLimit, Notify, ReplayContext, disable_account, enable_account,
        ingest_deliveries, notify_owed, replay, set_seat_limit, set_slack,
    },
    jobs::send_messages::{self, Mail, Way},
    scalekit::payload,
    state::AppState,
};

use crate::{
    replay::buried,
    slack::{Receiver, at_home},
    support::{
        seeds::{Named, seeds},
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    each_alert_has_one_message_for_each_recipient_whenever_seatkeeper_crashes,
}

const KIM: &str = "kim@acme.test";
const LEE: &str = "lee@acme.test";
const SAM: &str = "sam@seats.example";
const HISTORIES: u64 = 2;
const STEPS: usize = 16;
/// Dead letters, whose replay may be asked for no messages.
const DEAD: usize = 4;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Delivered(Delivery),
    Limited(i64),
    Replayed(DeliveryId, Notify),
    /// The account of an admin is disabled, or enabled again.
    Disabled(&'static str, bool),
    Sent,
    Posted,
    Owed,
}

/// A Seatkeeper with the receivers of its messages, which outlive each crash.
struct Life {
    world: TestApp,
    slack: Receiver,
    mail: Mail,
    /// How often a step was interrupted, and how often it was one that sends.
    crashes: usize,
    interrupted: usize,
}

/// Polls a future so many times and then drops it, as a crash does. `None`: it did not end.
async fn interrupted<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| {
        let Some(rest) = left.checked_sub(1) else { return Poll::Ready(None) };
        left = rest;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

impl Life {
    async fn begin(world: TestApp) -> Self {
        world.organization(ACME, SeatLimit::Seats(2)).await;
        for admin in [KIM, LEE] {
            world.account(admin, Role::TenantAdmin, &[ACME]).await;
        }
        world.account(SAM, Role::Staff, &[]).await;
        let slack = Receiver::start().await;
        let life = Self {
            world,
            slack,
            mail: Mail {
                mailer: Mailer::memory(),
                from: "Seatkeeper <seats@seats.example>".parse().unwrap(),
            },
            crashes: 0,
            interrupted: 0,
        };
        let acme = OrganizationId::new(ACME);
        set_slack(&life.state(), &operator(), &acme, &life.slack.url).await.unwrap();
        buried(&life.world, ACME, DEAD).await;
        life
    }

    fn state(&self) -> AppState {
        at_home(&self.world, None)
    }

    fn delivered(&self, user: &str, kind: &str) -> Step {
        let world = &self.world;
        world.clock.pass(Duration::from_secs(1));
        let kind = format!("organization.directory.user_{kind}");
        let body = world.body(ACME, user, &kind, "").into_bytes();
        let id = WebhookId::new(format!("msg_{}", world.number()));
        let reading = payload::read(&body);
        Step::Delivered(Delivery::new(id, body, reading, world.clock.now()))
    }

    /// Does a step. It may be done again, as its sender or its worker would.
    async fn act(&self, step: &Step) {
        let state = self.state();
        let done = match step {
            Step::Delivered(delivery) => {
                ingest_deliveries(&state, std::slice::from_ref(delivery)).await.map(drop)
            }
            Step::Limited(seats) => {
                let limit = NewLimit {
                    organization: OrganizationId::new(ACME),
                    limit: SeatLimit::Seats(*seats),
                    until: None,
                    reason: "Story".to_owned(),
                    expected_version: None,
                };
                set_seat_limit(&state, &operator(), &limit).await.map(drop)
            }
            Step::Replayed(delivery, notify) => {
                replay(&state, &ReplayContext::by(&operator(), *notify), delivery).await.map(drop)
            }
            Step::Disabled(email, true) => {
                disable_account(&state, &operator(), email).await.map(drop)
            }
            Step::Disabled(email, false) => {
                enable_account(&state, &operator(), email).await.map(drop)
            }
            Step::Sent => {
                send_messages::work_off_all(&state, &Way::Email(self.mail.clone())).await.map(drop)
            }
            Step::Posted => {
                let poster = SlackPoster::new(AllowedAddresses::Private).unwrap();
                send_messages::work_off_all(&state, &Way::Slack(poster)).await.map(drop)
            }
            Step::Owed => notify_owed(&state).await.map(drop),
        };
        // what was done before the crash is refused the second time
        assert!(matches!(done, Ok(()) | Err(Error::Refused(_))), "{step:?}: {done:?}");
    }

    /// Crashes at the first point at which the step waits, at the second one, and so on, until the
    /// step gets through.
    async fn crash_everywhere_in(&mut self, step: &Step) {
        for polls in 1.. {
            if interrupted(self.act(step), polls).await.is_some() {
                return;
            }
            self.crashes += 1;
            if matches!(step, Step::Sent | Step::Posted) {
                self.interrupted += 1;
                // the lease of the worker that is gone has run out
                self.world.tamper("update outbox set lease_millis = 0").await;
            }
        }
    }

    /// What still has to leave leaves, to all who may be notified.
    async fn finish(&mut self) {
        for admin in [KIM, LEE] {
            self.act(&Step::Disabled(admin, false)).await;
        }
        // a person who is really blocked ends what a replay without messages has suppressed
        self.act(&Step::Limited(0)).await;
        let step = self.delivered("last", "created");
        self.act(&step).await;
        for step in [Step::Owed, Step::Sent, Step::Posted].iter().cycle().take(6) {
            self.world.clock.pass(Duration::from_mins(2));
            self.act(step).await;
        }
    }
}

async fn each_alert_has_one_message_for_each_recipient_whenever_seatkeeper_crashes(first: TestApp) {
    let engine = first.engine();
    for seed in seeds(HISTORIES) {
        let _named = Named(seed);
        let mut life = Life::begin(TestApp::open(engine).await).await;
        live(&mut life, &mut StdRng::seed_from_u64(seed)).await;
        assert!(life.crashes > 3 * STEPS && life.interrupted > 0, "{} crashes", life.crashes);
        life.finish().await;
        check(&life).await;
        life.world.check().await;
        life.world.close().await;
    }
}

async fn live(life: &mut Life, rng: &mut StdRng) {
    let dead = life.world.texts("select id from deliveries where outcome = 'dead' order by id");
    let mut dead: Vec<DeliveryId> = dead.await.into_iter().map(DeliveryId::new).collect();
    for number in 0..STEPS {
        let step = match rng.random_range(0..12) {
            0..3 => life.delivered(&format!("q{number}"), "created"),
            3 => life.delivered(&format!("q{}", rng.random_range(0..STEPS)), "deleted"),
            4..6 => Step::Limited(rng.random_range(0..6)),
            6 if !dead.is_empty() => {
                let notify = if rng.random() { Notify::Sent } else { Notify::Suppressed };
                Step::Replayed(dead.swap_remove(0), notify)
            }
            7 => Step::Disabled(if rng.random() { KIM } else { LEE }, rng.random_ratio(2, 3)),
            8 | 9 => Step::Sent,
            10 => Step::Posted,
            _ => Step::Owed,
        };
        if rng.random() {
            life.world.clock.pass(Duration::from_secs(61));
        }
        life.crash_everywhere_in(&step).await;
        if rng.random_ratio(1, 4) {
            life.world.crash().await;
        }
    }
}

async fn check(life: &Life) {
    let world = &life.world;
    let owing = "select kind || ' ' || notice from alerts where resolved_at is null \
                 and notice in ('owed', 'suppressed')";
    assert_eq!(world.texts(owing).await, [""; 0], "nothing is owed or suppressed for good");
    let waiting = "select message || ' ' || recipient from outbox where sent_at is null \
                   and dropped_at is null";
    assert_eq!(world.texts(waiting).await, [""; 0], "nothing waits, and nothing was given up");
    let untold = "select kind from alerts a where notice = 'sent' and not exists (select 1 \
                  from outbox o where o.about_id = a.id)";
    assert_eq!(world.texts(untold).await, [""; 0], "an alert that notified has messages");
    let key = "about_id || ' ' || message || ' ' || channel || ' ' || recipient";
    let rows = world.texts(&format!("select {key} from outbox order by 1")).await;
    let mut once = rows.clone();
    once.dedup();
    assert_eq!(rows, once, "one message for each alert, recipient and channel");

    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    for sent in life.mail.mailer.sent() {
        *accepted.entry(sent.id.to_string()).or_default() += 1;
    }
    let ids = "select id from outbox where channel = 'email' and sent_at is not null order by id";
    let sent = world.texts(ids).await;
    assert!(!sent.is_empty(), "the history sends something");
    assert!(sent.iter().all(|id| accepted.contains_key(id)), "what is recorded was accepted");
    let known = world.texts("select id from outbox where channel = 'email'").await;
    assert!(accepted.keys().all(|id| known.contains(id)), "a second copy has the same id");
    let copies: usize = accepted.values().map(|times| times - 1).sum();
    assert!(copies <= life.interrupted * 8, "only a crash repeats an e-mail: {copies}");
    let posted =
        world.texts("select id from outbox where channel = 'slack' and sent_at is not null").await;
    assert!(life.slack.texts().len() >= posted.len());
}
