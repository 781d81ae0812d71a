//! Simulates Scalekit for people who have no Scalekit account: the changes of invented
//! organizations arrive as signed webhooks over real HTTP, with the same retries as Scalekit's.
//!
//! [`world`]: the organizations, and the changes that can happen to them. [`event`]: the webhook
//! bodies of the changes. [`delivery`]: how the webhooks are sent. [`demo`]: the twelve customers
//! of the demo. [`load`]: as many deliveries as a receiver can take. [`product`]: the SaaS product
//! of the demo, which is a client of Seatkeeper.

mod acts;
pub mod api;
pub mod delivery;
pub mod delivery_log;
pub mod demo;
pub mod event;
mod event_log;
pub mod fault;
mod host;
mod ksuid;
mod life;
pub mod load;
mod names;
mod page;
mod past;
mod payload_variants;
pub mod people;
pub mod product;
pub mod profile;
mod rng;
pub mod signing;
#[cfg(test)]
mod tests;
pub mod world;

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::task::JoinHandle;

pub use self::past::PastDay;
use self::{
    delivery::{Error, WebhookSender},
    delivery_log::{Delivery, Totals},
    event::Body,
    fault::{Fault, Faults},
    world::{Cursor, World},
};
use domain::{
    id::{OrganizationId, WebhookId},
    time::Timestamp,
};
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{BadSecret, Secret},
};

/// How many people of one organization are sent at the same time during a first push: enough to be
/// fast, and few enough to stay nearly in order.
const ABREAST: usize = 8;
const ORGANIZATIONS_ABREAST: usize = 16;
const PEOPLE_AT_A_TIME: usize = 256;
const SHORTEST_CYCLE: Duration = Duration::from_millis(10);
/// The most changes of one cycle.
const MOST_TURNS: u64 = 10_000;

/// A simulated Scalekit. Cheap to clone; clones share the organizations and the deliveries.
#[derive(Clone)]
pub struct Simulator {
    world: Arc<Mutex<World>>,
    courier: WebhookSender,
    faults: Faults,
    clock: Clock,
}

impl Simulator {
    /// Sends to one address (`http://127.0.0.1:3000/webhooks/scalekit`), signs with one secret, and
    /// retries in real time. The process must have installed a TLS provider before.
    pub fn new(
        world: World,
        deliver_to: &str,
        secret: Secret,
        clock: Clock,
    ) -> Result<Self, Error> {
        Self::with_time_factor(world, deliver_to, secret, clock, 1.0)
    }

    /// Like [`Simulator::new`], but every wait between attempts is multiplied by `time_factor`:
    /// 0.01 is a hundred times faster.
    pub fn with_time_factor(
        world: World,
        deliver_to: &str,
        secret: Secret,
        clock: Clock,
        time_factor: f64,
    ) -> Result<Self, Error> {
        let faults = Faults::new(world.seed());
        let courier =
            WebhookSender::new(deliver_to, secret, clock.clone(), time_factor, faults.clone())?;
        Ok(Self { world: Arc::new(Mutex::new(world)), courier, faults, clock })
    }

    /// Adds secrets that the receiver knows too, for later rotations.
    #[must_use]
    pub fn with_spare_secrets(self, spare: impl IntoIterator<Item = Secret>) -> Self {
        self.courier.add_secrets(spare);
        self
    }

    /// Signs with the next secret from now on, and for one more day with the old one too. If there
    /// is no other secret, a new one is made and returned as text, because the receiver must be
    /// given it.
    pub fn rotate_secret(&self) -> Result<Option<String>, BadSecret> {
        self.courier.rotate_secret()
    }

    /// Until when the previous secret signs too; `None` if only one secret signs.
    pub fn overlaps_until(&self) -> Option<Timestamp> {
        self.courier.overlaps_until()
    }

    /// The faults that can be switched on.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Sends everything to a receiver that knows nothing yet. Returns after the first attempt of
    /// each message, with the number of messages that were accepted at once. The others are retried
    /// in the background.
    pub async fn first_push(&self) -> usize {
        let all: Vec<_> = self.look(|world| {
            world.organizations().iter().map(|organization| organization.id.clone()).collect()
        });
        let pushes = stream::iter(all)
            .map(|organization| self.push(organization))
            .buffer_unordered(ORGANIZATIONS_ABREAST);
        pushes.fold(0, async |all, accepted| all + accepted).await
    }

    /// Writes `PEOPLE_AT_A_TIME` bodies at a time: all bodies of a large directory together would
    /// need a gigabyte.
    async fn push(&self, organization: OrganizationId) -> usize {
        let framed = self.world().introduce(&organization, self.clock.now());
        let mut accepted = self.send(framed).await;
        let mut next = Some(Cursor { organization, directory: 0, person: 0 });
        while let Some(cursor) = next {
            let (bodies, rest) =
                self.world().introduce_people(&cursor, PEOPLE_AT_A_TIME, self.clock.now());
            let people = stream::iter(bodies).map(|body| self.courier.send(body)).buffered(ABREAST);
            accepted =
                people.fold(accepted, async |accepted, yes| accepted + usize::from(yes)).await;
            next = rest;
        }
        accepted
    }

