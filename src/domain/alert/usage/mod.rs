//! The alerts that the numbers of an organization alone open and resolve.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::AlertKind;
use crate::organization::{SeatLimit, Usage};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageAlert {
    SeatLimitReached,
    LimitNotSet,
    OverLimit,
    SeatUsageHigh(Threshold),
}

/// A number of used seats, relative to the limit, from which on the usage is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// This share of the seats is used.
    Percent(i64),
    /// Only so many seats are free. Small plans have it: a percentage of few seats says little.
    Left(i64),
}

/// The percentages of used seats at which an organization is notified, the smallest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageThresholds(Vec<i64>);

/// The word for no percentages.
const NONE: &str = "none";
/// Plans up to so many seats are warned when one seat is left.
const ONE_LEFT_UP_TO: i64 = 15;
/// Plans up to so many seats are warned when two seats are left.
const TWO_LEFT_UP_TO: i64 = 25;
/// An alert is resolved so many points below its threshold, so that one person who comes and goes
/// does not open it again and again.
const REARM_POINTS: i64 = 5;

impl UsageThresholds {
    /// How many percentages a list may have.
    pub const MOST: usize = 5;

    /// Percentages from 1 to 100, sorted and each once. `None` if one is out of this range, or if
    /// there are too many. An empty list notifies no one.
    pub fn new(mut percentages: Vec<i64>) -> Option<Self> {
        percentages.sort_unstable();
        percentages.dedup();
        let is_good = percentages.len() <= Self::MOST
            && percentages.iter().all(|percent| (1..=100).contains(percent));
        is_good.then_some(Self(percentages))
    }

    /// No organization is notified of its usage.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Parses what a person types: `80, 90`, or `none`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim() == NONE {
            return Some(Self::none());
        }
        let percentage = |text: &str| {
            let digits = text.trim().trim_end_matches('%').trim_end();
            let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_digits)
        };
        Self::new(text.split(',').map(percentage).collect::<Option<_>>()?)
    }

    /// As a person types it.
    pub fn text(&self) -> String {
        let percentages: Vec<String> = self.0.iter().map(i64::to_string).collect();
        if percentages.is_empty() { NONE.to_owned() } else { percentages.join(", ") }
    }

    pub fn percentages(&self) -> &[i64] {
        &self.0
    }

    /// The thresholds of a plan with this limit.
    fn of(&self, limit: SeatLimit) -> Vec<Threshold> {
        match limit {
            SeatLimit::Seats(seats) if seats <= 1 || self.0.is_empty() => Vec::new(),
            SeatLimit::Seats(seats) if seats <= ONE_LEFT_UP_TO => vec![Threshold::Left(1)],
            SeatLimit::Seats(seats) if seats <= TWO_LEFT_UP_TO => vec![Threshold::Left(2)],
            SeatLimit::Seats(_) => self.0.iter().copied().map(Threshold::Percent).collect(),
            SeatLimit::NotSet | SeatLimit::Unlimited => Vec::new(),
        }
    }
}

impl Default for UsageThresholds {
    fn default() -> Self {
        Self(vec![80, 90])
    }
}

impl Threshold {
    /// Whether so many used seats have reached the threshold. An open alert holds down to five
    /// points below it.
    fn is_reached(self, (used, seats): (i64, i64), is_open: bool) -> bool {
        if is_open {
            used > 0 && used * 100 > self.hundredths(seats) - REARM_POINTS * seats
        } else {
            used * 100 >= self.hundredths(seats)
        }
    }

    /// The threshold in hundredths of a seat.
    fn hundredths(self, seats: i64) -> i64 {
        match self {
            Self::Percent(percent) => percent * seats,
            Self::Left(left) => (seats - left) * 100,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
        let left = || text.strip_suffix("-left").and_then(|number| number.parse().ok());
        percent.map(Self::Percent).or_else(|| left().map(Self::Left))
    }
}

impl fmt::Display for Threshold {
    /// As the database holds it: `80%`, `1-left`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Left(left) => write!(f, "{left}-left"),
        }
    }
}

