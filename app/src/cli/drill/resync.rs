//! A Seatkeeper is killed in the middle of a comparison with the directory: while it lists and while it applies. Each new one
//! goes on from the page that is written down, which the directory's own count of calls shows.

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
use seatkeeper::{
    acts::{
        self, NewOrganization,
        resync::{presume_dead, start_resync},
    },
    clock::Clock,
    config::Config,
    desk::{Desk, Resyncs},
    domain::{
        access::OrganizationScope,
        id::ResyncId,
        organization::SeatLimit,
        resync::{Resync, ResyncCause, ResyncCounts, ResyncState},
    },
    reads,
    scalekit::{
        client::{self, Client},
        signature::Secret,
        simulator::{
            Simulator,
            api::Credentials,
            profile::{self, Profile},
            signing::invented_secret,
            world::World,
        },
    },
};
use tokio::{
    net::TcpListener,
    process::Child,
    time::{sleep, timeout},
};

use super::{
    End, nobody_uses,
    served::{LOOK, serve_with},
};

const CLIENT: &str = "skc_drill";
const SEED: u64 = 51;
/// People on a page of the directory's list.
const PAGE: i64 = 30;
/// What a process that is killed may have asked for in vain: a token, a page that was not written down, and the one after it.
const IN_VAIN: i64 = 3;
/// Until the next page, or the next part, is done.
const PATIENCE: Duration = Duration::from_mins(2);
/// Of three kills one comes while the plan is applied.
const APPLYING: u32 = 3;

pub(super) async fn run(config: &Config, people: u32, kills: u32) -> Result<(), End> {
    let directory = Directory::open(people).await?;
    let desk = super::super::desk(config).await?;
    nobody_uses(&desk).await?;
    let drill = Killing { config, desk: directory.within_reach_of(desk)?, scope: scope()?, directory, people: people.into() };
    drill.prepare().await?;

    let id = drill.start().await?;
    for kill in 0..kills {
        let run = drill.kill(&id, drill.moment(kill, kills)).await?;
        let asked = drill.directory.calls();
        eprintln!("kill {}: {} of {people} listed, {} applied, {asked} calls", kill + 1, run.listed, run.applied);
    }
    let mut serving = drill.serve().await?;
    let run = drill.until(&id, |run| !run.state.is_open()).await?;
    let asked = drill.directory.calls();
    drill.ended_well(&run, asked, i64::from(kills)).await?;
    let again = drill.start().await?;
    let again = drill.until(&again, |run| !run.state.is_open()).await?;
    serving.kill().await.map_err(End::failed)?;
    if (again.state, again.counts) != (ResyncState::Done, ResyncCounts::default()) {
        return Err(End::failed(format!("a second comparison found something to change: {again:?}")));
    }
    println!("{kills} kills in the middle of comparing {people} people: {asked} calls, everybody there once, every count is true.");
    drill.desk.db.close().await;
    Ok(())
}

/// Where a run is when it is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Listed(i64),
    Applied(i64),
}

struct Killing<'a> {
    config: &'a Config,
    desk: Desk,
    scope: OrganizationScope,
    directory: Directory,
    people: i64,
}

