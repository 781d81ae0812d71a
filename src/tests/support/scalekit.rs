//! A Scalekit to compare with: an invented world behind its real API on a free port, with a hand on the line to it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::DATE},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use seatkeeper::{
    acts::resync::{Turn, start_resync, work_on},
    desk::{Desk, Resyncs},
    domain::{
        id::{DirectoryUserId, OrganizationId, ResyncId},
        resync::{Resync, ResyncCause},
        time::Timestamp,
    },
    reads,
    scalekit::{
        client::{Client, Credentials},
        signature::Secret,
        simulator::{
            Simulator, api,
            event::Body,
            people::Person,
            world::{self, DirectoryPlan, Plan, Provider},
        },
    },
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::net::TcpListener;

use super::world::{ACME, SECRET, World, operator, scope};

const SECRET_OF_CLIENT: &str = "live_very-secret";

/// What happens to a call before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Good,
    /// Silence, for ever.
    Hangs,
    Answers(u16),
}

type Hand = dyn Fn(usize, &str) -> Line + Send + Sync;

pub struct Scalekit {
    pub simulator: Simulator,
    /// The desk, with this Scalekit within reach.
    pub desk: Desk,
    pub calls: Arc<AtomicUsize>,
    hand: Arc<Mutex<Arc<Hand>>>,
    date: Arc<Mutex<Option<String>>>,
}

#[derive(Clone)]
struct Gate {
    calls: Arc<AtomicUsize>,
    hand: Arc<Mutex<Arc<Hand>>>,
    date: Arc<Mutex<Option<String>>>,
}

impl Scalekit {
    /// One organization with directories of these sizes, each with four groups.
    pub async fn of(world: &World, directories: &[usize]) -> Self {
        Self::with_secret(world, directories, SECRET_OF_CLIENT).await
    }

