//! `seatkeeper export people` and `export groups`: lists of an organization as CSV on standard
//! output.

use clap::Subcommand;
use domain::{
    directory_user::SeatState,
    id::{GroupId, OrganizationId},
    refusal::Refusal,
};
use seatkeeper::queries::{self, GroupsExport};
use views::{PeopleQuery, groups::GroupsQuery};

use app::export::{groups, people};

use super::{
    CliError,
    output::{Reader, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Export {
    /// Print the people of an organization as CSV, in order of name
    ///
    /// The columns: user_id (Scalekit's directory-user id), name, email, state (provisioned,
    /// blocked, dismissed, inactive or removed), position (in the waitlist; 1 is next), since (when
    /// the state began, RFC 3339), roles, directory_roles (as the directory sent them) and groups
    /// (each separated by "; "), duplicate_email (yes: another person has the same address). A cell
    /// that begins with = + - @, a tab or a carriage return has an apostrophe before it, so that no
    /// spreadsheet runs it.
    People {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Only people in this state; without it all except removed people
        #[arg(long)]
        state: Option<String>,
        /// Only the members of this group, dirgroup_…
        #[arg(long)]
        group: Option<String>,
    },
    /// Print the groups of an organization as CSV, in order of name; deleted groups come last
    ///
    /// The columns: group_id (Scalekit's id), name, directory_id, deleted (yes or no), members, and
    /// how many of them are provisioned (they hold a seat), blocked (they wait), dismissed and
    /// inactive, roles (separated by "; ") and dashboard_role (tenant-admin or tenant-viewer).
    /// Cells are made harmless as those of people are.
    Groups {
        /// Scalekit's id of the organization, org_…
        organization: String,
    },
}

impl Export {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::People { organization, state, group } => {
                export_people(&parse(&organization)?, state, group).await
            }
            Self::Groups { organization } => export_groups(&parse(&organization)?).await,
        }
    }
}

fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}

async fn export_people(
    organization: &OrganizationId,
    only: Option<String>,
    group: Option<String>,
) -> Result<(), CliError> {
    let only = only.map(|word| {
        SeatState::parse(&word).ok_or_else(|| {
            CliError::refused("A state is provisioned, blocked, dismissed, inactive or removed.")
        })
    });
    let group = group.map(|id| {
        GroupId::parse(&id).ok_or_else(|| CliError::refused("The id of a group is dirgroup_…"))
    });
    let query = PeopleQuery {
        state: only.transpose()?,
        group: group.transpose()?,
        ..PeopleQuery::default()
    };
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let mut export = queries::Export::new(state, scope, query);
    let mut text = people::header_row();
    while let Some(part) = export.part().await? {
        text.extend(people::rows(&part));
        if printed(&mut text)? == Reader::Gone {
            return Ok(());
        }
    }
    Ok(())
}

async fn export_groups(organization: &OrganizationId) -> Result<(), CliError> {
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let mut export = GroupsExport::new(state, scope, GroupsQuery::default());
    let mut text = groups::header_row();
    while let Some(part) = export.part().await? {
        text.extend(groups::rows(&part));
        if printed(&mut text)? == Reader::Gone {
            return Ok(());
        }
    }
    Ok(())
}

/// Prints the text and empties it.
fn printed(text: &mut Vec<u8>) -> Result<Reader, CliError> {
    // the cells are texts, so the bytes are UTF-8
    let reader = print(&String::from_utf8_lossy(text))?;
    text.clear();
    Ok(reader)
}
