//! The plan of an organization: its seat limit, its used seats and its waiting users.

mod typed_limit;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::typed_limit::TypedLimit;
use super::{admission::AdmissionPolicy, refusal::Refusal};

/// The number of seats in the plan. *Not set* means that no limit was entered yet. It differs from
/// zero and from *unlimited*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SeatLimit {
    #[default]
    NotSet,
    Seats(i64),
    Unlimited,
}

impl SeatLimit {
    /// The largest seat limit.
    pub const MOST: i64 = 10_000_000;

    /// Parses what a person types: a whole number from 0 to ten million (`1,200`, `1 200`, `1_200`
    /// and `2k` are allowed), or `unlimited`.
    ///
    /// ```
    /// use domain::organization::SeatLimit;
    ///
    /// assert_eq!(SeatLimit::parse("1,200"), Ok(SeatLimit::Seats(1200)));
    /// assert_eq!(SeatLimit::parse("2k"), Ok(SeatLimit::Seats(2000)));
    /// assert_eq!(SeatLimit::parse("Unlimited"), Ok(SeatLimit::Unlimited));
    /// assert!(SeatLimit::parse("1,5").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("unlimited") {
            return Ok(Self::Unlimited);
        }
        number_of_seats(text).map(Self::Seats).ok_or(Refusal::SeatLimit)
    }

    /// The same for a field that may stay empty: then the limit is not set.
    pub fn parse_optional(text: &str) -> Result<Self, Refusal> {
        if text.trim().is_empty() { Ok(Self::NotSet) } else { Self::parse(text) }
    }

    /// As a person types it: `50`, `unlimited`, or nothing.
    pub fn typed(self) -> String {
        match self {
            Self::NotSet => String::new(),
            Self::Seats(seats) => seats.to_string(),
            Self::Unlimited => "unlimited".to_owned(),
        }
    }

    /// The number of free seats when `used` seats are used, never below 0; `None` means unlimited.
    ///
    /// ```
    /// use domain::organization::SeatLimit;
    ///
    /// assert_eq!(SeatLimit::Seats(50).free(48), Some(2));
    /// assert_eq!(SeatLimit::Seats(50).free(51), Some(0));
    /// assert_eq!(SeatLimit::NotSet.free(0), Some(0));
    /// assert_eq!(SeatLimit::Unlimited.free(1_000), None);
    /// ```
    pub fn free(self, used: i64) -> Option<i64> {
        match self {
            Self::NotSet => Some(0),
            Self::Seats(seats) => Some((seats - used).max(0)),
            Self::Unlimited => None,
        }
    }

    pub fn has_room(self, used: i64) -> bool {
        self.free(used) != Some(0)
    }

    /// The number of used seats above the limit, after the limit was lowered.
    pub fn over(self, used: i64) -> i64 {
        match self {
            Self::Seats(seats) => (used - seats).max(0),
            Self::NotSet | Self::Unlimited => 0,
        }
    }
}

/// Returns the digits of a whole number. A separator is allowed between groups of three digits and
/// must be the same everywhere, so `1,5` is not 15.
pub(crate) fn ungrouped(text: &str) -> Option<String> {
    let separator = text.chars().find(|c| matches!(c, ',' | '_' | ' ' | '\u{a0}' | '\u{202f}'));
    let groups: Vec<&str> =
        separator.map_or_else(|| vec![text], |separator| text.split(separator).collect());
    let is_digits =
        |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = groups.len() == 1
        || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    (is_grouped && groups.iter().all(is_digits)).then(|| groups.concat())
}

/// A number from 0 to the largest seat limit; `2k` is 2,000.
fn number_of_seats(text: &str) -> Option<i64> {
    let (digits, times) = match text.strip_suffix(['k', 'K']) {
        Some(thousands) => (thousands, 1_000),
        None => (text, 1),
    };
    let seats = ungrouped(digits)?.parse::<i64>().ok()?.checked_mul(times)?;
    (0..=SeatLimit::MOST).contains(&seats).then_some(seats)
}

