//! What the pages of deliveries show: the list, one delivery in full, and bulk replays.

use serde::{Deserialize, Serialize};

use super::{
    DecisionRow,
    pagination::{Key, KeysetPage},
};
use domain::{
    decision::Outcome,
    delivery::{HistoryAction, ReplayState},
    id::{DeliveryId, EventId, OrganizationId, ReplayId, WebhookId},
    text::ExternalText,
    time::Timestamp,
};

/// The parameters of the list of deliveries. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveriesQuery {
    /// A complete event id or webhook-id or, within an organization, a complete directory user id.
    pub search: String,
    pub show: Show,
    pub organization: Option<OrganizationId>,
    /// An event type, as written in the body.
    pub kind: String,
    /// Only deliveries that are older than this one.
    pub before: Option<Cursor>,
}

/// Which deliveries are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    #[default]
    All,
    Of(Outcome),
    /// Deliveries that have the id of another one but a different body.
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

    /// Any other text shows all deliveries.
    pub fn parse(text: &str) -> Self {
        match text {
            "suspicious" => Self::Suspicious,
            text => Outcome::parse(text).map_or(Self::All, Self::Of),
        }
    }
}

/// A point in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub received_at: Timestamp,
    pub id: DeliveryId,
}

impl Key for Cursor {
    /// `1790000000000000000.dlv_01k…`
    fn written(&self) -> String {
        format!("{}.{}", self.received_at.nanos(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        Some(Self {
            received_at: Timestamp::from_nanos(nanos.parse().ok()?),
            id: DeliveryId::parse(id)?,
        })
    }
}

/// One page of the inbox, the newest delivery first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    pub rows: Vec<DeliveryRow>,
    pub page: KeysetPage<Cursor>,
    /// The page ends because it reached the limit of checked rows, not because it is full.
    pub looked_through: bool,
    /// The name of the organization in the query, if there is one.
    pub organization_name: Option<ExternalText>,
    /// Counted up to one more than [`Deliveries::COUNTED`], so that the page can say that there are
    /// more.
    pub dead: i64,
    pub suspicious: i64,
    /// The number of dead letters that a replay with these filters would process, counted up to the
    /// same number.
    pub replayable: i64,
    /// The bulk replay that is running, or the last one if it started within the last 24 hours.
    pub replay: Option<ReplayRow>,
    pub now: Timestamp,
}

impl Deliveries {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    /// The number of rows that are checked for a page. It limits the time of a query with any
    /// filter.
    pub const LOOKED_THROUGH: i64 = 5_000;
    pub const COUNTED: i64 = 1_000;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    /// `None` if the body names no type.
    pub kind: Option<ExternalText>,
    /// The id, and the stored name.
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
    /// The first delivery of its event, not a repetition.
    pub original: bool,
    pub why: Option<ExternalText>,
    /// The time until which the personal data are shown to the viewer; `None` if they are hidden.
    pub shown_until: Option<Timestamp>,
    pub body: Body,
    /// The oldest first.
    pub decisions: Vec<DecisionRow>,
    /// The other deliveries with the same webhook-id or the same event, the oldest first.
    pub repeats: Vec<DeliveryRow>,
    /// The newest first.
    pub history: Vec<HistoryRow>,
    pub now: Timestamp,
}

impl DeliveryPage {
    /// The number of repetitions, decisions and history entries shown.
    pub const MOST: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// The delivery is an identical repetition. The body is stored with the first delivery.
    KeptWithTheFirst,
    /// The body was deleted when its retention period ended.
    Removed,
    Kept {
        /// Empty if the body is not JSON and the personal data are hidden.
        text: String,
        is_json: bool,
        bytes: i64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub done: HistoryAction,
    pub actor: ExternalText,
    /// Why the delivery is still a dead letter.
    pub why: Option<ExternalText>,
    pub at: Timestamp,
}

/// A bulk replay of dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRow {
    pub id: ReplayId,
    pub state: ReplayState,
    /// The organization of the replayed dead letters; `None` means all organizations.
    pub organization: Option<OrganizationId>,
    /// The event type of the replayed dead letters, as written in the body; `None` means all types.
    pub kind: Option<String>,
    pub with_emails: bool,
    pub started_by: ExternalText,
    pub started_at: Timestamp,
    /// The number of dead letters at the start.
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
        let cursor = Cursor {
            received_at: Timestamp::from_nanos(1_790_000_000_123_456_789),
            id: DeliveryId::new("dlv_01"),
        };

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
