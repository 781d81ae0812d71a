//! Webhooks arrive repeatedly, in any order, after a loss, many at a time, and Seatkeeper crashes
//! in between: in the end the data is what it is if each arrives once and in order. Only one thing
//! may differ: which of several users has one of the last seats.
//!
//! `MODEL_HISTORIES=500 cargo test --test stories any_order` runs more histories than usual; a
//! failure prints its seed, and `MODEL_SEED` repeats it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use axum::http::StatusCode;
use domain::{id::WebhookId, organization::SeatLimit};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
};
use tokio::task::JoinSet;

use crate::support::{
    history::{Fate, History, Sent},
    seeds::{Named, seeds},
    world::{Engine, TestApp, stories},
};

stories! {
    in_any_order_and_through_crashes_everything_ends_as_if_delivered_once_and_in_order,
    who_joined_and_who_left_does_not_depend_on_the_size_of_the_batches,
}

/// Histories for each engine.
const HISTORIES: u64 = 5;
/// Events in each history.
const LENGTH: usize = 160;
/// The largest number of deliveries at the same time.
const BURST: usize = 24;
/// The last limit of each organization; the limits before it are lower.
const SEATS: i64 = 5;

const ORGANIZATIONS: [(&str, Fate); 5] = [
    ("org_1", Fate::Lives),
    ("org_2", Fate::Lives),
    ("org_3", Fate::Lives),
    ("org_ends", Fate::Ends),
    ("org_returns", Fate::Returns),
];

async fn in_any_order_and_through_crashes_everything_ends_as_if_delivered_once_and_in_order(
    first: TestApp,
) {
    let engine = first.engine();
    for seed in seeds(HISTORIES) {
        let _named = Named(seed);
        let history = History::random(seed, first.clock.now(), &ORGANIZATIONS, LENGTH);
        let mut way = Way {
            world: TestApp::open(engine).await,
            rng: StdRng::seed_from_u64(seed),
            acknowledged: BTreeMap::new(),
            sent: 0,
        };

        let orderly = told_in_order(&history, Engine::Sqlite, 8).await;
        way.deliver(&history).await;

        nothing_is_lost_and_nothing_twice(&way, &history).await;
        decisions_explain_every_seat(&way.world).await;
        let (got, wanted) = (facts(&way.world).await, facts(&orderly).await);
        assert_eq!(
            got.difference(&wanted).collect::<Vec<_>>(),
            wanted.difference(&got).collect::<Vec<_>>(),
            "otherwise than in order"
        );
        assert_eq!(
            way.world.texts(UNSETTLED).await,
            ["org_returns"],
            "who came back from a deletion wants a resync"
        );
        for world in [way.world, orderly] {
            world.check().await;
            world.close().await;
        }
    }
}

async fn who_joined_and_who_left_does_not_depend_on_the_size_of_the_batches(first: TestApp) {
    // a membership that begins and ends at the same moment may be told or not
    const CHANGES: &str = "select at || ' ' || organization_id || ' ' || user_id || ' ' || group_id \
        || case when max(ordinal) > 0 then ' joined' else ' left' end from ( \
          select at, organization_id, user_id, group_id, \
            case when joined then 1 else -1 end as ordinal from membership_changes) c \
        group by at, organization_id, user_id, group_id having sum(ordinal) <> 0";
    let engine = first.engine();
    for seed in seeds(HISTORIES) {
        let _named = Named(seed);
        let history = History::random(seed, first.clock.now(), &ORGANIZATIONS, LENGTH);

        let alone = told_in_order(&history, engine, 1).await;
        let together = told_in_order(&history, engine, 64).await;

        let told: BTreeSet<_> = alone.texts(CHANGES).await.into_iter().collect();
        let at_once: BTreeSet<_> = together.texts(CHANGES).await.into_iter().collect();
        assert!(!told.is_empty());
        assert_eq!(
            at_once.difference(&told).collect::<Vec<_>>(),
            told.difference(&at_once).collect::<Vec<_>>(),
            "otherwise than one by one"
        );
        for world in [alone, together] {
            world.check().await;
            world.close().await;
        }
    }
}