impl fmt::Display for SeatLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => f.write_str("not set"),
            Self::Seats(1) => f.write_str("1 seat"),
            Self::Seats(seats) => write!(f, "{} seats", grouped(*seats)),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

/// The numbers of one organization, as every page shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub limit: SeatLimit,
    /// The number of users in the state `provisioned`.
    pub used: i64,
    /// The number of users in the state `blocked`.
    pub waiting: i64,
}

/// The status of an organization's seats, the most urgent first. The overview sorts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SeatStatus {
    /// More seats are used than the limit allows, because it was lowered.
    Over,
    /// Users are waiting.
    Waiting,
    /// No limit is set yet.
    NotSet,
    /// Every seat is used and no user waits.
    Full,
    /// At least 80 % of the seats are used.
    NearlyFull,
    /// Seats are free.
    Room,
    /// The plan has no limit.
    Unlimited,
}

impl Usage {
    pub fn over(&self) -> i64 {
        self.limit.over(self.used)
    }

    pub fn free(&self) -> Option<i64> {
        self.limit.free(self.used)
    }

    /// The number of seats that must become free before the next user gets one: one, plus the
    /// number of used seats above the limit. `None` if a seat is free, or if the limit is zero,
    /// unlimited or not set.
    pub fn missing(&self) -> Option<i64> {
        match self.limit {
            SeatLimit::Seats(limit) if limit > 0 && self.used >= limit => {
                Some(self.used - limit + 1)
            }
            _ => None,
        }
    }

    /// A sentence that says when the next user gets a seat. The page and the e-mail use the same
    /// one.
    pub fn next_person(&self, policy: &AdmissionPolicy) -> Option<String> {
        let gets_in = match policy {
            AdmissionPolicy::FirstCome => "the person who has waited longest gets in",
            AdmissionPolicy::GroupsFirst(_) => "the first person on the waitlist gets in",
            AdmissionPolicy::ByHand => "a person can be let in",
        };
        match (self.limit, self.missing()) {
            (SeatLimit::Seats(0), _) => {
                Some("No person gets in until the plan has seats.".to_owned())
            }
            (_, Some(1)) => Some(format!("As soon as a seat becomes free, {gets_in}.")),
            (_, Some(missing)) => {
                Some(format!("{} seats must become free before {gets_in}.", grouped(missing)))
            }
            (_, None) => None,
        }
    }

    pub fn seat_status(&self) -> SeatStatus {
        match self.limit {
            SeatLimit::Seats(_) if self.over() > 0 => SeatStatus::Over,
            SeatLimit::NotSet => SeatStatus::NotSet,
            _ if self.waiting > 0 => SeatStatus::Waiting,
            SeatLimit::Unlimited => SeatStatus::Unlimited,
            SeatLimit::Seats(seats) if self.used >= seats => SeatStatus::Full,
            SeatLimit::Seats(seats) if self.used * 5 >= seats * 4 => SeatStatus::NearlyFull,
            SeatLimit::Seats(_) => SeatStatus::Room,
        }
    }

    /// One sentence, such as `All 50 seats taken, 3 waiting`.
    pub fn sentence(&self) -> String {
        let waiting = match self.waiting {
            0 => "0 waiting".to_owned(),
            n => format!("{} waiting", grouped(n)),
        };
        let used = grouped(self.used);
        match self.limit {
            SeatLimit::NotSet => {
                format!("No seat limit set yet, {used} {} taken, {waiting}", seats(self.used))
            }
            SeatLimit::Unlimited => {
                format!("{used} {} taken, no limit, {waiting}", seats(self.used))
            }
            SeatLimit::Seats(0) if self.used == 0 => format!("No seats in the plan, {waiting}"),
            SeatLimit::Seats(limit) if limit == self.used => {
                format!("All {} {} taken, {waiting}", grouped(limit), seats(limit))
            }
            SeatLimit::Seats(limit) => {
                let rest = match self.over() {
                    0 => format!("{} free", grouped(limit - self.used)),
                    over => format!("{} over", grouped(over)),
                };
                format!("{used} of {} {} taken, {rest}, {waiting}", grouped(limit), seats(limit))
            }
        }
    }
}

