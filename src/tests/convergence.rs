//! Whatever goes wrong on the way here and on the way to the API, in the end our people are Scalekit's: random lives with every
//! fault of the simulator switched on, then one resync. A fault may end a run, if it says so; then another one is made.
//!
//! `MODEL_HISTORIES=200 cargo test --test stories convergence` takes longer than usual; a failure names its seed, and
//! `MODEL_SEED` repeats it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use seatkeeper::{
    acts,
    domain::{
        id::OrganizationId,
        organization::SeatLimit,
        refusal::Refusal,
        resync::{ResyncCounts, ResyncState},
        time::Timestamp,
    },
    scalekit::simulator::{
        event::Body,
        fault::{Dose, Fault, Side},
        people::Person,
        world::{DirectoryPlan, Plan, Provider, World as Invented},
    },
};

use crate::support::{
    scalekit::{Line, Scalekit},
    seeds::{Named, seeds},
    world::{ACME, Engine, World, stories},
};

stories! {
    through_every_fault_one_resync_makes_our_people_theirs,
    a_list_of_groups_that_was_cut_takes_none_away,
}

/// Lives on each engine.
const LIVES: u64 = 10;
/// What happens in one of them, at least and at most.
const LENGTH: std::ops::Range<usize> = 60..140;
/// Runs that faults may end; the next one has a faultless Scalekit.
const SPOILT: usize = 5;
const STAYS: [&str; 2] = ["org_5001", "org_5002"];
const LEAVES: &str = "org_5003";

async fn through_every_fault_one_resync_makes_our_people_theirs(first: World) {
    let engine = if first.desk.db.is_postgres() { Engine::Postgres } else { Engine::Sqlite };
    for seed in seeds(LIVES) {
        let _named = Named(seed);
        let mut life = Life::of(World::open(engine).await, seed).await;

        life.goes_on().await;
        life.falls_quiet().await;

        for organization in STAYS {
            life.settles(organization).await;
        }
        life.without_whoever_left().await;
        life.world.check().await;
        life.scalekit.simulator.stop().await;
        life.world.close().await;
    }
}

/// Only the list of people was held against the number it is said to have.
async fn a_list_of_groups_that_was_cut_takes_none_away(world: World) {
    const CUT: &str = r#"{"groups":[],"total_size":4,"next_page_token":""}"#;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await; // at least one of its four groups is empty
    assert_eq!(scalekit.resync(false).await.counts.groups, 4);

    let cut = AtomicUsize::new(0);
    let is_first = move |path: &str| path.ends_with("/groups") && cut.fetch_add(1, Ordering::Relaxed) == 0;
    scalekit.handle(move |_, path| if is_first(path) { Line::Says(CUT) } else { Line::Good });
    world.clock.pass(Duration::from_mins(1));
    let run = scalekit.resync(false).await;
    assert_eq!((run.state, run.counts), (ResyncState::Done, ResyncCounts::default()));

    scalekit.handle(|_, path| if path.ends_with("/groups") { Line::Says(CUT) } else { Line::Good });
    world.clock.pass(Duration::from_mins(1));
    let (code, sentence) = scalekit.resync(false).await.error.unwrap();
    assert_eq!((code.as_str(), sentence.as_str()), ("INCOMPLETE_LIST", "Scalekit says this directory has 4 groups and lists 0 of them."));
    let (theirs, ours) = scalekit.groups(&world).await;
    assert_eq!(ours, theirs);
}

struct Life {
    world: World,
    scalekit: Scalekit,
    dice: StdRng,
    /// Whoever was deleted, and where: they may come back.
    gone: Vec<(OrganizationId, Person)>,
    has_left: bool,
    /// What goes wrong with the API.
    spoiling: Vec<Dose>,
}

impl Life {
    async fn of(world: World, seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let scalekit = Scalekit::delivering(&world, seed, &plans(&mut dice)).await;
        let doses = doses(&mut dice);
        for dose in &doses {
            scalekit.simulator.faults().switch_on(*dose);
        }
        let spoiling = doses.into_iter().filter(|dose| dose.fault.side() == Side::Api).collect();
        Self { world, scalekit, dice, gone: Vec::new(), has_left: false, spoiling }
    }