/// The events in their order, `size` of them in one transaction.
async fn told_in_order(history: &History, engine: Engine, size: usize) -> TestApp {
    let world = TestApp::open(engine).await;
    world.clock.pass(history.until.since(world.clock.now()));
    let delivery = |sent: &Sent| {
        let body = sent.body.clone().into_bytes();
        Delivery::new(
            WebhookId::new(&sent.webhook_id),
            body.clone(),
            payload::read(&body),
            world.clock.now(),
        )
    };
    for few in history.deliveries.chunks(size) {
        ingest_deliveries(&world.state, &few.iter().map(delivery).collect::<Vec<_>>())
            .await
            .unwrap();
    }
    set_last_limits(&world).await;
    world
}

async fn set_last_limits(world: &TestApp) {
    for (id, fate) in ORGANIZATIONS {
        if fate != Fate::Ends {
            // fails if this is the limit already
            let _ = world.set_limit(id, SeatLimit::Seats(SEATS)).await;
        }
    }
}

/// The path of the deliveries from the sender to the app, and what happens to them.
struct Way {
    world: TestApp,
    rng: StdRng,
    /// How often each delivery was answered with 200.
    acknowledged: BTreeMap<String, usize>,
    sent: usize,
}

impl Way {
    /// Sends each webhook until its `webhook-id` is acknowledged, and repeats some of them.
    async fn deliver(&mut self, history: &History) {
        self.world.clock.pass(history.until.since(self.world.clock.now()));
        let mut open: Vec<Sent> = history.deliveries.clone();
        while !open.is_empty() {
            // the others are lost
            let mut round: Vec<Sent> =
                open.iter().filter(|_| !self.rng.random_ratio(1, 5)).cloned().collect();
            let repeated: Vec<&Sent> =
                history.deliveries.iter().filter(|_| self.rng.random_ratio(1, 5)).collect();
            round.extend(repeated.into_iter().map(|sent| self.again(sent)));
            round.shuffle(&mut self.rng);
            while !round.is_empty() {
                let size = self.rng.random_range(1..=BURST).min(round.len());
                self.burst(round.drain(..size).collect()).await;
            }
            open.retain(|sent| !self.acknowledged.contains_key(&sent.webhook_id));
        }
        set_last_limits(&self.world).await;
    }

    /// The same delivery again, or the same event under another `webhook-id`.
    fn again(&mut self, sent: &Sent) -> Sent {
        let webhook_id = if self.rng.random_ratio(1, 4) && sent.body.contains("evt_") {
            format!("{}_again", sent.webhook_id)
        } else {
            sent.webhook_id.clone()
        };
        Sent { webhook_id, body: sent.body.clone() }
    }

