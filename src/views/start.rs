//! What the start page of the staff shows: what needs a decision, and what a new installation still
//! lacks.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartPage {
    /// The most urgent first.
    pub decisions: Vec<Decision>,
    /// The organizations that are not archived.
    pub organizations: i64,
    /// `None`: the installation is complete.
    pub checklist: Option<Checklist>,
}

impl StartPage {
    /// Counting stops at this number. The page then shows it as “or more”.
    pub const MOST: i64 = 1_000;
}

/// Something that a person must act on, with how often it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// This process cannot do its work.
    NotReady,
    /// Stored numbers that do not match their rows.
    Violations(i64),
    /// Organizations with people who wait, and these people.
    Waiting {
        organizations: i64,
        people: i64,
    },
    /// Organizations with more used seats than their limit allows.
    Over(i64),
    /// Seat requests that wait for the staff.
    Requests(i64),
    /// Large changes of limits that wait for this staff member.
    Proposals(i64),
    /// Deliveries that could not be applied.
    FailedDeliveries(i64),
    /// Organizations in which something does not work, or a resync waits to be confirmed.
    Trouble(i64),
    LimitNotSet(i64),
    /// Messages that were given up.
    MessagesGivenUp(i64),
    /// A channel of the installation takes no messages.
    ChannelFailing,
}

/// What is left from an empty installation to a gate that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// Where Scalekit sends its webhooks.
    pub webhook_url: String,
    /// The steps that are not done.
    pub left: Vec<SetUpStep>,
}

/// A step of the set-up that is done when its fact is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetUpStep {
    /// A delivery has arrived.
    Webhook,
    /// The Directory API can be asked.
    Credentials,
    MailServer,
    /// An organization has a seat limit.
    Limit,
}
