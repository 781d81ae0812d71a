//! A resync compares an organization with its directory. This module holds the states of a resync,
//! from the request to the result.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    directory::PlanWarning,
    id::{OrganizationId, ResyncId},
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncState {
    /// The resync has not started.
    Queued,
    /// The resync fetches pages from Scalekit and makes the plan.
    Listing,
    /// The plan has a warning and waits for a person to confirm it.
    Waiting,
    /// The resync applies the plan through the seat rules.
    Applying,
    Done,
    Cancelled,
    Failed,
}

impl ResyncState {
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Listing,
        Self::Waiting,
        Self::Applying,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Listing => "listing",
            Self::Waiting => "waiting",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Listing | Self::Waiting | Self::Applying)
    }
}

/// What started the resync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncCause {
    /// A person, with the form on the page.
    Form,
    CommandLine,
    /// The nightly schedule.
    Schedule,
    /// A directory that no resync has listed before.
    NewDirectory,
    /// Webhooks that contradict each other, or missing events that a backfill could not fetch.
    Inconsistency,
    /// A file of people. The file stands in the place of the directory.
    Import,
}

impl ResyncCause {
    pub const ALL: [Self; 6] = [
        Self::Form,
        Self::CommandLine,
        Self::Schedule,
        Self::NewDirectory,
        Self::Inconsistency,
        Self::Import,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::CommandLine => "command_line",
            Self::Schedule => "schedule",
            Self::NewDirectory => "new_directory",
            Self::Inconsistency => "inconsistency",
            Self::Import => "import",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// Why a resync waits for Scalekit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitCause {
    /// Scalekit limits the number of calls per minute.
    RateLimit,
    /// Scalekit does not answer, or asks for a later retry.
    Unavailable,
}

impl WaitCause {
    pub const ALL: [Self; 2] = [Self::RateLimit, Self::Unavailable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Unavailable => "unavailable",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// The reason for a wait, and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingFor {
    pub cause: WaitCause,
    pub until: Timestamp,
}

/// The number of users in a plan, by planned change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncCounts {
    pub created: i64,
    pub updated: i64,
    pub reactivated: i64,
    pub deactivated: i64,
    pub removed: i64,
    /// The number of created and reactivated users that get no free seat.
    pub blocked: i64,
    /// Groups that are new, renamed or deleted.
    pub groups: i64,
}

impl ResyncCounts {
    pub fn people(&self) -> i64 {
        self.created + self.updated + self.reactivated + self.takes_away()
    }

    pub fn takes_away(&self) -> i64 {
        self.deactivated + self.removed
    }

    pub fn adds(&self) -> i64 {
        self.created + self.reactivated
    }

    /// The number that a person types to confirm a plan with this warning.
    pub fn to_confirm(&self, warning: PlanWarning) -> i64 {
        match warning {
            PlanWarning::Empty | PlanWarning::RemovesMany => self.takes_away(),
            PlanWarning::AddsMany => self.adds(),
        }
    }
}

/// A resync with everything that is stored of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {
    pub organization: OrganizationId,
    pub id: ResyncId,
    pub state: ResyncState,
    pub dry_run: bool,
    pub cause: ResyncCause,
    /// The person who requested the resync; `None` if it started automatically.
    pub by: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    /// The start time by Scalekit's clock. Listed users are compared with webhooks, which use that
    /// clock.
    pub since: Option<Timestamp>,
    pub planned_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// Every directory is enabled and its complete list was read. Otherwise the plan removes no
    /// user.
    pub is_complete: bool,
    /// The number of users listed so far, and the expected total in `total`.
    pub listed: i64,
    pub total: Option<i64>,
    /// The number of users applied so far.
    pub applied: i64,
    pub calls: i64,
    /// Set while the resync waits for Scalekit.
    pub waits: Option<WaitingFor>,
    /// The number of list entries that could not be read. A resync with such entries removes no
    /// user.
    pub set_aside: i64,
    pub counts: ResyncCounts,
    pub warning: Option<PlanWarning>,
    pub confirmed_by: Option<String>,
    /// Scalekit's error code, and a sentence.
    pub error: Option<(String, String)>,
    /// The plan is too old. Its users are deleted and it cannot be applied.
    pub is_plan_gone: bool,
}

impl Resync {
    /// The error code of a plan that was not confirmed in time.
    pub const EXPIRED: &str = "PLAN_EXPIRED";
    /// The error code of a resync that ended because its organization was deleted.
    pub const ORGANIZATION_DELETED: &str = "ORGANIZATION_DELETED";
    /// The error code of an import whose plan still waited when a resync began.
    pub const REPLACED: &str = "PLAN_REPLACED";
    /// The error code of a resync that found no enabled directory.
    pub const NOT_ENABLED: &str = "DIRECTORY_NOT_ENABLED";
    /// How long a plan waits for a confirmation.
    pub const PLAN_EXPIRES_AFTER: Duration = Duration::from_hours(7 * 24);

    /// The number that a person types to confirm the plan; `None` if the plan has no warning.
    pub fn to_confirm(&self) -> Option<i64> {
        self.warning.map(|warning| self.counts.to_confirm(warning))
    }

    /// When the plan expires, if it waits for a confirmation.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.planned_at
            .filter(|_| self.state == ResyncState::Waiting)
            .map(|at| at.plus(Self::PLAN_EXPIRES_AFTER))
    }

    pub fn is_import(&self) -> bool {
        self.cause == ResyncCause::Import
    }

    /// Returns whether the plan changes nothing.
    pub fn is_empty(&self) -> bool {
        self.counts.people() == 0 && self.counts.groups == 0
    }

    /// Returns whether no plan was applied, not even in part: there is none, or no person confirmed
    /// it.
    pub fn has_changed_nothing(&self) -> bool {
        self.planned_at.is_none() || (self.warning.is_some() && self.confirmed_by.is_none())
    }

    /// How long the resync took. For a confirmed plan this is the time until the plan was made,
    /// without the wait and without the time to apply it. `None` before the start or the end.
    pub fn took(&self) -> Option<Duration> {
        let end = if self.confirmed_by.is_some() { self.planned_at } else { self.finished_at };
        Some(end?.since(self.started_at?))
    }
}

/// What could not be read of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetAsideKind {
    Directory,
    User,
    Group,
    /// The user could be read, but not the groups of the user.
    Membership,
    /// A page lists the user twice, with different data.
    Duplicate,
}

impl SetAsideKind {
    pub const ALL: [Self; 5] =
        [Self::Directory, Self::User, Self::Group, Self::Membership, Self::Duplicate];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::User => "user",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::Duplicate => "duplicate",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
