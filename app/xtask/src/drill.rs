//! `cargo xtask drill`: kills a Seatkeeper under load a hundred times on each engine, and looks whether anything was lost.

use anyhow::{Result, bail};
use std::{fs, path::Path, process::Command};

use crate::{
    bench::WEBHOOK_SECRET,
    bundle,
    command::run,
    machine, port,
    postgres::Postgres,
    server::{self, Profile},
    step::Steps,
};

const KILLS: &str = "100";

pub fn drill(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let kills = match arguments {
        [] => KILLS,
        [option, kills] if option == "--kills" => kills,
        _ => bail!("`cargo xtask drill` knows --kills and a number"),
    };
    steps.run("installed programs", || machine::prepare(&[&machine::POSTGRES]))?;
    bundle::make_room()?;
    steps.run("server", || server::build(Profile::Dev))?;
    let binary = fs::canonicalize(server::binary(Profile::Dev))?;
    steps.run("killing it on SQLite", || {
        let folder = tempfile::tempdir()?;
        killed(&binary, &format!("sqlite://{}", folder.path().join("drill.db").display()), kills)
    })?;
    let postgres = steps.run("private Postgres", Postgres::start)?;
    steps.run("killing it on Postgres", || killed(&binary, &postgres.create_database("drill")?, kills))?;
    steps.run("stopping Postgres", || postgres.stop())?;
    steps.summary();
    Ok(())
}

fn killed(binary: &Path, database: &str, kills: &str) -> Result<()> {
    run(Command::new(binary).arg("migrate").env("DATABASE_URL", database))?;
    let mut command = Command::new(binary);
    command.args(["drill", "--kills", kills]).env("DATABASE_URL", database).env("SCALEKIT_WEBHOOK_SECRET", WEBHOOK_SECRET);
    command.env("SEATKEEPER_LISTEN", format!("127.0.0.1:{}", port::free()?)).env_remove("SMTP_URL");
    run(&mut command)
}
