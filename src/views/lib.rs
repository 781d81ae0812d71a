//! What the pages show, as plain values. `queries` builds them on the server and `app` renders
//! them.

pub mod account;
pub mod alerts;
pub mod api_keys;
pub mod audit;
pub mod deliveries;
pub mod factors;
pub mod groups;
pub mod history;
pub mod imports;
pub mod installation_settings;
pub mod members;
pub mod messages;
pub mod organization_choices;
pub mod pagination;
pub mod past;
mod people;
pub mod person;
pub mod policy;
pub mod preferences;
pub mod proposals;
pub mod reclaim;
pub mod requests;
pub mod resyncs;
pub mod roles;
pub mod settings;
pub mod single_sign_on;
pub mod start;
pub mod switcher;
pub mod system;
pub mod waitlist;
pub mod webhook_endpoints;

use serde::{Deserialize, Serialize};

pub use self::people::{FoundPerson, People, PeopleQuery, PeopleSort, PersonKey, PersonRow};
use self::{
    alerts::BellAlert,
    history::HistoryChart,
    pagination::{KeysetPage, SortKey, SortOrder},
    proposals::ProposalRow,
};
use domain::{
    access::Role,
    admission::AdmissionPolicy,
    alert::{AlertKind, SystemAlert, Threshold},
    condition::Condition,
    decision::Reason,
    directory::DirectoryState,
    directory_user::SeatState,
    id::{AlertId, DirectoryUserId, OrganizationId, ResyncId, SeatRequestId},
    limit_end::LimitEnd,
    organization::{SeatLimit, Usage, grouped, seats},
    resync::Resync,
    text::ExternalText,
    time::Timestamp,
};

/// The signed-in account, for the layout around every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: ExternalText,
    pub email: ExternalText,
    /// Of a tenant: the highest role in any organization.
    pub role: Role,
    /// The organizations of a tenant, for the switcher; empty for staff.
    pub organizations: Vec<OwnOrganization>,
    /// The name of the organization of the page.
    pub here: Option<ExternalText>,
    /// How many open alerts the account has not read: of all organizations for staff, and of the
    /// organization of the page. Counted up to [`Person::COUNTED`].
    pub unread: i64,
    pub unread_here: i64,
    /// How many seat requests wait for staff, and proposed limits for this person; 0 for tenants.
    pub requests: i64,
    /// How many failed deliveries wait for staff, counted up to [`Person::COUNTED`]; 0 for tenants.
    pub failed_deliveries: i64,
    /// Whether a seat request of the organization of the page waits for this account: one that
    /// staff must answer, or a question that its admins must; or a proposed limit.
    pub has_request_here: bool,
    /// The last alerts, open ones first: of the organization of the page, or for staff of all.
    /// `None`: a tenant's page without an organization.
    pub bell: Option<Vec<BellAlert>>,
    /// A staff member who sees an organization as its admin.
    pub view_as: Option<ViewBar>,
    pub now: Timestamp,
}

/// What a staff member reads on each page while they see an organization as its admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewBar {
    pub organization: ExternalText,
    pub reason: ExternalText,
    pub until: Timestamp,
    pub minutes_left: u64,
}

impl Person {
    /// How far unread alerts are counted.
    pub const COUNTED: i64 = 100;

    /// The role in an organization that the account may see.
    pub fn role_in(&self, organization: &OrganizationId) -> Role {
        let own = self.organizations.iter().find(|own| own.id == *organization);
        own.map_or(self.role, |own| own.role)
    }
}

/// An organization that a tenant's account belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnOrganization {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub role: Role,
}

/// The parameters of the overview. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewQuery {
    /// Part of a name or an id, or the e-mail address of a person.
    pub search: String,
    pub condition: Option<Condition>,
    /// Only organizations whose account manager is the viewer.
    pub mine: bool,
    pub sort: OverviewSort,
    pub descending: bool,
    /// Only organizations behind this one in the order.
    pub before: Option<OrganizationKey>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverviewSort {
    /// Over the limit first, then waiting, then not set, then the fullest. Unlimited comes last.
    #[default]
    Urgency,
    Name,
    Limit,
    Used,
    Waiting,
}

impl SortOrder for OverviewSort {
    const ALL: &'static [Self] =
        &[Self::Urgency, Self::Name, Self::Limit, Self::Used, Self::Waiting];

    fn as_str(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Name => "name",
            Self::Limit => "limit",
            Self::Used => "used",
            Self::Waiting => "waiting",
        }
    }
}

/// An organization in the list of all. The numbers are 1 for an archived one, otherwise 0, and the
/// two that the order compares; the text is the folded name and id.
pub type OrganizationKey = SortKey<OverviewSort, 3>;

/// How many organizations match the search and the account manager, and how many of them meet each
/// condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionCounts {
    pub all: i64,
    /// The people who wait in them.
    pub people_waiting: i64,
    pub of: Vec<(Condition, i64)>,
}

impl ConditionCounts {
    /// `None`: all organizations.
    pub fn of(&self, condition: Option<Condition>) -> i64 {
        let Some(condition) = condition else { return self.all };
        self.of.iter().find(|(of, _)| *of == condition).map_or(0, |(_, count)| *count)
    }
}

/// One page of the list of all organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub rows: Vec<OrganizationRow>,
    pub page: KeysetPage<OrganizationKey>,
    pub counts: ConditionCounts,
    /// The resync plans that wait for a confirmation, from all pages: (organization, name, resync).
    /// The plan that has waited longest comes first.
    pub to_confirm: Vec<(OrganizationId, ExternalText, ResyncId)>,
    /// The open alerts about the mail server and the Slack channel of staff.
    pub failing: Vec<SystemAlert>,
    /// The people whose e-mail address is searched for; at most [`Overview::PEOPLE`].
    pub people: Vec<FoundPerson>,
    pub now: Timestamp,
}

