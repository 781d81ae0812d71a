//! Seatkeeper is killed in the middle of a resync: while it lists and while it applies. Each new
//! process resumes from the recorded page, which the number of calls to the directory shows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use domain::{
    access::OrganizationScope,
    id::ResyncId,
    organization::SeatLimit,
    resync::{Resync, ResyncCause, ResyncCounts, ResyncState},
};
use seatkeeper::{
    clock::Clock,
    commands::{
        self, NewOrganization,
        resync::{expire_lease, start_resync},
    },
    config::Config,
    queries,
    scalekit::{
        client::{self, Client},
        signature::Secret,
    },
    state::{AppState, Resyncs},
};
use simulator::{
    Simulator,
    api::Credentials,
    profile::{self, Profile},
    signing::invented_secret,
    world::World,
};
use tokio::{
    net::TcpListener,
    process::Child,
    time::{sleep, timeout},
};

use super::{
    CliError, require_unused,
    served::{LOOK, serve_with},
};

const CLIENT: &str = "skc_drill";
const SEED: u64 = 51;
/// People on one page of the directory's list.
const PAGE: i64 = 30;
/// The calls that a kill may waste: a token, a page that was not recorded, and the next page.
const IN_VAIN: i64 = 3;
/// How long the next page or the next part may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// One in this many kills comes while the plan is applied.
const APPLYING: u32 = 3;

pub(super) async fn run(config: &Config, people: u32, kills: u32) -> Result<(), CliError> {
    let directory = Directory::open(people).await?;
    let state = super::super::state(config).await?;
    require_unused(&state).await?;
    let drill = Killing {
        config,
        state: directory.within_reach_of(state)?,
        scope: scope()?,
        directory,
        people: people.into(),
    };
    drill.prepare().await?;

    let id = drill.start().await?;
    for kill in 0..kills {
        let run = drill.kill(&id, drill.moment(kill, kills)).await?;
        let asked = drill.directory.calls();
        eprintln!(
            "kill {}: {} of {people} listed, {} applied, {asked} calls",
            kill + 1,
            run.listed,
            run.applied
        );
    }
    let mut serving = drill.serve().await?;
    let run = drill.until(&id, |run| !run.state.is_open()).await?;
    let asked = drill.directory.calls();
    drill.ended_well(&run, asked, i64::from(kills)).await?;
    let again = drill.start().await?;
    let again = drill.until(&again, |run| !run.state.is_open()).await?;
    serving.kill().await.map_err(CliError::failed)?;
    if (again.state, again.counts) != (ResyncState::Done, ResyncCounts::default()) {
        return Err(CliError::failed(format!(
            "a second comparison found something to change: {again:?}"
        )));
    }
    println!(
        "{kills} kills during a resync of {people} people: {asked} calls, every person is stored once, every count is right."
    );
    drill.state.db.close().await;
    Ok(())
}

/// The point at which a run is killed, in people listed or applied.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Listed(i64),
    Applied(i64),
}

struct Killing<'a> {
    config: &'a Config,
    state: AppState,
    scope: OrganizationScope,
    directory: Directory,
    people: i64,
}

