//! `seatkeeper waitlist`: who waits, and what an admin decides about one person by hand.

use clap::{Args, Subcommand};
use domain::{
    id::{DirectoryUserId, OrganizationId},
    manual_decision::ManualDecision,
    organization::grouped,
    refusal::Refusal,
    text::{called, lines},
};
use seatkeeper::{
    commands::{self, ByHand, Chosen},
    queries::{self, WaitlistEntry},
};

use super::{
    CliError,
    output::{Reader, print},
};

#[derive(Debug, Subcommand)]
pub enum Waitlist {
    /// Show who waits for a seat, the next person first
    List {
        /// Scalekit's id, org_…
        organization: String,
        /// Print a JSON array of {position, user, name, email, since, why}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Give a free seat to a person who waits or was dismissed
    Admit(About),
    /// Move a waiting person to a position; 1 is next
    Move {
        #[command(flatten)]
        about: About,
        position: i64,
    },
    /// "Not now": take a person off the waitlist, or take the person's seat back
    Dismiss(About),
    /// Undo a dismissal: the person gets a free seat if no person waits, and waits otherwise
    Undo(About),
}

#[derive(Debug, Args)]
pub struct About {
    /// Scalekit's id, org_…
    organization: String,
    /// The directory user's id, diruser_…
    user: String,
    /// Why; kept in the audit log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Waitlist {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::List { organization, json } => list(&parse(&organization)?, json).await,
            Self::Admit(about) => decide(about, ManualDecision::Admit).await,
            Self::Move { about, position } => decide(about, ManualDecision::MoveTo(position)).await,
            Self::Dismiss(about) => decide(about, ManualDecision::Dismiss).await,
            Self::Undo(about) => decide(about, ManualDecision::UndoDismissal).await,
        }
    }
}

fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}

async fn decide(about: About, decision: ManualDecision) -> Result<(), CliError> {
    let user = DirectoryUserId::parse(&about.user)
        .ok_or_else(|| CliError::refused(Refusal::NoPerson(about.user.clone())))?;
    let new = ByHand {
        organization: parse(&about.organization)?,
        decision,
        chosen: Chosen::These(vec![user.clone()]),
        note: about.note.unwrap_or_default(),
        preview_mark: None,
    };
    let decided = commands::decide_by_hand(&super::open().await?, &super::operator(), &new).await?;
    let state = decided.people.first().and_then(|one| one.after.as_ref().ok());
    let word = state.map_or("Changed", |state| state.word());
    let others = match decided.admitted.len() {
        0 => String::new(),
        1 => "; 1 other person got in".to_owned(),
        n => format!("; {n} other people got in"),
    };
    eprintln!("{user}: {word}{others}.");
    Ok(())
}

/// Prints the waitlist part by part: it may be long.
async fn list(organization: &OrganizationId, json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let (mut after, mut is_first) = (None, true);
    loop {
        let (entries, next) = queries::waitlist_entries(&state, &scope, after.as_ref()).await?;
        let mut text = String::new();
        for entry in &entries {
            if json {
                text.push_str(if is_first { "[\n" } else { ",\n" });
                let entry = serde_json::to_string(entry).map_err(CliError::failed)?;
                text.push_str(&lines(&entry));
            } else {
                text.push_str(&line(entry));
                text.push('\n');
            }
            is_first = false;
        }
        if print(&text)? == Reader::Gone {
            return Ok(());
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    match (json, is_first) {
        (true, true) => print("[]\n").map(|_| ()),
        (true, false) => print("\n]\n").map(|_| ()),
        (false, true) => {
            eprintln!("No person waits.");
            Ok(())
        }
        (false, false) => Ok(()),
    }
}

/// `3  Ada Lovelace  diruser_1  since 2026-11-22T05:48:00Z  No seat was free: …`
fn line(entry: &WaitlistEntry) -> String {
    let name = called(entry.name.as_deref(), entry.email.as_deref(), entry.user.as_str());
    let why = entry.why.as_deref().unwrap_or_default();
    let parts = [
        grouped(entry.position),
        name.to_string(),
        entry.user.to_string(),
        format!("since {}", entry.since),
        why.to_owned(),
    ];
    parts.join("  ").trim_end().to_owned()
}
