//! `seatkeeper group list` and `group show`: the groups of an organization, and who joined and left
//! one of them.

use std::fmt::Write;

use clap::Subcommand;
use domain::{
    access::Role,
    id::{GroupId, OrganizationId},
    refusal::Refusal,
    text::{ExternalText, called, lines},
};
use seatkeeper::queries::{
    self, ChangeRecord, GroupRecord,
    export::{Export, GroupCells, Groups},
};
use serde_json::json;
use views::groups::GroupsQuery;

use super::{
    CliError,
    output::{Reader, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Group {
    /// Show the groups of an organization in order of name; deleted groups come last
    List {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Print a JSON array of {group_id, name, directory_id, deleted, members, provisioned,
        /// blocked, dismissed, inactive, roles, dashboard_role}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Show one group: its members in numbers, and who joined and left, the newest change first
    Show {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Scalekit's id of the group, dirgroup_…
        group: String,
        /// Print a JSON object {organization_id, group_id, name, directory_id, deleted_at, members,
        /// provisioned, blocked, dismissed, inactive, rank, changes} with changes: [{at, user_id,
        /// name, email, joined, recorded_at}], and nothing else
        #[arg(long)]
        json: bool,
    },
}

impl Group {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::List { organization, json } => list(&parse(organization)?, json).await,
            Self::Show { organization, group, json } => {
                show(&parse(organization)?, &group, json).await
            }
        }
    }
}

fn parse(id: String) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(&id).ok_or_else(|| CliError::refused(Refusal::OrganizationId(id)))
}

/// Prints the groups part by part: they may be many.
async fn list(organization: &OrganizationId, json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let mut export = Export::new(state, Groups::new(scope, GroupsQuery::default()));
    let mut is_first = true;
    while let Some(part) = export.part().await? {
        let mut text = String::new();
        for group in &part {
            if json {
                text.push_str(if is_first { "[\n" } else { ",\n" });
                text.push_str(&lines(&record(group).to_string()));
            } else {
                let _ = writeln!(text, "{}", line(group));
            }
            is_first = false;
        }
        if print(&text)? == Reader::Gone {
            return Ok(());
        }
    }
    match (json, is_first) {
        (true, true) => print("[]\n").map(|_| ()),
        (true, false) => print("\n]\n").map(|_| ()),
        (false, true) => {
            eprintln!("The directory has sent no group yet.");
            Ok(())
        }
        (false, false) => Ok(()),
    }
}

fn record(group: &GroupCells) -> serde_json::Value {
    let GroupCells { group: id, name, directory, deleted, counts, roles } = group;
    json!({
        "group_id": id,
        "name": name,
        "directory_id": directory,
        "deleted": deleted,
        "members": counts.members(),
        "provisioned": counts.provisioned,
        "blocked": counts.blocked,
        "dismissed": counts.dismissed,
        "inactive": counts.inactive,
        "roles": roles.application,
        "dashboard_role": roles.dashboard.map(Role::as_str),
    })
}

/// `Sales  dirgroup_1  12 members, 8 with a seat, 3 waiting`
fn line(group: &GroupCells) -> String {
    let name = ExternalText::or_id(group.name.as_deref().unwrap_or_default(), &group.group);
    let (counts, id) = (group.counts, ExternalText::sentence(&group.group));
    let deleted = if group.deleted { "  deleted" } else { "" };
    format!(
        "{name}  {id}  {} members, {} with a seat, {} waiting{deleted}",
        counts.members(),
        counts.provisioned,
        counts.blocked
    )
}

async fn show(organization: &OrganizationId, group: &str, json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let found = match GroupId::parse(group) {
        Some(id) => queries::group_record(&state, &scope, &id).await?,
        None => None,
    };
    let Some(found) = found else {
        let group = ExternalText::new(group);
        return Err(CliError::refused(format!("{organization} has no group “{group}”.")));
    };
    let text = if json {
        let text = serde_json::to_string(&found).map_err(CliError::failed)?;
        format!("{}\n", lines(&text))
    } else {
        written(&found)
    };
    print(&text).map(|_| ())
}

fn written(group: &GroupRecord) -> String {
    let shown = |text: &str| ExternalText::sentence(text).to_string();
    let counts = group.counts;
    let mut text = String::new();
    let name = group.name.as_deref().unwrap_or_default();
    let _ = writeln!(text, "{}\n", ExternalText::or_id(name, group.group_id.as_str()));
    for (word, value) in [
        ("members", Some(group.members.to_string())),
        ("with a seat", Some(counts.provisioned.to_string())),
        ("waiting", Some(counts.blocked.to_string())),
        ("not now", Some(counts.dismissed.to_string())),
        ("inactive", Some(counts.inactive.to_string())),
        ("rank in the policy", group.rank.map(|rank| rank.to_string())),
        ("directory", group.directory_id.as_ref().map(|id| shown(id.as_str()))),
        ("deleted", group.deleted_at.clone()),
        ("group id", Some(shown(group.group_id.as_str()))),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{word:<24}  {value}");
        }
    }
    text.push('\n');
    for change in &group.changes {
        let ChangeRecord { at, user_id, name, email, joined, .. } = change;
        let name = called(name.as_deref(), email.as_deref(), user_id.as_str());
        let word = if *joined { "joined" } else { "left" };
        let _ = writeln!(text, "{at}  {word:<6}  {name}  {}", shown(user_id.as_str()));
    }
    text
}
