//! `seatkeeper role`: which groups of an organization give which roles.

use std::{collections::BTreeSet, fmt::Write};

use clap::{Args, Subcommand};
use domain::{
    access::Role as DashboardRole,
    id::{GroupId, OrganizationId},
    refusal::Refusal,
    role::{GroupRoles, RoleName, joined},
    text::{ExternalText, lines},
};
use seatkeeper::{
    commands::{self, NewGroupRoles},
    queries::{self, GroupRolesRecord},
};

use super::{CliError, output::print};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Role {
    /// Show the groups with roles, by name
    List {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Print a JSON array of {group_id, name, deleted, members, roles, dashboard_role}, and
        /// nothing else
        #[arg(long)]
        json: bool,
    },
    /// Give the members of a group these roles and no others; without a role they get none
    Map(Map),
}

#[derive(Debug, Args)]
pub struct Map {
    /// Scalekit's id of the organization, org_…
    organization: String,
    /// Scalekit's id of the group, dirgroup_…
    group: String,
    /// An application role of this installation; may be given several times
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
    /// The role of members who have a dashboard account: tenant-admin or tenant-viewer
    #[arg(long, value_name = "ROLE", value_parser = dashboard_role)]
    dashboard: Option<DashboardRole>,
}

fn dashboard_role(text: &str) -> Result<DashboardRole, String> {
    DashboardRole::parse(text)
        .filter(|role| !role.is_staff())
        .ok_or_else(|| "a dashboard role is tenant-admin or tenant-viewer".to_owned())
}

impl Role {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::List { organization, json } => list(&parse(&organization)?, json).await,
            Self::Map(map) => map.run().await,
        }
    }
}

fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}

async fn list(organization: &OrganizationId, json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let scope = super::resync::scope("command line", organization)?;
    let records = queries::role_records(&state, &scope).await?;
    if json {
        let text = serde_json::to_string(&records).map_err(CliError::failed)?;
        return print(&format!("{}\n", lines(&text))).map(|_| ());
    }
    if records.is_empty() {
        eprintln!("No group gives a role yet.");
    }
    print(&records.iter().map(line).collect::<String>()).map(|_| ())
}

/// `Sales  dirgroup_1  12 members  editor, reader  tenant-admin`
fn line(record: &GroupRolesRecord) -> String {
    let GroupRolesRecord { group_id, name, deleted, members, roles, dashboard_role } = record;
    let name = ExternalText::or_id(name.as_deref().unwrap_or_default(), group_id.as_str());
    let group_id = ExternalText::sentence(group_id.as_str());
    let mut text = format!("{name}  {group_id}  {members} members");
    for part in [joined(roles.iter()), dashboard_role.unwrap_or_default().to_owned()] {
        if !part.is_empty() {
            let _ = write!(text, "  {part}");
        }
    }
    if *deleted {
        text.push_str("  deleted");
    }
    text.push('\n');
    text
}

impl Map {
    async fn run(self) -> Result<(), CliError> {
        let organization = parse(&self.organization)?;
        let group = GroupId::parse(&self.group);
        let group = group.ok_or_else(|| CliError::refused(Refusal::GroupId(self.group.clone())))?;
        let role = |name: &String| {
            RoleName::parse(name).ok_or_else(|| CliError::refused(Refusal::NoRole(name.clone())))
        };
        let application = self.roles.iter().map(role).collect::<Result<BTreeSet<_>, _>>()?;
        let roles = GroupRoles { application, dashboard: self.dashboard };
        let new = NewGroupRoles { organization, group, roles, expected_version: None };
        let state = super::open().await?;
        match commands::set_group_roles(&state, &super::operator(), &new).await {
            Ok(()) => eprintln!("{} gives {} now.", new.group, new.roles),
            // a script may run twice: the group has the roles already
            Err(commands::Error::Refused(Refusal::RolesAreTheSame)) => {
                eprintln!("{} gives {} already.", new.group, new.roles);
            }
            Err(commands::Error::Missing) => {
                let group = ExternalText::sentence(new.group.as_str());
                return Err(CliError::refused(format!(
                    "{} has no group “{group}”.",
                    new.organization
                )));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
