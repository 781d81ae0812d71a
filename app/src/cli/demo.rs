//! `seatkeeper demo`: a Seatkeeper and a Scalekit that plays along, in one process, on an embedded database.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use seatkeeper::{
    acts::{
        self, Actor, NewAccount, NewLimit, NewOrganization,
        sign_in::{SignIn, sign_in},
    },
    clock::{Clock, secret_bytes},
    config::Config,
    desk::{Desk, Resyncs},
    domain::{access::Role, id::OrganizationId, organization::SeatLimit},
    scalekit::{
        signature::Secret,
        simulator::{
            Simulator,
            api::Credentials,
            demo::{self, Customer},
            signing::invented_secret,
            world::World,
        },
    },
    telemetry,
    work::check,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::{
    End,
    serve::{self, Server, cannot_listen, stop_signal},
};

/// Secrets that both sides know from the start, so that the simulator's can be rotated.
const SECRETS: usize = 4;
/// After so long without a delivery the event log is asked whether one is missing. Somebody comes or goes every two seconds
/// here, so that it is asked several times a minute; and never in the middle of many, when what is missing is on its way.
const SILENCE: Duration = Duration::from_millis(500);
/// The password of every account, as long as the demo listens on this machine alone: it protects nothing there.
const PASSWORD: &str = "seats-for-everyone";

#[derive(Debug, Args)]
pub struct Demo {
    /// Where to listen; another port is taken where this one is busy. With an address that others reach, the passwords are random
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
    pub async fn run(self) -> Result<(), End> {
        let clock = Clock::machine();
        let temporary = std::env::temp_dir().join(clock.id::<String>("seatkeeper"));
        let folder = self.keep.clone().unwrap_or_else(|| temporary.clone());
        let ended = self.play(clock, &folder, asked_to_stop()).await;
        if self.keep.is_none() {
            let _ = std::fs::remove_dir_all(&temporary); // it lies in the temporary folder; the machine sweeps it
        }
        ended
    }

    async fn play(&self, clock: Clock, folder: &std::path::Path, stopping: Stopping) -> Result<(), End> {
        let opened = tokio::select! {
            opened = self.open(clock, folder) => opened?,
            () = stopped(stopping.clone()) => return Ok(()),
        };
        let Opened { server, desk, simulator, playing, customers, is_new, passwords, url, simulator_url } = opened;
        if is_new {
            tokio::select! {
                invited = invite(&desk, &simulator, &customers) => invited?,
                () = stopped(stopping.clone()) => {}
            }
        }
        let life = if *stopping.borrow() {
            simulator.stop().await;
            None
        } else {
            welcome(&url, &simulator_url, &customers, &passwords);
            let (rate, stopping) = (self.rate, stopping.clone());
            Some(tokio::spawn(async move { simulator.live(rate, stopped(stopping)).await }))
        };
        let until = async {
            stopped(stopping).await;
            if let Some(life) = life {
                let _ = life.await; // it has ended by itself
            }
            playing.abort();
            eprintln!("\n  Stopping. Thank you for looking.");
        };
        server.until(until).await
    }

    /// Both sides at work, with nobody invited yet.
    async fn open(&self, clock: Clock, folder: &std::path::Path) -> Result<Opened, End> {
        let (listener, address) = bind(self.listen).await?;
        let (door, simulator_address) = bind(SocketAddr::from(([127, 0, 0, 1], address.port().saturating_add(1)))).await?;
        let secrets: Vec<_> = (0..SECRETS).map(|_| invented_secret(&clock)).collect();
        let credentials = Credentials { client_id: "skc_demo".to_owned(), client_secret: invented_secret(&clock) };
        let simulator_url = format!("http://{simulator_address}");
        let config = config(address, folder, &secrets, &simulator_url, &credentials)?;
        telemetry::start(&config.log, config.log_format).map_err(End::refused)?;
        let desk = impatient(super::desk(&config).await?);
        let customers = demo::organizations();
        let passwords = Passwords::for_listeners_on(address.ip(), &accounts(&customers))?;
        let is_new = prepare(&desk, &customers, &passwords).await?;
        if is_new {
            check::hold(&desk).await?;
        }
        let simulator = self.simulator(address, &secrets, clock)?;
        let server = Server::start(&config, serve::secrets(&config)?, desk.clone(), listener);
        let playing = tokio::spawn(simulator.clone().serve(door, credentials));
        let url = config.public_url();
        Ok(Opened { server, desk, simulator, playing, customers, is_new, passwords, url, simulator_url })
    }

