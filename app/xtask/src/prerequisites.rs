//! Programs that the tests need and cargo does not install: each is found, or installed from
//! Debian's packages if that is allowed.

use anyhow::{Result, bail};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    browser,
    command::{cargo, on_path, quoted, run, run_quietly},
};

/// A program that the tests need, and its Debian packages.
pub struct Program {
    name: &'static str,
    packages: &'static [&'static str],
    is_there: fn() -> bool,
}

/// Chromium without a window, as Debian packages it.
pub const CHROMIUM: Program = Program {
    name: "Chromium without a window",
    packages: &["chromium-headless-shell"],
    is_there: || chromium().is_some(),
};
pub const POSTGRES: Program = Program {
    name: "PostgreSQL's server programs",
    packages: &["postgresql"],
    is_there: || postgres_programs().is_some(),
};
pub const NGINX: Program =
    Program { name: "nginx", packages: &["nginx-light"], is_there: || in_sbin("nginx") };
pub const HAPROXY: Program =
    Program { name: "HAProxy", packages: &["haproxy"], is_there: || in_sbin("haproxy") };
pub const NPM: Program = Program {
    name: "Node.js with npm",
    packages: &["nodejs", "npm"],
    is_there: || on_path("node").is_some() && on_path("npm").is_some(),
};

pub fn prepare(needed: &[&Program]) -> Result<()> {
    let missing: Vec<_> = needed.iter().filter(|program| !(program.is_there)()).collect();
    if !missing.is_empty() {
        let names = missing.iter().map(|program| program.name).collect::<Vec<_>>().join(", ");
        let packages: Vec<_> =
            missing.iter().flat_map(|program| program.packages).copied().collect();
        println!("  missing: {names}");
        install(&packages)?;
        if let Some(absent) = missing.iter().find(|program| !(program.is_there)()) {
            bail!("{} was installed but cannot be found", absent.name);
        }
    }
    if needed.iter().any(|program| program.name == NPM.name) {
        browser::check_node()
    } else {
        Ok(())
    }
}

/// Installs what rustup's minimal profile leaves out. The proxies `cargo-fmt` and `cargo-clippy`
/// exist anyway, so each must be run to see whether it works.
pub fn prepare_lints() -> Result<()> {
    let absent = || -> Vec<_> {
        let parts = [("rustfmt", "fmt"), ("clippy", "clippy")].into_iter();
        parts
            .filter(|(_, verb)| run_quietly(&mut cargo([*verb, "--version"])).is_err())
            .map(|(part, _)| part)
            .collect()
    };
    let missing = absent();
    if missing.is_empty() {
        return Ok(());
    }
    println!("  missing: {}", missing.join(", "));
    add(&missing, on_path("rustup").as_deref())?;
    match absent().first() {
        None => Ok(()),
        Some(part) => bail!(
            "{part} was added but does not run with this cargo; see which toolchain `rustup show` names"
        ),
    }
}

fn add(parts: &[&str], rustup: Option<&Path>) -> Result<()> {
    let mut command = Command::new(rustup.unwrap_or(Path::new("rustup")));
    command.args(["component", "add"]).args(parts);
    if rustup.is_none() {
        bail!(
            "please install what checks the code, with `{}` or from where this Rust came",
            quoted(&command)
        );
    }
    run(&mut command)
}

fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if on_path("apt-get").is_none() {
        bail!("please install what Debian calls: {list}");
    }
    if !is_root() {
        bail!("please install them, for example with: sudo apt-get install {list}");
    }
    if packages.contains(&"postgresql") {
        keep_postgres_quiet()?;
    }
    run(apt().arg("update"))?;
    let installing = || {
        run(apt()
            .args([
                "install",
                "--yes",
                "--no-install-recommends",
                "-o",
                "Dpkg::Options::=--force-confold",
            ])
            .args(packages))
    };
    let services: Vec<_> = SERVICES
        .into_iter()
        .filter(|(package, _)| packages.contains(package))
        .map(|(_, service)| service)
        .collect();
    if services.is_empty() { installing() } else { without_starting(&services, installing) }
}

/// Packages with a service that listens on this machine after the installation and after each boot.
const SERVICES: [(&str, &str); 2] = [("nginx-light", "nginx"), ("haproxy", "haproxy")];
/// The script that Debian asks before it starts a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs without starting the services: the tests start private ones on free ports.
fn without_starting(services: &[&str], installing: impl FnOnce() -> Result<()>) -> Result<()> {
    let ours = !Path::new(POLICY).exists();
    if ours {
        fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))?;
    }
    let installed = installing();
    if ours {
        fs::remove_file(POLICY)?;
    }
    if on_path("systemctl").is_some() {
        // Without a running systemd, as in a container, the command fails and no service starts
        // anyway.
        let _ = run_quietly(Command::new("systemctl").arg("disable").args(services));
    }
    installed
}

/// Debian puts these programs in a folder that is only on root's path.
fn in_sbin(name: &str) -> bool {
    on_path(name).is_some() || Path::new("/usr/sbin").join(name).exists()
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Without this setting the package makes a database cluster and starts it at each boot.
fn keep_postgres_quiet() -> Result<()> {
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if !settings.exists() {
        fs::create_dir_all("/etc/postgresql-common")?;
        fs::write(
            settings,
            "# Only the programs were wanted here, for tests that start a private server of their own.\ncreate_main_cluster = false\n",
        )?;
    }
    Ok(())
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub fn chromium() -> Option<PathBuf> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.exists());
    named.or_else(|| on_path("chromium-headless-shell"))
}

/// The folder with `initdb` and `postgres`. Debian keeps a folder for each version, and none is on
/// the path; this takes the newest.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| {
            programs.join("initdb").exists() && programs.join("postgres").exists()
        })
        .max();
    newest.map(|(_, programs)| programs).or_else(|| {
        let programs = on_path("initdb")?.parent()?.to_path_buf();
        programs.join("postgres").exists().then_some(programs)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_rustup_a_missing_part_is_named_with_what_adds_it() {
        let message = add(&["rustfmt", "clippy"], None).unwrap_err().to_string();

        assert!(message.contains("`rustup component add rustfmt clippy`"), "{message}");
    }
}
