//! `seatkeeper export people`: the people of an organization as CSV on standard output.

use clap::Subcommand;
use domain::{directory_user::SeatState, id::OrganizationId, refusal::Refusal};
use seatkeeper::queries;
use views::PeopleQuery;

use app::export::{header_row, rows};

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
    /// the state began, RFC 3339), roles (from the directory) and groups (each separated by "; "),
    /// duplicate_email (yes: another person has the same address). A cell that begins with = + - @,
    /// a tab or a carriage return has an apostrophe before it, so that no spreadsheet runs it.
    People {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Only people in this state; without it all except removed people
        #[arg(long)]
        state: Option<String>,
    },
}

impl Export {
    pub async fn run(self) -> Result<(), CliError> {
        let Self::People { organization, state: only } = self;
        let id = OrganizationId::parse(&organization)
            .ok_or_else(|| CliError::refused(Refusal::OrganizationId(organization)))?;
        let only = only.map(|word| {
            SeatState::parse(&word).ok_or_else(|| {
                CliError::refused(
                    "A state is provisioned, blocked, dismissed, inactive or removed.",
                )
            })
        });
        let query = PeopleQuery { state: only.transpose()?, ..PeopleQuery::default() };
        let state = super::open().await?;
        let scope = super::resync::scope("command line", &id)?;
        let mut export = queries::Export::new(state, scope, query);
        let mut text = header_row();
        while let Some(part) = export.part().await? {
            text.extend(rows(&part));
            // the cells are texts, so the bytes are UTF-8
            if print(&String::from_utf8_lossy(&text))? == Reader::Gone {
                return Ok(());
            }
            text.clear();
        }
        Ok(())
    }
}
