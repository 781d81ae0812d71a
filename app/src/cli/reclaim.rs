//! `seatkeeper reclaim`: who holds a seat and seems not to use it.

use clap::Args;
use domain::text::called;
use seatkeeper::queries::{self, UnusedRecord};
use views::reclaim::ReclaimList;

use super::{
    CliError,
    organization::parse,
    output::{Reader, Records},
    resync::{scope, viewer},
};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Reclaim {
    /// Scalekit's id, org_…
    organization: String,
    /// Those who keep the seat because an admin ignored the suggestion, the last one first
    #[arg(long)]
    kept: bool,
    /// Print a JSON array of {user, name, email, seat_since, last_used_at, reasons, kept_at,
    /// kept_by}, and nothing else
    #[arg(long)]
    json: bool,
}

impl Reclaim {
    /// Prints the people part by part.
    pub async fn run(self) -> Result<(), CliError> {
        let id = parse(&self.organization)?;
        let (state, scope) = (super::open().await?, scope("command line", &id)?);
        let viewer = viewer("command line");
        let list = if self.kept { ReclaimList::Kept } else { ReclaimList::Unused };
        let (mut records, mut before) = (Records::new(self.json), None);
        loop {
            let (people, older) =
                queries::unused_records(&state, (&scope, &viewer), list, before).await?;
            if records.print(&people, line)? == Reader::Gone {
                return Ok(());
            }
            before = older;
            if before.is_none() {
                break;
            }
        }
        records.end(if self.kept { "No suggestion is ignored." } else { "No person is suggested." })
    }
}

/// `Ada Lovelace  diruser_1  seat since 2026-01-22T05:48:00Z  Last used on 12 Aug, 109 days ago`
fn line(person: &UnusedRecord) -> String {
    let name = called(person.name.as_deref(), person.email.as_deref(), person.user.as_str());
    let kept = person.kept_at.as_ref().map(|at| format!("kept since {at}"));
    let why = kept.unwrap_or_else(|| person.reasons.join(". "));
    format!("{name}  {}  seat since {}  {why}", person.user, person.seat_since)
}
