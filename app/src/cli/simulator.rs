//! `seatkeeper simulator`: simulates Scalekit, with an API, deliveries, faults and a page of its
//! own.

use std::{env, future::pending, net::SocketAddr};

use clap::Args;
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{Secret, Secrets},
    telemetry::{self, LogFilter},
};
use simulator::{
    Simulator,
    api::Credentials,
    fault::FaultRate,
    profile::{self, Profile},
    signing::invented_secret,
    world::World,
};
use tokio::net::TcpListener;

use super::{CliError, serve::shutdown_signal};

const SECRET: &str = "SCALEKIT_WEBHOOK_SECRET";
const CLIENT_ID: &str = "SCALEKIT_CLIENT_ID";
const CLIENT_SECRET: &str = "SCALEKIT_CLIENT_SECRET";

#[derive(Debug, Args)]
#[command(after_help = faults())]
pub struct Simulate {
    /// Where the API and the simulator's own page listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3100")]
    listen: SocketAddr,
    /// Where webhooks go
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000/webhooks/scalekit")]
    deliver_to: String,
    /// People in all organizations together
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(0..=1_000_000),
    )]
    people: u32,
    /// Organizations that the people are spread over
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10_000),
    )]
    organizations: u32,
    /// The same seed invents the same people and injects the same faults
    #[arg(long, value_name = "S", default_value_t = 51)]
    seed: u64,
    /// Joiners, movers and leavers a second, on average; without it nothing happens by itself
    #[arg(long, value_name = "EVENTS_PER_SECOND")]
    rate: Option<f64>,
    /// Multiplies every wait: 0.01 is a hundred times faster
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    time_factor: f64,
    /// A fault that is on from the start, optionally with a share: loss, loss=0.5, slow=50
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<FaultRate>,
    /// How its directories behave: okta (no groups), entra (bursts every 40 minutes), google
    /// (hourly)
    #[arg(long)]
    profile: Option<Profile>,
    /// Send no deliveries at the start; the receiver has to ask the API
    #[arg(long)]
    no_first_push: bool,
}

impl Simulate {
    pub async fn run(self) -> Result<(), CliError> {
        let warnings = LogFilter::parse("warn").map_err(CliError::refused)?;
        telemetry::start(&warnings, None);
        let clock = Clock::machine();
        let (secrets, invented) = match set(SECRET) {
            Some(text) => (text, false),
            None => (invented_secret(&clock), true),
        };
        let credentials = credentials(self.is_local(), &clock);
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            CliError::failed(format!(
                "{} cannot be listened on: {error}. Choose another address with --listen.",
                self.listen
            ))
        })?;
        let address = listener.local_addr().map_err(CliError::failed)?;
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
            ended = serving => Err(CliError::failed(format!("serving ended: {ended:?}"))),
        }
    }

    /// Whether only this machine can reach the simulator.
    fn is_local(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    fn simulator(&self, secrets: &str, clock: Clock) -> Result<Simulator, CliError> {
        // The whole value is checked first, so that the error message is the same as that of
        // `serve`.
        Secrets::parse(secrets).map_err(CliError::refused)?;
        let all = secrets.split(',').filter(|secret| !secret.trim().is_empty()).map(Secret::parse);
        let mut all = all.collect::<Result<Vec<_>, _>>().map_err(CliError::refused)?.into_iter();
        let first =
            all.next().ok_or_else(|| CliError::refused(format!("{SECRET} holds no secret.")))?;
        let plans = profile::plans(self.people as usize, self.organizations as usize, self.profile);
        let world = World::new(self.seed, &plans, clock.now());
        let simulator =
            Simulator::with_time_factor(world, &self.deliver_to, first, clock, self.time_factor)
                .map_err(CliError::refused)?;
        for fault in &self.faults {
            simulator.faults().switch_on(*fault);
        }
        Ok(simulator.with_spare_secrets(all))
    }

    /// Sends the first deliveries (unless `no_first_push` is set) as soon as the receiver answers,
    /// and then new ones, until Ctrl-C.
    async fn play(&self, simulator: &Simulator) {
        tokio::select! {
            () = self.live(simulator) => {}
            () = shutdown_signal() => {}
        }
        simulator.stop().await;
    }

    async fn live(&self, simulator: &Simulator) {
        if !self.no_first_push {
            simulator.wait_for_receiver().await;
            let accepted = simulator.first_push().await;
            eprintln!(
                "seatkeeper: the receiver has accepted {accepted} messages at the first attempt"
            );
        }
        match (self.rate, self.profile.and_then(Profile::cycle)) {
            (None, _) => pending().await,
            (Some(rate), None) => simulator.live(rate, pending()).await,
            (Some(rate), Some(cycle)) => {
                simulator
                    .live_in_cycles(
                        rate,
                        cycle.mul_f64(self.time_factor.clamp(0.0, 1_000.0)),
                        pending(),
                    )
                    .await;
            }
        }
    }
}

/// The value of an environment variable; an empty value counts as not set.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The credentials from the environment. If the secret is not set, it is a known one on a loopback
/// address, where all people are invented and nothing needs protection, and a random one on any
/// other address.
fn credentials(is_local: bool, clock: &Clock) -> Credentials {
    let invented = || if is_local { "simulator_secret".to_owned() } else { invented_secret(clock) };
    Credentials {
        client_id: set(CLIENT_ID).unwrap_or_else(|| "skc_simulator".to_owned()),
        client_secret: set(CLIENT_SECRET).unwrap_or_else(invented),
    }
}

/// Prints the settings that Seatkeeper needs. A secret that came from the environment is not
/// printed.
fn welcome(address: SocketAddr, credentials: &Credentials, invented: Option<&str>) {
    eprintln!(
        "The simulated Scalekit listens on http://{address}; open it in a browser to change people or inject faults. Ctrl-C stops it.\n"
    );
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
    use simulator::fault::Fault;
    let line = |fault: Fault| format!("  {:<22} {}", fault.name(), fault.does());
    format!("Faults:\n{}", Fault::ALL.map(line).join("\n"))
}
