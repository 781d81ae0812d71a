//! What the pages show, as plain values: made by `reads` on the server, drawn by `app`.

pub mod deliveries;
pub mod resyncs;

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    decision::Reason,
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId},
    organization::{SeatLimit, Standing, Usage},
    resync::Resync,
    time::Timestamp,
};

/// Who is signed in, for the frame around every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub role: Role,
    /// A tenant's organizations (id, name), for the switcher; empty for staff.
    pub organizations: Vec<(OrganizationId, String)>,
}

/// How the overview is asked for: everything is in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewQuery {
    /// Part of a name or an id.
    pub search: String,
    pub standing: Option<Standing>,
    pub sort: OverviewSort,
    pub descending: bool,
    /// From 1.
    pub page: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverviewSort {
    /// Over first, then waiting, not set, fullest; unlimited last.
    #[default]
    Urgency,
    Name,
    Limit,
    Used,
    Waiting,
}

impl OverviewSort {
    pub const ALL: [Self; 5] = [Self::Urgency, Self::Name, Self::Limit, Self::Used, Self::Waiting];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Name => "name",
            Self::Limit => "limit",
            Self::Used => "used",
            Self::Waiting => "waiting",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }
}

/// Every organization, one page of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub rows: Vec<OrganizationRow>,
    /// How many match the search and the filter.
    pub matching: i64,
    /// How many there are of each standing, whatever the search; for the filter chips.
    pub standings: Vec<(Standing, i64)>,
    pub page: i64,
    pub pages: i64,
    pub now: Timestamp,
}

impl Overview {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    pub usage: Usage,
    pub archived: bool,
}

/// One organization, for staff and for its own admins (the same numbers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPage {
    pub id: OrganizationId,
    pub name: String,
    pub usage: Usage,
    pub archived: bool,
    /// Whether freed seats are filled from the line without asking.
    pub automatic: bool,
    /// Counts every change to this organization; open pages refresh when it moves.
    pub revision: i64,
    /// The version a limit form must name, so that two editors cannot overwrite each other.
    pub limit_version: i64,
    /// When the limit was set, by whom and why; `None` while it is not set.
    pub limit_set: Option<LimitSet>,
    /// The last changes of the limit, the newest first; empty for tenants.
    pub limit_changes: Vec<LimitChange>,
    /// The open `seat_limit_reached` episode: since when.
    pub limit_reached_since: Option<Timestamp>,
    /// The head of the waiting line.
    pub line: Vec<WaitingRow>,
    pub decisions: Vec<DecisionRow>,
    pub directories: Vec<DirectoryRow>,
    /// The newest comparison with the directory; where that one is not over, the one before it, too.
    pub resyncs: Vec<Resync>,
    /// Comparing fails: since when.
    pub resync_failed_since: Option<Timestamp>,
    /// Whether there are credentials for Scalekit's Directory API.
    pub directory_api: bool,
    /// How many people there are in each state (tombstones included).
    pub people: Vec<(SeatState, i64)>,
    pub now: Timestamp,
}

impl OrganizationPage {
    /// Without what staff write for each other: who set the limit and why, and who did what by hand.
    #[must_use]
    pub fn for_tenant(mut self) -> Self {
        if let Some(set) = &mut self.limit_set {
            set.by.clear();
            set.reason.clear();
        }
        self.limit_changes.clear();
        for decision in &mut self.decisions {
            decision.actor = None;
        }
        self.resyncs = self.resyncs.into_iter().map(|run| run.for_tenant("")).collect();
        self
    }

    /// Waiting people shown on the page.
    pub const LINE: i64 = 50;
    /// Changes of the limit shown on the page.
    pub const CHANGES: i64 = 5;
    /// Decisions shown on the page.
    pub const DECISIONS: i64 = 20;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitSet {
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}

/// One change of the limit, as the audit log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitChange {
    pub by: String,
    pub from: String,
    pub to: String,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRow {
    /// 1 is next.
    pub position: i64,
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub since: Timestamp,
    pub reason: Reason,
    /// The limit and the seats taken that the decision to block saw.
    pub limit_seen: SeatLimit,
    pub used_seen: i64,
    /// Somebody else in this organization has the same address.
    pub twin: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub from: Option<SeatState>,
    pub to: SeatState,
    pub reason: Reason,
    pub limit: SeatLimit,
    pub used: i64,
    /// What caused it: `organization.directory.user_created`, `set_seat_limit` …
    pub cause: String,
    /// Who did it, where it was a person.
    pub actor: Option<String>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    pub id: String,
    pub provider: Option<String>,
    pub enabled: bool,
    pub since: Timestamp,
}

/// How an organization's people are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleQuery {
    /// Part of a name or an address.
    pub search: String,
    pub state: Option<SeatState>,
    /// From 1.
    pub page: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub organization: OrganizationId,
    pub organization_name: String,
    pub usage: Usage,
    pub rows: Vec<PersonRow>,
    pub matching: i64,
    /// How many there are in each state, whatever the search; for the filter chips.
    pub states: Vec<(SeatState, i64)>,
    pub page: i64,
    pub pages: i64,
    pub now: Timestamp,
}

impl People {
    pub const ROWS: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    /// 1 is next; for those who wait.
    pub position: Option<i64>,
    pub since: Timestamp,
    pub twin: bool,
}

/// What a new limit would do, before anybody saves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPreview {
    pub organization: OrganizationId,
    pub name: String,
    pub before: Usage,
    pub after: Usage,
    /// How many would get in.
    pub admitted: i64,
    /// The first of them, by name or address, in order.
    pub first_admitted: Vec<String>,
    pub limit_version: i64,
}

impl LimitPreview {
    /// Names shown.
    pub const NAMES: i64 = 10;
}