impl Overview {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
    /// The number of people shown above the rows.
    pub const PEOPLE: i64 = 20;
    /// The number of plans shown above the rows.
    pub const PLANS: i64 = 5;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRow {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub usage: Usage,
    pub archived: bool,
    pub account_manager: Option<ExternalText>,
    /// The resync whose plan waits for a confirmation.
    pub to_confirm: Option<ResyncId>,
    /// What else does not work.
    pub trouble: Vec<AlertKind>,
    /// The seat request that is not over.
    pub request: Option<SeatRequestId>,
    /// The largest number of used seats of each of the last days, as far as they are known.
    pub used_lately: Vec<i64>,
}

/// One organization, for staff and for its own admins. Both see the same numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPage {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub usage: Usage,
    pub archived: bool,
    /// What ended when the organization was archived, if it is archived.
    pub ended: Option<Ended>,
    /// The staff account that looks after the customer.
    pub account_manager: Option<ExternalText>,
    /// Who gets a free seat.
    pub policy: AdmissionPolicy,
    /// A number that grows with every change to this organization. Open pages refresh when it
    /// changes.
    pub revision: i64,
    /// The version that a limit form must send, so that two editors cannot overwrite each other.
    pub limit_version: i64,
    /// When the limit ends, and what applies then.
    pub limit_end: Option<LimitEnd>,
    /// When the limit was set, by which account and why; `None` while it is not set.
    pub limit_set: Option<LimitSet>,
    /// A change of the limit that waits for a second staff member; `None` for tenants.
    pub proposal: Option<ProposalRow>,
    /// The last changes of the limit, the newest first; empty for tenants.
    pub limit_changes: Vec<LimitChange>,
    /// When the open `seat_limit_reached` alert was opened.
    pub limit_reached_since: Option<Timestamp>,
    /// The head of the waitlist.
    pub waitlist: Vec<WaitingRow>,
    pub decisions: Vec<DecisionRow>,
    pub directories: Vec<DirectoryRow>,
    /// The newest resync. If it has not ended, the one before it too.
    pub resyncs: Vec<Resync>,
    /// When the open `resync_failed` alert was opened.
    pub resync_failed_since: Option<Timestamp>,
    /// The open alert that the usage is high, if the viewer has not read it.
    pub usage_high: Option<(AlertId, Threshold)>,
    /// Whether there are credentials for Scalekit's Directory API.
    pub directory_api: bool,
    /// The number of users in each state, including tombstones.
    pub people: Vec<(SeatState, i64)>,
    /// The last 90 days, and the forecast.
    pub history: HistoryChart,
    pub now: Timestamp,
}

impl OrganizationPage {
    /// The number of waiting users shown on the page.
    pub const LINE: i64 = 50;
    /// The number of limit changes shown on the page.
    pub const CHANGES: i64 = 5;
    /// How many unread alerts are looked at for the banner.
    pub const ALERTS: i64 = 100;
    /// The number of decisions shown on the page.
    pub const DECISIONS: i64 = 20;
}

/// The end of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub at: Timestamp,
    /// The numbers until then.
    pub used: i64,
    pub waiting: i64,
    /// A person archived it; otherwise Scalekit deleted it.
    pub by_hand: bool,
    /// The person and the reason; `None` for tenants.
    pub by: Option<ExternalText>,
    pub reason: Option<ExternalText>,
}

impl Ended {
    /// `Held 3 seats until 28 Nov 2026, 05:48:12 UTC; 2 people were waiting.`
    pub fn sentence(&self) -> String {
        let held =
            format!("Held {} {} until {}", grouped(self.used), seats(self.used), self.at.exact());
        match self.waiting {
            0 => format!("{held}."),
            1 => format!("{held}; 1 person was waiting."),
            n => format!("{held}; {} people were waiting.", grouped(n)),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitSet {
    /// `None` for tenants.
    pub by: Option<ExternalText>,
    pub reason: Option<ExternalText>,
    pub at: Timestamp,
}

/// One change of the limit, from the audit log.
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
    /// The position in the waitlist: 1 is next.
    pub position: i64,
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub since: Timestamp,
    pub reason: Reason,
    /// The limit and the used seats at the time of the decision to block.
    pub limit_seen: SeatLimit,
    pub used_seen: i64,
    /// Another user of this organization has the same e-mail address.
    pub has_duplicate_email: bool,
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
    /// The cause of the decision: `organization.directory.user_created`, `set_seat_limit` …
    pub cause: ExternalText,
    /// The person who acted; `None` if no person did.
    pub actor: Option<ExternalText>,
    pub at: Timestamp,
}

impl DecisionRow {
    /// The text to show for the user.
    pub fn called(&self) -> ExternalText {
        self.name
            .clone()
            .or_else(|| self.email.clone())
            .unwrap_or_else(|| ExternalText::new(self.user.as_str()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    pub id: String,
    pub provider: Option<ExternalText>,
    pub state: DirectoryState,
    pub since: Timestamp,
}

/// What a new limit would do, before it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPreview {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub before: Usage,
    pub after: Usage,
    /// The number of users who would get a seat.
    pub admitted: i64,
    /// The first of these users, by name or e-mail address, in order.
    pub first_admitted: Vec<ExternalText>,
    pub limit_version: i64,
    /// The change is so large that a second staff member decides about it.
    pub needs_second_person: bool,
}

impl LimitPreview {
    /// The number of names shown.
    pub const NAMES: i64 = 10;
}
