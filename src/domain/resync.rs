//! One comparison with the directory, from the wish to the result: its states, and what pages show of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    directory::{Change, Doubt},
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId, ResyncId},
    text::ExternalText,
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncState {
    /// Its turn has not come.
    Queued,
    /// Scalekit is asked, page by page, and the plan is made.
    Listing,
    /// The plan takes many away: somebody has to confirm it.
    Waiting,
    /// The plan goes through the seat rules.
    Applying,
    Done,
    Cancelled,
    Failed,
}

impl ResyncState {
    pub const ALL: [Self; 7] = [Self::Queued, Self::Listing, Self::Waiting, Self::Applying, Self::Done, Self::Cancelled, Self::Failed];

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

/// What started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncCause {
    /// A person, by form.
    Form,
    CommandLine,
    /// The night.
    Schedule,
    /// A directory nobody has listed before.
    NewDirectory,
    /// Webhooks that contradict each other, or a gap the event log could not close.
    Doubt,
}

impl ResyncCause {
    pub const ALL: [Self; 5] = [Self::Form, Self::CommandLine, Self::Schedule, Self::NewDirectory, Self::Doubt];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::CommandLine => "command_line",
            Self::Schedule => "schedule",
            Self::NewDirectory => "new_directory",
            Self::Doubt => "doubt",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// Why a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitCause {
    /// Scalekit allows only so many calls a minute.
    RateLimit,
    /// Scalekit does not answer, or asks to come again later.
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

/// What a run waits for, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingFor {
    pub cause: WaitCause,
    pub until: Timestamp,
}

/// How many people a plan names, by what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncCounts {
    pub created: i64,
    pub updated: i64,
    pub reactivated: i64,
    pub deactivated: i64,
    pub removed: i64,
    /// Of those created and reactivated: for whom no seat would be free.
    pub blocked: i64,
    /// Groups that are new, renamed or gone.
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

    /// The number of people that a person types to confirm a plan that is in doubt.
    pub fn to_confirm(&self, doubt: Doubt) -> i64 {
        match doubt {
            Doubt::Empty | Doubt::TakesManyAway => self.takes_away(),
            Doubt::AddsMany => self.adds(),
        }
    }
}

/// A run, as pages and the command line show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {
    pub organization: OrganizationId,
    pub id: ResyncId,
    pub state: ResyncState,
    pub dry_run: bool,
    pub cause: ResyncCause,
    /// Who asked for it, where it was a person.
    pub by: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    /// When that was by Scalekit's clock: what it says is weighed against webhooks, which bear its time.
    pub since: Option<Timestamp>,
    pub planned_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// All directories are enabled and were listed to the end; else nobody is removed.
    pub whole: bool,
    /// People listed so far, of how many.
    pub listed: i64,
    pub total: Option<i64>,
    /// People applied so far.
    pub applied: i64,
    pub calls: i64,
    /// It waits for Scalekit.
    pub waits: Option<WaitingFor>,
    /// Entries of lists that could not be read. Such a run removes no person.
    pub set_aside: i64,
    pub counts: ResyncCounts,
    pub doubt: Option<Doubt>,
    pub confirmed_by: Option<String>,
    /// Scalekit's own code, and a sentence.
    pub error: Option<(String, String)>,
    /// Its plan is too old: whom it named is not kept, and nobody applies it.
    pub is_plan_gone: bool,
}

impl Resync {
    /// Without who of our staff had a hand in it; whoever reads it finds themselves.
    #[must_use]
    pub fn for_tenant(mut self, reader: &str) -> Self {
        self.by = self.by.filter(|by| by == reader);
        self.confirmed_by = self.confirmed_by.filter(|by| by == reader);
        self
    }

    /// The code of a plan that no person confirmed in time.
    pub const EXPIRED: &str = "PLAN_EXPIRED";
    /// The code of a run that ended with its organization.
    pub const ORGANIZATION_DELETED: &str = "ORGANIZATION_DELETED";
    /// The code of a run that found no directory that is enabled yet.
    pub const NOT_ENABLED: &str = "DIRECTORY_NOT_ENABLED";
    /// How long a plan waits for a person.
    pub const PLAN_EXPIRES_AFTER: Duration = Duration::from_hours(7 * 24);

    /// The number a person types to confirm its plan; `None` where there is no doubt.
    pub fn to_confirm(&self) -> Option<i64> {
        self.doubt.map(|doubt| self.counts.to_confirm(doubt))
    }

    /// When its plan expires, if it waits for a person.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.planned_at.filter(|_| self.state == ResyncState::Waiting).map(|at| at.plus(Self::PLAN_EXPIRES_AFTER))
    }

    /// Nothing would change.
    pub fn is_empty(&self) -> bool {
        self.counts.people() == 0 && self.counts.groups == 0
    }

    /// How long it was at work; a plan that lay there to be looked at was not. `None` before its beginning or end.
    pub fn took(&self) -> Option<Duration> {
        let end = if self.confirmed_by.is_some() { self.planned_at } else { self.finished_at };
        Some(end?.since(self.started_at?))
    }
}

/// One person of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub change: Change,
    pub from: Option<SeatState>,
    /// As the directory has them; `None`: it did not say, or they are gone.
    pub active: Option<bool>,
    /// No seat would be free.
    pub blocked: bool,
    /// What it came to: an outcome of the seat rules; `None` while it is not applied.
    pub outcome: Option<String>,
}

/// An entry of a list that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideRow {
    pub kind: SetAsideKind,
    /// Its id, as far as it has one.
    pub id: Option<String>,
    /// A sentence.
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetAsideKind {
    Directory,
    User,
    Group,
    /// The person was read, but not the groups they are in.
    Membership,
    /// The person stands in a page twice, as two different people.
    Duplicate,
}

impl SetAsideKind {
    pub const ALL: [Self; 5] = [Self::Directory, Self::User, Self::Group, Self::Membership, Self::Duplicate];

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

/// How the event log is followed, for the system's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// When the last delivery came.
    pub last_event: Option<Timestamp>,
    pub checked_at: Option<Timestamp>,
    /// When something was missing last, and how many events; or whether everybody was compared with their directory.
    pub closed_at: Option<Timestamp>,
    pub found: i64,
    pub by_resync: bool,
    /// Why the log could not be read the last time: Scalekit's own code, and a sentence.
    pub error: Option<(String, String)>,
}