    pub async fn with_secret(world: &World, directories: &[usize], secret: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plan = |people: &usize| DirectoryPlan { provider: Provider::Entra, groups: 4, people: *people };
        let plans = [Plan {
            id: OrganizationId::new(ACME),
            name: "Acme".to_owned(),
            domain: "acme.test".to_owned(),
            directories: directories.iter().map(plan).collect(),
        }];
        let invented = world::World::new(world.number(), &plans, world.clock.now());
        // nobody listens there: the stories carry the webhooks themselves
        let nowhere = "http://127.0.0.1:9/";
        let simulator = Simulator::new(invented, nowhere, Secret::parse(SECRET).unwrap(), world.clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let credentials = api::Credentials { client_id: "skc_1".to_owned(), client_secret: SECRET_OF_CLIENT.to_owned() };
        let hand: Arc<Mutex<Arc<Hand>>> = Arc::new(Mutex::new(Arc::new(|_, _| Line::Good)));
        let gate = Gate { calls: Arc::default(), hand, date: Arc::default() };
        let router = simulator.api(credentials).layer(from_fn_with_state(gate.clone(), pass));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let credentials = Credentials { client_id: "skc_1".to_owned(), client_secret: secret.to_owned() };
        let client = Client::new(&address, credentials, world.clock.clone()).unwrap();
        let resyncs = Resyncs { silence: Duration::from_hours(1), ..Resyncs::default() };
        world.clock.pass(Duration::from_secs(1));
        Self { simulator, desk: world.desk.clone().with_scalekit(client, resyncs), calls: gate.calls, hand: gate.hand, date: gate.date }
    }

    /// From now on each call, by its number and its path, is treated like this.
    pub fn handle(&self, hand: impl Fn(usize, &str) -> Line + Send + Sync + 'static) {
        self.calls.store(0, Ordering::SeqCst);
        *self.hand.lock().unwrap() = Arc::new(hand);
    }

    /// From now on its answers say that it is so late.
    pub fn says_it_is(&self, now: Timestamp) {
        let now = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap();
        *self.date.lock().unwrap() = Some(now.format(&Rfc2822).unwrap().replace("+0000", "GMT"));
    }

    /// Makes something happen, and gives the bodies that Scalekit would send of it.
    pub async fn happens(&self, world: &World, act: impl FnOnce(&mut world::World, Timestamp) -> Vec<Body>) -> Vec<String> {
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

    pub async fn start(&self, dry_run: bool) -> ResyncId {
        let acme = OrganizationId::new(ACME);
        start_resync(&self.desk, Some(&operator()), &acme, ResyncCause::CommandLine, dry_run).await.unwrap()
    }

    /// Works on this run for as far as it goes.
    pub async fn work_on(&self, id: &ResyncId) -> Resync {
        work_on(&self.desk, &Turn::This(OrganizationId::new(ACME), id.clone())).await.unwrap();
        self.look(id).await
    }

    pub async fn look(&self, id: &ResyncId) -> Resync {
        reads::resync(&self.desk, &scope(ACME), id).await.unwrap()
    }

    /// A run from its start to wherever it ends.
    pub async fn resync(&self, dry_run: bool) -> Resync {
        let id = self.start(dry_run).await;
        self.work_on(&id).await
    }

    /// Everybody's id, in the order of the lists.
    pub fn ids(&self) -> Vec<DirectoryUserId> {
        let acme = OrganizationId::new(ACME);
        self.simulator.look(|world| world.organization(&acme).unwrap().people().map(|(_, person)| person.id()).collect())
    }

    /// Everybody as `id state|activity email name [roles] [groups]`, as Scalekit has them.
    pub fn theirs(&self) -> Vec<String> {
        let mut all = self.simulator.look(|world| {
            let Some(organization) = world.organization(&OrganizationId::new(ACME)) else { return Vec::new() };
            let person = |(directory, person): (&world::Directory, &Person)| {
                let mut groups: Vec<_> = directory.groups_of(person).map(|group| group.name.clone()).collect();
                groups.sort();
                let (active, role) = (person.active, directory.role_of(person));
                format!("{} {active} {} {} {role} {groups:?}", person.id(), person.email(), person.name())
            };
            organization.people().map(person).collect()
        });
        all.sort();
        all
    }

    /// The same as we have them.
    pub async fn ours(&self, world: &World) -> Vec<String> {
        let people = world
            .texts(
                "select id || ' ' || case when state = 'inactive' then 'false' else 'true' end || ' ' || email || ' ' || name || ' ' || roles \
                 from directory_users where state <> 'removed' order by id",
            )
            .await;
        let groups = world
            .texts(
                "select m.user_id || ' ' || g.name from memberships m join directory_groups g on g.organization_id = m.organization_id \
                 and g.id = m.group_id and not g.deleted order by m.user_id, g.name",
            )
            .await;
        let mut all: Vec<String> = people
            .iter()
            .map(|person| {
                let id = person.split(' ').next().unwrap();
                let mut mine: Vec<_> = groups.iter().filter_map(|row| row.strip_prefix(id)?.strip_prefix(' ')).collect();
                mine.sort_unstable();
                format!("{} {mine:?}", person.replace("[\"", "").replace("\"]", ""))
            })
            .collect();
        all.sort();
        all
    }

    /// The names of the groups, theirs and ours.
    pub async fn groups(&self, world: &World) -> (Vec<String>, Vec<String>) {
        let mut theirs: Vec<String> = self.simulator.look(|world| {
            let organization = world.organization(&OrganizationId::new(ACME));
            organization
                .iter()
                .flat_map(|o| &o.directories)
                .flat_map(|d| &d.groups)
                .map(|group| format!("{} {}", group.id, group.name))
                .collect()
        });
        let mut ours = world.texts("select id || ' ' || name from directory_groups where not deleted order by id").await;
        theirs.sort();
        ours.sort();
        (theirs, ours)
    }
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let number = gate.calls.fetch_add(1, Ordering::SeqCst);
    let hand = Arc::clone(&gate.hand.lock().unwrap());
    match hand(number, request.uri().path()) {
        Line::Good => {
            let mut response = next.run(request).await;
            if let Some(date) = &*gate.date.lock().unwrap() {
                response.headers_mut().insert(DATE, date.parse().unwrap());
            }
            response
        }
        Line::Hangs => std::future::pending().await,
        Line::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
    }
}

fn text(body: &Body) -> String {
    String::from_utf8_lossy(body.json.as_ref()).into_owned()
}
