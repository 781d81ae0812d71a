//! The seat history of an organization.

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    forecast::Forecast,
    history::{DailyRollup, HistoryMonth, HistoryRange, Step},
    id::OrganizationId,
    organization::Usage,
    text::ExternalText,
    time::{Day, Timestamp},
};

/// The parameters of the page. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    pub range: HistoryRange,
    /// Only days before this one are in the table.
    pub before: Option<Day>,
}

impl Key for Day {
    fn written(&self) -> String {
        Self::written(*self)
    }

    fn parse(text: &str) -> Option<Self> {
        Timestamp::of_day(text).map(Self::of)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub chart: HistoryChart,
    /// The months of the range, the newest first.
    pub months: Vec<HistoryMonth>,
    /// The days with a decision, the newest first.
    pub days: Vec<DailyRollup>,
    pub page: KeysetPage<Day>,
}

impl HistoryPage {
    /// Rows of the table.
    pub const ROWS: i64 = 31;
}

/// What a chart draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryChart {
    pub range: HistoryRange,
    /// The present numbers.
    pub usage: Usage,
    /// Used seats, limit and waitlist, in order. Empty: nothing is known about the range.
    pub steps: Vec<Step>,
    /// Whether each change is a step of its own; otherwise a step has the largest numbers of its
    /// days.
    pub exact: bool,
    /// The days, or some days together, for the blocked people.
    pub bars: Vec<Step>,
    pub forecast: Forecast,
    pub now: Timestamp,
}

impl HistoryChart {
    /// The number of steps at most.
    pub const STEPS: usize = 400;

    /// Whether there is something to see: more than the first day.
    pub fn has_history(&self) -> bool {
        self.bars.len() > 1
    }
}
