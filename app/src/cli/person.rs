//! `seatkeeper person show`: why a person holds or lacks a seat, and everything that happened.

use std::fmt::Write;

use clap::Subcommand;
use domain::{
    id::OrganizationId,
    refusal::Refusal,
    text::{ExternalText, called, lines},
};
use seatkeeper::queries::{self, HistoryRecord, PersonRecord};

use super::{CliError, output::print};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Person {
    /// Show one person: the seat, the facts, and the whole history with the newest entry first
    Show {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// The directory-user id, diruser_…, or the e-mail address of exactly one person
        user: String,
        /// Print a JSON object {organization_id, user_id, name, email, external_id, state, why,
        /// position, since, groups, roles: [{role, groups}], directory_roles, attributes,
        /// duplicates, history} with history: [{at, kind, id, what, from, why, cause, actor}], and
        /// nothing else
        #[arg(long)]
        json: bool,
    },
}

impl Person {
    pub async fn run(self) -> Result<(), CliError> {
        let Self::Show { organization, user, json } = self;
        let id = OrganizationId::parse(&organization)
            .ok_or_else(|| CliError::refused(Refusal::OrganizationId(organization)))?;
        let state = super::open().await?;
        let scope = super::resync::scope("command line", &id)?;
        let Some(person) = queries::person_record(&state, &scope, &user).await? else {
            return Err(CliError::refused(format!(
                "{id} has no person “{}”, or several people have this address.",
                ExternalText::new(&user)
            )));
        };
        let text = if json {
            let text = serde_json::to_string(&person).map_err(CliError::failed)?;
            format!("{}\n", lines(&text))
        } else {
            written(&person)
        };
        print(&text).map(|_| ())
    }
}

fn written(record: &PersonRecord) -> String {
    let person = &record.facts;
    let (name, email) = (person.name.as_deref(), person.email.as_deref());
    let shown = |text: &str| ExternalText::sentence(text).to_string();
    let list = |texts: &[String]| match texts {
        [] => None,
        texts => Some(texts.iter().map(|text| shown(text)).collect::<Vec<_>>().join(", ")),
    };
    let attribute = |(name, value): (&String, &String)| format!("{name}: {value}");
    let attributes: Vec<String> = person.attributes.iter().map(attribute).collect();
    let duplicates: Vec<String> = person.duplicates.iter().map(ToString::to_string).collect();
    let mut text = String::new();
    let _ = writeln!(text, "{}", called(name, email, person.user_id.as_str()));
    let _ = writeln!(text, "{}\n", person.why);
    for (word, value) in [
        ("state", Some(person.state.word().to_owned())),
        ("since", Some(person.since.clone())),
        ("position", person.position.map(|position| position.to_string())),
        ("e-mail", email.map(shown)),
        ("groups", list(&person.groups)),
        ("roles", list(&person.roles.iter().map(|role| role.role.to_string()).collect::<Vec<_>>())),
        ("roles from the directory", list(&person.directory_roles)),
        ("attributes", list(&attributes)),
        ("external id", person.external_id.as_deref().map(shown)),
        ("directory-user id", Some(shown(person.user_id.as_str()))),
        ("also with this e-mail", list(&duplicates)),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{word:<24}  {value}");
        }
    }
    text.push('\n');
    for entry in &record.history {
        let _ = writeln!(text, "{}", line(entry));
    }
    text
}

/// `2026-11-22T05:48:00Z  decision  blocked → provisioned  First on the waitlist, and …  (Kim)`
fn line(entry: &HistoryRecord) -> String {
    let shown = |text: &str| ExternalText::sentence(text).to_string();
    let what = match entry.from {
        Some(from) => format!("{} → {}", from.as_str(), entry.what),
        None => entry.what.clone(),
    };
    let parts = [
        Some(entry.at.clone()),
        Some(entry.kind.to_owned()),
        Some(what),
        entry.why.as_deref().map(shown),
        entry.cause.as_deref().map(shown),
        entry.id.as_deref().map(shown),
        entry.actor.as_deref().map(|actor| format!("by {}", shown(actor))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
