//! What the list of messages shows: the outbox.

use serde::{Deserialize, Serialize};

use super::{
    alerts::MessageFate,
    pagination::{Key, KeysetPage},
};
use domain::{
    alert::Message,
    id::{MessageId, OrganizationId},
    text::ExternalText,
    time::Timestamp,
};

/// Which messages are shown. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesQuery {
    pub show: ShowMessages,
    /// Only messages that are older than this one.
    pub before: Option<MessageCursor>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShowMessages {
    #[default]
    All,
    Failed,
    Waiting,
    Sent,
    Dropped,
}

impl ShowMessages {
    /// In the order of the page.
    pub const ALL: [Self; 5] = [Self::All, Self::Failed, Self::Waiting, Self::Sent, Self::Dropped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|show| show.as_str() == text)
    }
}

/// A place in the list of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCursor {
    pub at: Timestamp,
    pub id: MessageId,
}

/// `1790000000000000000.out_01k…`
impl Key for MessageCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        Some(Self { at: Timestamp::from_nanos(nanos.parse().ok()?), id: MessageId::parse(id)? })
    }
}

/// One page of the outbox, the newest message first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesPage {
    pub rows: Vec<MessageRow>,
    pub page: KeysetPage<MessageCursor>,
    /// How many messages wait, and how many were given up; counted up to a bound.
    pub waiting: i64,
    pub failed: i64,
    /// A mail server is set.
    pub has_mail_server: bool,
    pub now: Timestamp,
}

impl MessagesPage {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
}

/// An e-mail with invented facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub message: Message,
    pub subject: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    pub id: MessageId,
    /// `None`: about Seatkeeper itself.
    pub organization: Option<(OrganizationId, ExternalText)>,
    /// The subject; what the message is about, until it has left.
    pub title: ExternalText,
    pub created_at: Timestamp,
    /// When it is tried next, if it waits.
    pub due_at: Timestamp,
    pub attempts: i64,
    pub fate: MessageFate,
}
