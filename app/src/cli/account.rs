//! `seatkeeper account`: creates the first account, and disables or changes accounts.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};
use domain::{
    access::Role,
    id::OrganizationId,
    refusal::Refusal,
    text::{ExternalText, lines},
};
use seatkeeper::{
    commands::{self, NewAccount},
    queries,
};

use super::{CliError, output::print};

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Create an account that can sign in
    Create(Create),
    /// List every account
    List {
        /// Print a JSON array of {email, name, role, organizations, disabled}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Disable an account and end all its sessions
    Disable { email: String },
    /// Enable a disabled account again
    Enable { email: String },
    /// Give a tenant's account access to an organization, for example when its user left the
    /// directory and came back; ends all sessions of the account
    Grant {
        email: String,
        /// May be given several times
        #[arg(long = "organization", value_name = "ID", required = true)]
        organizations: Vec<String>,
    },
    /// Remove a tenant's access to an organization and end all sessions of the account
    Revoke {
        email: String,
        /// May be given several times
        #[arg(long = "organization", value_name = "ID", required = true)]
        organizations: Vec<String>,
    },
    /// End every session of an account
    SignOut { email: String },
    /// Take the second factor and the recovery codes of an account away, for a person who lost
    /// the phone; ends all sessions of the account
    RemoveFactors { email: String },
    /// Set a new password and end all sessions of the account
    Password {
        email: String,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// The e-mail address for signing in and for alerts
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// staff-admin, staff, tenant-admin or tenant-viewer
    #[arg(long, value_parser = role)]
    role: Role,
    /// An organization that a tenant may see; may be given several times
    #[arg(long = "organization", value_name = "ID")]
    organizations: Vec<String>,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    let all = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("a role is one of {all}"))
}

impl Account {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List { json } => list(json).await,
            Self::Disable { email } => disable(&email).await,
            Self::Enable { email } => enable(&email).await,
            Self::Grant { email, organizations } => grant(&email, &parsed(&organizations)?).await,
            Self::Revoke { email, organizations } => revoke(&email, &parsed(&organizations)?).await,
            Self::SignOut { email } => sign_out(&email).await,
            Self::RemoveFactors { email } => remove_factors(&email).await,
            Self::Password { email, password_stdin } => set_password(&email, password_stdin).await,
        }
    }
}

async fn disable(email: &str) -> Result<(), CliError> {
    let changed =
        commands::disable_account(&super::open().await?, &super::operator(), email).await?;
    eprintln!("{email} {}.", if changed { "is disabled" } else { "was disabled already" });
    Ok(())
}

async fn enable(email: &str) -> Result<(), CliError> {
    let changed =
        commands::enable_account(&super::open().await?, &super::operator(), email).await?;
    eprintln!("{email} {}.", if changed { "can sign in again" } else { "could sign in already" });
    Ok(())
}

async fn grant(email: &str, organizations: &[OrganizationId]) -> Result<(), CliError> {
    match commands::grant_membership(
        &super::open().await?,
        &super::operator(),
        email,
        organizations,
    )
    .await?
    {
        0 => eprintln!("{email} had access to all of them already."),
        1 => eprintln!("{email} has access to 1 more organization."),
        more => eprintln!("{email} has access to {more} more organizations."),
    }
    Ok(())
}

async fn revoke(email: &str, organizations: &[OrganizationId]) -> Result<(), CliError> {
    match commands::revoke_membership(
        &super::open().await?,
        &super::operator(),
        email,
        organizations,
    )
    .await?
    {
        0 => eprintln!("{email} had access to none of them."),
        1 => eprintln!("{email} lost access to 1 organization."),
        less => eprintln!("{email} lost access to {less} organizations."),
    }
    Ok(())
}

async fn sign_out(email: &str) -> Result<(), CliError> {
    match commands::end_sessions(&super::open().await?, &super::operator(), email).await? {
        0 => eprintln!("{email} had no session."),
        1 => eprintln!("{email} is signed out; there was 1 session."),
        more => eprintln!("{email} is signed out; there were {more} sessions."),
    }
    Ok(())
}

async fn remove_factors(email: &str) -> Result<(), CliError> {
    let removed = commands::reset_factors(&super::open().await?, &super::operator(), email).await?;
    let says = if removed { "has no second factor any more" } else { "had no second factor" };
    eprintln!("{email} {says}.");
    Ok(())
}

async fn set_password(email: &str, from_standard_input: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    commands::set_password(&state, &super::operator(), email, password(from_standard_input)?)
        .await?;
    eprintln!("{email} has a new password.");
    Ok(())
}

/// Prints one line per account, and nothing if there are no accounts.
async fn list(json: bool) -> Result<(), CliError> {
    let rows = queries::accounts(&super::open().await?).await?;
    if json {
        let text = serde_json::to_string(&rows).map_err(CliError::failed)?;
        return print(&format!("{}\n", lines(&text))).map(|_| ());
    }
    let mut text = String::new();
    for row in rows {
        let organizations: Vec<String> = row
            .organizations
            .iter()
            .map(|own| {
                let is_own_role = own.role == row.role;
                if is_own_role { own.id.to_string() } else { format!("{} ({})", own.id, own.role) }
            })
            .collect();
        let state = if row.disabled { "disabled" } else { "" };
        let shown = |text: &str| ExternalText::new(text).to_string();
        let (email, name) = (shown(&row.email), shown(&row.name));
        let line = format!(
            "{email:<32} {:<14} {state:<9} {name:<24} {}",
            row.role,
            organizations.join(" ")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    print(&text).map(|_| ())
}

/// Sorted and without duplicates.
fn parsed(organizations: &[String]) -> Result<Vec<OrganizationId>, CliError> {
    let parse = |text: &String| {
        OrganizationId::parse(text)
            .ok_or_else(|| CliError::refused(Refusal::OrganizationId(text.clone())))
    };
    let mut organizations = organizations.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    organizations.sort();
    organizations.dedup();
    Ok(organizations)
}

fn password(from_standard_input: bool) -> Result<String, CliError> {
    if from_standard_input { from_stdin() } else { asked() }
}

impl Create {
    async fn run(self) -> Result<(), CliError> {
        let organizations = parsed(&self.organizations)?;
        let state = super::open_or_make().await?;
        let password = password(self.password_stdin)?;
        let new = NewAccount {
            email: self.email,
            name: self.name,
            role: self.role,
            organizations,
            password,
        };
        let id = commands::add_account(&state, &super::operator(), &new).await?;
        eprintln!("{} can sign in as {} ({id}).", new.email, new.role.as_str());
        Ok(())
    }
}

fn from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| CliError::failed(format!("the password could not be read: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn asked() -> Result<String, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::refused(
            "There is no terminal to type a password in. Use --password-stdin and send the password on standard input.",
        ));
    }
    let typed = hidden("A password of at least 12 characters (it is not shown): ")?;
    // the password is not shown, so it is typed twice
    if hidden("The same password again: ")? != typed {
        return Err(CliError::refused("The two passwords differ. Nothing was changed."));
    }
    Ok(typed)
}

fn hidden(prompt: &str) -> Result<String, CliError> {
    rpassword::prompt_password(prompt)
        .map_err(|error| CliError::failed(format!("the password could not be read: {error}")))
}
