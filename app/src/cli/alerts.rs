//! `seatkeeper alerts`: what needs attention, and what did.

use clap::Args;
use domain::{
    id::OrganizationId,
    text::{ExternalText, lines},
};
use seatkeeper::queries::{self, AlertRecord};
use views::alerts::AlertList;

use super::{
    CliError,
    output::{JsonArray, Reader, print},
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
        let id = self.organization.as_deref().map(|id| {
            OrganizationId::parse(id)
                .ok_or_else(|| CliError::refused("An organization’s id looks like org_…."))
        });
        let id = id.transpose()?;
        let state = super::open().await?;
        let scope = id.map(|id| super::resync::scope("command line", &id)).transpose()?;
        let lists: &[AlertList] = if self.all { &AlertList::ALL } else { &[AlertList::Open] };
        let mut array = JsonArray::default();
        let mut printed = 0;
        for list in lists {
            let mut before = None;
            loop {
                let (alerts, older) =
                    queries::alert_records(&state, scope.as_ref(), *list, before).await?;
                printed += alerts.len();
                let mut text = String::new();
                for alert in &alerts {
                    if self.json {
                        array.push(&mut text, &lines(&json(alert)?));
                    } else {
                        text.push_str(&line(alert));
                        text.push('\n');
                    }
                }
                if print(&text)? == Reader::Gone {
                    return Ok(());
                }
                before = older;
                if before.is_none() {
                    break;
                }
            }
        }
        if self.json {
            return print(array.end()).map(|_| ());
        }
        if printed == 0 {
            eprintln!("No alert is open.");
        }
        Ok(())
    }
}

fn json(alert: &AlertRecord) -> Result<String, CliError> {
    serde_json::to_string(alert).map_err(CliError::failed)
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