impl SeatStatus {
    pub const ALL: [Self; 7] = [
        Self::Over,
        Self::Waiting,
        Self::NotSet,
        Self::Full,
        Self::NearlyFull,
        Self::Room,
        Self::Unlimited,
    ];

    /// The label next to the status mark.
    pub fn word(self) -> &'static str {
        match self {
            Self::Over => "Over",
            Self::Waiting => "Waiting",
            Self::NotSet => "Limit not set",
            Self::Full => "Full",
            Self::NearlyFull => "Nearly full",
            Self::Room => "Seats free",
            Self::Unlimited => "Unlimited",
        }
    }

    /// The name in URLs and CSS classes: `not-set`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Waiting => "waiting",
            Self::NotSet => "not-set",
            Self::Full => "full",
            Self::NearlyFull => "nearly-full",
            Self::Room => "room",
            Self::Unlimited => "unlimited",
        }
    }
}

/// The noun for a number of seats: `seat` or `seats`.
pub fn seats(n: i64) -> &'static str {
    if n == 1 { "seat" } else { "seats" }
}

/// The noun for a number of people: `person` or `people`.
pub fn people(n: i64) -> &'static str {
    if n == 1 { "person" } else { "people" }
}

/// The number with its digits in groups of three.
///
/// ```
/// assert_eq!(domain::organization::grouped(12_345), "12,345");
/// ```
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_set_zero_and_unlimited_are_three_things() {
        assert_eq!(SeatLimit::NotSet.free(0), Some(0));
        assert_eq!(SeatLimit::Seats(0).free(0), Some(0));
        assert_eq!(SeatLimit::Unlimited.free(9), None);
        assert_ne!(SeatLimit::NotSet, SeatLimit::Seats(0));
        assert_eq!(
            Usage { limit: SeatLimit::Seats(0), used: 0, waiting: 0 }.seat_status(),
            SeatStatus::Full
        );
        assert_eq!(Usage::default().seat_status(), SeatStatus::NotSet);
    }

    #[test]
    fn a_limit_is_read_as_people_write_it() {
        assert_eq!(SeatLimit::parse(" 1,200 "), Ok(SeatLimit::Seats(1_200)));
        assert_eq!(SeatLimit::parse("Unlimited"), Ok(SeatLimit::Unlimited));
        assert_eq!(SeatLimit::parse("0"), Ok(SeatLimit::Seats(0)));
        assert_eq!(SeatLimit::parse("10,000K"), Ok(SeatLimit::Seats(10_000_000)));
        for bad in [
            "",
            "-1",
            "+5",
            "5.5",
            "ten",
            "k",
            "1.5k",
            "10001k",
            "10000001",
            "99999999999999999999",
            "9999999999999999k",
        ] {
            assert_eq!(SeatLimit::parse(bad), Err(Refusal::SeatLimit), "{bad}");
        }
    }

    #[test]
    fn a_limit_is_read_back_as_it_is_typed() {
        for limit in [SeatLimit::NotSet, SeatLimit::Seats(0), SeatLimit::Unlimited] {
            assert_eq!(SeatLimit::parse_optional(&limit.typed()), Ok(limit));
        }
        assert_eq!(SeatLimit::parse_optional("plenty"), Err(Refusal::SeatLimit));
    }

    #[test]
    fn usage_is_described_in_a_sentence() {
        let usage = |limit, used, waiting| Usage { limit, used, waiting }.sentence();
        assert_eq!(usage(SeatLimit::Seats(50), 48, 0), "48 of 50 seats taken, 2 free, 0 waiting");
        assert_eq!(usage(SeatLimit::Seats(50), 50, 3), "All 50 seats taken, 3 waiting");
        assert_eq!(usage(SeatLimit::Seats(40), 48, 3), "48 of 40 seats taken, 8 over, 3 waiting");
        assert_eq!(usage(SeatLimit::Unlimited, 1_234, 0), "1,234 seats taken, no limit, 0 waiting");
    }
}