    /// Sends several deliveries at the same time; sometimes a limit changes meanwhile, or the app
    /// crashes.
    async fn burst(&mut self, deliveries: Vec<Sent>) {
        let mut answers = JoinSet::new();
        for Sent { webhook_id, body } in deliveries {
            let request = self.world.request(&webhook_id, &body);
            let router = self.world.router();
            self.sent += 1;
            answers.spawn(async move { (webhook_id, TestApp::answered(router, request).await) });
        }
        match self.rng.random_range(0..6) {
            0 => self.crash_soon().await,
            1 | 2 => self.change_a_limit().await,
            _ => {}
        }
        while let Some(answer) = answers.join_next().await {
            // the app crashed while this request was open
            let Ok((webhook_id, status)) = answer else { continue };
            assert!(
                [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
                "{status}"
            );
            if status == StatusCode::OK {
                *self.acknowledged.entry(webhook_id).or_default() += 1;
            }
        }
    }

    /// The deliveries that have no answer yet are sent again later.
    async fn crash_soon(&mut self) {
        let most = if self.world.state.db.is_postgres() { 40_000 } else { 4_000 };
        // the crash comes at a random moment
        tokio::time::sleep(Duration::from_micros(self.rng.random_range(0..most))).await;
        self.world.crash().await;
    }

    async fn change_a_limit(&mut self) {
        let (id, _) = ORGANIZATIONS[self.rng.random_range(0..ORGANIZATIONS.len())];
        let limit = match self.rng.random_range(0..5) {
            0 => SeatLimit::NotSet,
            _ => SeatLimit::Seats(self.rng.random_range(0..SEATS)),
        };
        // fails if the organization is not known yet, is deleted, or has this limit
        let _ = self.world.set_limit(id, limit).await;
    }
}

/// Each event has one original row, each acknowledgement has a row, and each row has a known
/// outcome.
async fn nothing_is_lost_and_nothing_twice(way: &Way, history: &History) {
    let world = &way.world;
    let keys: BTreeSet<String> = history.deliveries.iter().map(key).collect();
    let originals =
        world.texts("select case when event_id like 'evt%' then event_id else webhook_id end from deliveries where original").await;
    assert_eq!(originals.iter().cloned().collect::<BTreeSet<_>>(), keys, "every event arrived");
    assert_eq!(originals.len(), keys.len(), "and once");

    let rows = world.texts("select webhook_id from deliveries").await;
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &rows {
        *kept.entry(id).or_default() += 1;
    }
    for (id, times) in &way.acknowledged {
        assert!(
            kept.get(id.as_str()).is_some_and(|kept| kept >= times),
            "{id}: {times} acknowledged, {kept:?} kept"
        );
    }
    assert!(rows.len() <= way.sent);
    assert_eq!(
        world
            .texts(
                "select id from deliveries where original = (outcome = 'duplicate') or suspicious"
            )
            .await,
        [""; 0]
    );
}

fn key(sent: &Sent) -> String {
    let id =
        sent.body.split("\"id\":\"").find_map(|rest| rest.strip_prefix("evt_")?.split('"').next());
    id.map_or_else(|| sent.webhook_id.clone(), |id| format!("evt_{id}"))
}

/// The decisions of each organization add up to its counts, and each outcome about a seat has a
/// decision.
async fn decisions_explain_every_seat(world: &TestApp) {
    let moved = "select o.id from organizations o left join (select organization_id, \
         sum(case when to_state = 'provisioned' then 1 else 0 end) - sum(case when from_state = 'provisioned' then 1 else 0 end) as used, \
         sum(case when to_state = 'blocked' then 1 else 0 end) - sum(case when from_state = 'blocked' then 1 else 0 end) as waiting \
         from decisions group by organization_id) d on d.organization_id = o.id \
         where o.used <> coalesce(d.used, 0) or o.waiting <> coalesce(d.waiting, 0)";
    assert_eq!(world.texts(moved).await, [""; 0], "the decisions of these do not add up");
    let count = async |table: &str, which: &str| {
        world.texts(&format!("select cast(count(*) as text) from {table} where {which}")).await
    };
    assert_eq!(
        count("deliveries", "outcome = 'admitted'").await,
        count("decisions", "reason = 'seat_free'").await
    );
    let blocked = "reason in ('seats_taken', 'over_limit', 'limit_not_set')";
    assert_eq!(count("deliveries", "outcome = 'blocked'").await, count("decisions", blocked).await);
    assert_eq!(
        count("deliveries", "outcome = 'released'").await,
        count("decisions", "reason = 'deactivated' and from_state = 'provisioned'").await
    );
}

/// The organization that was created again, if it asks for a resync.
const UNSETTLED: &str =
    "select id from organizations where resync_wanted_at is not null and id = 'org_returns'";

/// The data that must be equal in the end. Which users have a seat may differ, so the two states
/// that want one count as equal; the number of used seats may not differ.
async fn facts(world: &TestApp) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for statement in [
        "select 'organization ' || id || ' ' || name || ' ' || case when archived then 'archived' else 'alive' end || ' used ' || cast(used as text) || ' waiting ' || \
         cast(waiting as text) from organizations order by id",
        "select 'person ' || organization_id || ' ' || id || ' ' || case when state in ('provisioned', 'blocked') then 'in' else state end || \
         ' ' || coalesce(email, '-') || ' ' || coalesce(name, '-') || ' ' || coalesce(external_id, '-') || ' ' || roles || ' ' || \
         cast(activity_at as text) || ' ' || cast(email_at as text) || ' ' || cast(name_at as text) || ' ' || cast(external_id_at as text) || ' ' || cast(groups_at as text) || ' ' || cast(roles_at as text) \
         from directory_users order by organization_id, id",
        "select 'group ' || organization_id || ' ' || id || ' ' || coalesce(name, '-') || ' ' || case when deleted then 'deleted' else 'alive' end || ' ' || cast(version_at as text) \
         from directory_groups order by organization_id, id",
        "select 'member ' || m.organization_id || ' ' || m.user_id || ' ' || m.group_id from memberships m join directory_groups g \
         on g.organization_id = m.organization_id and g.id = m.group_id and not g.deleted \
         order by m.organization_id, m.user_id, m.group_id",
        "select 'directory ' || organization_id || ' ' || id || ' ' || coalesce(provider, '-') || ' ' || state || ' ' || cast(version_at as text) \
         from directories order by organization_id, id",
    ] {
        facts.extend(world.texts(statement).await);
    }
    facts
}
