//! `seatkeeper simulator`: a Scalekit for those who have none, with an API, deliveries, faults and a page of its own.

use std::{env, future::pending, net::SocketAddr};

use clap::Args;
use seatkeeper::{
    clock::Clock,
    scalekit::{
        signature::{Secret, Secrets},
        simulator::{
            Simulator,
            api::Credentials,
            fault::Dose,
            profile::{self, Profile},
            signing::invented_secret,
            world::World,
        },
    },
    telemetry,
};
use tokio::net::TcpListener;

use super::{End, serve::stop_signal};

const SECRET: &str = "SCALEKIT_WEBHOOK_SECRET";
const CLIENT_ID: &str = "SCALEKIT_CLIENT_ID";
const CLIENT_SECRET: &str = "SCALEKIT_CLIENT_SECRET";

#[derive(Debug, Args)]
#[command(after_help = faults())]
pub struct Simulate {
    /// Where the API and the simulator's own page are
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3100")]
    listen: SocketAddr,
    /// Where webhooks go
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000/webhooks/scalekit")]
    deliver_to: String,
    /// People in all organizations together
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    people: u32,
    /// Organizations the people are spread over
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    organizations: u32,
    /// The same seed invents the same people and spoils the same calls
    #[arg(long, value_name = "S", default_value_t = 51)]
    seed: u64,
    /// Joiners, movers and leavers a second, on average; without it nothing happens by itself
    #[arg(long, value_name = "EVENTS_PER_SECOND")]
    rate: Option<f64>,
    /// Multiplies every wait: 0.01 is a hundred times faster
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    time_factor: f64,
    /// Something that goes wrong from the start, perhaps with a share: loss, loss=0.5, slow=50
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<Dose>,
    /// How its directories behave: okta (no groups), entra (bursts every 40 minutes), google (hourly)
    #[arg(long)]
    profile: Option<Profile>,
    /// Tell nothing at the start; whoever wants to know asks the API
    #[arg(long)]
    no_first_push: bool,
}

impl Simulate {
    pub async fn run(self) -> Result<(), End> {
        telemetry::start("warn", None).map_err(End::refused)?;
        let clock = Clock::machine();
        let (secrets, invented) = match set(SECRET) {
            Some(text) => (text, false),
            None => (invented_secret(&clock), true),
        };
        let credentials = credentials(self.is_local(), &clock);
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            End::failed(format!("{} cannot be listened on: {error}. Choose another address with --listen.", self.listen))
        })?;
        let address = listener.local_addr().map_err(End::failed)?;
        let simulator = self.simulator(&secrets, clock)?;
        welcome(address, &credentials, invented.then_some(secrets.as_str()));
        if !self.is_local() {
            eprintln!(
                "\nWARNING: other machines reach this address. Anyone who opens the page can press its buttons: it asks for no password."
            );
        }
        let serving = tokio::spawn(simulator.clone().serve(listener, credentials));
        tokio::select! {
            () = self.play(&simulator) => Ok(()),
            ended = serving => Err(End::failed(format!("serving ended: {ended:?}"))),
        }
    }

    /// Only this machine reaches it.
    fn is_local(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    fn simulator(&self, secrets: &str, clock: Clock) -> Result<Simulator, End> {
        // Checked as a whole first, so that the words are those of `serve`.
        Secrets::parse(secrets).map_err(End::refused)?;
        let all = secrets.split(',').filter(|secret| !secret.trim().is_empty()).map(Secret::parse);
        let mut all = all.collect::<Result<Vec<_>, _>>().map_err(End::refused)?.into_iter();
        let first = all.next().ok_or_else(|| End::refused(format!("{SECRET} holds no secret.")))?;
        let plans = profile::plans(self.people as usize, self.organizations as usize, self.profile);
        let world = World::new(self.seed, &plans, clock.now());
        let simulator = Simulator::with_time_factor(world, &self.deliver_to, first, clock, self.time_factor).map_err(End::refused)?;
        for fault in &self.faults {
            simulator.faults().switch_on(*fault);
        }
        Ok(simulator.with_spare_secrets(all))
    }

    /// Tells everything there is as soon as somebody listens, and then what happens, until Ctrl-C.
    async fn play(&self, simulator: &Simulator) {
        tokio::select! {
            () = self.live(simulator) => {}
            () = stop_signal() => {}
        }
        simulator.stop().await;
    }

    async fn live(&self, simulator: &Simulator) {
        if !self.no_first_push {
            simulator.wait_for_receiver().await;
            let accepted = simulator.first_push().await;
            eprintln!("seatkeeper: the receiver has accepted {accepted} messages at the first attempt");
        }
        match (self.rate, self.profile.and_then(Profile::cycle)) {
            (None, _) => pending().await,
            (Some(rate), None) => simulator.live(rate, pending()).await,
            (Some(rate), Some(cycle)) => {
                simulator.live_in_cycles(rate, cycle.mul_f64(self.time_factor.clamp(0.0, 1_000.0)), pending()).await;
            }
        }
    }
}

/// What is set in the environment; empty counts as absent.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// As set. Otherwise, where only this machine asks, some that protect nothing, because every person is invented; and invented
/// ones where other machines ask.
fn credentials(is_local: bool, clock: &Clock) -> Credentials {
    let invented = || if is_local { "simulator_secret".to_owned() } else { invented_secret(clock) };
    Credentials {
        client_id: set(CLIENT_ID).unwrap_or_else(|| "skc_simulator".to_owned()),
        client_secret: set(CLIENT_SECRET).unwrap_or_else(invented),
    }
}

/// What the Seatkeeper beside it has to be told. A secret that was given is not repeated.
fn welcome(address: SocketAddr, credentials: &Credentials, invented: Option<&str>) {
    eprintln!("A Scalekit plays at http://{address}; open it in a browser to make something happen. Ctrl-C stops it.\n");
    println!("SCALEKIT_ENVIRONMENT_URL=http://{address}");
    println!("{CLIENT_ID}={}", credentials.client_id);
    if set(CLIENT_SECRET).is_none() {
        println!("{CLIENT_SECRET}={}", credentials.client_secret);
    }
    if let Some(secret) = invented {
        println!("{SECRET}={secret}");
    }
}

fn faults() -> String {
    use seatkeeper::scalekit::simulator::fault::Fault;
    let line = |fault: Fault| format!("  {:<22} {}", fault.name(), fault.does());
    format!("Faults:\n{}", Fault::ALL.map(line).join("\n"))
}
