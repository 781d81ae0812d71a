//! What must be true after every commit, and the finding when it is not. A violation means that the
//! program has an error, or that rows were changed by hand.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    admission::AdmissionPolicy,
    alert::{AlertKind, SystemAlert, Turn, UsageAlert, UsageThresholds, turns},
    decision::Outcome,
    group::MemberCounts,
    id::OrganizationId,
    organization::{SeatLimit, SeatStatus, Usage, grouped},
    time::Timestamp,
    waitlist::Place,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// The stored counts match the rows.
    Counts,
    /// No more seats are used than the limit allows, except after the limit was lowered.
    Limit,
    /// No user waits while a seat is free, unless the policy is by hand.
    Waitlist,
    /// Every waiting user has a rank of the policy, and a position that was assigned.
    Positions,
    /// A deleted organization has no used seats and no waiting users.
    Archived,
    /// The open alerts match the numbers.
    Alerts,
    /// When every seat is used, deliveries still lead to decisions.
    Enforcement,
    /// E-mails are sent.
    Emails,
    /// Deliveries are committed.
    Intake,
}

impl Invariant {
    pub const ALL: [Self; 9] = [
        Self::Counts,
        Self::Limit,
        Self::Waitlist,
        Self::Positions,
        Self::Archived,
        Self::Alerts,
        Self::Enforcement,
        Self::Emails,
        Self::Intake,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Limit => "limit",
            Self::Waitlist => "waitlist",
            Self::Positions => "positions",
            Self::Archived => "archived",
            Self::Alerts => "alerts",
            Self::Enforcement => "enforcement",
            Self::Emails => "emails",
            Self::Intake => "intake",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|invariant| invariant.as_str() == text)
    }

    /// The system alert that staff get by e-mail. `Emails` and `Intake` open none: no e-mail can
    /// report that e-mails are not sent.
    pub fn alert(self) -> Option<SystemAlert> {
        match self {
            Self::Counts
            | Self::Limit
            | Self::Waitlist
            | Self::Positions
            | Self::Archived
            | Self::Alerts => Some(SystemAlert::Drift),
            Self::Enforcement => Some(SystemAlert::EnforcementSilent),
            Self::Emails | Self::Intake => None,
        }
    }
}

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub invariant: Invariant,
    /// `None` if the finding is about the whole installation.
    pub organization: Option<OrganizationId>,
    /// A sentence with the numbers. It follows the name of the organization.
    pub sentence: String,
}

/// What a finished check covered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub organizations: i64,
    /// The number of used seats and of waitlist positions that were counted.
    pub people: i64,
    pub seat_statuses: Vec<(SeatStatus, i64)>,
}

/// The progress of retention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Deliveries received up to this time have no body any more.
    pub until: Timestamp,
    /// The number of bodies removed since the installation.
    pub bodies: u64,
}

/// An organization's stored counts and the counts of its rows, from one snapshot.
#[derive(Clone, Debug)]
pub struct Recount {
    pub organization: OrganizationId,
    pub usage: Usage,
    pub policy: AdmissionPolicy,
    pub archived: bool,
    pub counted_used: i64,
    pub counted_waiting: i64,
    /// The first and the last position of a waiting user.
    pub positions: Option<(i64, i64)>,
    /// The highest and the lowest rank of a waiting user; a smaller number is higher.
    pub ranks: Option<(i64, i64)>,
    /// The numbers of the first and the last arrival, which the positions belong to.
    pub handed_out: (i64, i64),
}

