//! What the waitlist page shows, and what a manual decision would do.

use serde::{Deserialize, Serialize};

use super::{
    DecisionRow,
    pagination::{Key, KeysetPage},
};
use domain::{
    admission::AdmissionPolicy,
    audit::AuditAction,
    decision::Reason,
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId, OrganizationId},
    manual_decision::ManualDecision,
    organization::{SeatLimit, Usage},
    refusal::Refusal,
    text::ExternalText,
    time::Timestamp,
    waitlist::PlaceKey,
};

/// Which people the page lists. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistQuery {
    pub filter: WaitlistFilter,
    /// Only people behind this one.
    pub after: Option<WaitlistKey>,
    /// The decision whose result is shown above the list.
    pub result: Option<ResultKey>,
}

impl WaitlistQuery {
    /// All people in this state.
    pub fn of(state: SeatState) -> Self {
        let filter = WaitlistFilter { state, ..WaitlistFilter::default() };
        Self { filter, ..Self::default() }
    }
}

/// The people that one decision can be about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistFilter {
    /// Waiting, dismissed, or with a seat.
    pub state: SeatState,
    /// Part of a name or an e-mail address.
    pub search: String,
    /// Only members of this group.
    pub group: Option<GroupId>,
}

impl WaitlistFilter {
    /// The states that the page has a list for.
    pub const STATES: [SeatState; 3] =
        [SeatState::Blocked, SeatState::Dismissed, SeatState::Provisioned];

    /// Whether the list holds everyone in the state.
    pub fn is_whole(&self) -> bool {
        self.search.trim().is_empty() && self.group.is_none()
    }
}

impl Default for WaitlistFilter {
    fn default() -> Self {
        Self { state: SeatState::Blocked, search: String::new(), group: None }
    }
}

/// A row of the list, in an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitlistKey {
    /// In the order of the waitlist.
    Place(PlaceKey),
    /// In the order of the names: the folded name and address, and the id.
    Name(String, DirectoryUserId),
}

/// `1.16777216.diruser_1`, or `diruser_1 ada lovelace ada@acme.test`: an id has no blank.
impl Key for WaitlistKey {
    fn written(&self) -> String {
        match self {
            Self::Place(PlaceKey { rank, position, user }) => format!("{rank}.{position}.{user}"),
            Self::Name(name, user) => format!("{user} {name}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some((user, name)) = text.split_once(' ') {
            return Some(Self::Name(name.to_owned(), DirectoryUserId::parse(user)?));
        }
        let (rank, rest) = text.split_once('.')?;
        let (position, user) = rest.split_once('.')?;
        Some(Self::Place(PlaceKey {
            rank: rank.parse().ok()?,
            position: position.parse().ok()?,
            user: DirectoryUserId::parse(user)?,
        }))
    }
}

/// A decision whose result is shown: its time and its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultKey {
    pub at: Timestamp,
    pub request_id: String,
}

/// `1790000000000000000.req_01k…`
impl Key for ResultKey {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.request_id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, request_id) = text.split_once('.')?;
        let at = Timestamp::from_nanos(nanos.parse().ok()?);
        (!request_id.is_empty()).then(|| Self { at, request_id: request_id.to_owned() })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistPage {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    pub usage: Usage,
    pub archived: bool,
    pub policy: AdmissionPolicy,
    /// Open pages refresh when it changes.
    pub revision: i64,
    /// How many people are in each state.
    pub states: Vec<(SeatState, i64)>,
    /// The groups for the filter, by name.
    pub groups: Vec<(GroupId, ExternalText)>,
    pub rows: Vec<WaitlistRow>,
    pub page: KeysetPage<WaitlistKey>,
    /// How many people the filter matches.
    pub matching: i64,
    pub result: Option<DecisionResult>,
    pub now: Timestamp,
}

