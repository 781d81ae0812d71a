//! The webhooks and the API fail in random ways; in the end Seatkeeper has the same users as
//! Scalekit: random histories with every fault of the simulator, then one resync. A fault may end a
//! run if the run reports it; then the test makes another run.
//!
//! `MODEL_HISTORIES=200 cargo test --test stories convergence` runs more histories than usual; a
//! failure prints its seed, and `MODEL_SEED` repeats it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::{
    id::OrganizationId,
    organization::SeatLimit,
    refusal::Refusal,
    resync::{ResyncCounts, ResyncState},
    time::Timestamp,
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use seatkeeper::commands;
use simulator::{
    event::Body,
    fault::{Fault, FaultRate, Side},
    people::Person,
    world::{DirectoryPlan, Plan, Provider, World as Invented},
};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    seeds::{Named, seeds},
    world::{ACME, TestApp, stories},
};

stories! {
    through_every_fault_one_resync_makes_our_people_theirs,
    a_list_of_groups_that_was_cut_takes_none_away,
}

/// Histories for each engine.
const LIVES: u64 = 10;
/// The number of events in a history.
const LENGTH: std::ops::Range<usize> = 60..140;
/// Runs that faults may end; the run after them meets no fault.
const SPOILT: usize = 5;
const STAYS: [&str; 2] = ["org_5001", "org_5002"];
const LEAVES: &str = "org_5003";

async fn through_every_fault_one_resync_makes_our_people_theirs(first: TestApp) {
    let engine = first.engine();
    for seed in seeds(LIVES) {
        let _named = Named(seed);
        let mut life = Life::of(TestApp::open(engine).await, seed).await;

        life.goes_on().await;
        life.falls_quiet().await;

        for organization in STAYS {
            life.converges(organization).await;
        }
        life.without_people_who_left().await;
        life.world.check().await;
        life.scalekit.simulator.stop().await;
        life.world.close().await;
    }
}

/// Scalekit's total is compared with the list of groups, too, not only with the list of users.
async fn a_list_of_groups_that_was_cut_takes_none_away(world: TestApp) {
    const CUT: &str = r#"{"groups":[],"total_size":4,"next_page_token":""}"#;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await; // at least one of its four groups is empty
    assert_eq!(scalekit.resync(false).await.counts.groups, 4);

    let cut = AtomicUsize::new(0);
    let is_first =
        move |path: &str| path.ends_with("/groups") && cut.fetch_add(1, Ordering::Relaxed) == 0;
    scalekit
        .handle(move |_, path| if is_first(path) { Behaviour::Says(CUT) } else { Behaviour::Good });
    world.clock.pass(Duration::from_mins(1));
    let run = scalekit.resync(false).await;
    assert_eq!((run.state, run.counts), (ResyncState::Done, ResyncCounts::default()));

    scalekit.handle(
        |_, path| if path.ends_with("/groups") { Behaviour::Says(CUT) } else { Behaviour::Good },
    );
    world.clock.pass(Duration::from_mins(1));
    let (code, sentence) = scalekit.resync(false).await.error.unwrap();
    assert_eq!(
        (code.as_str(), sentence.as_str()),
        ("INCOMPLETE_LIST", "Scalekit says this directory has 4 groups and lists 0 of them.")
    );
    let (theirs, ours) = scalekit.groups(&world).await;
    assert_eq!(ours, theirs);
}

struct Life {
    world: TestApp,
    scalekit: Scalekit,
    rng: StdRng,
    /// The users who were deleted, with their organizations: they may come back.
    gone: Vec<(OrganizationId, Person)>,
    has_left: bool,
    /// The faults of the API.
    spoiling: Vec<FaultRate>,
}

impl Life {
    async fn of(world: TestApp, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let scalekit = Scalekit::delivering(&world, seed, &plans(&mut rng)).await;
        let doses = doses(&mut rng);
        for dose in &doses {
            scalekit.simulator.faults().switch_on(*dose);
        }
        let spoiling = doses.into_iter().filter(|dose| dose.fault.side() == Side::Api).collect();
        Self { world, scalekit, rng, gone: Vec::new(), has_left: false, spoiling }
    }

