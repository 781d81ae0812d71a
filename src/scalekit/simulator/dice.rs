//! Everything the world leaves to chance, from one seed; and the organizations and people it makes of it.

use std::{collections::BTreeSet, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{
    names,
    world::{Directory, Group, Organization, Person, Plan, Provider},
};
use crate::domain::{
    id::{DirectoryId, DirectoryUserId, GroupId},
    time::Timestamp,
};

const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";

/// Chance that repeats, numbers that grow, and moments that never stand still.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    chance: StdRng,
    number: u64,
    latest: Timestamp,
}

impl Dice {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let mut dice = Self { chance: StdRng::seed_from_u64(seed), number: 0, latest: now };
        dice.moment(now);
        dice
    }

    /// 0 … `end` - 1; 0 of nothing.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.chance.random_range(0..end.max(1))
    }

    pub(super) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.below(words.len());
        words.get(at).copied().unwrap_or_default()
    }

    /// The number of the next id. Scalekit's are sonyflakes since 2024: ten milliseconds in the upper bits, a sequence and a
    /// machine in the lower 24 (two captured ids a year apart differ by just that much).
    pub(super) fn number(&mut self) -> u64 {
        const SINCE: Timestamp = Timestamp::from_seconds(1_704_067_200); // 2024-01-01
        const MACHINE: u64 = 12;
        let centiseconds = u64::try_from(self.latest.since(SINCE).as_millis() / 10).unwrap_or(0);
        self.number = ((centiseconds << 24) | MACHINE).max(self.number + (1 << 16));
        self.number
    }

    /// `now`, in whole microseconds as the captured bodies have it, and later than every moment before.
    pub(super) fn moment(&mut self, now: Timestamp) -> Timestamp {
        let micros = Timestamp::from_nanos(now.nanos() - now.nanos().rem_euclid(1_000));
        self.latest = micros.max(self.latest.plus(Duration::from_micros(1)));
        self.latest
    }

    fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// An id as this identity provider gives its people and groups.
    fn external_id(&mut self, provider: Provider, okta: &str) -> String {
        match provider {
            Provider::Okta => format!("{okta}{}", self.text(17, UPPER_AND_DIGITS)),
            Provider::Google => format!("1{}", self.text(20, DIGITS)),
            Provider::Entra => [8, 4, 4, 4, 12].map(|length| self.text(length, HEX)).join("-"),
        }
    }
}

impl Organization {
    pub(super) fn found(plan: &Plan, dice: &mut Dice) -> Self {
        let groups = names::GROUPS.iter().take(plan.groups).map(|name| Group {
            id: GroupId::new(format!("dirgroup_{}", dice.number())),
            external_id: dice.external_id(plan.provider, "00g"),
            name: (*name).to_owned(),
        });
        let groups = groups.collect();
        let mut organization = Self {
            id: plan.id.clone(),
            name: plan.name.clone(),
            domain: plan.domain.clone(),
            created: dice.latest,
            directory: Directory { id: DirectoryId::new(format!("dir_{}", dice.number())), provider: plan.provider, enabled: true },
            groups,
            people: Vec::with_capacity(plan.people),
            usual: plan.people,
            addresses: BTreeSet::new(),
        };
        for _ in 0..plan.people {
            organization.hire(dice);
        }
        organization
    }

    /// Somebody new, with an address nobody had before and perhaps a group.
    pub(super) fn hire(&mut self, dice: &mut Dice) -> Person {
        let (given, family) = (dice.one_of(&names::GIVEN), dice.one_of(&names::FAMILY));
        // One in ten runs the place; everybody else is in one of the other groups.
        let at = if dice.below(10) == 0 { 0 } else { 1 + dice.below(self.groups.len().saturating_sub(1)) };
        let person = Person {
            id: DirectoryUserId::new(format!("diruser_{}", dice.number())),
            external_id: dice.external_id(self.directory.provider, "00u"),
            given: given.to_owned(),
            family: family.to_owned(),
            email: self.address(given, family),
            active: true,
            groups: self.groups.get(at).map(|group| group.id.clone()).into_iter().collect(),
        };
        self.people.push(person.clone());
        person
    }

    /// `given.family@domain`; the second of that name gets a 2.
    fn address(&mut self, given: &str, family: &str) -> String {
        let name = format!("{}.{}", names::ascii(given), names::ascii(family));
        let mut address = format!("{name}@{}", self.domain);
        let mut namesake = 2_u32;
        while !self.addresses.insert(address.clone()) {
            address = format!("{name}{namesake}@{}", self.domain);
            namesake += 1;
        }
        address
    }
}
