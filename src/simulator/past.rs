//! The invented year before the demo begins: the customers connect their directories one after the
//! other, their people come and go, and today each has the people of its plan.

use std::time::Duration;

use super::{
    demo::Customer,
    event::Body,
    people::Person,
    world::{Organization, Plan, World},
};
use domain::{
    id::{DirectoryUserId, OrganizationId},
    time::{Day, Timestamp},
};

/// A day before today, with the webhooks of all customers.
#[derive(Clone, Debug)]
pub struct PastDay {
    pub at: Timestamp,
    /// How many days ago it is.
    pub ago: i64,
    pub bodies: Vec<Body>,
}

const DAY: Duration = Duration::from_hours(24);
/// Of a hundred people so many leave in a year.
const LEAVE: usize = 18;
const WORKING_DAYS: usize = 260;

impl World {
    /// A world before its first customer: it has no people yet.
    pub fn before(seed: u64, customers: &[Customer], now: Timestamp) -> Self {
        let without_people = |customer: &Customer| {
            let mut plan: Plan = customer.plan.clone();
            plan.directories.iter_mut().for_each(|directory| directory.people = 0);
            plan
        };
        let plans: Vec<Plan> = customers.iter().map(without_people).collect();
        let first = customers.iter().map(|customer| customer.days).max().unwrap_or_default();
        let mut world = Self::new(seed, &plans, past(now, first));
        for customer in customers {
            world.expect_people(&customer.plan.id, customer.plan.people());
        }
        world
    }

    /// Lets the days pass until today. The last one leaves each customer with as many people as its
    /// plan says.
    pub fn live_through(&mut self, customers: &[Customer], now: Timestamp) -> Vec<PastDay> {
        let first = customers.iter().map(|customer| customer.days).max().unwrap_or_default();
        (0..=first).rev().map(|ago| self.day(customers, ago, now)).collect()
    }

    fn day(&mut self, customers: &[Customer], ago: i64, now: Timestamp) -> PastDay {
        let at = past(now, ago);
        let is_weekend = matches!(Day::of(at).number().rem_euclid(7), 2 | 3);
        let mut bodies = Vec::new();
        for customer in customers.iter().filter(|customer| customer.days >= ago) {
            let id = &customer.plan.id;
            if customer.days == ago {
                bodies.extend(self.introduce(id, at));
            } else if is_weekend && ago > 0 {
                continue;
            } else {
                bodies.extend(self.leaves(id, at));
            }
            bodies.extend(self.reaches(id, customer.people(ago), at));
        }
        PastDay { at, ago, bodies }
    }

    /// Now and then a person leaves or is switched off; large customers lose more of them.
    fn leaves(&mut self, id: &OrganizationId, at: Timestamp) -> Vec<Body> {
        let people = self.active(id);
        if self.rng.below(WORKING_DAYS * 100) >= people * LEAVE {
            return Vec::new();
        }
        match (self.any_person(id), self.rng.below(3)) {
            (None, _) => Vec::new(),
            (Some(person), 0) => self.deactivate(id, &person, at),
            (Some(person), _) => self.fire(id, &person, at),
        }
    }

    /// People join or leave until there are so many.
    fn reaches(&mut self, id: &OrganizationId, people: usize, at: Timestamp) -> Vec<Body> {
        let mut bodies = self.burst(id, people.saturating_sub(self.active(id)), at);
        while self.active(id) > people
            && let Some(person) = self.any_person(id)
        {
            bodies.extend(self.fire(id, &person, at));
        }
        bodies
    }

    fn active(&self, id: &OrganizationId) -> usize {
        self.organization(id).map_or(0, Organization::active)
    }

    fn any_person(&mut self, id: &OrganizationId) -> Option<DirectoryUserId> {
        let draw = self.rng.below(self.active(id));
        let active = self.organization(id)?.people().filter(|(_, person)| person.active);
        active.map(|(_, person): (_, &Person)| person.id()).nth(draw)
    }
}

/// The same time of an earlier day, two hours before: what happens today comes after it.
fn past(now: Timestamp, ago: i64) -> Timestamp {
    let days = u32::try_from(ago).unwrap_or_default();
    now.minus(DAY * days).minus(Duration::from_hours(2))
}
