//! Staff look at an organization as its admin sees it, and change nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{id::OrganizationId, refusal::ViewRefusal, time::Timestamp};

/// What a session of a staff member shows instead of the staff's pages, until it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewAs {
    pub organization: OrganizationId,
    pub reason: String,
    pub until: Timestamp,
}

impl ViewAs {
    /// For how many minutes it lasts at most, and if no person says another number.
    pub const MOST_MINUTES: u64 = 60;
    pub const MINUTES: u64 = 30;

    /// How many minutes are left, counted up; a view that ends in a second has one.
    pub fn minutes_left(&self, now: Timestamp) -> u64 {
        self.until.since(now).as_secs().div_ceil(60)
    }
}

/// Reads for how long a view lasts.
///
/// ```
/// use domain::view_as::parse_minutes;
///
/// assert!(parse_minutes("60").is_ok());
/// assert!(parse_minutes("61").is_err() && parse_minutes("0").is_err());
/// ```
pub fn parse_minutes(text: &str) -> Result<Duration, ViewRefusal> {
    let text = text.trim();
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = text.parse().ok().filter(|_| is_digits);
    let minutes = minutes.filter(|minutes| (1..=ViewAs::MOST_MINUTES).contains(minutes));
    minutes.map(Duration::from_mins).ok_or(ViewRefusal::Minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_lasts_an_hour_at_most() {
        assert_eq!(parse_minutes(" 30 "), Ok(Duration::from_mins(30)));
        for bad in ["", "0", "61", "+5", "1.5", "an hour", "99999999999999999999"] {
            assert_eq!(parse_minutes(bad), Err(ViewRefusal::Minutes), "{bad:?}");
        }
    }

    #[test]
    fn the_last_seconds_count_as_a_minute() {
        let (organization, reason) = (OrganizationId::new("org_1"), "Ticket 7".to_owned());
        let view = ViewAs { organization, reason, until: Timestamp::from_seconds(120) };
        let left = |seconds| view.minutes_left(Timestamp::from_seconds(seconds));

        assert_eq!((left(0), left(1), left(61), left(119)), (2, 2, 1, 1));
    }
}