impl Killing<'_> {
    /// Three quarters find a seat.
    async fn prepare(&self) -> Result<(), End> {
        let limit = SeatLimit::Seats(self.seats());
        let new = NewOrganization { id: self.scope.id().clone(), name: "Drill".to_owned(), limit };
        Ok(acts::add_organization(&self.desk, &super::super::operator(), &new).await?)
    }

    fn seats(&self) -> i64 {
        self.people / 4 * 3
    }

    async fn start(&self) -> Result<ResyncId, End> {
        let actor = super::super::operator();
        Ok(start_resync(&self.desk, Some(&actor), self.scope.id(), ResyncCause::CommandLine, false).await?)
    }

    async fn serve(&self) -> Result<Child, End> {
        let api = [("SCALEKIT_ENVIRONMENT_URL", self.directory.address.as_str()), ("SCALEKIT_CLIENT_ID", CLIENT)];
        let rest = [("SCALEKIT_CLIENT_SECRET", self.directory.secret.as_str()), ("SEATKEEPER_RESYNC_NIGHTLY", "no")];
        serve_with(self.config, &[api, rest].concat()).await
    }

    /// Evenly spread over the list, and then over the plan.
    fn moment(&self, kill: u32, kills: u32) -> Moment {
        let (applying, kill) = (i64::from(kills / APPLYING), i64::from(kill));
        let listing = i64::from(kills) - applying;
        if kill < listing {
            Moment::Listed(self.people * (kill + 1) / (listing + 1))
        } else {
            Moment::Applied(self.people * (kill - listing + 1) / (applying + 1))
        }
    }

    /// Serves until the run has come so far, and kills it there.
    async fn kill(&self, id: &ResyncId, moment: Moment) -> Result<Resync, End> {
        let mut serving = self.serve().await?;
        let has_come = |run: &Resync| match moment {
            Moment::Listed(people) => run.listed >= people,
            Moment::Applied(people) => run.applied >= people,
        };
        let run = self.until(id, has_come).await?;
        serving.kill().await.map_err(End::failed)?;
        if !matches!(run.state, ResyncState::Listing | ResyncState::Applying) {
            return Err(End::failed(format!("it was over before it could be killed: {run:?}")));
        }
        presume_dead(&self.desk, &self.scope, id).await?;
        Ok(run)
    }

    async fn until(&self, id: &ResyncId, holds: impl Fn(&Resync) -> bool) -> Result<Resync, End> {
        let look = async {
            loop {
                let run = reads::resync(&self.desk, &self.scope, id).await?;
                if holds(&run) || !run.state.is_open() {
                    return Ok::<_, End>(run);
                }
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, look).await.map_err(|_| End::failed("A resync that was killed does not go on."))?
    }

    async fn ended_well(&self, run: &Resync, asked: i64, kills: i64) -> Result<(), End> {
        let pages = (self.people + PAGE - 1) / PAGE;
        // a token, the directories twice, a page of groups; with each kill what was asked in vain
        let most = pages + 4 + kills * IN_VAIN;
        let counts = ResyncCounts {
            created: self.people,
            blocked: self.people - self.seats(),
            groups: run.counts.groups,
            ..ResyncCounts::default()
        };
        if run.state != ResyncState::Done || run.counts != counts || run.applied != self.people {
            return Err(End::failed(format!("it did not end as it should: {run:?}")));
        }
        if asked > most {
            return Err(End::failed(format!("{asked} calls were made where {most} are enough: it did not go on from where it was")));
        }
        if let Some(broken) = reads::check(&self.desk).await?.first() {
            return Err(End::failed(&broken.0));
        }
        let found = reads::status(&self.desk).await?.first().map(|row| (row.used, row.waiting));
        let wanted = (self.seats(), self.people - self.seats());
        if found == Some(wanted) { Ok(()) } else { Err(End::failed(format!("{wanted:?} were to be expected, not {found:?}"))) }
    }
}

fn scope() -> Result<OrganizationScope, End> {
    super::super::resync::scope("drill", &profile::organization_id(1))
}

/// A directory of invented people behind a real API, which counts.
struct Directory {
    address: String,
    secret: String,
    calls: Arc<AtomicI64>,
}

impl Directory {
    async fn open(people: u32) -> Result<Self, End> {
        let clock = Clock::machine();
        let secret = invented_secret(&clock);
        let world = World::new(SEED, &profile::plans(people as usize, 1, Some(Profile::Entra)), clock.now());
        let webhooks = Secret::parse(&secret).map_err(End::failed)?;
        // it tells nobody anything
        let simulator = Simulator::new(world, "http://127.0.0.1:9/", webhooks, clock).map_err(End::failed)?;
        let calls = Arc::new(AtomicI64::new(0));
        let credentials = Credentials { client_id: CLIENT.to_owned(), client_secret: secret.clone() };
        let router = simulator.api(credentials).layer(from_fn_with_state(Arc::clone(&calls), count));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(End::failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(End::failed)?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, secret, calls })
    }

    fn within_reach_of(&self, desk: Desk) -> Result<Desk, End> {
        let credentials = client::Credentials { client_id: CLIENT.to_owned(), client_secret: self.secret.clone() };
        let client = Client::new(&self.address, credentials, desk.clock.clone()).map_err(End::failed)?;
        Ok(desk.with_scalekit(client, Resyncs::default()))
    }

    fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn count(State(calls): State<Arc<AtomicI64>>, request: Request, next: Next) -> Response {
    calls.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}
