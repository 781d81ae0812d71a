//! All random choices of the simulator, from one seed, and the organizations and people that are
//! made from them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{
    names,
    people::{Address, People, Person},
    world::{Directory, DirectoryPlan, Group, Organization, Plan, Provider},
};
use domain::{
    id::{DirectoryId, GroupId},
    time::Timestamp,
};

const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";

/// Random choices that repeat, numbers that grow, and times that always advance.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    chance: StdRng,
    number: u64,
    latest: Timestamp,
}

impl Dice {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let mut rng = Self { chance: StdRng::seed_from_u64(seed), number: 0, latest: now };
        rng.moment(now);
        rng
    }

    /// A number from 0 to `end` - 1; 0 if `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.chance.random_range(0..end.max(1))
    }

    pub(super) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.below(words.len());
        words.get(at).copied().unwrap_or_default()
    }

    /// The number of the next id. Scalekit's ids are sonyflakes that count from 2024: ten
    /// milliseconds in the upper bits, a sequence and a machine in the lower 24 (two captured ids a
    /// year apart differ by exactly that).
    pub(super) fn number(&mut self) -> u64 {
        const SINCE: Timestamp = Timestamp::from_seconds(1_704_067_200); // 2024-01-01
        const MACHINE: u64 = 12;
        let centiseconds = u64::try_from(self.latest.since(SINCE).as_millis() / 10).unwrap_or(0);
        self.number = ((centiseconds << 24) | MACHINE).max(self.number + (1 << 16));
        self.number
    }

    /// `now` in whole microseconds, as the captured bodies have it, and later than every time
    /// before.
    pub(super) fn moment(&mut self, now: Timestamp) -> Timestamp {
        let micros = Timestamp::from_nanos(now.nanos() - now.nanos().rem_euclid(1_000));
        self.latest = micros.max(self.latest.plus(Duration::from_micros(1)));
        self.latest
    }
}

/// The id that an identity provider gives to its person or group with this number; it is always the
/// same one.
pub(super) fn external_id(number: u64, provider: Provider, okta: &str) -> String {
    let mut chance = StdRng::seed_from_u64(number);
    let mut text = |length: usize, alphabet: &[u8]| -> String {
        (0..length).map(|_| char::from(alphabet[chance.random_range(0..alphabet.len())])).collect()
    };
    match provider {
        Provider::Okta => format!("{okta}{}", text(17, UPPER_AND_DIGITS)),
        Provider::Google => format!("1{}", text(20, DIGITS)),
        Provider::Entra => [8, 4, 4, 4, 12].map(|length| text(length, HEX)).join("-"),
    }
}

impl Organization {
    pub(super) fn found(plan: &Plan, rng: &mut Dice) -> Self {
        let mut organization = Self {
            number: rng.number(),
            id: plan.id.clone(),
            name: plan.name.clone(),
            domain: plan.domain.as_str().into(),
            created: rng.latest,
            directories: plan
                .directories
                .iter()
                .map(|directory| Directory::connect(directory, rng))
                .collect(),
            usual: plan.people(),
            namesakes: BTreeMap::new(),
        };
        for (directory_index, directory) in plan.directories.iter().enumerate() {
            for _ in 0..directory.people {
                organization.hire(directory_index, rng.latest, rng);
            }
        }
        organization
    }

    /// Adds a new person to the directory at this index, with an unused e-mail address and perhaps
    /// a group.
    pub(super) fn hire(&mut self, directory: usize, now: Timestamp, rng: &mut Dice) -> Person {
        let (given, family) = (rng.one_of(&names::GIVEN), rng.one_of(&names::FAMILY));
        let namesake = self.namesakes.entry((given, family)).or_insert(0);
        *namesake += 1;
        let directory = &mut self.directories[directory];
        // One person in ten is in the first group (`Admins`); the others are in one of the other
        // groups.
        let at = if rng.below(10) == 0 {
            0
        } else {
            1 + rng.below(directory.groups.len().saturating_sub(1))
        };
        let person = Person {
            number: rng.number(),
            given,
            family,
            active: true,
            updated: now,
            groups: directory.groups.get(at).map(|group| group.number).into_iter().collect(),
            provider: directory.provider,
            address: Address { family, namesake: *namesake, domain: Arc::clone(&self.domain) },
            pool_index: 0,
        };
        directory.count_in(&person);
        directory.people_updated = now;
        directory.people.add(person.clone());
        person
    }
}

impl Directory {
    fn connect(plan: &DirectoryPlan, rng: &mut Dice) -> Self {
        let groups = names::GROUPS
            .iter()
            .take(plan.groups)
            .map(|name| Group::push(name, plan.provider, rng))
            .collect();
        Self {
            id: DirectoryId::new(format!("dir_{}", rng.number())),
            provider: plan.provider,
            enabled: true,
            created: rng.latest,
            groups,
            people: People::default(),
            people_updated: rng.latest,
            groups_updated: rng.latest,
        }
    }
}

impl Group {
    fn push(name: &str, provider: Provider, rng: &mut Dice) -> Self {
        let number = rng.number();
        Self {
            number,
            id: GroupId::new(format!("dirgroup_{number}")),
            external_id: external_id(number, provider, "00g"),
            name: name.to_owned(),
            members: 0,
            updated: rng.latest,
        }
    }
}
