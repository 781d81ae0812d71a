//! `seatkeeper audit`: who changed what, for people and for scripts.

use clap::Args;
use domain::{id::OrganizationId, text::ExternalText};
use seatkeeper::queries::{self, AuditEntry};

use super::{
    CliError,
    output::{Reader, Records},
};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Audit {
    /// Only what concerns this organization
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Print a JSON array of {id, at, organization_id, actor, actor_id, action, target_id, target,
    /// outcome, before, after, reason, address, request_id}, and nothing else
    #[arg(long)]
    json: bool,
}

impl Audit {
    /// Prints the log, the newest entry first, part by part: it may be long.
    pub async fn run(self) -> Result<(), CliError> {
        let scope = super::scope(self.organization.as_deref())?;
        let state = super::open().await?;
        let mut records = Records::new(self.json);
        let mut before = None;
        loop {
            let (entries, older) = queries::audit_entries(&state, scope.as_ref(), before).await?;
            if records.print(&entries, line)? == Reader::Gone {
                return Ok(());
            }
            before = older;
            if before.is_none() {
                break;
            }
        }
        records.end("Nothing is in the audit log yet.")
    }
}

/// `2026-11-22T05:48:00Z  Kim Park  Seat limit changed  org_1  50 seats → 55 seats  (growing)`
fn line(entry: &AuditEntry) -> String {
    let text = |text: &str| ExternalText::sentence(text).to_string();
    let target = entry.target.as_deref().or(entry.target_id.as_deref());
    let organization = entry.organization_id.as_ref().map(OrganizationId::as_str);
    let change = match (&entry.before, &entry.after) {
        (Some(before), Some(after)) => Some(format!("{} → {}", text(before), text(after))),
        (Some(one), None) | (None, Some(one)) => Some(text(one)),
        (None, None) => None,
    };
    let refused = (entry.outcome == "refused").then(|| "refused".to_owned());
    let reason = entry.reason.as_deref().map(|reason| format!("({})", text(reason)));
    let parts = [
        Some(entry.at.clone()),
        Some(text(&entry.actor)),
        Some(entry.action.words().to_owned()),
        refused,
        organization.map(text),
        target.map(text),
        change,
        reason,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