    /// Told from the beginning, or from the middle; then one thing after the other.
    async fn goes_on(&mut self) {
        if self.dice.random_ratio(2, 3) {
            self.scalekit.simulator.first_push().await;
        }
        for _ in 0..self.dice.random_range(LENGTH) {
            let organization = OrganizationId::new(*STAYS.choose(&mut self.dice).unwrap());
            match self.dice.random_range(0..20) {
                0 => self.somebody_leaves(&organization).await,
                1 | 2 => self.somebody_comes_back().await,
                3 => self.a_group_goes(&organization).await,
                4 => self.a_directory_is_switched(&organization).await,
                5 => self.a_limit_is_set(&organization).await,
                6 => self.happens(|invented, now| invented.burst(&organization, 5, now)).await,
                7 if !self.has_left && self.dice.random_ratio(1, 3) => {
                    self.has_left = true;
                    self.happens(|invented, now| invented.delete_organization(&OrganizationId::new(LEAVES), now)).await;
                }
                _ => self.happens(Invented::next_turn).await,
            }
        }
    }

    /// Makes something happen at a moment of its own, and tells it.
    async fn happens(&self, act: impl FnOnce(&mut Invented, Timestamp) -> Vec<Body>) {
        let clock = self.world.clock.clone();
        let at_a_moment = |invented: &mut Invented, _| {
            clock.pass(Duration::from_millis(1));
            act(invented, clock.now())
        };
        self.scalekit.simulator.play(at_a_moment).await;
    }

    async fn somebody_leaves(&mut self, organization: &OrganizationId) {
        let people =
            |invented: &Invented| invented.organization(organization).unwrap().people().map(|(_, p)| p.clone()).collect::<Vec<_>>();
        let Some(person) = self.scalekit.simulator.look(people).choose(&mut self.dice).cloned() else { return };
        self.happens(|invented, now| invented.fire(organization, &person.id(), now)).await;
        self.gone.push((organization.clone(), person));
    }

    async fn somebody_comes_back(&mut self) {
        let Some((organization, person)) = self.gone.choose(&mut self.dice).cloned() else { return };
        let keeps_id = self.dice.random_ratio(1, 2);
        self.happens(|invented, now| invented.rehire(&organization, &person, keeps_id, now)).await;
    }

    async fn a_group_goes(&mut self, organization: &OrganizationId) {
        let groups = |invented: &Invented| {
            let directories = &invented.organization(organization).unwrap().directories;
            directories.iter().flat_map(|directory| &directory.groups).map(|group| group.id.clone()).collect::<Vec<_>>()
        };
        let Some(group) = self.scalekit.simulator.look(groups).choose(&mut self.dice).cloned() else { return };
        self.happens(|invented, now| invented.delete_group(organization, &group, now)).await;
    }

    async fn a_directory_is_switched(&mut self, organization: &OrganizationId) {
        let on = |invented: &Invented| {
            let directories = &invented.organization(organization).unwrap().directories;
            directories.iter().map(|directory| (directory.id.clone(), directory.enabled)).collect::<Vec<_>>()
        };
        let Some((directory, on)) = self.scalekit.simulator.look(on).choose(&mut self.dice).cloned() else { return };
        self.happens(|invented, now| invented.switch_directory(organization, &directory, !on, now)).await;
    }

    async fn a_limit_is_set(&mut self, organization: &OrganizationId) {
        let limit = match self.dice.random_range(0..6) {
            0 => SeatLimit::Unlimited,
            _ => SeatLimit::Seats(self.dice.random_range(0..80)),
        };
        let _ = self.world.set_limit(organization.as_str(), limit).await; // nobody may have heard of it, or it is the limit already
    }

    /// Every directory is on again, and whatever is under way arrives.
    async fn falls_quiet(&self) {
        let off = |invented: &Invented| {
            let all = invented.organizations().iter().flat_map(|o| o.directories.iter().map(|d| (o.id.clone(), d.clone())));
            all.filter(|(_, directory)| !directory.enabled).map(|(o, directory)| (o, directory.id)).collect::<Vec<_>>()
        };
        for (organization, directory) in self.scalekit.simulator.look(off) {
            self.happens(|invented, now| invented.switch_directory(&organization, &directory, true, now)).await;
        }
        self.scalekit.falls_quiet(&self.world).await;
    }

