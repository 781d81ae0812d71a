//! `cargo xtask drill`: kills Seatkeeper under load a hundred times on each engine, kills it during
//! a resync of a large directory, and kills its PostgreSQL; then checks that nothing was lost.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    bench::WEBHOOK_SECRET,
    bundle,
    command::{run, stop},
    interrupt, port,
    postgres::Postgres,
    prerequisites,
    server::{self, Profile},
    step::{self, Steps},
};

const KILLS: &str = "100";
/// The number of users in the resync, and how often it is killed.
const RESYNC: [&str; 4] = ["--resync", "20000", "--kills", "9"];
/// How often PostgreSQL is killed.
const OUTAGES: u32 = 10;
/// How long PostgreSQL is away, and how long it is back before the next time. During a short outage
/// a sender may wait and get its answer afterwards. One outage is as long as a sender waits at all,
/// so that on any machine some deliveries are answered with 503.
const AWAY: Duration = Duration::from_millis(1_500);
const AWAY_ONCE: Duration = Duration::from_secs(10);
const BACK: Duration = Duration::from_secs(2);

pub fn drill(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let kills = match arguments {
        [] => KILLS,
        [option, kills] if option == "--kills" => kills,
        [option, rest @ ..] if option == "--sockets" => return sockets(steps, rest.to_vec()),
        [option, times] if option == "--outages" => {
            return only_outages(steps, times.parse().context("--outages wants a number")?);
        }
        _ => bail!(
            "`cargo xtask drill` knows --kills and a number, --outages and a number, and --sockets"
        ),
    };
    let under_load = ["--kills", kills];
    prepare(steps)?;
    steps.run("killing it under load on SQLite", || on_sqlite(&under_load))?;
    steps.run("killing it in a resync on SQLite", || on_sqlite(&RESYNC))?;
    let postgres = steps.run("private Postgres", Postgres::start_durable)?;
    steps.run("killing it under load on Postgres", || {
        drilled(&postgres.create_database("drill")?, &under_load)
    })?;
    steps.run("killing it in a resync on Postgres", || {
        drilled(&postgres.create_database("resync")?, &RESYNC)
    })?;
    steps.run("stopping Postgres", || postgres.stop())?;
    steps.run("killing Postgres under it", || outages(OUTAGES))?;
    steps.summary();
    Ok(())
}

fn only_outages(steps: &mut Steps, times: u32) -> Result<()> {
    prepare(steps)?;
    steps.run("killing Postgres under it", || outages(times))?;
    steps.summary();
    Ok(())
}

/// Thousands of connections at the same time, on each engine; `--seconds` and `--people` make it
/// shorter.
fn sockets(steps: &mut Steps, mut arguments: Vec<String>) -> Result<()> {
    let profile = Profile::from(&mut arguments);
    steps.run("installed programs", || prerequisites::prepare(&[&prerequisites::POSTGRES]))?;
    server::build_all(steps, profile)?;
    let arguments: Vec<&str> =
        ["--sockets"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}", folder.path().join("drill.db").display());
    steps.run("thousands of sockets on SQLite", || {
        run(&mut command(profile, &sqlite, &arguments)?)
    })?;
    let postgres = steps.run("private Postgres", Postgres::start_durable)?;
    let database = postgres.create_database("sockets")?;
    steps.run("thousands of sockets on Postgres", || {
        run(&mut command(profile, &database, &arguments)?)
    })?;
    steps.run("stopping Postgres", || postgres.stop())?;
    steps.summary();
    Ok(())
}

fn prepare(steps: &mut Steps) -> Result<()> {
    steps.run("installed programs", || prerequisites::prepare(&[&prerequisites::POSTGRES]))?;
    bundle::make_room()?;
    steps.run("server", || server::build(Profile::Dev))
}

/// Kills a private PostgreSQL `times` times while deliveries arrive, and starts it again.
pub fn outages(times: u32) -> Result<()> {
    let mut postgres = Postgres::start_durable()?;
    let mut command = command(Profile::Dev, &postgres.create_database("outages")?, &["--endure"])?;
    // It has its own process group, like every program of this tool; it ends when its standard
    // input closes.
    let mut drill = command
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .context("the drill cannot be started")?;
    let killed: Result<()> = (1..=times).try_for_each(|outage| {
        interrupt::check()?;
        thread::sleep(BACK);
        let since = step::now();
        postgres.kill()?;
        thread::sleep(if outage == 1 { AWAY_ONCE } else { AWAY });
        postgres.start_again()?;
        println!("outage {outage}: {}", step::seconds(since.elapsed()));
        Ok(())
    });
    if killed.is_err() {
        stop(&mut drill, rustix::process::Signal::TERM, Duration::from_secs(5));
    }
    killed?;
    thread::sleep(BACK);
    drop(drill.stdin.take());
    let status = drill.wait()?;
    ensure!(status.success(), "the drill ended with {status}");
    postgres.stop()
}

fn on_sqlite(arguments: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    drilled(&format!("sqlite://{}", folder.path().join("drill.db").display()), arguments)
}

fn drilled(database: &str, arguments: &[&str]) -> Result<()> {
    run(&mut command(Profile::Dev, database, arguments)?)
}

fn command(profile: Profile, database: &str, arguments: &[&str]) -> Result<Command> {
    let binary: &Path = &fs::canonicalize(server::binary(profile))?;
    run(server::on_its_own(binary).arg("migrate").env("DATABASE_URL", database))?;
    let mut command = server::on_its_own(binary);
    command
        .arg("drill")
        .args(arguments)
        .env("DATABASE_URL", database)
        .env("SCALEKIT_WEBHOOK_SECRET", WEBHOOK_SECRET);
    command.env("SEATKEEPER_LISTEN", format!("127.0.0.1:{}", port::free()?));
    Ok(command)
}