impl Killing<'_> {
    /// Adds the organization with seats for three quarters of the people.
    async fn prepare(&self) -> Result<(), CliError> {
        let limit = SeatLimit::Seats(self.seats());
        let (id, name) = (self.scope.id().clone(), "Drill".to_owned());
        let new = NewOrganization { id, name, external_id: None, limit: Some(limit) };
        commands::add_organization(&self.state, &super::super::operator(), &new).await?;
        Ok(())
    }

    fn seats(&self) -> i64 {
        self.people / 4 * 3
    }

    async fn start(&self) -> Result<ResyncId, CliError> {
        let actor = super::super::operator();
        Ok(start_resync(
            &self.state,
            Some(&actor),
            self.scope.id(),
            ResyncCause::CommandLine,
            false,
        )
        .await?)
    }

    async fn serve(&self) -> Result<Child, CliError> {
        let api = [
            ("SCALEKIT_ENVIRONMENT_URL", self.directory.address.as_str()),
            ("SCALEKIT_CLIENT_ID", CLIENT),
        ];
        let rest = [
            ("SCALEKIT_CLIENT_SECRET", self.directory.secret.as_str()),
            ("SEATKEEPER_RESYNC_NIGHTLY", "no"),
        ];
        serve_with(self.config, &[api, rest].concat()).await
    }

    /// Spreads the kills evenly over the list, and then over the plan.
    fn moment(&self, kill: u32, kills: u32) -> Moment {
        let (applying, kill) = (i64::from(kills / APPLYING), i64::from(kill));
        let listing = i64::from(kills) - applying;
        if kill < listing {
            Moment::Listed(self.people * (kill + 1) / (listing + 1))
        } else {
            Moment::Applied(self.people * (kill - listing + 1) / (applying + 1))
        }
    }

    /// Serves until the run reaches `moment`, and kills the process there.
    async fn kill(&self, id: &ResyncId, moment: Moment) -> Result<Resync, CliError> {
        let mut serving = self.serve().await?;
        let has_come = |run: &Resync| match moment {
            Moment::Listed(people) => run.listed >= people,
            Moment::Applied(people) => run.applied >= people,
        };
        let run = self.until(id, has_come).await?;
        serving.kill().await.map_err(CliError::failed)?;
        if !matches!(run.state, ResyncState::Listing | ResyncState::Applying) {
            return Err(CliError::failed(format!(
                "the resync ended before it could be killed: {run:?}"
            )));
        }
        expire_lease(&self.state, &self.scope, id).await?;
        Ok(run)
    }

    async fn until(
        &self,
        id: &ResyncId,
        holds: impl Fn(&Resync) -> bool,
    ) -> Result<Resync, CliError> {
        let look = async {
            loop {
                let run = queries::resync(&self.state, &self.scope, id).await?;
                if holds(&run) || !run.state.is_open() {
                    return Ok::<_, CliError>(run);
                }
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, look)
            .await
            .map_err(|_| CliError::failed("A resync that was killed does not go on."))?
    }

    async fn ended_well(&self, run: &Resync, asked: i64, kills: i64) -> Result<(), CliError> {
        let pages = (self.people + PAGE - 1) / PAGE;
        // a token, the directories twice, a page of groups; for each kill the wasted calls
        let most = pages + 4 + kills * IN_VAIN;
        let counts = ResyncCounts {
            created: self.people,
            blocked: self.people - self.seats(),
            groups: run.counts.groups,
            ..ResyncCounts::default()
        };
        if run.state != ResyncState::Done || run.counts != counts || run.applied != self.people {
            return Err(CliError::failed(format!(
                "the resync ended in another state than expected: {run:?}"
            )));
        }
        if asked > most {
            return Err(CliError::failed(format!(
                "{asked} calls were made where {most} are enough: the resync did not continue where it stopped"
            )));
        }
        if let Some(broken) = queries::check(&self.state).await?.first() {
            return Err(CliError::failed(&broken.0));
        }
        let found = queries::status(&self.state).await?.first().map(|row| (row.used, row.waiting));
        let wanted = (self.seats(), self.people - self.seats());
        if found == Some(wanted) {
            Ok(())
        } else {
            Err(CliError::failed(format!("expected {wanted:?}, found {found:?}")))
        }
    }
}

fn scope() -> Result<OrganizationScope, CliError> {
    super::super::resync::scope("drill", &profile::organization_id(1))
}

/// A directory of invented people behind the simulator's API, which counts its calls.
struct Directory {
    address: String,
    secret: String,
    calls: Arc<AtomicI64>,
}

impl Directory {
    async fn open(people: u32) -> Result<Self, CliError> {
        let clock = Clock::machine();
        let secret = invented_secret(&clock);
        let world = World::new(
            SEED,
            &profile::plans(people as usize, 1, Some(Profile::Entra)),
            clock.now(),
        );
        let webhooks = Secret::parse(&secret).map_err(CliError::failed)?;
        // this simulator sends no deliveries, so nothing uses the address
        let simulator = Simulator::new(world, "http://127.0.0.1:9/", webhooks, clock)
            .map_err(CliError::failed)?;
        let calls = Arc::new(AtomicI64::new(0));
        let credentials =
            Credentials { client_id: CLIENT.to_owned(), client_secret: secret.clone() };
        let router =
            simulator.api(credentials).layer(from_fn_with_state(Arc::clone(&calls), count));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(CliError::failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(CliError::failed)?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, secret, calls })
    }

    fn within_reach_of(&self, state: AppState) -> Result<AppState, CliError> {
        let credentials = client::Credentials {
            client_id: CLIENT.to_owned(),
            client_secret: self.secret.clone(),
        };
        let base = self.address.parse().map_err(CliError::failed)?;
        let client =
            Client::new(base, credentials, state.clock.clone()).map_err(CliError::failed)?;
        Ok(state.with_scalekit(client, Resyncs::default()))
    }

    fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn count(State(calls): State<Arc<AtomicI64>>, request: Request, next: Next) -> Response {
    calls.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}
