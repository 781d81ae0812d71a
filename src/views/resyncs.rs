//! What the pages of resyncs show: the history of an organization, and one resync with its plan.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    audit::AuditAction,
    decision::Outcome,
    directory::{Change, PlanPart},
    directory_user::SeatState,
    id::{DirectoryUserId, ImportId, OrganizationId, ResyncId},
    resync::{Resync, ResyncState, SetAsideKind},
    text::ExternalText,
    time::Timestamp,
};

/// The resyncs of an organization, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncsPage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    /// Whether there are credentials for Scalekit's Directory API.
    pub directory_api: bool,
    /// The resync that has not ended.
    pub open: Option<Resync>,
    pub rows: Vec<Resync>,
    pub page: KeysetPage<ResyncId>,
    pub now: Timestamp,
}

impl ResyncsPage {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
}

/// The parameters of the page of a resync.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncQuery {
    /// `None` shows the first rows of each change.
    pub only: Option<PlanPart>,
    /// Of a part only the users behind this one.
    pub before: Option<DirectoryUserId>,
}

impl ResyncQuery {
    /// The first page of a part.
    pub fn of(part: PlanPart) -> Self {
        Self { only: Some(part), before: None }
    }
}

impl Key for DirectoryUserId {
    fn written(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// One resync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncPage {
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    pub run: Resync,
    /// No later resync of the organization exists, so the plan can still be applied.
    pub is_latest: bool,
    /// What people did with the resync, the oldest first.
    pub commands: Vec<ResyncAct>,
    /// `None` while the plan waits for a confirmation, and after the end.
    pub progress: Option<Progress>,
    pub plan: Plan,
    /// The first list entries that could not be read.
    pub set_aside: Vec<SetAsideRow>,
    /// The file of an import.
    pub import: Option<ImportedFile>,
    pub now: Timestamp,
}

/// The file whose people an import brings in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    pub id: ImportId,
    /// It has all people: those who are not in it are removed.
    pub is_whole: bool,
    pub rows: i64,
    /// Rows that cannot be taken.
    pub refused: i64,
    /// Rows about people of a directory, which stay as they are.
    pub left_to_directory: i64,
    /// What became of each row is still kept.
    pub has_result: bool,
}

impl ResyncPage {
    /// The number of unreadable entries shown.
    pub const SET_ASIDE: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncAct {
    pub what: ActKind,
    /// `None` if the reader is a tenant and another person acted.
    pub by: Option<String>,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActKind {
    Previewed,
    Started,
    Confirmed,
    Cancelled,
}

impl ActKind {
    /// Returns the kind for an action in the audit log.
    pub fn of(action: AuditAction) -> Option<Self> {
        match action {
            AuditAction::DryRunResync => Some(Self::Previewed),
            AuditAction::StartResync => Some(Self::Started),
            AuditAction::ConfirmResync => Some(Self::Confirmed),
            AuditAction::CancelResync => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// A plan, or a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The number of users in each part. Empty parts are left out.
    pub counts: Vec<(PlanPart, i64)>,
    /// The first rows of each change, or a page of the requested part.
    pub rows: Vec<(PlanPart, Vec<PlanRow>)>,
    /// The page of the requested part.
    pub page: Option<KeysetPage<DirectoryUserId>>,
}

impl Plan {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    /// The number of rows of each change when all changes are shown.
    pub const FIRST: i64 = 5;

    pub fn count(&self, part: PlanPart) -> i64 {
        self.counts.iter().find(|(other, _)| *other == part).map_or(0, |(_, count)| *count)
    }
}

/// One user of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub change: Change,
    pub from: Option<SeatState>,
    /// The activity in the directory; `None` if the directory did not say or the user is deleted.
    pub active: Option<bool>,
    /// No seat is free for this user.
    pub blocked: bool,
    /// The outcome of the seat rules; `None` while the change is not applied.
    pub outcome: Option<Outcome>,
}

/// A list entry that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideRow {
    pub kind: SetAsideKind,
    /// The id of the entry, if it has one.
    pub id: Option<String>,
    /// The reason, as a sentence.
    pub why: String,
}

/// The progress of a resync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: i64,
    /// `None` while the number is not known.
    pub total: Option<i64>,
    /// Users per second; `None` while there is too little data.
    pub pace: Option<i64>,
    pub left: Option<Duration>,
}

impl Progress {
    /// The progress of a running resync, without an estimate of the remaining time.
    pub fn reached(run: &Resync) -> Option<Self> {
        let (done, total) = match run.state {
            ResyncState::Queued => (0, None),
            ResyncState::Listing => (run.listed, run.total),
            ResyncState::Applying => (run.applied, Some(run.counts.people())),
            ResyncState::Waiting
            | ResyncState::Done
            | ResyncState::Cancelled
            | ResyncState::Failed => return None,
        };
        Some(Self { done, total, pace: None, left: None })
    }

