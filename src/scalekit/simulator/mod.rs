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
pub mod event;
mod event_log;
mod ksuid;
mod life;
pub mod load;
mod names;
pub mod people;
#[cfg(test)]
mod tests;
pub mod world;

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};

use self::{
    delivery::{Courier, Error},
    delivery_log::{Delivery, Totals},
    event::Body,
    world::{Cursor, World},
};
use crate::{
    clock::Clock,
    domain::{id::OrganizationId, time::Timestamp},
    scalekit::signature::Secret,
};

/// People of one organization on the wire at once during a first push: enough to be quick, few enough to stay nearly in order.
const ABREAST: usize = 8;
const ORGANIZATIONS_ABREAST: usize = 16;
const PEOPLE_AT_A_TIME: usize = 256;

/// A Scalekit of one's own. Cheap to clone; clones share the world and the deliveries.
#[derive(Clone)]
pub struct Simulator {
    world: Arc<Mutex<World>>,
    courier: Courier,
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
        let courier = Courier::new(deliver_to, secret, clock.clone(), time_factor)?;
        Ok(Self { world: Arc::new(Mutex::new(world)), courier, clock })
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
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(self.clock.jittered(pause)) => {}
            }
            let bodies = self.world().next_turn(self.clock.now());
            let simulator = self.clone();
            // Not waited for: a receiver that hangs must not stop the world.
            tokio::spawn(async move { simulator.send(bodies).await });
        }
        self.courier.stop().await;
    }

    /// Makes something happen now, and returns after the first attempt of each of its messages: how many were accepted.
    ///
    /// `simulator.play(|world, now| world.burst(&organization, 60, now)).await`
    pub async fn play(&self, act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>) -> usize {
        let bodies = act(&mut self.world(), self.clock.now());
        self.send(bodies).await
    }

    /// Makes something happen now and does not wait for anybody to hear of it; how many messages that takes.
    fn tell(&self, act: impl FnOnce(&mut World, Timestamp) -> Vec<Body>) -> usize {
        let bodies = act(&mut self.world(), self.clock.now());
        let (told, simulator) = (bodies.len(), self.clone());
        tokio::spawn(async move { simulator.send(bodies).await });
        told
    }

    /// Looks at the world.
    pub fn look<T>(&self, at: impl FnOnce(&World) -> T) -> T {
        at(&self.world())
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
