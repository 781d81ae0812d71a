//! Plays Scalekit for people who have none: invented organizations whose joiners, movers and leavers arrive as signed
//! webhooks over real HTTP, with the real retries.
//!
//! [`world`]: who there is, and what can happen to them. [`event`]: what Scalekit writes about it. [`delivery`]: how that is
//! brought. [`demo`]: the twelve customers of the demo. [`load`]: as many deliveries as a receiver can take.

mod acts;
pub mod api;
pub mod delivery;
pub mod delivery_log;
pub mod demo;
mod dice;
mod disguise;
pub mod event;
mod event_log;
pub mod fault;
#[cfg(test)]
mod fault_tests;
mod ksuid;
mod life;
pub mod load;
mod names;
mod page;
pub mod people;
pub mod profile;
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

use self::{
    delivery::{Courier, Error},
    delivery_log::{Delivery, Totals},
    event::Body,
    fault::{Fault, Faults},
    world::{Cursor, World},
};
use crate::{
    clock::Clock,
    domain::{
        id::{OrganizationId, WebhookId},
        time::Timestamp,
    },
    scalekit::signature::{BadSecret, Secret},
};

/// People of one organization on the wire at once during a first push: enough to be quick, few enough to stay nearly in order.
const ABREAST: usize = 8;
const ORGANIZATIONS_ABREAST: usize = 16;
const PEOPLE_AT_A_TIME: usize = 256;
const SHORTEST_CYCLE: Duration = Duration::from_millis(10);
/// What one cycle tells at most.
const MOST_TURNS: u64 = 10_000;

/// A Scalekit of one's own. Cheap to clone; clones share the world and the deliveries.
#[derive(Clone)]
pub struct Simulator {
    world: Arc<Mutex<World>>,
    courier: Courier,
    faults: Faults,
    clock: Clock,
}

impl Simulator {
    /// Delivers to one address (`http://127.0.0.1:3000/webhooks/scalekit`), signed with one secret, with retries in real time.
    /// The process has installed a TLS provider before.
    pub fn new(world: World, deliver_to: &str, secret: Secret, clock: Clock) -> Result<Self, Error> {
        Self::with_time_factor(world, deliver_to, secret, clock, 1.0)
    }

    /// As [`Simulator::new`], with every wait between attempts multiplied by `time_factor`: 0.01 is a hundred times faster.
    pub fn with_time_factor(world: World, deliver_to: &str, secret: Secret, clock: Clock, time_factor: f64) -> Result<Self, Error> {
        let faults = Faults::new(world.seed());
        let courier = Courier::new(deliver_to, secret, clock.clone(), time_factor, faults.clone())?;
        Ok(Self { world: Arc::new(Mutex::new(world)), courier, faults, clock })
    }

    /// Secrets beside the first that the receiver knows, too, for rotations to come.
    #[must_use]
    pub fn with_spare_secrets(self, spare: impl IntoIterator<Item = Secret>) -> Self {
        self.courier.add_secrets(spare);
        self
    }

    /// Signs with the next secret from now on, and for a day with the old one, too. A secret that had to be invented comes back
    /// as text: the receiver has to be told.
    pub fn rotate_secret(&self) -> Result<Option<String>, BadSecret> {
        self.courier.rotate_secret()
    }

    /// Until when the secret before this one signs, too.
    pub fn overlaps_until(&self) -> Option<Timestamp> {
        self.courier.overlaps_until()
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Tells a receiver that knows nobody everything there is. Returns after the first attempt of each message; the number is
    /// of those accepted at once, the others are sent again in the background.
    pub async fn first_push(&self) -> usize {
        let all: Vec<_> = self.look(|world| world.organizations().iter().map(|organization| organization.id.clone()).collect());
        let pushes = stream::iter(all).map(|organization| self.push(organization)).buffer_unordered(ORGANIZATIONS_ABREAST);
        pushes.fold(0, async |all, accepted| all + accepted).await
    }

    /// A handful of people is written at a time: all bodies of a large directory together would be a gigabyte.
    async fn push(&self, organization: OrganizationId) -> usize {
        let framed = self.world().introduce(&organization, self.clock.now());
        let mut accepted = self.send(framed).await;
        let mut next = Some(Cursor { organization, directory: 0, person: 0 });
        while let Some(cursor) = next {
            let (bodies, rest) = self.world().introduce_people(&cursor, PEOPLE_AT_A_TIME, self.clock.now());
            let people = stream::iter(bodies).map(|body| self.courier.send(body)).buffered(ABREAST);
            accepted = people.fold(accepted, async |accepted, yes| accepted + usize::from(yes)).await;
            next = rest;
        }
        accepted
    }

    /// Lets somebody join, move or leave somewhere, `per_second` times a second on average, until `stop` is ready. Then no
    /// more attempts are made, and those on the wire are waited for.
    pub async fn live(&self, per_second: f64, stop: impl Future<Output = ()>) {
        let pause = Duration::from_secs_f64(1.0 / if per_second.is_finite() { per_second.clamp(0.001, 1_000.0) } else { 1.0 });
        self.turns(|| (self.clock.jittered(pause), 1), stop).await;
    }

    /// The same, but what happens is told in one burst at the end of each cycle, as some directories do.
    pub async fn live_in_cycles(&self, per_second: f64, cycle: Duration, stop: impl Future<Output = ()>) {
        let cycle = cycle.max(SHORTEST_CYCLE);
        let mut due = Duration::ZERO;
        let burst = || {
            // As many seconds as turns are due; what is left of a turn is due next time.
            due += cycle.mul_f64(if per_second.is_finite() { per_second.clamp(0.0, 1_000.0) } else { 1.0 });
            let turns = due.as_secs();
            due -= Duration::from_secs(turns);
            (cycle, turns.min(MOST_TURNS))
        };
        self.turns(burst, stop).await;
    }

    async fn turns(&self, mut next: impl FnMut() -> (Duration, u64), stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let (pause, turns) = next();
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(pause) => {}
            }
            let bodies: Vec<_> = (0..turns).flat_map(|_| self.next_turn()).collect();
            let simulator = self.clone();
            // Not waited for: a receiver that hangs must not stop the world.
            tokio::spawn(async move { simulator.send(bodies).await });
        }
        self.courier.stop().await;
    }

    /// Returns when somebody answers at the address that is delivered to, whatever they say.
    pub async fn wait_for_receiver(&self) {
        self.courier.wait_for_receiver().await;
    }

    /// An ordinary turn, or one of the larger mishaps that are switched on.
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

    /// Makes something happen now, and returns after the first attempt of each of its messages: how many were accepted.
    ///
    /// `simulator.play(|world, now| world.burst(&organization, 60, now)).await`
    pub async fn play(&self, act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>) -> usize {
        let bodies = act(&mut self.world(), self.clock.now());
        self.send(bodies).await
    }

    /// Makes something happen now: how many messages that takes, and the telling, which goes on by itself.
    fn tell(&self, act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>) -> (usize, JoinHandle<usize>) {
        let bodies = act(&mut self.world(), self.clock.now());
        let (told, simulator) = (bodies.len(), self.clone());
        (told, tokio::spawn(async move { simulator.send(bodies).await }))
    }

    /// Looks at the world.
    pub fn look<T>(&self, at: impl FnOnce(&World) -> T) -> T {
        at(&self.world())
    }

    /// A message of the log once more; whether it was accepted at once.
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

    /// One after the other, so that what happened first is usually told first.
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
