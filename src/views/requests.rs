//! What the pages of seat requests show.

use serde::{Deserialize, Serialize};

use super::{
    LimitPreview,
    history::HistoryChart,
    pagination::{Key, KeysetPage},
    proposals::ProposalRow,
};
use domain::{
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId, SeatRequestId},
    organization::{SeatLimit, Usage},
    seat_request::{EntryKind, RequestState},
    text::ExternalText,
    time::Timestamp,
};

/// Which requests a list has. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestsQuery {
    /// Only those of this organization; its list has all of them.
    pub organization: Option<OrganizationId>,
    pub list: RequestList,
    /// Only requests behind this one.
    pub before: Option<RequestCursor>,
}

/// A list of staff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestList {
    /// Not answered yet, the oldest first.
    #[default]
    Open,
    /// Answered or withdrawn, the last one first.
    Over,
}

impl RequestList {
    pub const ALL: [Self; 2] = [Self::Open, Self::Over];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Over => "over",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }
}

/// A place in a list of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCursor {
    pub at: Timestamp,
    pub id: SeatRequestId,
}

/// `1790000000000000000.srq_01k…`
impl Key for RequestCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        let id = SeatRequestId::parse(id)?;
        Some(Self { at: Timestamp::from_nanos(nanos.parse().ok()?), id })
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestsPage {
    pub rows: Vec<RequestRow>,
    pub page: KeysetPage<RequestCursor>,
    /// Changes of limits that wait for a second staff member; on the first page of the queue.
    pub proposals: Vec<ProposalRow>,
    /// How many wait for staff, counted up to [`RequestsPage::COUNTED`]; of the list of staff.
    pub waiting: i64,
    /// `None`: the list of staff.
    pub organization: Option<Asking>,
    pub now: Timestamp,
}

impl RequestsPage {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    pub const COUNTED: i64 = 1_000;
}

/// An organization whose admins may ask for seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub usage: Usage,
    pub archived: bool,
    /// The request that is not over.
    pub open: Option<SeatRequestId>,
}

impl Asking {
    /// Whether a request is possible now.
    pub fn is_possible(&self) -> bool {
        !self.archived && self.open.is_none() && self.usage.limit != SeatLimit::Unlimited
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRow {
    pub id: SeatRequestId,
    pub organization: (OrganizationId, ExternalText),
    pub state: RequestState,
    pub seats: i64,
    pub reason: ExternalText,
    pub asked_by: ExternalText,
    pub asked_at: Timestamp,
    pub changed_at: Timestamp,
    /// Of the organization now.
    pub usage: Usage,
}

/// One request with its conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPage {
    pub row: RequestRow,
    pub entries: Vec<EntryRow>,
    /// The people who need the seats.
    pub people: Vec<WantedPerson>,
    /// The version of the request.
    pub version: i64,
    pub revision: i64,
    pub archived: bool,
    /// What an approval would do; for staff, while the request is not over.
    pub approval: Option<Approval>,
    /// The approval waits for a second staff member; for staff.
    pub proposal: Option<ProposalRow>,
    /// The last 90 days, while the request is not over.
    pub history: Option<HistoryChart>,
    pub now: Timestamp,
}

/// The preview of an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// As it is typed, or the limit with as many seats more as are wanted.
    pub limit: String,
    /// `None`: the text is no seat limit.
    pub preview: Option<LimitPreview>,
    pub limit_version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    pub kind: EntryKind,
    /// `None`: staff, in the words of a tenant's page, or Seatkeeper itself.
    pub by: Option<ExternalText>,
    /// Line by line; empty if nothing was written.
    pub lines: Vec<ExternalText>,
    /// The limit after an approval.
    pub limit: Option<SeatLimit>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedPerson {
    pub user: DirectoryUserId,
    pub called: ExternalText,
    pub state: SeatState,
}

/// The form that asks for seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskPage {
    pub organization: Asking,
    /// The first people of the waitlist, in order.
    pub waiting: Vec<WantedPerson>,
}

impl AskPage {
    /// How many waiting people the form offers.
    pub const PEOPLE: i64 = 20;

    /// The number of seats that the form begins with: what would end the waitlist.
    pub fn suggested(&self) -> i64 {
        let usage = &self.organization.usage;
        usage.waiting + usage.over()
    }
}