    /// Knows every secret that the dashboard knows, and signs with the first.
    fn simulator(&self, address: SocketAddr, secrets: &[String], clock: Clock) -> Result<Simulator, End> {
        let mut secrets = secrets.iter().map(|secret| Secret::parse(secret).map_err(End::failed)).collect::<Result<Vec<_>, _>>()?;
        let world = World::new(self.seed, &demo::plans(), clock.now());
        let to = format!("http://{address}/webhooks/scalekit");
        let simulator = Simulator::new(world, &to, secrets.remove(0), clock).map_err(End::failed)?;
        Ok(simulator.with_spare_secrets(secrets))
    }
}

struct Opened {
    server: Server,
    desk: Desk,
    simulator: Simulator,
    playing: JoinHandle<io::Result<()>>,
    customers: Vec<Customer>,
    /// Nobody was invited into this folder's demo before.
    is_new: bool,
    passwords: Passwords,
    url: String,
    simulator_url: String,
}

/// Turns true once somebody has asked to stop.
type Stopping = watch::Receiver<bool>;

/// Listened to from the first moment on: whoever has seen enough before anything is shown leaves nothing behind either.
fn asked_to_stop() -> Stopping {
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        let _ = stop.send(true); // it has ended by itself
    });
    stopping
}

async fn stopped(mut stopping: Stopping) {
    let _ = stopping.wait_for(|stop| *stop).await; // the sender is gone: stop, too
}

/// Everybody comes in, and some plans shrink.
async fn invite(desk: &Desk, simulator: &Simulator, customers: &[Customer]) -> Result<(), End> {
    eprintln!("  inviting twelve customers and their people …");
    simulator.first_push().await;
    lower(desk, customers).await?;
    Ok(check::first(desk).await?)
}

/// What a demo loses on its way is looked for while somebody is still there to see it found.
fn impatient(desk: Desk) -> Desk {
    Desk { resyncs: Resyncs { silence: SILENCE, ..desk.resyncs }, ..desk }
}

/// The address asked for, or the next port that is free; and which it is.
async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), End> {
    let mut last = None;
    for port in (0..20).filter_map(|step| listen.port().checked_add(step)) {
        match TcpListener::bind(SocketAddr::new(listen.ip(), port)).await {
            Ok(listener) => return listener.local_addr().map(|address| (listener, address)).map_err(End::failed),
            Err(error) => last = Some(error),
        }
    }
    Err(cannot_listen("--listen", listen, &last.unwrap_or_else(|| std::io::Error::other("no port is left"))))
}

/// What a `.env` would say; the demo reads none, so that it is the same everywhere.
fn config(
    address: SocketAddr,
    folder: &std::path::Path,
    secrets: &[String],
    simulator: &str,
    credentials: &Credentials,
) -> Result<Config, End> {
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
    .map_err(End::refused)
}

/// Accounts and plans. False: this folder's demo was prepared before.
async fn prepare(desk: &Desk, customers: &[Customer], passwords: &Passwords) -> Result<bool, End> {
    let actor = demo();
    for customer in customers {
        let limit = customer.limit.map(SeatLimit::parse).transpose().map_err(End::failed)?.unwrap_or_default();
        let new = NewOrganization { id: customer.plan.id.clone(), name: customer.plan.name.clone(), limit };
        match acts::add_organization(desk, &actor, &new).await {
            Ok(()) => {}
            Err(acts::Error::Refused(_)) => return renew(desk, customers, passwords).await.map(|()| false),
            Err(error) => return Err(error.into()),
        }
    }
    for (email, name, role, organizations) in accounts(customers) {
        let password = passwords.of(&email).to_owned();
        acts::add_account(desk, &actor, &NewAccount { email, name, role, organizations, password }).await?;
    }
    Ok(true)
}

