//! What the pages of resyncs show: the history of an organization, and one run with its plan.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{
    directory::Change,
    id::{OrganizationId, ResyncId},
    resync::{PlanRow, Resync, ResyncState, SetAsideRow},
    text::ExternalText,
    time::Timestamp,
};

/// The runs of an organization, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncsPage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    /// Whether there are credentials for Scalekit's Directory API.
    pub directory_api: bool,
    /// The one that is not over.
    pub open: Option<Resync>,
    pub rows: Vec<Resync>,
    /// Before which run the next part begins.
    pub older: Option<ResyncId>,
    pub now: Timestamp,
}

impl ResyncsPage {
    /// Rows on a page.
    pub const ROWS: i64 = 50;

    /// Without who of our staff had a hand in it.
    #[must_use]
    pub fn for_tenant(mut self, reader: &str) -> Self {
        self.open = self.open.map(|run| run.for_tenant(reader));
        self.rows = self.rows.into_iter().map(|run| run.for_tenant(reader)).collect();
        self
    }
}

/// How a run is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncQuery {
    /// Nothing: the first of each change.
    pub only: Option<Part>,
    /// From 1; of a part.
    pub page: i64,
}

/// A part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    Of(Change),
    /// No seat is free for them.
    Blocked,
    /// A newer webhook had the last word.
    LeftAlone,
}

impl Part {
    /// As they are applied: whoever goes comes first.
    pub const ALL: [Self; 7] = [
        Self::Of(Change::Removed),
        Self::Of(Change::Deactivated),
        Self::Of(Change::Created),
        Self::Of(Change::Reactivated),
        Self::Of(Change::Updated),
        Self::Blocked,
        Self::LeftAlone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Of(change) => change.as_str(),
            Self::Blocked => "blocked",
            Self::LeftAlone => "left-alone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncPage {
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    pub run: Resync,
    /// No other has begun since: its plan may still be applied.
    pub is_latest: bool,
    /// What people did to it, oldest first.
    pub acts: Vec<ResyncAct>,
    /// `None` once it is over.
    pub progress: Option<Progress>,
    pub plan: Plan,
    /// The first entries of lists that could not be read.
    pub set_aside: Vec<SetAsideRow>,
    pub now: Timestamp,
}

impl ResyncPage {
    /// Entries shown that could not be read.
    pub const SET_ASIDE: i64 = 50;

