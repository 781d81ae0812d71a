//! `seatkeeper requests`: the seat requests, and the answers of staff.

use clap::{Args, Subcommand};
use domain::{
    id::{OrganizationId, SeatRequestId},
    organization::{SeatLimit, grouped, people},
    refusal::Refusal,
    seat_request::{EntryKind, more_seats},
    text::ExternalText,
};
use seatkeeper::{
    commands::{self, NewApproval, NewEntry},
    queries::{self, RequestRecord},
    state::AppState,
};
use views::requests::RequestList;

use super::{
    CliError,
    output::{Reader, Records},
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Requests {
    #[command(subcommand)]
    act: Option<Act>,
    /// Only those of this organization, the newest first
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Answered and withdrawn requests, too
    #[arg(long)]
    all: bool,
    /// Print a JSON array of {id, organization_id, state, seats, reason, asked_by, asked_at,
    /// changed_at}, and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Approve a request: set the limit, admit the waitlist, and notify the admins
    Approve {
        /// The id of the request, srq_…
        id: String,
        /// The new limit; without it as many more seats as are wanted
        #[arg(long)]
        limit: Option<String>,
        /// A sentence for the organization
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
    },
    /// Decline a request with a sentence
    Decline {
        /// The id of the request, srq_…
        id: String,
        /// What the organization reads
        text: String,
    },
    /// Ask the organization back
    Ask {
        /// The id of the request, srq_…
        id: String,
        /// The question
        text: String,
    },
}

impl Requests {
    pub async fn run(self) -> Result<(), CliError> {
        match self.act {
            Some(Act::Approve { id, limit, text }) => approve(&id, limit, text).await,
            Some(Act::Decline { id, text }) => write(&id, EntryKind::Declined, text).await,
            Some(Act::Ask { id, text }) => write(&id, EntryKind::Question, text).await,
            None => self.list().await,
        }
    }

    /// Prints the requests part by part: those that wait first, the oldest first.
    async fn list(self) -> Result<(), CliError> {
        let scope = super::scope(self.organization.as_deref())?;
        let state = super::open().await?;
        let lists = match (&scope, self.all) {
            (None, true) => RequestList::ALL.as_slice(),
            (None, false) | (Some(_), _) => &[RequestList::Open],
        };
        let is_shown = |request: &RequestRecord| self.all || !request.state.is_over();
        let mut records = Records::new(self.json);
        for list in lists {
            let mut before = None;
            loop {
                let (mut requests, older) =
                    queries::request_records(&state, scope.as_ref(), *list, before).await?;
                requests.retain(is_shown);
                if records.print(&requests, line)? == Reader::Gone {
                    return Ok(());
                }
                before = older;
                if before.is_none() {
                    break;
                }
            }
        }
        records.end("No request waits.")
    }
}

/// The request and its organization.
async fn found(state: &AppState, id: &str) -> Result<(OrganizationId, SeatRequestId), CliError> {
    let missing = || CliError::refused(Refusal::NoRequest(id.to_owned()));
    let request = SeatRequestId::parse(id).ok_or_else(missing)?;
    let organization = queries::organization_of_request(state, &request).await?;
    Ok((organization.ok_or_else(missing)?, request))
}

async fn approve(id: &str, limit: Option<String>, text: Option<String>) -> Result<(), CliError> {
    let limit = limit.as_deref().map(SeatLimit::parse).transpose().map_err(CliError::refused)?;
    let state = super::open().await?;
    let (organization, request) = found(&state, id).await?;
    let new = NewApproval {
        organization,
        request,
        limit,
        text: text.unwrap_or_default(),
        expected_version: None,
        expected_limit_version: None,
    };
    let admitted = commands::approve_request(&state, &super::operator(), &new).await?;
    let admitted = i64::try_from(admitted.admitted()).unwrap_or(i64::MAX);
    eprintln!("Approved; {} {} got in.", grouped(admitted), people(admitted));
    Ok(())
}

async fn write(id: &str, kind: EntryKind, text: String) -> Result<(), CliError> {
    let state = super::open().await?;
    let (organization, request) = found(&state, id).await?;
    let new = NewEntry { organization, request, kind, text, expected_version: None };
    commands::add_to_request(&state, &super::operator(), &new).await?;
    let done = if kind == EntryKind::Question { "Asked" } else { "Declined" };
    eprintln!("{done}; the admins of the organization are notified.");
    Ok(())
}

/// `2026-11-22T05:48:00Z  srq_01…  org_1  10 more seats  open  Kim Park: We hire.`
fn line(request: &RequestRecord) -> String {
    let text = |text: &str| ExternalText::sentence(text).to_string();
    let said = format!("{}: {}", text(&request.asked_by), text(&request.reason));
    let parts = [
        request.asked_at.clone(),
        request.id.to_string(),
        text(request.organization_id.as_str()),
        more_seats(request.seats),
        request.state.as_str().to_owned(),
        said,
    ];
    parts.join("  ")
}
