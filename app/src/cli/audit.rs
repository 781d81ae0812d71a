//! `seatkeeper audit`: who changed what, for people and for scripts.

use clap::Args;
use domain::{
    id::OrganizationId,
    text::{ExternalText, lines},
};
use seatkeeper::queries::{self, AuditEntry};

use super::{
    CliError,
    output::{JsonArray, Reader, print},
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
        let id = self.organization.as_deref().map(|id| {
            OrganizationId::parse(id)
                .ok_or_else(|| CliError::refused("An organization’s id looks like org_…."))
        });
        let id = id.transpose()?;
        let state = super::open().await?;
        let scope = id.map(|id| super::resync::scope("command line", &id)).transpose()?;
        let (mut before, mut array, mut printed) = (None, JsonArray::default(), 0);
        loop {
            let (entries, older) = queries::audit_entries(&state, scope.as_ref(), before).await?;
            printed += entries.len();
            let mut text = String::new();
            for entry in &entries {
                if self.json {
                    let entry = serde_json::to_string(entry).map_err(CliError::failed)?;
                    array.push(&mut text, &lines(&entry));
                } else {
                    text.push_str(&line(entry));
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
        if self.json {
            return print(array.end()).map(|_| ());
        }
        if printed == 0 {
            eprintln!("Nothing is in the audit log yet.");
        }
        Ok(())
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
