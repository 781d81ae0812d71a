//! `seatkeeper demo`: Seatkeeper, a simulated Scalekit and a small product in one process, on an
//! embedded database.

mod customers;
mod passwords;
mod past;
mod product;

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use seatkeeper::{
    channels::address::AllowedAddresses,
    clock::Clock,
    config::Config,
    jobs::{check_invariants, number_events, role_changes},
    scalekit::signature::Secret,
    state::{AppState, Resyncs},
    telemetry,
};
use simulator::{
    Simulator,
    api::Credentials,
    demo::{self, Customer},
    signing::invented_secret,
    world::World,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::{
    customers::{accounts, invite, prepare},
    passwords::{PASSWORD, Passwords},
};
use super::{
    CliError,
    serve::{self, Server, cannot_listen, shutdown_signal},
};

/// The number of secrets that both sides know from the start, so that the simulator can rotate its
/// secret.
const SECRETS: usize = 4;
/// After this time without a delivery, Seatkeeper asks the event log whether one is missing. A user
/// joins or leaves about every two seconds here, so the log is asked several times a minute. The
/// log is not asked during a burst, when a missing delivery is still on its way.
const SILENCE: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub struct Demo {
    /// Where to listen; the next free port is used if this one is busy. With an address that other
    /// machines reach, the passwords are random
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Keep the database in this folder instead of a temporary one
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Joiners, movers and leavers a second, on average
    #[arg(long, default_value_t = 0.5)]
    rate: f64,
    /// The same seed invents the same people
    #[arg(long, default_value_t = 51)]
    seed: u64,
}

impl Demo {
    pub async fn run(self) -> Result<(), CliError> {
        let clock = Clock::machine();
        let temporary = std::env::temp_dir().join(clock.unique_name("seatkeeper"));
        let folder = self.keep.clone().unwrap_or_else(|| temporary.clone());
        let ended = self.play(clock, &folder, asked_to_stop()).await;
        if self.keep.is_none() {
            // The folder is in the machine's temporary folder, so it does not matter if this fails.
            let _ = std::fs::remove_dir_all(&temporary);
        }
        ended
    }

    async fn play(
        &self,
        clock: Clock,
        folder: &std::path::Path,
        stopping: Stopping,
    ) -> Result<(), CliError> {
        // A stop waits for this: SQLite's own thread would go on and make files in the folder that
        // is removed at the end.
        let opened = self.open(clock, folder, &stopping).await?;
        let Opened { server, simulator, playing, customers, passwords, urls } = opened;
        let life = if *stopping.borrow() {
            simulator.stop().await;
            None
        } else {
            welcome(&urls, &customers, &passwords);
            let (rate, stopping) = (self.rate, stopping.clone());
            Some(tokio::spawn(async move { simulator.live(rate, stopped(stopping)).await }))
        };
        let until = async {
            stopped(stopping).await;
            if let Some(life) = life {
                let _ = life.await; // the task or its receiver may have ended already
            }
            playing.iter().for_each(JoinHandle::abort);
            eprintln!("\n  Stopping.");
        };
        server.until(until).await
    }

    /// Starts all sides, after the year before.
    async fn open(
        &self,
        clock: Clock,
        folder: &std::path::Path,
        stopping: &Stopping,
    ) -> Result<Opened, CliError> {
        let (listener, address) = bind(self.listen).await?;
        let (door, simulator_address) = bind(after(address)).await?;
        let (product_door, product_address) = bind(after(simulator_address)).await?;
        let secrets: Vec<_> = (0..SECRETS).map(|_| invented_secret(&clock)).collect();
        let credentials = Credentials {
            client_id: "skc_demo".to_owned(),
            client_secret: invented_secret(&clock),
        };
        let simulator_url = format!("http://{simulator_address}");
        let mut config = config(address, folder, &secrets, &simulator_url, &credentials)?;
        config.allowed_addresses = AllowedAddresses::PublicAnd(product_address);
        telemetry::start(&config.log, config.log_format);
        let state = impatient(super::state(&config).await?);
        let customers = demo::organizations();
        let passwords = Passwords::for_listeners_on(address.ip(), &accounts(&customers))?;
        let mut world = World::before(self.seed, &customers, clock.now());
        let days = world.live_through(&customers, clock.now());
        if prepare(&state, &customers, &passwords).await? {
            eprintln!("  inviting twelve customers and their people …");
            past::happen(&state, (&customers, days), stopping).await?;
            invite(&state, &customers, &passwords).await?;
            // before the product listens: it begins with what happens from now on
            role_changes::work_off(&state).await?;
            number_events::work_off(&state).await?;
            check_invariants::first(&state).await?;
        }
        let simulator = Self::simulator(address, &secrets, (world, clock))?;
        let urls = Urls {
            dashboard: config.public_url().to_string(),
            simulator: simulator_url,
            product: format!("http://{product_address}"),
        };
        let sides = (&*urls.dashboard, &*urls.simulator);
        let product = product::connect(&state, folder, product_address, sides).await?;
        let server = Server::start(&config, serve::secrets(&config)?, state, listener);
        let playing = [
            tokio::spawn(simulator.clone().serve(door, credentials)),
            tokio::spawn(product.serve(product_door)),
        ];
        Ok(Opened { server, simulator, playing, customers, passwords, urls })
    }

    /// The simulator knows all secrets and signs with the first one.
    fn simulator(
        address: SocketAddr,
        secrets: &[String],
        (world, clock): (World, Clock),
    ) -> Result<Simulator, CliError> {
        let mut secrets = secrets
            .iter()
            .map(|secret| Secret::parse(secret).map_err(CliError::failed))
            .collect::<Result<Vec<_>, _>>()?;
        let to = format!("http://{address}/webhooks/scalekit");
        let simulator =
            Simulator::new(world, &to, secrets.remove(0), clock).map_err(CliError::failed)?;
        Ok(simulator.with_spare_secrets(secrets))
    }
}

struct Opened {
    server: Server,
    simulator: Simulator,
    /// The simulator and the product.
    playing: [JoinHandle<io::Result<()>>; 2],
    customers: Vec<Customer>,
    passwords: Passwords,
    urls: Urls,
}

struct Urls {
    dashboard: String,
    simulator: String,
    product: String,
}

/// Becomes true when the process is asked to stop.
type Stopping = watch::Receiver<bool>;

/// Listens for the signal from the start, so that a stop during the preparation also removes the
/// temporary folder.
fn asked_to_stop() -> Stopping {
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        shutdown_signal().await;
        let _ = stop.send(true); // the task or its receiver may have ended already
    });
    stopping
}

