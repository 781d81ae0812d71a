//! The past of an organization, told by its decisions alone, is what was kept at each moment.
//!
//! `MODEL_HISTORIES=50 cargo test --test stories as_of` runs more histories than usual; a failure
//! prints its seed, and `MODEL_SEED` repeats it.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    admission::{AdmissionPolicy, GroupOrder},
    id::{DirectoryUserId, GroupId, OrganizationId, WebhookId},
    organization::SeatLimit,
    seats::Command,
    time::Timestamp,
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use seatkeeper::{
    commands::{Cause, Delivery, SeatTransaction, ingest_deliveries},
    queries::{AsOfRow, Past, as_of},
    scalekit::payload,
};

use crate::support::{
    history::{Fate, History, Sent},
    seeds::{Named, fresh_seeds},
    world::{ACME, TestApp, operator, scope, stories},
};

stories! {
    every_state_that_was_kept_is_told_by_the_decisions,
    a_limit_is_told_also_if_no_person_got_in_by_it,
    a_clock_that_is_set_back_loses_no_state,
}

/// Histories for each engine.
const HISTORIES: u64 = 2;
/// Events in each history.
const LENGTH: usize = 100;

const ORGANIZATIONS: [(&str, Fate); 3] =
    [("org_lives", Fate::Lives), ("org_ends", Fate::Ends), ("org_returns", Fate::Returns)];

async fn every_state_that_was_kept_is_told_by_the_decisions(first: TestApp) {
    let engine = first.engine();
    for seed in fresh_seeds(HISTORIES) {
        let _named = Named(seed);
        let world = TestApp::open(engine).await;
        let history = History::random(seed, world.clock.now(), &ORGANIZATIONS, LENGTH);
        world.clock.pass(history.until.since(world.clock.now()));
        let mut life = Life {
            world,
            rng: StdRng::seed_from_u64(seed),
            kept: BTreeMap::new(),
            is_steady: seed % 2 == 0,
        };

        life.lives(&history).await;

        life.past_is_told().await;
        // the checks compare times
        if life.is_steady {
            life.world.check().await;
        }
        life.world.close().await;
    }
}

/// The states of an organization, each with its time and the revision of its last decision.
type States = Vec<(Timestamp, String, AsOfRow)>;

/// What happens to the organizations, and what was kept after each step.
struct Life {
    world: TestApp,
    rng: StdRng,
    kept: BTreeMap<String, States>,
    /// The clock is never set back.
    is_steady: bool,
}

impl Life {
    /// Deliveries in a random order and with repetitions, and what admins do in between.
    async fn lives(&mut self, history: &History) {
        let mut deliveries: Vec<&Sent> = history.deliveries.iter().collect();
        let again: Vec<_> =
            deliveries.iter().filter(|_| self.rng.random_ratio(1, 6)).copied().collect();
        deliveries.extend(again);
        // the order of arrival is near the order of events, with exceptions
        for at in 1..deliveries.len() {
            if self.rng.random_ratio(1, 3) {
                let other = at - self.rng.random_range(1..=at.min(9));
                deliveries.swap(at, other);
            }
        }
        if self.rng.random_ratio(1, 3) {
            deliveries.shuffle(&mut self.rng);
        }
        while !deliveries.is_empty() {
            let size = self.rng.random_range(1..=5).min(deliveries.len());
            self.receives(deliveries.drain(..size).collect()).await;
            self.keep().await;
            while self.rng.random_ratio(2, 3) {
                self.acts().await;
                self.keep().await;
            }
        }
    }

    async fn receives(&mut self, sent: Vec<&Sent>) {
        let now = self.world.clock.now();
        let delivery = |sent: &Sent| {
            let body = sent.body.clone().into_bytes();
            Delivery::new(WebhookId::new(&sent.webhook_id), body.clone(), payload::read(&body), now)
        };
        let batch: Vec<_> = sent.into_iter().map(delivery).collect();
        ingest_deliveries(&self.world.state, &batch).await.unwrap();
    }

