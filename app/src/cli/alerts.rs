//! `seatkeeper alerts`: what needs attention, and what did.

use clap::Args;
use domain::{id::OrganizationId, text::ExternalText};
use seatkeeper::queries::{self, AlertRecord};
use views::alerts::AlertList;

use super::{
    CliError,
    output::{Reader, Records},
};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Alerts {
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Resolved alerts, too
    #[arg(long)]
    all: bool,
    /// Print a JSON array of {id, organization_id, kind, target, opened_at, resolved_at, notice},
    /// and nothing else
    #[arg(long)]
    json: bool,
}

impl Alerts {
    /// Prints the open alerts, the newest first, and then the resolved ones, part by part.
    pub async fn run(self) -> Result<(), CliError> {
        let scope = super::scope(self.organization.as_deref())?;
        let state = super::open().await?;
        let lists: &[AlertList] = if self.all { &AlertList::ALL } else { &[AlertList::Open] };
        let mut records = Records::new(self.json);
        for list in lists {
            let mut before = None;
            loop {
                let (alerts, older) =
                    queries::alert_records(&state, scope.as_ref(), *list, before).await?;
                if records.print(&alerts, line)? == Reader::Gone {
                    return Ok(());
                }
                before = older;
                if before.is_none() {
                    break;
                }
            }
        }
        records.end("No alert is open.")
    }
}

/// `2026-11-22T05:48:00Z  People are waiting  org_1  open`
fn line(alert: &AlertRecord) -> String {
    let text = |text: &str| ExternalText::sentence(text).to_string();
    let organization = alert.organization_id.as_ref().map(OrganizationId::as_str);
    let state = match &alert.resolved_at {
        None => "open".to_owned(),
        Some(at) => format!("resolved {at}"),
    };
    let parts = [
        Some(alert.opened_at.clone()),
        Some(alert.kind.title(alert.target.as_deref().unwrap_or_default())),
        organization.map(text),
        Some(state),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