impl UsageAlert {
    /// `None` if the numbers do not decide about this alert.
    pub fn of(kind: AlertKind, target: &str) -> Option<Self> {
        match kind {
            AlertKind::SeatLimitReached => Some(Self::SeatLimitReached),
            AlertKind::LimitNotSet => Some(Self::LimitNotSet),
            AlertKind::OverLimit => Some(Self::OverLimit),
            AlertKind::SeatUsageHigh => Threshold::parse(target).map(Self::SeatUsageHigh),
            AlertKind::DirectoryDisabled
            | AlertKind::ResyncFailed
            | AlertKind::ResyncNeedsConfirmation
            | AlertKind::ChannelFailing => None,
        }
    }

    pub fn kind(self) -> AlertKind {
        match self {
            Self::SeatLimitReached => AlertKind::SeatLimitReached,
            Self::LimitNotSet => AlertKind::LimitNotSet,
            Self::OverLimit => AlertKind::OverLimit,
            Self::SeatUsageHigh(_) => AlertKind::SeatUsageHigh,
        }
    }

    /// Which of several conditions of its kind it is about; empty if there is one.
    pub fn target(self) -> String {
        match self {
            Self::SeatUsageHigh(threshold) => threshold.to_string(),
            Self::SeatLimitReached | Self::LimitNotSet | Self::OverLimit => String::new(),
        }
    }

    /// Whether one of these alerts counts more, so that only that one notifies.
    pub fn is_covered(self, open: &[Self], usage: &Usage) -> bool {
        let seats = if let SeatLimit::Seats(seats) = usage.limit { seats } else { 0 };
        open.iter().any(|other| self.is_covered_by(*other, seats))
    }

    fn is_covered_by(self, other: Self, seats: i64) -> bool {
        let Self::SeatUsageHigh(threshold) = self else { return false };
        match other {
            Self::SeatLimitReached | Self::OverLimit => true,
            Self::SeatUsageHigh(higher) => {
                higher != threshold && higher.hundredths(seats) > threshold.hundredths(seats)
            }
            Self::LimitNotSet => false,
        }
    }
}

/// An alert to open or to resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A covered alert notifies no one: one that counts more does.
    Opens {
        alert: UsageAlert,
        is_covered: bool,
    },
    Resolves(UsageAlert),
}

/// Returns the alerts to open and to resolve, given the open alerts and the current numbers.
pub fn turns(open: &[UsageAlert], usage: &Usage, thresholds: &UsageThresholds) -> Vec<Turn> {
    let hold = holding(open, usage, thresholds);
    let opens = hold
        .iter()
        .filter(|alert| !open.contains(alert))
        .map(|alert| Turn::Opens { alert: *alert, is_covered: alert.is_covered(&hold, usage) });
    let resolves = open.iter().filter(|alert| !hold.contains(alert)).copied().map(Turn::Resolves);
    opens.chain(resolves).collect()
}

/// The alerts whose conditions hold.
fn holding(open: &[UsageAlert], usage: &Usage, thresholds: &UsageThresholds) -> Vec<UsageAlert> {
    let not_set = usage.limit == SeatLimit::NotSet;
    let mut hold = Vec::new();
    if usage.waiting > 0 {
        hold.push(if not_set { UsageAlert::LimitNotSet } else { UsageAlert::SeatLimitReached });
    }
    if usage.over() > 0 {
        hold.push(UsageAlert::OverLimit);
    }
    if let SeatLimit::Seats(seats) = usage.limit {
        let high = thresholds.of(usage.limit).into_iter().filter(|threshold| {
            let is_open = open.contains(&UsageAlert::SeatUsageHigh(*threshold));
            threshold.is_reached((usage.used, seats), is_open)
        });
        hold.extend(high.map(UsageAlert::SeatUsageHigh));
    }
    hold
}

#[cfg(test)]
mod tests;
