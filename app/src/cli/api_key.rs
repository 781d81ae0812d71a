//! `seatkeeper api-key`: makes, shows, replaces and revokes API keys.

use clap::{Args, Subcommand};
use domain::{
    access::FreshProof,
    api_key::KeyScope,
    id::{ApiKeyId, OrganizationId},
    refusal::Refusal,
    text::ExternalText,
};
use seatkeeper::{
    commands::{self, Error, NewApiKey},
    queries::{self, ApiKeyRecord},
};

use super::{
    CliError,
    output::{Reader, Records, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum ApiKey {
    /// Make a key, and print it, and nothing else. It is shown this once
    Create(Create),
    /// Show the keys, the newest first
    List {
        /// Print a JSON array of {id, organization_id, name, scopes, state (works, replaced,
        /// expired or revoked), created_by, created_at, expires_at, last_used_at, replaced_by}, and
        /// nothing else
        #[arg(long)]
        json: bool,
    },
    /// Make a key in the place of another one, and print it, and nothing else
    Rotate {
        /// The id of the old key, key_…
        id: String,
        /// How many more hours the old key works; 0: it ends now
        #[arg(long, default_value = "24")]
        hours: String,
    },
    /// End a key at once
    Revoke {
        /// The id of the key, key_…
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// What the key is for, as the audit log names it
    #[arg(long)]
    name: String,
    /// What it may do: read, write (which reads, too) or import; several with commas
    #[arg(long, value_name = "SCOPE", required = true)]
    scope: Vec<String>,
    /// The only organization that it reaches; otherwise it reaches all of them
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// How many days it works; otherwise until it is revoked
    #[arg(long)]
    days: Option<String>,
}

impl ApiKey {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List { json } => list(json).await,
            Self::Rotate { id, hours } => rotate(&id, &hours).await,
            Self::Revoke { id } => revoke(&id).await,
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), CliError> {
        let parse = |text: String| {
            OrganizationId::parse(&text)
                .ok_or_else(|| CliError::refused(Refusal::OrganizationId(text)))
        };
        let new = NewApiKey {
            organization: self.organization.map(parse).transpose()?,
            name: self.name,
            scopes: self.scope.join(","),
            days: self.days.unwrap_or_default(),
        };
        let (state, proof) = (super::open_or_make().await?, FreshProof::of_command_line());
        let made = commands::create_api_key(&state, &super::operator(), &proof, &new).await?;
        let (key, text) = made;
        eprintln!("The key {} is made. It is shown this once; keep it now.", key.id);
        print(&format!("{text}\n")).map(|_| ())
    }
}

async fn list(json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let mut records = Records::new(json);
    let mut before = None;
    loop {
        let (keys, older) = queries::api_key_records(&state, before.as_ref()).await?;
        if records.print(&keys, line)? == Reader::Gone {
            return Ok(());
        }
        before = older;
        if before.is_none() {
            return records.end("There is no API key.");
        }
    }
}

/// `key_01k…  Billing  read,write  all organizations  works  until 2026-11-30T05:48:00Z  used …`
fn line(key: &ApiKeyRecord) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| KeyScope::as_str(*scope)).collect();
    let reaches = key.organization_id.as_ref().map_or("all organizations", OrganizationId::as_str);
    let until = key.expires_at.as_ref().map(|end| format!("  until {end}")).unwrap_or_default();
    format!(
        "{}  {:<24} {:<12} {reaches}  {}{until}  used {}",
        key.id,
        ExternalText::new(&key.name).to_string(),
        scopes.join(","),
        key.state.as_str(),
        key.last_used_at.as_deref().unwrap_or("never")
    )
}

async fn rotate(text: &str, hours: &str) -> Result<(), CliError> {
    let (id, proof) = (parse(text)?, FreshProof::of_command_line());
    let (state, actor) = (super::open().await?, super::operator());
    let made = commands::rotate_api_key(&state, &actor, &proof, (None, &id), hours).await;
    let (new, key) = made.map_err(|error| no_key(error, text))?;
    eprintln!("The key {} takes the place of {id}. It is shown this once; keep it now.", new.id);
    print(&format!("{key}\n")).map(|_| ())
}

async fn revoke(text: &str) -> Result<(), CliError> {
    let (id, proof) = (parse(text)?, FreshProof::of_command_line());
    let (state, actor) = (super::open().await?, super::operator());
    let revoked = commands::revoke_api_key(&state, &actor, &proof, (None, &id)).await;
    let revoked = revoked.map_err(|error| no_key(error, text))?;
    eprintln!("The key {id} {}.", if revoked { "is revoked" } else { "was revoked already" });
    Ok(())
}

fn parse(text: &str) -> Result<ApiKeyId, CliError> {
    ApiKeyId::parse(text).ok_or_else(|| no_key(Error::Missing, text))
}

fn no_key(error: Error, id: &str) -> CliError {
    match error {
        Error::Missing => {
            CliError::refused(format!("There is no API key {}.", ExternalText::new(id)))
        }
        error => error.into(),
    }
}
