//! `seatkeeper invitation`: invites people, and shows and revokes open invitations.

use clap::{Args, Subcommand};
use domain::{
    access::{FreshProof, Role},
    id::{InvitationId, OrganizationId},
    refusal::Refusal,
    text::ExternalText,
};
use seatkeeper::{
    commands::{self, InvitedTo, NewInvitation},
    queries::{self, InvitationRecord},
};

use super::{
    CliError,
    account::role,
    output::{Reader, Records, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Invitation {
    /// Invite a person, and print the link with which the person accepts, and nothing else
    Create(Create),
    /// Show the open invitations, the newest first
    List {
        /// Print a JSON array of {id, organization_id, email, role, invited_by, invited_at,
        /// expires_at, expired}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// End an open invitation: its links work no more
    Revoke {
        /// The id of the invitation, inv_…
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// The e-mail address of the person
    email: String,
    /// staff-admin, staff, tenant-admin or tenant-viewer
    #[arg(long, value_parser = role)]
    role: Role,
    /// The organization that a tenant is invited to
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Send no e-mail; the printed link works all the same
    #[arg(long)]
    no_email: bool,
}

impl Invitation {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List { json } => list(json).await,
            Self::Revoke { id } => revoke(&id).await,
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), CliError> {
        let organization = match &self.organization {
            Some(text) => Some(
                OrganizationId::parse(text)
                    .ok_or_else(|| CliError::refused(Refusal::OrganizationId(text.clone())))?,
            ),
            None => None,
        };
        match (self.role.is_staff(), organization.is_some()) {
            (true, true) => return Err(CliError::refused(Refusal::OrganizationNotForStaff)),
            (false, false) => return Err(CliError::refused(Refusal::OrganizationMissing)),
            _ => {}
        }
        let to = organization.map_or_else(to_staff, InvitedTo::Organization);
        let new = NewInvitation {
            to,
            email: self.email,
            role: self.role,
            by_email: !self.no_email,
            wants_link: true,
        };
        let state = super::open_or_make().await?;
        let invited = commands::invite(&state, &super::operator(), &new).await?;
        eprintln!("{} is invited as {} ({}).", new.email, new.role.as_str(), invited.id);
        print(&format!("{}\n", invited.link.unwrap_or_default())).map(|_| ())
    }
}

fn to_staff() -> InvitedTo {
    InvitedTo::Staff(FreshProof::of_command_line())
}

async fn list(json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let mut records = Records::new(json);
    let mut before = None;
    loop {
        let (invitations, older) = queries::invitation_records(&state, before).await?;
        if records.print(&invitations, line)? == Reader::Gone {
            return Ok(());
        }
        before = older;
        if before.is_none() {
            return records.end("No invitation is open.");
        }
    }
}

/// `inv_01k…  kim@acme.test  tenant-admin  org_1  until 2026-11-30T05:48:00Z  by Sam`
fn line(one: &InvitationRecord) -> String {
    let shown = |text: &str| ExternalText::new(text).to_string();
    let to = one.organization_id.as_ref().map_or("staff", OrganizationId::as_str);
    let until = if one.expired { "expired" } else { "until" };
    format!(
        "{}  {:<32} {:<14} {to}  {until} {}  by {}",
        one.id,
        shown(&one.email),
        one.role,
        one.expires_at,
        shown(&one.invited_by)
    )
}

async fn revoke(text: &str) -> Result<(), CliError> {
    let none = || CliError::refused(Refusal::NoInvitation(text.to_owned()));
    let id = InvitationId::parse(text).ok_or_else(none)?;
    let state = super::open().await?;
    let organization = queries::organization_of_invitation(&state, &id).await?.ok_or_else(none)?;
    let to = organization.map_or_else(to_staff, InvitedTo::Organization);
    commands::revoke_invitation(&state, &super::operator(), &to, &id).await?;
    eprintln!("The invitation {id} is revoked.");
    Ok(())
}