/// A kept folder may have been prepared for other listeners: its passwords become those that are printed now.
async fn renew(desk: &Desk, customers: &[Customer], passwords: &Passwords) -> Result<(), End> {
    for (email, ..) in accounts(customers) {
        let password = passwords.of(&email).to_owned();
        let attempt = SignIn { email: email.clone(), password: password.clone(), source: None, device: None };
        if passwords.are_random() || sign_in(desk, attempt).await.is_err() {
            acts::set_password(desk, &demo(), &email, password).await?;
        }
    }
    Ok(())
}

fn demo() -> Actor {
    Actor::CommandLine("demo".to_owned())
}

/// What the accounts sign in with.
enum Passwords {
    /// The same for every account, as anyone can read in the sources.
    Known,
    /// One for each account, by its address.
    Random(HashMap<String, String>),
}

impl Passwords {
    /// Every person who reaches the address may try to sign in: on this machine alone a known password is enough.
    fn for_listeners_on(ip: IpAddr, accounts: &[Invited]) -> Result<Self, End> {
        if ip.to_canonical().is_loopback() {
            return Ok(Self::Known);
        }
        let random = accounts.iter().map(|(email, ..)| Ok((email.clone(), random_password()?)));
        random.collect::<Result<_, End>>().map(Self::Random)
    }

    fn of(&self, email: &str) -> &str {
        match self {
            Self::Known => PASSWORD,
            Self::Random(all) => all.get(email).map_or("", String::as_str),
        }
    }

    fn are_random(&self) -> bool {
        matches!(self, Self::Random(_))
    }
}

/// 120 bits, in words of six letters.
fn random_password() -> Result<String, End> {
    let bytes: [u8; 24] = secret_bytes().map_err(End::failed)?;
    let letters = bytes.map(|byte| char::from(b"abcdefghijkmnpqrstuvwxyz23456789"[usize::from(byte % 32)]));
    Ok(letters.chunks(6).map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// Address, name, role, and the organizations a tenant may see.
type Invited = (String, String, Role, Vec<OrganizationId>);

fn accounts(customers: &[Customer]) -> Vec<Invited> {
    let mut all = vec![("sam@seatkeeper.test".to_owned(), "Sam Rivera".to_owned(), Role::StaffAdmin, Vec::new())];
    let names = ["Kim Park", "Noor Haddad"];
    for (customer, name) in customers.iter().zip(names) {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        let email = format!("{first}@{}", customer.plan.domain);
        all.push((email, name.to_owned(), Role::TenantAdmin, vec![customer.plan.id.clone()]));
    }
    all
}

/// Some plans shrink after their people are in: that is how an organization gets over its limit.
async fn lower(desk: &Desk, customers: &[Customer]) -> Result<(), End> {
    for (customer, limit) in customers.iter().filter_map(|customer| Some((customer, customer.lower_to?))) {
        let new = NewLimit {
            organization: customer.plan.id.clone(),
            limit: SeatLimit::parse(limit).map_err(End::failed)?,
            reason: "Renewed with a smaller plan".to_owned(),
            expected_version: None,
        };
        acts::set_seat_limit(desk, &demo(), &new).await?;
    }
    Ok(())
}

fn welcome(url: &str, simulator: &str, customers: &[Customer], passwords: &Passwords) {
    println!("\n  Seatkeeper is open at  {url}\n");
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
        eprintln!("\n  WARNING: other machines reach this address, and what they send travels unencrypted. The passwords above are");
        eprintln!("  random, are shown this once, and open invented data alone. Leave --listen out to keep the demo to this machine.");
        println!();
    } else {
        println!("\n  Everybody's password is  {PASSWORD}");
    }
    println!("  People join, move and leave while you look. To do it yourself, or to make things go wrong:  {simulator}");
    println!("  Ctrl-C stops it.\n");
}
