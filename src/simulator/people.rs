//! The people of one directory, found by number, by age and at random. A million people fit into a
//! few hundred megabytes: what follows from a person's number and names is computed only when it is
//! needed.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use super::{names, rng, world::Provider};
use domain::{id::DirectoryUserId, time::Timestamp};

const PREFIX: &str = "diruser_";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number after `diruser_` in the id; it grows with every new person.
    pub(super) number: u64,
    pub given: &'static str,
    pub family: &'static str,
    pub active: bool,
    /// When the person was last changed.
    pub updated: Timestamp,
    /// The numbers of the person's groups.
    pub(super) groups: Vec<u64>,
    pub(super) provider: Provider,
    pub(super) address: Address,
    /// The index among the active or the inactive people of the directory.
    pub(super) pool_index: usize,
}

/// An e-mail address stays the same when the name changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) family: &'static str,
    /// 2 for the second person with this name.
    pub(super) namesake: u32,
    pub(super) domain: Arc<str>,
}

impl Person {
    pub fn id(&self) -> DirectoryUserId {
        DirectoryUserId::new(format!("{PREFIX}{}", self.number))
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// `given.family@domain`; the second person with this name gets a 2 after the family name.
    pub fn email(&self) -> String {
        let Address { family, namesake, domain } = &self.address;
        let (given, family) = (names::ascii(self.given), names::ascii(family));
        match namesake {
            1 => format!("{given}.{family}@{domain}"),
            more => format!("{given}.{family}{more}@{domain}"),
        }
    }

    /// The identity provider's own id, Scalekit's `dp_id`.
    pub fn external_id(&self) -> String {
        rng::external_id(self.number, self.provider, "00u")
    }
}

/// The number in a person's id.
pub(super) fn number(person: &DirectoryUserId) -> Option<u64> {
    person.as_str().strip_prefix(PREFIX)?.parse().ok()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    by_number: BTreeMap<u64, Person>,
    active: Vec<u64>,
    inactive: Vec<u64>,
}

impl People {
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }

    pub fn active(&self) -> usize {
        self.active.len()
    }

    /// In the order of their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Person> {
        self.by_number.values()
    }

    /// The people with higher numbers, in order.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = &Person> {
        self.by_number.range((Bound::Excluded(number), Bound::Unbounded)).map(|(_, person)| person)
    }

    /// The people with lower numbers, the highest first.
    pub(super) fn before(&self, number: u64) -> impl Iterator<Item = &Person> {
        self.by_number.range(..number).rev().map(|(_, person)| person)
    }

    pub(super) fn get(&self, number: u64) -> Option<&Person> {
        self.by_number.get(&number)
    }

    pub(super) fn add(&mut self, mut person: Person) {
        self.seat(&mut person);
        self.by_number.insert(person.number, person);
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Person> {
        let person = self.by_number.remove(&number)?;
        self.unseat(&person);
        Some(person)
    }

    /// Changes a person; returns the changed person.
    pub(super) fn change(
        &mut self,
        number: u64,
        change: impl FnOnce(&mut Person),
    ) -> Option<Person> {
        let mut person = self.remove(number)?;
        change(&mut person);
        self.add(person.clone());
        Some(person)
    }

    /// The person at this index among the active or the inactive people.
    pub(super) fn pick(&self, active: bool, pool_index: usize) -> Option<&Person> {
        let pool = if active { &self.active } else { &self.inactive };
        self.by_number.get(pool.get(pool_index)?)
    }

    pub(super) fn count(&self, active: bool) -> usize {
        if active { self.active.len() } else { self.inactive.len() }
    }

    fn pool(&mut self, active: bool) -> &mut Vec<u64> {
        if active { &mut self.active } else { &mut self.inactive }
    }

    fn seat(&mut self, person: &mut Person) {
        let pool = self.pool(person.active);
        person.pool_index = pool.len();
        pool.push(person.number);
    }

    /// The last person of the pool moves to the index that became free.
    fn unseat(&mut self, person: &Person) {
        let pool = self.pool(person.active);
        pool.swap_remove(person.pool_index);
        if let Some(moved) = pool.get(person.pool_index).copied()
            && let Some(moved) = self.by_number.get_mut(&moved)
        {
            moved.pool_index = person.pool_index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Dice;

    fn person(number: u64) -> Person {
        let address = Address { family: "Sato", namesake: 1, domain: "acme.test".into() };
        let (given, family, updated) = ("Mei", "Sato", Timestamp::from_seconds(0));
        Person {
            number,
            given,
            family,
            active: true,
            updated,
            groups: vec![],
            provider: Provider::Okta,
            address,
            pool_index: 0,
        }
    }

    #[test]
    fn whatever_happens_every_person_is_found_by_chance_and_by_age() {
        let (mut people, mut rng) = (People::default(), Dice::new(1, Timestamp::from_seconds(0)));
        for number in 1..2_000 {
            people.add(person(number));
            let active = rng.below(4) != 0;
            let pool_index = rng.below(people.count(active));
            if let Some(number) = people.pick(active, pool_index).map(|person| person.number) {
                match rng.below(3) {
                    0 => drop(people.remove(number)),
                    _ => drop(people.change(number, |person| person.active = !active)),
                }
            }
        }

        for active in [true, false] {
            let mut picked: Vec<_> = (0..people.count(active))
                .map(|pool_index| people.pick(active, pool_index).unwrap().number)
                .collect();
            picked.sort_unstable();
            let there: Vec<_> = people
                .iter()
                .filter(|person| person.active == active)
                .map(|person| person.number)
                .collect();
            assert!(picked == there && there.len() > 100, "{}", there.len());
        }
        let middle = people.iter().nth(people.len() / 2).unwrap().number;
        assert_eq!(people.before(middle).count() + 1 + people.after(middle).count(), people.len());
    }

    #[test]
    fn an_address_stays_and_a_namesake_gets_a_number() {
        let mut first = person(1);
        first.family = "Zhang";
        let second =
            Person { address: Address { namesake: 2, ..first.address.clone() }, ..person(2) };
        assert_eq!(
            (first.name(), first.email(), second.email()),
            ("Mei Zhang".into(), "mei.sato@acme.test".into(), "mei.sato2@acme.test".into())
        );
        assert_eq!(number(&first.id()), Some(1));
        assert_ne!(first.external_id(), second.external_id());
    }
}
