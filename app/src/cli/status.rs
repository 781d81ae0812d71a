//! `seatkeeper status`: the numbers of every organization, for people and for scripts, and a check
//! that they are true.

use std::fmt::Write;

use clap::Args;
use domain::{
    organization::Usage,
    text::{ExternalText, lines},
};
use seatkeeper::queries;

use super::{CliError, output::print};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Status {
    /// Print a JSON array of {organization_id, name, seat_limit, used, waiting, policy}, and
    /// nothing else
    #[arg(long)]
    json: bool,
    /// Recount everything; exit 1 and name each invariant that does not hold
    #[arg(long)]
    check: bool,
}

impl Status {
    pub async fn run(self) -> Result<(), CliError> {
        let state = super::open().await?;
        if self.json || !self.check {
            let rows = queries::status(&state).await?;
            let mut text = String::new();
            if self.json {
                text = lines(&serde_json::to_string(&rows).map_err(CliError::failed)?);
                text.push('\n');
            } else {
                for row in rows {
                    let usage =
                        Usage { limit: row.seat_limit, used: row.used, waiting: row.waiting };
                    let name =
                        ExternalText::or_id(&row.name, row.organization_id.as_str()).to_string();
                    let id = row.organization_id.as_str();
                    let _ = writeln!(text, "{id:<28} {name:<32} {}", usage.sentence());
                }
            }
            print(&text)?;
        }
        if !self.check {
            return Ok(());
        }
        let broken = queries::check(&state).await?;
        if broken.is_empty() {
            eprintln!("Every invariant holds.");
            return Ok(());
        }
        let lines: Vec<String> = broken.into_iter().map(|check| check.0).collect();
        Err(CliError::failed(lines.join("\nseatkeeper: ")))
    }
}