    /// The progress with its pace and the remaining time. `confirmed_at` is the time at which a
    /// waiting plan was confirmed.
    pub fn of(run: &Resync, confirmed_at: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        let reached = Self::reached(run)?;
        let since = if run.state == ResyncState::Applying {
            confirmed_at.or(run.planned_at)
        } else {
            run.started_at
        };
        let spent = since.map(|since| now.since(since)).filter(|spent| *spent >= Self::SHORTEST);
        let Some(spent) = spent.filter(|_| reached.done > 0) else {
            return Some(reached);
        };
        let millis = i64::try_from(spent.as_millis()).unwrap_or(i64::MAX);
        let rest = reached.total.map(|total| total - reached.done).filter(|rest| *rest > 0);
        let left = rest
            .and_then(|rest| u64::try_from(rest.saturating_mul(millis) / reached.done).ok())
            .map(Duration::from_millis);
        Some(Self { pace: Some(reached.done.saturating_mul(1_000) / millis), left, ..reached })
    }

    /// The shortest time after which the pace is calculated.
    const SHORTEST: Duration = Duration::from_millis(900);
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::resync::{ResyncCause, ResyncCounts};

    fn run(state: ResyncState) -> Resync {
        let at = Timestamp::from_seconds(1_000);
        Resync {
            organization: OrganizationId::new("org_1"),
            id: ResyncId::new("rsn_1"),
            state,
            dry_run: false,
            cause: ResyncCause::Form,
            by: Some("Sam".to_owned()),
            created_at: at,
            started_at: Some(at),
            since: Some(at),
            planned_at: Some(at.plus(Duration::from_secs(20))),
            finished_at: None,
            is_complete: true,
            listed: 150,
            total: Some(600),
            applied: 40,
            calls: 7,
            waits: None,
            set_aside: 0,
            counts: ResyncCounts { created: 90, removed: 10, ..ResyncCounts::default() },
            warning: None,
            confirmed_by: None,
            error: None,
            is_plan_gone: false,
        }
    }

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_000).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_listing_shows_its_pace_and_what_is_left() {
        let progress = Progress::of(&run(ResyncState::Listing), None, after(5)).unwrap();

        let left = Some(Duration::from_secs(15));
        assert_eq!(progress, Progress { done: 150, total: Some(600), pace: Some(30), left });
    }

    #[test]
    fn before_anybody_is_listed_nothing_is_guessed() {
        let begun = Resync { listed: 0, total: None, ..run(ResyncState::Listing) };

        assert_eq!(
            Progress::of(&begun, None, after(5)),
            Some(Progress { done: 0, total: None, pace: None, left: None })
        );
        assert_eq!(Progress::of(&run(ResyncState::Listing), None, after(0)).unwrap().pace, None);
    }

    #[test]
    fn a_plan_that_lay_there_for_an_hour_is_applied_at_the_pace_since_it_was_confirmed() {
        let progress =
            Progress::of(&run(ResyncState::Applying), Some(after(3_600)), after(3_602)).unwrap();

        assert_eq!((progress.done, progress.total, progress.pace), (40, Some(100), Some(20)));
        assert_eq!(progress.left, Some(Duration::from_secs(3)));
    }

    #[test]
    fn what_is_over_makes_no_progress() {
        for state in
            [ResyncState::Waiting, ResyncState::Done, ResyncState::Cancelled, ResyncState::Failed]
        {
            assert_eq!(Progress::of(&run(state), None, after(5)), None);
        }
    }
}
