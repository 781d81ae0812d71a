//! `seatkeeper account create`: the first one has to come from somewhere.

use std::io::{IsTerminal, Read, Write};

use clap::{Args, Subcommand};
use seatkeeper::{
    acts::{self, NewAccount},
    domain::{access::Role, id::OrganizationId, refusal::Refusal},
};

use super::End;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account that can sign in
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// The address they sign in with and get alerts at
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// staff-admin, staff, tenant-admin or tenant-viewer
    #[arg(long, value_parser = role)]
    role: Role,
    /// An organization a tenant may see; may be given several times
    #[arg(long = "organization", value_name = "ID")]
    organizations: Vec<String>,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

fn role(text: &str) -> Result<Role, String> {
    let all = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("a role is one of {all}"))
}

impl Account {
    pub async fn run(self) -> Result<(), End> {
        let Self::Create(create) = self;
        let parse = |text: &String| OrganizationId::parse(text).ok_or_else(|| End::refused(Refusal::OrganizationId(text.clone())));
        let organizations = create.organizations.iter().map(parse).collect::<Result<_, _>>()?;
        let desk = super::open().await?;
        let password = if create.password_stdin { from_stdin()? } else { asked()? };
        let new = NewAccount { email: create.email, name: create.name, role: create.role, organizations, password };
        let id = acts::add_account(&desk, &new).await?;
        eprintln!("{} can sign in as {} ({id}).", new.email, new.role.as_str());
        Ok(())
    }
}

fn from_stdin() -> Result<String, End> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| End::failed(format!("the password could not be read: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn asked() -> Result<String, End> {
    if !std::io::stdin().is_terminal() {
        return Err(End::refused("Nobody is here to type a password; give --password-stdin and send it on standard input."));
    }
    eprint!("A password of at least 12 characters (it will be shown): ");
    let _ = std::io::stderr().flush(); // a prompt that does not show is no reason to stop
    let mut text = String::new();
    std::io::stdin().read_line(&mut text).map_err(|error| End::failed(format!("the password could not be read: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