    /// An admin decides about a person, or staff change the limit or the policy. Many of these are
    /// refused.
    async fn acts(&mut self) {
        let (organization, _) = ORGANIZATIONS[self.rng.random_range(0..ORGANIZATIONS.len())];
        match self.rng.random_range(0..10) {
            0 | 1 => {
                let limit = self.limit();
                let _ = self.world.set_limit(organization, limit).await;
            }
            2 => {
                let policy = self.policy(organization).await;
                let _ = self.world.set_policy(organization, policy).await;
            }
            // the gap between two people is used up after some twenty moves
            3 if self.rng.random_ratio(1, 3) => {
                for _ in 0..30 {
                    let Some(user) = self.user(organization, "state = 'blocked'").await else {
                        return;
                    };
                    self.decides(organization, Command::MoveTo(user, 2)).await;
                }
            }
            number => {
                let Some(user) = self.user(organization, "state <> 'removed'").await else {
                    return;
                };
                let position = self.rng.random_range(1..6);
                let command = match number {
                    4 => Command::Admit(user),
                    5 => Command::MoveToFront(user),
                    6 | 7 => Command::MoveTo(user, position),
                    8 => Command::Dismiss(user),
                    _ => Command::UndoDismiss(user),
                };
                self.decides(organization, command).await;
            }
        }
    }

    async fn decides(&mut self, organization: &str, command: Command) {
        let (organization, actor) = (OrganizationId::new(organization), operator());
        let mut seats = SeatTransaction::begin(&self.world.state, &organization).await.unwrap();
        let cause = Cause::Actor { action: "by_hand", actor: &actor };
        if seats.decide(&organization, &command, cause).await.is_ok() {
            seats.commit().await.unwrap();
        }
    }

    fn limit(&mut self) -> SeatLimit {
        match self.rng.random_range(0..8) {
            0 => SeatLimit::NotSet,
            1 => SeatLimit::Unlimited,
            _ => SeatLimit::Seats(self.rng.random_range(0..6)),
        }
    }

    async fn policy(&mut self, organization: &str) -> AdmissionPolicy {
        let groups = format!(
            "select id from directory_groups where organization_id = '{organization}' order by id"
        );
        let mut groups = self.world.texts(&groups).await;
        groups.shuffle(&mut self.rng);
        let groups = groups.iter().take(3).map(GroupId::new).collect();
        match (self.rng.random_range(0..4), GroupOrder::new(groups)) {
            (2.., Ok(order)) => AdmissionPolicy::GroupsFirst(order),
            (1, _) => AdmissionPolicy::ByHand,
            _ => AdmissionPolicy::FirstCome,
        }
    }

    async fn user(&mut self, organization: &str, which: &str) -> Option<DirectoryUserId> {
        let users = format!(
            "select id from directory_users where organization_id = '{organization}' and {which} order by id"
        );
        let users = self.world.texts(&users).await;
        let at = self.rng.random_range(0..users.len().max(1));
        users.get(at).map(DirectoryUserId::new)
    }

    /// Keeps the present states, and lets time pass; now and then the clock is set back.
    async fn keep(&mut self) {
        let now = self.world.clock.now();
        for (organization, (number, state)) in kept(&self.world).await {
            let states = self.kept.entry(organization.clone()).or_default();
            if states.last().is_none_or(|(_, last, _)| *last != number) {
                states.push((now, number, state));
            } else if let Some((_, _, last)) = states.last() {
                assert_eq!(*last, state, "{organization} changed without a decision");
            }
        }
        if !self.is_steady && self.rng.random_ratio(1, 30) {
            self.world.clock.put(now.minus(Duration::from_hours(2)));
        }
        let passed = [1, 1_000_000, 1_000_000_000, 600_000_000_000][self.rng.random_range(0..4)];
        self.world.clock.pass(Duration::from_nanos(passed));
    }

    /// At a moment the last state counts that had this time or an earlier one.
    async fn past_is_told(&self) {
        // a clock that was set back is behind the last states
        let last = self.kept.values().flatten().map(|(at, ..)| *at).max().unwrap();
        self.world.clock.pass(last.since(self.world.clock.now()));
        for (organization, states) in &self.kept {
            for at in states.iter().flat_map(|(at, ..)| [*at, at.minus(Duration::from_nanos(1))]) {
                let then = states.iter().rfind(|(time, ..)| *time <= at);
                let told = as_of(&self.world.state, &scope(organization), at).await.unwrap();
                match (told, then) {
                    (Past::Known(told), Some((_, _, then))) => {
                        assert_eq!(AsOfRow::from(told), *then, "{organization} at {}", at.exact());
                    }
                    (Past::Unknown(_), None) => {}
                    (told, then) => panic!("{organization}: {told:?} instead of {then:?}"),
                }
            }
        }
    }
}

