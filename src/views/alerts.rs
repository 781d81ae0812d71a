//! What the lists of alerts show.

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    alert::{Channel, Message, Notice},
    id::{AlertId, OrganizationId},
    text::ExternalText,
    time::Timestamp,
};

/// Which alerts are shown. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsQuery {
    /// Only alerts of this organization.
    pub organization: Option<OrganizationId>,
    pub kind: Option<Message>,
    /// Only this list; `None`: the first rows of both.
    pub list: Option<AlertList>,
    /// Only alerts that were opened before this one.
    pub before: Option<AlertCursor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertList {
    Open,
    Resolved,
}

impl AlertList {
    pub const ALL: [Self; 2] = [Self::Open, Self::Resolved];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }
}

/// A place in a list of alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCursor {
    pub at: Timestamp,
    pub id: AlertId,
}

/// `1790000000000000000.alr_01k…`
impl Key for AlertCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        Some(Self { at: Timestamp::from_nanos(nanos.parse().ok()?), id: AlertId::parse(id)? })
    }
}

/// The alerts of an organization, or all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsPage {
    /// `None`: the query asks for the other list.
    pub open: Option<(Vec<AlertRow>, KeysetPage<AlertCursor>)>,
    pub resolved: Option<(Vec<AlertRow>, KeysetPage<AlertCursor>)>,
    /// How many alerts are open, of any kind; counted up to [`AlertsPage::COUNTED`].
    pub open_count: i64,
    /// Some of them the viewer has not read.
    pub has_unread: bool,
    /// The name of the organization in the query and its revision, if there is one.
    pub organization: Option<(ExternalText, i64)>,
    pub now: Timestamp,
}

impl AlertsPage {
    /// The number of rows of each list.
    pub const ROWS: i64 = 50;
    /// How far open alerts are counted.
    pub const COUNTED: i64 = 10_000;
    /// How many messages of an alert are shown.
    pub const MESSAGES: i64 = 20;
}

/// An alert, and who was notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    pub id: AlertId,
    /// `None`: about Seatkeeper itself.
    pub organization: Option<(OrganizationId, ExternalText)>,
    pub kind: Message,
    /// What it is called: `80 % of the seats are used`.
    pub title: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub notice: Notice,
    /// The first messages.
    pub messages: Vec<MessageFate>,
    /// There are more messages than these.
    pub has_more: bool,
    /// It is open, and the viewer has not read it.
    pub is_unread: bool,
}

/// An alert in the list behind the bell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BellAlert {
    pub id: AlertId,
    /// `None`: about Seatkeeper itself.
    pub organization: Option<(OrganizationId, ExternalText)>,
    pub kind: Message,
    pub title: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub is_unread: bool,
}

impl BellAlert {
    /// How many the list has at most.
    pub const MOST: i64 = 8;
}

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFate {
    pub message: Message,
    pub channel: Channel,
    /// `None`: a member of our staff, for a tenant; or the one receiver of the channel.
    pub recipient: Option<ExternalText>,
    /// A recipient of an e-mail who is no admin of the organization any more.
    pub is_former: bool,
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Sent(Timestamp),
    /// Not sent yet: why the last attempt failed, if there was one.
    Waits(Option<ExternalText>),
    /// Given up.
    Failed(Timestamp, ExternalText),
    /// Nothing was left to say, or the recipient may not receive it any more.
    Dropped(Timestamp, ExternalText),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_survives_the_way_through_an_address() {
        let cursor = AlertCursor { at: Timestamp::from_nanos(-7), id: AlertId::new("alr_01") };

        assert_eq!(AlertCursor::parse(&cursor.written()), Some(cursor));
        for bad in ["", "alr_01", "x.alr_01", "1."] {
            assert_eq!(AlertCursor::parse(bad), None, "{bad}");
        }
    }
}