impl Recount {
    /// The findings that the numbers alone show.
    pub fn findings(&self) -> Vec<Finding> {
        let Usage { used, waiting, .. } = self.usage;
        let counts = (used, waiting) != (self.counted_used, self.counted_waiting);
        let idle_seat = self.policy.is_automatic()
            && !self.archived
            && waiting > 0
            && self.usage.limit.has_room(used);
        let (first, last) = self.handed_out;
        let positions = self.positions.is_some_and(|(nearest, farthest)| {
            Place::arrival(nearest) < first || Place::arrival(farthest) > last
        });
        let ranks = self
            .ranks
            .is_some_and(|(highest, lowest)| highest < Place::FRONT || lowest > self.lowest_rank());
        let archived = self.archived && (used > 0 || waiting > 0);
        [
            counts.then(|| {
                let (used, waiting) = (grouped(used), grouped(waiting));
                let counted_used = grouped(self.counted_used);
                let counted_waiting = grouped(self.counted_waiting);
                let sentence =
                    format!("the stored counts are {used} used and {waiting} waiting, its people say {counted_used} and {counted_waiting}");
                self.finding(Invariant::Counts, sentence)
            }),
            idle_seat.then(|| {
                self.finding(Invariant::Waitlist, "a seat is free and a person waits, although the waitlist is admitted automatically")
            }),
            positions.then(|| self.finding(Invariant::Positions, "a person waits at a position that was never assigned")),
            ranks.then(|| self.finding(Invariant::Positions, "a person waits with a rank that the admission policy does not have")),
            archived.then(|| self.finding(Invariant::Archived, "it is archived, yet it holds seats or people wait")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns a finding if the stored numbers of members of all groups together are not those of
    /// the rows.
    pub fn groups(
        organization: OrganizationId,
        stored: MemberCounts,
        counted: MemberCounts,
    ) -> Option<Finding> {
        let told = |counts: MemberCounts| {
            MemberCounts::STATES.map(|state| grouped(counts.of(state))).join(", ")
        };
        (stored != counted).then(|| Finding {
            invariant: Invariant::Counts,
            organization: Some(organization),
            sentence: format!(
                "the stored numbers of members of its groups (with a seat, waiting, not now, inactive) are {}, the people say {}",
                told(stored),
                told(counted)
            ),
        })
    }

    /// The rank of the users in no group of the policy.
    fn lowest_rank(&self) -> i64 {
        self.policy.rank(|_| false)
    }

    /// Returns a finding if more seats are used than the limit allows and no lowering of the limit
    /// explains it. After a lowering the last admission was within the limit of its time, and since
    /// then seats were only released.
    pub fn over(&self, last_admission: Option<(SeatLimit, i64)>) -> Option<Finding> {
        let over = self.usage.over();
        let lowered = last_admission
            .is_some_and(|(limit, used)| limit.has_room(used) && self.usage.used <= used + 1);
        let by = grouped(over);
        (over > 0 && !lowered).then(|| {
            self.finding(
                Invariant::Limit,
                format!("it is {by} over its limit, and no lowering explains it"),
            )
        })
    }

    /// Returns a finding if the open alerts do not match the numbers. An alert without a recipient
    /// is open, too: its notification is owed. An alert about a threshold depends on a setting that
    /// may just have changed, so it is not checked.
    pub fn alerts(&self, open: &[AlertKind]) -> Option<Finding> {
        let known = |kind: &AlertKind| UsageAlert::of(*kind, "");
        let open: Vec<UsageAlert> = open.iter().filter_map(known).collect();
        let wrong = turns(&open, &self.usage, &UsageThresholds::none());
        let sentence = match wrong.first()? {
            Turn::Opens { alert, .. } => {
                format!("the alert {} should be open and is not", alert.kind().as_str())
            }
            Turn::Resolves(alert) => {
                format!("the alert {} is open and should be resolved", alert.kind().as_str())
            }
        };
        Some(self.finding(Invariant::Alerts, sentence))
    }

    /// Returns whether a new user would have to wait, so that deliveries must lead to decisions.
    pub fn is_full(&self) -> bool {
        !self.archived && !self.usage.limit.has_room(self.usage.used)
    }

    /// Returns a finding if enforcement has stopped. This is so when every seat is used and
    /// - a delivery changed a seat or the waitlist, and the newest decision is clearly older than
    ///   it; or
    /// - at least ten recent deliveries are about its users, and none of them could be processed.
    pub fn silence(
        &self,
        recent: &[RecentDelivery],
        last_decision: Option<Timestamp>,
    ) -> Option<Finding> {
        let moved =
            recent.iter().filter(|delivery| delivery.moved()).map(|delivery| delivery.at).max();
        let undecided = moved
            .is_some_and(|at| last_decision.is_none_or(|decided| at.since(decided) > Self::SLACK));
        let people: Vec<&RecentDelivery> =
            recent.iter().filter(|delivery| delivery.is_about_people()).collect();
        let deaf =
            people.len() >= Self::NOT_LITTLE && people.iter().all(|delivery| delivery.is_lost());
        let sentence = if undecided {
            "every seat is taken and deliveries move its people, yet no decision is recorded"
                .to_owned()
        } else if deaf {
            format!(
                "every seat is taken, and none of the last {} deliveries about its people was understood",
                people.len()
            )
        } else {
            return None;
        };
        Some(self.finding(Invariant::Enforcement, sentence))
    }

    /// The clocks of several machines may differ by this much, and a written row may become visible
    /// this much later.
    pub const SLACK: Duration = Duration::from_mins(5);
    /// The smallest number of deliveries from which a conclusion is drawn.
    const NOT_LITTLE: usize = 10;

    fn finding(&self, invariant: Invariant, sentence: impl Into<String>) -> Finding {
        Finding {
            invariant,
            organization: Some(self.organization.clone()),
            sentence: sentence.into(),
        }
    }
}

/// A delivery, with what the check of enforcement needs.
#[derive(Clone, Debug)]
pub struct RecentDelivery {
    pub kind: String,
    pub outcome: Outcome,
    pub at: Timestamp,
}

impl RecentDelivery {
    /// An event of a directory about a user. Other types with a user in their name are not used.
    fn is_about_people(&self) -> bool {
        self.kind.contains("directory.user") || self.kind.contains("dir.user")
    }

    /// Whether the delivery led to a decision.
    fn moved(&self) -> bool {
        matches!(self.outcome, Outcome::Admitted | Outcome::Blocked | Outcome::Released)
    }

    fn is_lost(&self) -> bool {
        matches!(self.outcome, Outcome::Ignored | Outcome::Mismatch | Outcome::Dead)
    }
}

#[cfg(test)]
mod tests;
