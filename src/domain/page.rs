//! What the pages show, as plain values: made by `reads` on the server, drawn by `app`.

pub mod deliveries;
pub mod resyncs;

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    decision::Reason,
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId, ResyncId},
    organization::{SeatLimit, Standing, Usage},
    resync::Resync,
    text::ExternalText,
    time::Timestamp,
};

/// Who is signed in, for the frame around every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: ExternalText,
    pub email: ExternalText,
    pub role: Role,
    /// A tenant's organizations (id, name), for the switcher; empty for staff.
    pub organizations: Vec<(OrganizationId, ExternalText)>,
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
    /// Resync plans that wait for a person, the longest first, wherever their organizations stand: (organization, name, run).
    pub to_confirm: Vec<(OrganizationId, String, ResyncId)>,
    pub now: Timestamp,
}

impl Overview {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
    /// Plans named above them.
    pub const PLANS: i64 = 5;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRow {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub usage: Usage,
    pub archived: bool,
    /// Its resync plan waits for a person.
    pub to_confirm: Option<ResyncId>,
}

/// One organization, for staff and for its own admins (the same numbers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPage {
    pub id: OrganizationId,
    pub name: ExternalText,
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
            (set.by, set.reason) = (None, None);
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
    /// `None` for tenants.
    pub by: Option<ExternalText>,
    pub reason: Option<ExternalText>,
    pub at: Timestamp,
}

/// One change of the limit, as the audit log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitChange {
    pub by: ExternalText,
    pub from: ExternalText,
    pub to: ExternalText,
    pub reason: ExternalText,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRow {
    /// 1 is next.
    pub position: i64,
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
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
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub from: Option<SeatState>,
    pub to: SeatState,
    pub reason: Reason,
    pub limit: SeatLimit,
    pub used: i64,
    /// What caused it: `organization.directory.user_created`, `set_seat_limit` …
    pub cause: ExternalText,
    /// Who did it, where it was a person.
    pub actor: Option<ExternalText>,
    pub at: Timestamp,
}

impl DecisionRow {
    /// What to call the person.
    pub fn called(&self) -> ExternalText {
        self.name.clone().or_else(|| self.email.clone()).unwrap_or_else(|| ExternalText::new(self.user.as_str()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    pub id: String,
    pub provider: Option<ExternalText>,
    pub state: DirectoryState,
    pub since: Timestamp,
}

/// What a directory is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryState {
    /// Nobody has enabled it yet: no person comes through it.
    Created,
    Enabled,
    Disabled,
    Deleted,
}

impl DirectoryState {
    pub const ALL: [Self; 4] = [Self::Created, Self::Enabled, Self::Disabled, Self::Deleted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_enabled(self) -> bool {
        self == Self::Enabled
    }
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
    pub organization_name: ExternalText,
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
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub state: SeatState,
    pub roles: Vec<ExternalText>,
    pub groups: Vec<ExternalText>,
    /// 1 is next; for those who wait.
    pub position: Option<i64>,
    pub since: Timestamp,
    pub twin: bool,
}

/// What a new limit would do, before anybody saves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPreview {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub before: Usage,
    pub after: Usage,
    /// How many would get in.
    pub admitted: i64,
    /// The first of them, by name or address, in order.
    pub first_admitted: Vec<ExternalText>,
    pub limit_version: i64,
}

impl LimitPreview {
    /// Names shown.
    pub const NAMES: i64 = 10;
}
