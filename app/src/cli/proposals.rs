//! `seatkeeper proposal`: changes of seat limits that wait for a second staff member. They are
//! approved in the dashboard alone, where two people are known.

use clap::Subcommand;
use domain::text::ExternalText;
use seatkeeper::queries::{self, ProposalRecord};

use super::{CliError, output::Records};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Proposal {
    /// List the changes of seat limits that wait for a second staff member, the oldest first
    List {
        /// Print a JSON array of {id, organization_id, from, to, until, reason, proposed_by,
        /// proposed_at, expires_at}, and nothing else
        #[arg(long)]
        json: bool,
    },
}

impl Proposal {
    pub async fn run(self) -> Result<(), CliError> {
        let Self::List { json } = self;
        let state = super::open().await?;
        let mut records = Records::new(json);
        records.print(&queries::proposal_records(&state).await?, line)?;
        records.end("No proposal waits.")
    }
}

/// `2026-11-22T05:48:00Z  lpr_01…  org_1  50 seats -> 500  Sam Rivera: Contract of 2027.`
fn line(proposal: &ProposalRecord) -> String {
    let text = |text: &str| ExternalText::sentence(text).to_string();
    let parts = [
        proposal.proposed_at.clone(),
        proposal.id.to_string(),
        text(proposal.organization_id.as_str()),
        format!("{} -> {}", text(&proposal.from), proposal.to),
        format!("{}: {}", text(&proposal.proposed_by), text(&proposal.reason)),
    ];
    parts.join("  ")
}