    /// Makes changes until `stop` is ready: a person joins, moves or leaves, `per_second` times a
    /// second on average. After that it makes no more attempts, and waits for those in progress.
    pub async fn live(&self, per_second: f64, stop: impl Future<Output = ()>) {
        let pause = Duration::from_secs_f64(
            1.0 / if per_second.is_finite() { per_second.clamp(0.001, 1_000.0) } else { 1.0 },
        );
        self.turns(|| (self.clock.jittered(pause), 1), stop).await;
    }

    /// The same, but all changes of a cycle are sent in one burst at its end, as some directories
    /// do.
    pub async fn live_in_cycles(
        &self,
        per_second: f64,
        cycle: Duration,
        stop: impl Future<Output = ()>,
    ) {
        let mut cycles = Cycles::new(per_second, cycle);
        let burst = || (cycles.length, cycles.next());
        self.turns(burst, stop).await;
    }

    async fn turns(
        &self,
        mut next: impl FnMut() -> (Duration, u64),
        stop: impl Future<Output = ()>,
    ) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let (pause, turns) = next();
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(pause) => {}
            }
            let bodies: Vec<_> = (0..turns).flat_map(|_| self.next_turn()).collect();
            let simulator = self.clone();
            // The loop does not wait for this: a receiver that hangs must not stop the simulation.
            tokio::spawn(async move { simulator.send(bodies).await });
        }
        self.courier.stop().await;
    }

    /// Returns when the receiver answers, whatever the answer is.
    pub async fn wait_for_receiver(&self) {
        self.courier.wait_for_receiver().await;
    }

    /// The next change: an ordinary one, or a deleted organization or group if that fault hits.
    fn next_turn(&self) -> Vec<Body> {
        let (mut world, now, turn) = (self.world(), self.clock.now(), self.faults.next_turn());
        if self.faults.hits(Fault::OrganizationDelete, turn) {
            return world.lose_an_organization(now);
        }
        if self.faults.hits(Fault::GroupDelete, turn) {
            return world.lose_a_group(now);
        }
        world.next_turn(now)
    }

    /// Makes a change now. Returns how many of its messages were accepted at the first attempt.
    ///
    /// `simulator.play(|world, now| world.burst(&organization, 60, now)).await`
    pub async fn play(&self, act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>) -> usize {
        let bodies = act(&mut self.world(), self.clock.now());
        self.send(bodies).await
    }

    /// Makes a change now. Returns how many messages it causes, and the task that sends them in the
    /// background.
    fn change(
        &self,
        act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>,
    ) -> (usize, JoinHandle<usize>) {
        let bodies = act(&mut self.world(), self.clock.now());
        let (count, simulator) = (bodies.len(), self.clone());
        (count, tokio::spawn(async move { simulator.send(bodies).await }))
    }

    /// Reads the simulated organizations.
    pub fn look<T>(&self, at: impl FnOnce(&World) -> T) -> T {
        at(&self.world())
    }

    /// Sends a message of the log once more; returns whether it was accepted at once.
    pub async fn resend(&self, message: &WebhookId) -> bool {
        self.courier.resend(message).await
    }

    /// The last thousand deliveries, the newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.courier.deliveries()
    }

    pub fn totals(&self) -> Totals {
        self.courier.totals()
    }

    pub async fn stop(&self) {
        self.courier.stop().await;
    }

    /// Sends the bodies one after the other, so that they usually arrive in order; returns how many
    /// were accepted at once.
    async fn send(&self, bodies: Vec<Body>) -> usize {
        let mut accepted = 0;
        for body in bodies {
            accepted += usize::from(self.courier.send(body).await);
        }
        accepted
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many changes each cycle of a directory has.
#[derive(Debug)]
struct Cycles {
    length: Duration,
    per_second: f64,
    /// One second stands for one change; a fraction is kept for the next cycle.
    due: Duration,
}

impl Cycles {
    fn new(per_second: f64, length: Duration) -> Self {
        let per_second = if per_second.is_finite() { per_second.clamp(0.0, 1_000.0) } else { 1.0 };
        Self { length: length.max(SHORTEST_CYCLE), per_second, due: Duration::ZERO }
    }

    fn next(&mut self) -> u64 {
        self.due += self.length.mul_f64(self.per_second);
        let changes = self.due.as_secs();
        self.due -= Duration::from_secs(changes);
        changes.min(MOST_TURNS)
    }
}
