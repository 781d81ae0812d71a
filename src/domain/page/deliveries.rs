//! What the webhook inspector shows: deliveries, one of them in full, and replays of many.

use serde::{Deserialize, Serialize};

use super::DecisionRow;
use crate::domain::{
    decision::Outcome,
    id::{DeliveryId, EventId, OrganizationId, ReplayId, WebhookId},
    text::ExternalText,
    time::Timestamp,
};

/// How deliveries are asked for: everything is in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveriesQuery {
    /// A whole event id, webhook-id or, within an organization, directory user's id.
    pub search: String,
    pub show: Show,
    pub organization: Option<OrganizationId>,
    /// A type of event, as it was written.
    pub kind: String,
    /// Only what is older than this one.
    pub before: Option<Cursor>,
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    #[default]
    All,
    Of(Outcome),
    /// The same id with a different body.
    Suspicious,
}

impl Show {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Of(outcome) => outcome.as_str(),
            Self::Suspicious => "suspicious",
        }
    }

    /// What is no such word shows all.
    pub fn parse(text: &str) -> Self {
        match text {
            "suspicious" => Self::Suspicious,
            text => Outcome::parse(text).map_or(Self::All, Self::Of),
        }
    }
}

/// A place in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub received_at: Timestamp,
    pub id: DeliveryId,
}

impl Cursor {
    /// `1790000000000000000.dlv_01k…`
    pub fn written(&self) -> String {
        format!("{}.{}", self.received_at.nanos(), self.id)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        Some(Self { received_at: Timestamp::from_nanos(nanos.parse().ok()?), id: DeliveryId::parse(id)? })
    }
}

/// A part of the inbox, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    pub rows: Vec<DeliveryRow>,
    /// Where the next part begins.
    pub older: Option<Cursor>,
    /// The part ends because so many were looked through, not because it is full.
    pub looked_through: bool,
    /// The name of the organization asked for, if there is one.
    pub organization_name: Option<ExternalText>,
    /// Counted no further than [`Deliveries::COUNTED`].
    pub dead: i64,
    pub suspicious: i64,
    /// How many dead letters a replay of these filters would take; counted no further either.
    pub replayable: i64,
    /// Replaying many: the one that is running, or the last one of today.
    pub replay: Option<ReplayRow>,
    pub now: Timestamp,
}

impl Deliveries {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
    /// Rows looked through for a page: an answer takes no longer, whatever is asked for.
    pub const LOOKED_THROUGH: i64 = 5_000;
    pub const COUNTED: i64 = 1_000;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    /// `None` where the body names none.
    pub kind: Option<ExternalText>,
    /// Id, and the name we know it by.
    pub organization: Option<(OrganizationId, ExternalText)>,
    pub event: EventId,
    pub outcome: Outcome,
    pub suspicious: bool,
    pub received_at: Timestamp,
}

/// One delivery in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryPage {
    pub row: DeliveryRow,
    pub webhook_id: WebhookId,
    pub occurred_at: Timestamp,
    /// The first of its kind.
    pub original: bool,
    pub why: Option<ExternalText>,
    /// Until when the personal data are shown to the account that asked; hidden where there is no time.
    pub shown_until: Option<Timestamp>,
    pub body: Body,
    /// Oldest first.
    pub decisions: Vec<DecisionRow>,
    /// The others that came under the same webhook-id or with the same event, oldest first.
    pub repeats: Vec<DeliveryRow>,
    /// The newest first.
    pub history: Vec<HistoryRow>,
    pub now: Timestamp,
}

impl DeliveryPage {
    /// Repeats, decisions and history shown.
    pub const MOST: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A faithful repetition: it is kept with the first one.
    KeptWithTheFirst,
    /// Its time was over.
    Removed,
    Kept {
        /// Empty where it is no JSON and hidden.
        text: String,
        is_json: bool,
        bytes: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// With this outcome.
    Replayed(Outcome),
    /// Somebody looked at the personal data.
    Shown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub done: Done,
    pub actor: ExternalText,
    /// Why it is still dead.
    pub why: Option<ExternalText>,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplayState {
    Running,
    Finished,
    Cancelled,
}

impl ReplayState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// A state the table's check has let in.
    pub fn parse(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "cancelled" => Self::Cancelled,
            _ => Self::Finished,
        }
    }
}

/// A replay of many dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRow {
    pub id: ReplayId,
    pub state: ReplayState,
    /// Of one organization, of one type; of all where there is none.
    pub organization: Option<OrganizationId>,
    /// A type of event, as it was written.
    pub kind: Option<String>,
    pub letters: bool,
    pub started_by: ExternalText,
    pub started_at: Timestamp,
    /// Counted at the start.
    pub total: i64,
    pub succeeded: i64,
    pub still_dead: i64,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<ExternalText>,
}

impl ReplayRow {
    pub fn done(&self) -> i64 {
        self.succeeded + self.still_dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_order_survives_the_way_through_an_address() {
        let cursor = Cursor { received_at: Timestamp::from_nanos(1_790_000_000_123_456_789), id: DeliveryId::new("dlv_01") };

        assert_eq!(Cursor::parse(&cursor.written()), Some(cursor));
        for bad in ["", "dlv_01", "x.dlv_01", "1.", "1.dlv 1"] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_is_written_and_read() {
        for show in Outcome::ALL.map(Show::Of).into_iter().chain([Show::All, Show::Suspicious]) {
            assert_eq!(Show::parse(show.as_str()), show);
        }
        assert_eq!(Show::parse("nonsense"), Show::All);
    }
}