/// The present state of every organization from the tables that are changed, and the number of the
/// last decision: a line for each organization, and then one for each person.
const KEPT: &str = "select line from ( \
     select o.id as organization, 0 as part, 0 as rank, 0 as position, '' as person, \
       o.id || ' row ' || n.number || ' ' || o.used || ' ' || o.limit_kind || ' ' || coalesce(o.limit_seats, 0) as line \
     from organizations o join ( \
       select organization_id, max(revision) as number from ( \
         select organization_id, revision from decisions union all select organization_id, revision from limit_decisions \
       ) d group by organization_id \
     ) n on n.organization_id = o.id \
     union all \
     select organization_id, 1, coalesce(waitlist_rank, 0), coalesce(waitlist_position, 0), id, \
       organization_id || ' ' || state || ' ' || id from directory_users where state in ('blocked', 'provisioned') \
     ) l order by organization, part, rank, position";

async fn kept(world: &TestApp) -> BTreeMap<String, (String, AsOfRow)> {
    let mut kept: BTreeMap<String, (String, AsOfRow)> = BTreeMap::new();
    for line in world.texts(KEPT).await {
        let parts: Vec<_> = line.split(' ').collect();
        if parts[1] == "row" {
            let limit = match (parts[4], parts[5].parse()) {
                ("seats", Ok(seats)) => SeatLimit::Seats(seats),
                ("unlimited", _) => SeatLimit::Unlimited,
                _ => SeatLimit::NotSet,
            };
            let (waiting, holders) = (Vec::new(), Vec::new());
            let row = AsOfRow { used: parts[3].parse().unwrap(), limit, waiting, holders };
            kept.insert(parts[0].to_owned(), (parts[2].to_owned(), row));
            continue;
        }
        let (_, row) = kept.get_mut(parts[0]).unwrap();
        let people = if parts[1] == "blocked" { &mut row.waiting } else { &mut row.holders };
        people.push(DirectoryUserId::new(parts[2]));
    }
    for (_, row) in kept.values_mut() {
        row.holders.sort();
    }
    kept
}

async fn told(world: &TestApp, at: Timestamp) -> (i64, SeatLimit, usize) {
    match as_of(&world.state, &scope(ACME), at).await.unwrap() {
        Past::Known(known) => (known.used, known.limit, known.waiting.len()),
        other => panic!("{other:?}"),
    }
}

async fn a_limit_is_told_also_if_no_person_got_in_by_it(world: TestApp) {
    let before = world.clock.now();
    world.clock.pass(Duration::from_mins(1));
    world.organization(ACME, SeatLimit::Seats(2)).await;
    let added = world.clock.now();
    for (seconds, limit) in [(60, SeatLimit::Seats(5)), (120, SeatLimit::Unlimited)] {
        world.clock.pass(Duration::from_mins(1));
        world.set_limit(ACME, limit).await.unwrap();
        assert_eq!(world.clock.now(), added.plus(Duration::from_secs(seconds)));
    }
    world.joined(ACME, "ada").await;
    let now = world.clock.now();

    let at = |seconds| added.plus(Duration::from_secs(seconds));
    assert_eq!(told(&world, at(59)).await, (0, SeatLimit::Seats(2), 0));
    assert_eq!(told(&world, at(60)).await, (0, SeatLimit::Seats(5), 0));
    assert_eq!(told(&world, at(120)).await, (0, SeatLimit::Unlimited, 0));
    assert_eq!(told(&world, now).await, (1, SeatLimit::Unlimited, 0));
    let state = &world.state;
    assert_eq!(as_of(state, &scope(ACME), before).await.unwrap(), Past::Unknown(added));
    assert_eq!(
        as_of(state, &scope(ACME), now.plus(Duration::from_secs(1))).await.unwrap(),
        Past::Future
    );
    assert!(as_of(state, &scope("org_unknown"), now).await.is_err());
}

async fn a_clock_that_is_set_back_loses_no_state(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    let first = world.clock.now();
    world.clock.pass(Duration::from_hours(24 * 365));
    world.joined(ACME, "bob").await;
    let ahead = world.clock.now();
    world.clock.put(first.plus(Duration::from_hours(1)));
    world.joined(ACME, "cleo").await;
    let right = world.clock.now();
    world.clock.pass(Duration::from_hours(1));
    world.joined(ACME, "dan").await;
    world.clock.put(ahead);

    assert_eq!(told(&world, first).await.0, 1);
    assert_eq!(told(&world, right).await.0, 3, "with bob, who came before the clock was set back");
    assert_eq!(told(&world, ahead).await.0, 4);
}