    /// Two of three histories begin with a push of all users; then the events follow one another.
    async fn goes_on(&mut self) {
        if self.rng.random_ratio(2, 3) {
            self.scalekit.simulator.first_push().await;
        }
        for _ in 0..self.rng.random_range(LENGTH) {
            let organization = OrganizationId::new(*STAYS.choose(&mut self.rng).unwrap());
            match self.rng.random_range(0..20) {
                0 => self.a_person_leaves(&organization).await,
                1 | 2 => self.a_person_comes_back().await,
                3 => self.a_group_goes(&organization).await,
                4 => self.a_directory_is_switched(&organization).await,
                5 => self.a_limit_is_set(&organization).await,
                6 => self.happens(|invented, now| invented.burst(&organization, 5, now)).await,
                7 if !self.has_left && self.rng.random_ratio(1, 3) => {
                    self.has_left = true;
                    self.happens(|invented, now| {
                        invented.delete_organization(&OrganizationId::new(LEAVES), now)
                    })
                    .await;
                }
                _ => self.happens(Invented::next_turn).await,
            }
        }
    }

    /// Makes an event happen at its own time, and sends its webhooks.
    async fn happens(&self, act: impl FnOnce(&mut Invented, Timestamp) -> Vec<Body>) {
        let clock = self.world.clock.clone();
        let at_a_moment = |invented: &mut Invented, _| {
            clock.pass(Duration::from_millis(1));
            act(invented, clock.now())
        };
        self.scalekit.simulator.play(at_a_moment).await;
    }

    async fn a_person_leaves(&mut self, organization: &OrganizationId) {
        let people = |invented: &Invented| {
            invented
                .organization(organization)
                .unwrap()
                .people()
                .map(|(_, p)| p.clone())
                .collect::<Vec<_>>()
        };
        let Some(person) = self.scalekit.simulator.look(people).choose(&mut self.rng).cloned()
        else {
            return;
        };
        self.happens(|invented, now| invented.fire(organization, &person.id(), now)).await;
        self.gone.push((organization.clone(), person));
    }

    async fn a_person_comes_back(&mut self) {
        let Some((organization, person)) = self.gone.choose(&mut self.rng).cloned() else { return };
        let keeps_id = self.rng.random_ratio(1, 2);
        self.happens(|invented, now| invented.rehire(&organization, &person, keeps_id, now)).await;
    }

    async fn a_group_goes(&mut self, organization: &OrganizationId) {
        let groups = |invented: &Invented| {
            let directories = &invented.organization(organization).unwrap().directories;
            directories
                .iter()
                .flat_map(|directory| &directory.groups)
                .map(|group| group.id.clone())
                .collect::<Vec<_>>()
        };
        let Some(group) = self.scalekit.simulator.look(groups).choose(&mut self.rng).cloned()
        else {
            return;
        };
        self.happens(|invented, now| invented.delete_group(organization, &group, now)).await;
    }

    async fn a_directory_is_switched(&mut self, organization: &OrganizationId) {
        let on = |invented: &Invented| {
            let directories = &invented.organization(organization).unwrap().directories;
            directories
                .iter()
                .map(|directory| (directory.id.clone(), directory.enabled))
                .collect::<Vec<_>>()
        };
        let Some((directory, on)) = self.scalekit.simulator.look(on).choose(&mut self.rng).cloned()
        else {
            return;
        };
        self.happens(|invented, now| invented.switch_directory(organization, &directory, !on, now))
            .await;
    }

    async fn a_limit_is_set(&mut self, organization: &OrganizationId) {
        let limit = match self.rng.random_range(0..6) {
            0 => SeatLimit::Unlimited,
            _ => SeatLimit::Seats(self.rng.random_range(0..80)),
        };
        // fails if the organization is not known yet, or has this limit
        let _ = self.world.set_limit(organization.as_str(), limit).await;
    }

    /// Switches every directory on, and waits until all deliveries have arrived.
    async fn falls_quiet(&self) {
        let off = |invented: &Invented| {
            let all = invented
                .organizations()
                .iter()
                .flat_map(|o| o.directories.iter().map(|d| (o.id.clone(), d.clone())));
            all.filter(|(_, directory)| !directory.enabled)
                .map(|(o, directory)| (o, directory.id))
                .collect::<Vec<_>>()
        };
        for (organization, directory) in self.scalekit.simulator.look(off) {
            self.happens(|invented, now| {
                invented.switch_directory(&organization, &directory, true, now)
            })
            .await;
        }
        self.scalekit.falls_quiet(&self.world).await;
    }