async fn stopped(mut stopping: Stopping) {
    let _ = stopping.wait_for(|stop| *stop).await; // stops, too, when the sender is gone
}

/// Shortens the wait before a backfill, so that a viewer of the demo sees lost deliveries come
/// back.
fn impatient(state: AppState) -> AppState {
    AppState { resyncs: Resyncs { silence: SILENCE, ..state.resyncs }, ..state }
}

/// The port after another one, for this machine only.
fn after(address: SocketAddr) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], address.port().saturating_add(1)))
}

/// Binds the given address or the next free port, and returns the address that it has bound.
async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let mut last = None;
    for port in (0..20).filter_map(|step| listen.port().checked_add(step)) {
        match TcpListener::bind(SocketAddr::new(listen.ip(), port)).await {
            Ok(listener) => {
                return listener
                    .local_addr()
                    .map(|address| (listener, address))
                    .map_err(CliError::failed);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(cannot_listen(
        "--listen",
        listen,
        &last.unwrap_or_else(|| std::io::Error::other("no port is free")),
    ))
}

/// The settings that a `.env` file would hold. The demo reads none, so that it is the same
/// everywhere.
fn config(
    address: SocketAddr,
    folder: &std::path::Path,
    secrets: &[String],
    simulator: &str,
    credentials: &Credentials,
) -> Result<Config, CliError> {
    let database = format!("sqlite://{}", folder.join("demo.db").display());
    let log = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    Config::from(|name| match name {
        "DATABASE_URL" => Some(database.clone()),
        "SEATKEEPER_LISTEN" => Some(address.to_string()),
        "SCALEKIT_WEBHOOK_SECRET" => Some(secrets.join(",")),
        "SCALEKIT_ENVIRONMENT_URL" => Some(simulator.to_owned()),
        "SCALEKIT_CLIENT_ID" => Some(credentials.client_id.clone()),
        "SCALEKIT_CLIENT_SECRET" => Some(credentials.client_secret.clone()),
        "RUST_LOG" => Some(log.clone()),
        _ => None,
    })
    .map_err(CliError::refused)
}

fn welcome(urls: &Urls, customers: &[Customer], passwords: &Passwords) {
    println!("\n  Seatkeeper is open at  {}\n", urls.dashboard);
    for (email, name, role, organizations) in accounts(customers) {
        let what = match customers.iter().find(|c| organizations.contains(&c.plan.id)) {
            Some(customer) => format!("admin of {}", customer.plan.name),
            None => format!("{}, sees every organization", role.as_str()),
        };
        println!("  {email:<28} {name}, {what}");
        if passwords.are_random() {
            println!("  {:<28} password  {}", "", passwords.of(&email));
        }
    }
    if passwords.are_random() {
        eprintln!(
            "\n  WARNING: other machines reach this address, and their traffic is not encrypted. The passwords above are"
        );
        eprintln!(
            "  random, are shown only once, and protect invented data only. Without --listen only this machine reaches the demo."
        );
        println!();
    } else {
        println!("\n  Every account's password is  {PASSWORD}");
    }
    println!(
        "  People join, move and leave by themselves. To change people or to inject faults, open  {}",
        urls.simulator
    );
    println!("  To sign in to a product that asks Seatkeeper each time, open  {}", urls.product);
    println!("  Ctrl-C stops it.\n");
}
