//! `seatkeeper outbox`: the messages that wait, left or were given up.

use clap::{Args, Subcommand};
use domain::{
    id::{MessageId, OrganizationId},
    text::ExternalText,
};
use seatkeeper::{
    commands::{Again, send_again},
    queries::{self, MessageRecord},
};
use views::messages::ShowMessages;

use super::{
    CliError,
    output::{Reader, Records},
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Outbox {
    #[command(subcommand)]
    act: Option<Act>,
    /// Only messages that were given up
    #[arg(long)]
    failed: bool,
    /// Print a JSON array of {id, organization_id, about_id, message, channel, recipient, state,
    /// created_at, due_at, sent_at, attempts, error}, and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Send a message that was given up again, or all of them
    SendAgain {
        /// The id of the message, out_…
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All messages that were given up
        #[arg(long)]
        all: bool,
    },
}

impl Outbox {
    /// Prints the messages, the newest first, part by part.
    pub async fn run(self) -> Result<(), CliError> {
        if let Some(Act::SendAgain { id, .. }) = self.act {
            return again(id).await;
        }
        let state = super::open().await?;
        let show = if self.failed { ShowMessages::Failed } else { ShowMessages::All };
        let mut records = Records::new(self.json);
        let mut before = None;
        loop {
            let (messages, older) = queries::message_records(&state, show, before).await?;
            if records.print(&messages, line)? == Reader::Gone {
                return Ok(());
            }
            before = older;
            if before.is_none() {
                break;
            }
        }
        records.end("There is no such message in the outbox.")
    }
}

async fn again(id: Option<String>) -> Result<(), CliError> {
    let again = match id {
        None => Again::All,
        Some(id) => Again::One(
            MessageId::parse(&id)
                .ok_or_else(|| CliError::refused("The id of a message is out_…"))?,
        ),
    };
    let state = super::open().await?;
    let number = send_again(&state, &super::operator(), &again).await?;
    let messages = if number == 1 { "message waits" } else { "messages wait" };
    eprintln!("{number} {messages} to be sent again.");
    Ok(())
}

/// `2026-11-22T05:48:00Z  out_01…  seat_limit_reached  kim@acme.test  org_1  sent`
fn line(message: &MessageRecord) -> String {
    let text = |text: &str| ExternalText::sentence(text).to_string();
    let organization = message.organization_id.as_ref().map(OrganizationId::as_str);
    let parts = [
        Some(message.created_at.clone()),
        Some(message.id.to_string()),
        Some(message.message.as_str().to_owned()),
        Some(text(&message.recipient)).filter(|recipient| !recipient.is_empty()),
        organization.map(text),
        Some(message.state.to_owned()),
        message.error.as_deref().map(|error| format!("({})", text(error))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