    async fn settles(&self, organization: &str) {
        if self.world.texts(&format!("select id from organizations where id = '{organization}'")).await.is_empty() {
            return; // nobody has ever told us of it
        }
        self.one_run_works(organization).await;
        let (theirs, ours) = (self.scalekit.theirs_of(organization), self.scalekit.ours_of(&self.world, organization).await);
        assert_eq!(ours, theirs, "{organization}");
        let (theirs, ours) = self.scalekit.groups_of(&self.world, organization).await;
        assert_eq!(ours, theirs, "{organization}");
        let off = format!("select id from directories where organization_id = '{organization}' and state <> 'enabled'");
        assert_eq!(self.world.texts(&off).await, [""; 0], "{organization}");
        self.api_is_spoilt(false);
        let again = self.scalekit.settled(organization).await.unwrap();
        assert_eq!((again.state, again.counts), (ResyncState::Done, ResyncCounts::default()), "{organization}");
        self.api_is_spoilt(true);
    }

    /// A run that works. Those before it say why they did not; or that they could not be sure of everybody.
    async fn one_run_works(&self, organization: &str) {
        for spoilt in 0..=SPOILT {
            self.api_is_spoilt(spoilt < SPOILT);
            self.world.clock.pass(Duration::from_mins(1));
            let run = self.scalekit.settled(organization).await.unwrap();
            match (run.state, &run.error) {
                (ResyncState::Done, _) if run.whole => return,
                (ResyncState::Done, _) => {}
                (ResyncState::Failed, Some((code, sentence))) => {
                    assert!(!["", "INTERNAL"].contains(&code.as_str()) && sentence.len() > 20, "{run:?}");
                }
                _ => panic!("{run:?}"),
            }
            assert!(spoilt < SPOILT, "nothing was wrong with Scalekit: {run:?}");
        }
    }

    fn api_is_spoilt(&self, spoilt: bool) {
        let faults = self.scalekit.simulator.faults();
        for dose in &self.spoiling {
            if spoilt { faults.switch_on(*dose) } else { faults.switch_off(dose.fault) }
        }
    }

    /// An organization that left is archived, without anybody; or, where that was not heard, its run says that it is not there.
    async fn without_whoever_left(&self) {
        if !self.has_left {
            return;
        }
        self.api_is_spoilt(false);
        match self.scalekit.settled(LEAVES).await {
            Err(acts::Error::Missing) => {}
            Err(acts::Error::Refused(Refusal::Archived)) => {
                assert_eq!(self.scalekit.ours_of(&self.world, LEAVES).await, [""; 0]);
            }
            Ok(run) => assert_eq!((run.state, run.error.unwrap().0.as_str()), (ResyncState::Failed, "NOT_FOUND")),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A little of everything, and much of one thing on each side.
fn doses(dice: &mut StdRng) -> Vec<Dose> {
    let mut doses = Vec::new();
    for side in [Side::Api, Side::Deliveries] {
        let faults: Vec<_> = Fault::ALL.into_iter().filter(|fault| fault.side() == side).collect();
        let much = faults.choose(dice).copied();
        for fault in faults {
            let amount = match fault {
                Fault::Slow => 1.0, // a millisecond
                _ if Some(fault) == much => dice.random_range(0.3..0.8),
                _ => dice.random_range(0.0..if side == Side::Api { 0.08 } else { 0.25 }),
            };
            doses.push(Dose { fault, amount });
        }
    }
    doses
}

/// Two customers who stay, with directories of more than a page, and one who may leave.
fn plans(dice: &mut StdRng) -> Vec<Plan> {
    let mut plan = |id: &str, providers: &[Provider]| {
        let mut directory = |provider: &Provider| DirectoryPlan {
            provider: *provider,
            groups: if *provider == Provider::Okta { 0 } else { 5 },
            people: dice.random_range(0..70),
        };
        let directories = providers.iter().map(&mut directory).collect();
        Plan { id: OrganizationId::new(id), name: id.to_owned(), domain: format!("{}.test", id.replace('_', "-")), directories }
    };
    vec![plan(STAYS[0], &[Provider::Entra, Provider::Okta]), plan(STAYS[1], &[Provider::Google]), plan(LEAVES, &[Provider::Okta])]
}
