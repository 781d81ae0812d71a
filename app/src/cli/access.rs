//! `seatkeeper access`: whether a person is allowed in, for a shell.

use clap::Args;
use domain::{directory_user::SeatState, id::OrganizationId, refusal::Refusal, text::ExternalText};
use seatkeeper::queries::api::{self, AccessState};

use super::{CliError, output::print};

/// Exit code 0: allowed; 1: not allowed; 2: there is no such person or no such organization.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Access {
    /// Scalekit's id of the organization, org_…
    organization: String,
    /// The directory-user id, an external id or an e-mail address
    user: String,
    /// Print a JSON object {allowed, state, reason, position, roles, organization_id, user}, as the
    /// API answers, and nothing else
    #[arg(long)]
    json: bool,
}

impl Access {
    pub async fn run(self) -> Result<(), CliError> {
        let id = OrganizationId::parse(&self.organization)
            .ok_or_else(|| CliError::refused(Refusal::OrganizationId(self.organization)))?;
        let state = super::open().await?;
        let scope = super::resync::scope("command line", &id)?;
        let access = api::access(&state, &scope, self.user.trim()).await?;
        if self.json {
            let text = serde_json::to_string(&access).map_err(CliError::failed)?;
            print(&format!("{text}\n"))?;
        }
        match access.state {
            AccessState::Known(SeatState::Provisioned) => Ok(()),
            AccessState::Known(_) => Err(CliError::failed(access.reason)),
            AccessState::Unknown(_) => {
                let user = ExternalText::new(&self.user);
                Err(CliError::refused(format!("{id} has no person “{user}”.")))
            }
        }
    }
}
