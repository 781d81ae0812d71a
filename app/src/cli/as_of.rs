//! `seatkeeper organization as-of`: what was true at a moment, for people and for scripts.

use std::fmt::Write;

use clap::Args;
use domain::{
    as_of::{AsOf as Known, Person},
    organization::Usage,
    refusal::Refusal,
    text::{ExternalText, lines},
    time::Timestamp,
};
use seatkeeper::queries::{self, AsOfRow, Past};

use super::{CliError, organization::parse, output::print, resync::scope};

#[derive(Debug, Args)]
pub struct AsOf {
    /// Scalekit's id, org_…
    id: String,
    /// A time in RFC 3339, such as 2026-11-22T05:48:00Z
    time: String,
    /// Print a JSON object {used, limit, waiting, holders}, and nothing else
    #[arg(long)]
    json: bool,
}

impl AsOf {
    pub async fn run(self) -> Result<(), CliError> {
        let id = parse(&self.id)?;
        let at = Timestamp::parse(&self.time)
            .ok_or_else(|| CliError::refused(Refusal::Time(self.time.clone())))?;
        let state = super::open().await?;
        let scope = scope("command line", &id)?;
        let known = match queries::as_of(&state, &scope, at).await? {
            Past::Known(known) => known,
            Past::Future => return Err(CliError::refused(Refusal::TimeToCome)),
            Past::Unknown(since) => return Err(CliError::refused(Refusal::KnownSince(since))),
        };
        let text = if self.json {
            let row = serde_json::to_string(&AsOfRow::from(known)).map_err(CliError::failed)?;
            format!("{}\n", lines(&row))
        } else {
            written(&known, at)
        };
        print(&text).map(|_| ())
    }
}

/// The numbers, and a line for each person.
fn written(known: &Known, at: Timestamp) -> String {
    let waiting = i64::try_from(known.waiting.len()).unwrap_or(i64::MAX);
    let usage = Usage { limit: known.limit, used: known.used, waiting };
    let mut text = format!("{}: {}\n", at.exact(), usage.sentence());
    if known.archived {
        text.push_str("The organization was archived.\n");
    }
    let id = |person: &Person| ExternalText::sentence(person.id.as_str()).to_string();
    for (number, person) in (1..).zip(&known.waiting) {
        let _ = writeln!(text, "waiting {number:>6}  {}", id(person));
    }
    for person in &known.holders {
        let _ = writeln!(text, "seat            {}", id(person));
    }
    text
}
