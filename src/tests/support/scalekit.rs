//! A Scalekit for resyncs: the simulator behind its real API on a free port, with failures on
//! demand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{self, Request},
    http::{
        StatusCode,
        header::{DATE, RETRY_AFTER},
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use domain::{
    id::{DirectoryUserId, OrganizationId, ResyncId},
    resync::{Resync, ResyncCause, ResyncState},
    time::Timestamp,
};
use seatkeeper::{
    clock::Clock,
    commands::{
        Error,
        resync::{Turn, confirm_resync, start_resync, work_on},
    },
    queries,
    scalekit::{
        client::{Client, Credentials},
        signature::Secret,
    },
    state::{AppState, Resyncs},
};
use simulator::{
    Simulator, api,
    delivery_log::State,
    event::Body,
    fault::{Fault, Side},
    people::Person,
    world::{self, DirectoryPlan, Plan, Provider},
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::net::TcpListener;

use super::world::{ACME, SECRET, TestApp, operator, scope};

const SECRET_OF_CLIENT: &str = "live_very-secret";
/// Factor for the waits between the attempts of a delivery: a day becomes about two seconds.
const SHORT: f64 = 0.000_02;

/// What happens to a call before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Good,
    /// The call never gets an answer.
    Hangs,
    Slow(Duration),
    Answers(u16),
    /// Answers with this body instead of the real one.
    Says(&'static str),
    /// Status 429: `Retry-After` holds this time as a date, beside the `Date` of the answer.
    LaterAt(Timestamp),
}

type Hand = dyn Fn(usize, &str) -> Behaviour + Send + Sync;

pub struct Scalekit {
    pub simulator: Simulator,
    /// The application state with a client that calls this Scalekit.
    pub state: AppState,
    pub calls: Arc<AtomicUsize>,
    hand: Arc<Mutex<Arc<Hand>>>,
    date: Arc<Mutex<Option<String>>>,
    clock: Clock,
}

#[derive(Clone)]
struct Gate {
    calls: Arc<AtomicUsize>,
    hand: Arc<Mutex<Arc<Hand>>>,
    date: Arc<Mutex<Option<String>>>,
    clock: Clock,
}

impl Scalekit {
    /// One organization with directories of these sizes, each with four groups.
    pub async fn of(world: &TestApp, directories: &[usize]) -> Self {
        Self::with_secret(world, directories, SECRET_OF_CLIENT).await
    }

    pub async fn with_secret(world: &TestApp, directories: &[usize], secret: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plan = |people: &usize| DirectoryPlan {
            provider: Provider::Entra,
            groups: 4,
            people: *people,
        };
        let plans = [Plan {
            id: OrganizationId::new(ACME),
            name: "Acme".to_owned(),
            domain: "acme.test".to_owned(),
            directories: directories.iter().map(plan).collect(),
        }];
        let invented = world::World::new(world.number(), &plans, world.clock.now());
        // no server listens there: the tests deliver the webhooks themselves
        let simulator = Simulator::new(
            invented,
            "http://127.0.0.1:9/",
            Secret::parse(SECRET).unwrap(),
            world.clock.clone(),
        )
        .unwrap();
        Self::open(world, simulator, secret).await
    }

    /// These organizations; the simulator sends their webhooks to this app over real HTTP.
    pub async fn delivering(world: &TestApp, seed: u64, plans: &[Plan]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = format!("http://{}/webhooks/scalekit", listener.local_addr().unwrap());
        let router = world.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (invented, secret) =
            (world::World::new(seed, plans, world.clock.now()), Secret::parse(SECRET).unwrap());
        let simulator =
            Simulator::with_time_factor(invented, &to, secret, world.clock.clone(), SHORT).unwrap();
        Self::open(world, simulator, SECRET_OF_CLIENT).await
    }

    async fn open(world: &TestApp, simulator: Simulator, secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let credentials = api::Credentials {
            client_id: "skc_1".to_owned(),
            client_secret: SECRET_OF_CLIENT.to_owned(),
        };
        let hand: Arc<Mutex<Arc<Hand>>> = Arc::new(Mutex::new(Arc::new(|_, _| Behaviour::Good)));
        let gate =
            Gate { calls: Arc::default(), hand, date: Arc::default(), clock: world.clock.clone() };
        let router = simulator.api(credentials).layer(from_fn_with_state(gate.clone(), pass));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let credentials =
            Credentials { client_id: "skc_1".to_owned(), client_secret: secret.to_owned() };
        let client =
            Client::new(address.parse().unwrap(), credentials, world.clock.clone()).unwrap();
        let resyncs = Resyncs { silence: Duration::from_hours(1), ..Resyncs::default() };
        world.clock.pass(Duration::from_secs(1));
        let state = world.state.clone().with_scalekit(client, resyncs);
        Self {
            simulator,
            state,
            calls: gate.calls,
            hand: gate.hand,
            date: gate.date,
            clock: gate.clock,
        }
    }

    /// Sets what happens to each further call, by its number and its path.
    pub fn handle(&self, hand: impl Fn(usize, &str) -> Behaviour + Send + Sync + 'static) {
        self.calls.store(0, Ordering::SeqCst);
        *self.hand.lock().unwrap() = Arc::new(hand);
    }

    /// Sets the `Date` header of all further normal answers.
    pub fn says_it_is(&self, now: Timestamp) {
        *self.date.lock().unwrap() = Some(date_of(now));
    }

    /// Makes an event happen, and returns the bodies that Scalekit would send about it.
    pub async fn happens(
        &self,
        world: &TestApp,
        act: impl FnOnce(&mut world::World, Timestamp) -> Vec<Body>,
    ) -> Vec<String> {
        let mut bodies = Vec::new();
        self.simulator
            .play(|invented, now| {
                bodies = act(invented, now).iter().map(text).collect();
                Vec::new()
            })
            .await;
        world.clock.pass(Duration::from_secs(1));
        bodies
    }

    /// Switches off the faults that delay deliveries, and waits until all of them have arrived.
    pub async fn falls_quiet(&self, world: &TestApp) {
        for fault in Fault::ALL
            .into_iter()
            .filter(|fault| fault.side() == Side::Deliveries && *fault != Fault::Loss)
        {
            self.simulator.faults().switch_off(fault);
        }
        let quiet = async {
            while self
                .simulator
                .deliveries()
                .iter()
                .any(|delivery| delivery.state == State::Retrying)
            {
                let at_a_moment = |invented: &mut world::World, _| {
                    world.clock.pass(Duration::from_millis(1));
                    invented.next_turn(world.clock.now())
                };
                // a delivery that is held back waits until another one leaves
                self.simulator.play(at_a_moment).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), quiet)
            .await
            .expect("everything under way arrives");
        world.clock.pass(Duration::from_secs(1));
    }

    pub async fn start(&self, dry_run: bool) -> ResyncId {
        let acme = OrganizationId::new(ACME);
        start_resync(&self.state, Some(&operator()), &acme, ResyncCause::CommandLine, dry_run)
            .await
            .unwrap()
    }

    /// Works on this run as far as it goes.
    pub async fn work_on(&self, id: &ResyncId) -> Resync {
        work_on(&self.state, &Turn::This(OrganizationId::new(ACME), id.clone())).await.unwrap();
        self.look(id).await
    }

    pub async fn look(&self, id: &ResyncId) -> Resync {
        queries::resync(&self.state, &scope(ACME), id).await.unwrap()
    }

    /// Starts a run and works on it as far as it goes.
    pub async fn resync(&self, dry_run: bool) -> Resync {
        let id = self.start(dry_run).await;
        self.work_on(&id).await
    }

    /// The ids of all directory users, in the order of the lists.
    pub fn ids(&self) -> Vec<DirectoryUserId> {
        let acme = OrganizationId::new(ACME);
        self.simulator.look(|world| {
            world.organization(&acme).unwrap().people().map(|(_, person)| person.id()).collect()
        })
    }

    /// A run to its end, confirmed where that is necessary.
    pub async fn settled(&self, organization: &str) -> Result<Resync, Error> {
        let (actor, organization) = (operator(), OrganizationId::new(organization));
        let id =
            start_resync(&self.state, Some(&actor), &organization, ResyncCause::CommandLine, false)
                .await?;
        let turn = Turn::This(organization.clone(), id.clone());
        work_on(&self.state, &turn).await?;
        let mut run = queries::resync(&self.state, &scope(organization.as_str()), &id).await?;
        while run.state == ResyncState::Listing {
            // Scalekit could not be reached, and the run rests
            self.clock.pass(Duration::from_mins(3));
            work_on(&self.state, &turn).await?;
            run = queries::resync(&self.state, &scope(organization.as_str()), &id).await?;
        }
        if run.state != ResyncState::Waiting {
            return Ok(run);
        }
        confirm_resync(&self.state, &actor, &organization, &id, run.to_confirm()).await?;
        work_on(&self.state, &turn).await?;
        queries::resync(&self.state, &scope(organization.as_str()), &id).await
    }

    /// All directory users in Scalekit, as `id active email name external-id role [groups]`.
    pub fn theirs(&self) -> Vec<String> {
        self.theirs_of(ACME)
    }

    pub fn theirs_of(&self, organization: &str) -> Vec<String> {
        let mut all = self.simulator.look(|world| {
            let Some(organization) = world.organization(&OrganizationId::new(organization)) else {
                return Vec::new();
            };
            let person = |(directory, person): (&world::Directory, &Person)| {
                let mut groups: Vec<_> =
                    directory.groups_of(person).map(|group| group.name.clone()).collect();
                groups.sort();
                let (active, role) = (person.active, directory.role_of(person));
                format!(
                    "{} {active} {} {} {} {role} {groups:?}",
                    person.id(),
                    person.email(),
                    person.name(),
                    person.external_id()
                )
            };
            organization.people().map(person).collect()
        });
        all.sort();
        all
    }

    /// All directory users in the database, in the same form.
    pub async fn ours(&self, world: &TestApp) -> Vec<String> {
        self.ours_of(world, ACME).await
    }

    pub async fn ours_of(&self, world: &TestApp, organization: &str) -> Vec<String> {
        let people = format!(
            "select id || ' ' || case when state = 'inactive' then 'false' else 'true' end || ' ' || email || ' ' || name || ' ' || \
             coalesce(external_id, '-') || ' ' || roles from directory_users where organization_id = '{organization}' and state <> 'removed' \
             order by id"
        );
        let groups = format!(
            "select m.user_id || ' ' || g.name from memberships m join directory_groups g on g.organization_id = m.organization_id \
             and g.id = m.group_id and not g.deleted where m.organization_id = '{organization}' order by m.user_id, g.name"
        );
        let (people, groups) = (world.texts(&people).await, world.texts(&groups).await);
        let mut all: Vec<String> = people
            .iter()
            .map(|person| {
                let id = person.split(' ').next().unwrap();
                let mut mine: Vec<_> = groups
                    .iter()
                    .filter_map(|row| row.strip_prefix(id)?.strip_prefix(' '))
                    .collect();
                mine.sort_unstable();
                format!("{} {mine:?}", person.replace("[\"", "").replace("\"]", ""))
            })
            .collect();
        all.sort();
        all
    }

    /// The groups as `id name`: first Scalekit's, then those in the database.
    pub async fn groups(&self, world: &TestApp) -> (Vec<String>, Vec<String>) {
        self.groups_of(world, ACME).await
    }

    pub async fn groups_of(
        &self,
        world: &TestApp,
        organization: &str,
    ) -> (Vec<String>, Vec<String>) {
        let mut theirs: Vec<String> = self.simulator.look(|world| {
            let organization = world.organization(&OrganizationId::new(organization));
            let groups = organization.iter().flat_map(|o| &o.directories).flat_map(|d| &d.groups);
            groups.map(|group| format!("{} {}", group.id, group.name)).collect()
        });
        let ours = format!(
            "select id || ' ' || coalesce(name, '-') from directory_groups where organization_id = '{organization}' and not deleted order by id"
        );
        let mut ours = world.texts(&ours).await;
        theirs.sort();
        ours.sort();
        (theirs, ours)
    }
}

async fn pass(
    extract::State(gate): extract::State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    let number = gate.calls.fetch_add(1, Ordering::SeqCst);
    let hand = Arc::clone(&gate.hand.lock().unwrap());
    match hand(number, request.uri().path()) {
        Behaviour::Good => {
            let mut response = next.run(request).await;
            if let Some(date) = &*gate.date.lock().unwrap() {
                response.headers_mut().insert(DATE, date.parse().unwrap());
            }
            response
        }
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Slow(span) => {
            tokio::time::sleep(span).await;
            next.run(request).await
        }
        Behaviour::Says(json) => json.into_response(),
        Behaviour::LaterAt(until) => {
            let dates = [(DATE, date_of(gate.clock.now())), (RETRY_AFTER, date_of(until))];
            (StatusCode::TOO_MANY_REQUESTS, dates).into_response()
        }
        Behaviour::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
    }
}

fn date_of(now: Timestamp) -> String {
    let now = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap();
    now.format(&Rfc2822).unwrap().replace("+0000", "GMT")
}

fn text(body: &Body) -> String {
    String::from_utf8_lossy(body.json.as_ref()).into_owned()
}