    async fn converges(&self, organization: &str) {
        if self
            .world
            .texts(&format!("select id from organizations where id = '{organization}'"))
            .await
            .is_empty()
        {
            return; // no webhook about this organization has arrived
        }
        self.one_run_works(organization).await;
        let (theirs, ours) = (
            self.scalekit.theirs_of(organization),
            self.scalekit.ours_of(&self.world, organization).await,
        );
        assert_eq!(ours, theirs, "{organization}");
        let (theirs, ours) = self.scalekit.groups_of(&self.world, organization).await;
        assert_eq!(ours, theirs, "{organization}");
        let off = format!(
            "select id from directories where organization_id = '{organization}' and state <> 'enabled'"
        );
        assert_eq!(self.world.texts(&off).await, [""; 0], "{organization}");
        self.api_is_spoilt(false);
        let again = self.scalekit.settled(organization).await.unwrap();
        assert_eq!(
            (again.state, again.counts),
            (ResyncState::Done, ResyncCounts::default()),
            "{organization}"
        );
        self.api_is_spoilt(true);
    }

    /// Makes runs until one is complete. Each run before it reports an error, or that it is
    /// incomplete.
    async fn one_run_works(&self, organization: &str) {
        for spoilt in 0..=SPOILT {
            self.api_is_spoilt(spoilt < SPOILT);
            self.world.clock.pass(Duration::from_mins(1));
            let run = self.scalekit.settled(organization).await.unwrap();
            match (run.state, &run.error) {
                (ResyncState::Done, _) if run.is_complete => return,
                (ResyncState::Done, _) => {}
                (ResyncState::Failed, Some((code, sentence))) => {
                    assert!(
                        !["", "INTERNAL"].contains(&code.as_str()) && sentence.len() > 20,
                        "{run:?}"
                    );
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

    /// After an organization left, it is unknown, or archived without users; if the webhook was
    /// lost, its run fails with `NOT_FOUND`.
    async fn without_people_who_left(&self) {
        if !self.has_left {
            return;
        }
        self.api_is_spoilt(false);
        match self.scalekit.settled(LEAVES).await {
            Err(commands::Error::Missing) => {}
            Err(commands::Error::Refused(Refusal::Archived)) => {
                assert_eq!(self.scalekit.ours_of(&self.world, LEAVES).await, [""; 0]);
            }
            Ok(run) => assert_eq!(
                (run.state, run.error.unwrap().0.as_str()),
                (ResyncState::Failed, "NOT_FOUND")
            ),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A little of each fault, and much of one fault on each side.
fn doses(rng: &mut StdRng) -> Vec<FaultRate> {
    let mut doses = Vec::new();
    for side in [Side::Api, Side::Deliveries] {
        let faults: Vec<_> = Fault::ALL.into_iter().filter(|fault| fault.side() == side).collect();
        let much = faults.choose(rng).copied();
        for fault in faults {
            let amount = match fault {
                Fault::Slow => 1.0, // in milliseconds
                _ if Some(fault) == much => rng.random_range(0.3..0.8),
                _ => rng.random_range(0.0..if side == Side::Api { 0.08 } else { 0.25 }),
            };
            doses.push(FaultRate { fault, amount });
        }
    }
    doses
}

/// Two organizations that stay and one that may leave. Each directory has up to three pages of
/// users.
fn plans(rng: &mut StdRng) -> Vec<Plan> {
    let mut plan = |id: &str, providers: &[Provider]| {
        let mut directory = |provider: &Provider| DirectoryPlan {
            provider: *provider,
            groups: if *provider == Provider::Okta { 0 } else { 5 },
            people: rng.random_range(0..70),
        };
        let directories = providers.iter().map(&mut directory).collect();
        Plan {
            id: OrganizationId::new(id),
            name: id.to_owned(),
            domain: format!("{}.test", id.replace('_', "-")),
            directories,
        }
    };
    vec![
        plan(STAYS[0], &[Provider::Entra, Provider::Okta]),
        plan(STAYS[1], &[Provider::Google]),
        plan(LEAVES, &[Provider::Okta]),
    ]
}