impl WaitlistPage {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
    /// The largest number of groups in the filter.
    pub const GROUPS: i64 = 200;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistRow {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub has_duplicate_email: bool,
    /// With their names.
    pub groups: Vec<(GroupId, ExternalText)>,
    /// 1 is next; `None` unless the person waits.
    pub position: Option<i64>,
    /// An admin moved the person.
    pub moved: bool,
    /// When the present state began.
    pub since: Timestamp,
    /// Why the person waits, with the limit and the used seats at that time; `None` unless the
    /// person waits.
    pub reason: Option<(Reason, SeatLimit, i64)>,
}

/// What a decision did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionResult {
    pub action: AuditAction,
    pub at: Timestamp,
    /// How many people it changed, and how many were refused.
    pub done: i64,
    pub refused: i64,
    /// The first people, those who were refused before the others.
    pub people: Vec<ResultRow>,
    /// Other people who got a seat by it.
    pub admitted: Vec<(DirectoryUserId, ExternalText)>,
}

impl DecisionResult {
    /// The number of people who are named.
    pub const NAMES: usize = 20;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRow {
    pub user: DirectoryUserId,
    pub name: ExternalText,
    /// As the audit log says it: `Waiting, position 3`.
    pub before: Option<ExternalText>,
    pub after: Option<ExternalText>,
    /// Why the person was refused.
    pub refusal: Option<ExternalText>,
}

/// Who a decision is about, as an address or a form names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChosenPeople {
    These(Vec<DirectoryUserId>),
    /// All that the filter matches, if their state began at this time or before; `None`: now.
    All(WaitlistFilter, Option<Timestamp>),
}

/// A decision as the address of its preview has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionQuery {
    pub decision: ManualDecision,
    pub people: ChosenPeople,
}

/// What a decision would do, before it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionPreview {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    pub revision: i64,
    pub decision: ManualDecision,
    pub before: Usage,
    pub after: Usage,
    /// The first of the chosen people.
    pub people: Vec<PreviewedPerson>,
    /// How many people the decision would change, and how many it would refuse.
    pub done: i64,
    pub refused: i64,
    /// Other people who would get a seat by it: the first ones, and how many they are.
    pub admitted: Vec<ExternalText>,
    pub admitted_count: i64,
    /// The head of the waitlist after the decision.
    pub line: Vec<PreviewedPlace>,
    /// The confirmation sends it, so that a decision about another waitlist is noticed.
    pub mark: String,
    /// What happened to the chosen people since an earlier preview, newest first.
    pub changes: Vec<DecisionRow>,
    pub now: Timestamp,
}

impl DecisionPreview {
    /// The number of chosen people who are listed.
    pub const PEOPLE: usize = 20;
    /// The number of other people who are named.
    pub const NAMES: usize = 10;
    /// The number of places that are shown.
    pub const PLACES: usize = 10;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewedPerson {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    /// `None`: there is no such person here.
    pub before: Option<SeatState>,
    /// The position of a person who waits now.
    pub position_before: Option<i64>,
    pub after: Result<SeatState, Refusal>,
    /// The position of a person who would wait.
    pub position_after: Option<i64>,
}

/// One of the first places of the waitlist after a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewedPlace {
    pub user: DirectoryUserId,
    pub name: ExternalText,
    pub is_chosen: bool,
    /// The position now, as far as it is known; 0: the person does not wait now.
    pub was: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_the_way_through_an_address() {
        let user = DirectoryUserId::new("diruser.1");
        let place = PlaceKey { rank: 0, position: -16_777_216, user: user.clone() };
        for key in [
            WaitlistKey::Place(place),
            WaitlistKey::Name("ada lovelace ada@acme.test".into(), user.clone()),
            WaitlistKey::Name(String::new(), user),
        ] {
            assert_eq!(WaitlistKey::parse(&key.written()), Some(key));
        }
        for nonsense in ["", "1.2", "a.b.c", "1.2.", " ada"] {
            assert_eq!(WaitlistKey::parse(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_result_survives_the_way_through_an_address() {
        let key = ResultKey { at: Timestamp::from_nanos(17), request_id: "req_1".into() };
        assert_eq!(ResultKey::parse(&key.written()), Some(key));
        assert_eq!(ResultKey::parse("17."), None);
        assert_eq!(ResultKey::parse("req_1"), None);
    }
}