    /// Without who of our staff had a hand in it.
    #[must_use]
    pub fn for_tenant(mut self, reader: &str) -> Self {
        self.run = self.run.for_tenant(reader);
        self.acts.iter_mut().for_each(|act| act.by = act.by.take().filter(|by| by == reader));
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncAct {
    pub what: ActKind,
    /// `None`: somebody of the staff, which is not the reader's business.
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
    /// By the name of the act in the audit log.
    pub fn of(action: &str) -> Option<Self> {
        match action {
            "dry_run_resync" => Some(Self::Previewed),
            "start_resync" => Some(Self::Started),
            "confirm_resync" => Some(Self::Confirmed),
            "cancel_resync" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// A plan, or a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How many people there are in each part; only parts that somebody is in.
    pub counts: Vec<(Part, i64)>,
    /// The first of each change, or a page of the part that was asked for.
    pub rows: Vec<(Part, Vec<PlanRow>)>,
    pub page: i64,
    pub pages: i64,
}

impl Plan {
    /// Rows on a page.
    pub const ROWS: i64 = 50;
    /// Rows of each change where all of them are shown.
    pub const FIRST: i64 = 5;

    pub fn count(&self, part: Part) -> i64 {
        self.counts.iter().find(|(other, _)| *other == part).map_or(0, |(_, count)| *count)
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: i64,
    /// `None`: nobody has said yet how many there are.
    pub total: Option<i64>,
    /// People a second; `None` while there is nothing to go by.
    pub pace: Option<i64>,
    pub left: Option<Duration>,
}

impl Progress {
    /// Of a run that is at work: how far, without a guess at the rest.
    pub fn reached(run: &Resync) -> Option<Self> {
        let (done, total) = match run.state {
            ResyncState::Queued => (0, None),
            ResyncState::Listing => (run.listed, run.total),
            ResyncState::Applying => (run.applied, Some(run.counts.people())),
            ResyncState::Waiting | ResyncState::Done | ResyncState::Cancelled | ResyncState::Failed => return None,
        };
        Some(Self { done, total, pace: None, left: None })
    }

    /// The same, and how fast. `confirmed_at` is when a plan that lay there went on.
    pub fn of(run: &Resync, confirmed_at: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        let reached = Self::reached(run)?;
        let since = if run.state == ResyncState::Applying { confirmed_at.or(run.planned_at) } else { run.started_at };
        let spent = since.map(|since| now.since(since)).filter(|spent| *spent >= Self::SHORTEST);
        let Some(spent) = spent.filter(|_| reached.done > 0) else {
            return Some(reached);
        };
        let millis = i64::try_from(spent.as_millis()).unwrap_or(i64::MAX);
        let rest = reached.total.map(|total| total - reached.done).filter(|rest| *rest > 0);
        let left = rest.and_then(|rest| u64::try_from(rest.saturating_mul(millis) / reached.done).ok()).map(Duration::from_millis);
        Some(Self { pace: Some(reached.done.saturating_mul(1_000) / millis), left, ..reached })
    }

    /// Before this, a pace is a guess.
    const SHORTEST: Duration = Duration::from_millis(900);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::resync::{ResyncCause, ResyncCounts};

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
            whole: true,
            listed: 150,
            total: Some(600),
            applied: 40,
            calls: 7,
            waits: None,
            set_aside: 0,
            counts: ResyncCounts { created: 90, removed: 10, ..ResyncCounts::default() },
            doubt: None,
            confirmed_by: None,
            error: None,
            is_plan_gone: false,
        }
    }

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_000).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_listing_tells_its_pace_and_what_is_left() {
        let progress = Progress::of(&run(ResyncState::Listing), None, after(5)).unwrap();

        let left = Some(Duration::from_secs(15));
        assert_eq!(progress, Progress { done: 150, total: Some(600), pace: Some(30), left });
    }

    #[test]
    fn before_anybody_is_listed_nothing_is_guessed() {
        let begun = Resync { listed: 0, total: None, ..run(ResyncState::Listing) };

        assert_eq!(Progress::of(&begun, None, after(5)), Some(Progress { done: 0, total: None, pace: None, left: None }));
        assert_eq!(Progress::of(&run(ResyncState::Listing), None, after(0)).unwrap().pace, None);
    }

    #[test]
    fn a_plan_that_lay_there_for_an_hour_is_applied_at_the_pace_since_it_was_confirmed() {
        let progress = Progress::of(&run(ResyncState::Applying), Some(after(3_600)), after(3_602)).unwrap();

        assert_eq!((progress.done, progress.total, progress.pace), (40, Some(100), Some(20)));
        assert_eq!(progress.left, Some(Duration::from_secs(3)));
    }

    #[test]
    fn what_is_over_makes_no_progress() {
        for state in [ResyncState::Waiting, ResyncState::Done, ResyncState::Cancelled, ResyncState::Failed] {
            assert_eq!(Progress::of(&run(state), None, after(5)), None);
        }
    }

    #[test]
    fn a_part_is_written_and_read() {
        for part in Part::ALL {
            assert_eq!(Part::parse(part.as_str()), Some(part));
        }
        assert_eq!(Part::parse(""), None);
    }

    #[test]
    fn a_tenant_reads_their_own_name_and_no_other() {
        assert_eq!(run(ResyncState::Done).for_tenant("Sam").by.as_deref(), Some("Sam"));
        assert_eq!(run(ResyncState::Done).for_tenant("Kim").by, None);
    }
}
