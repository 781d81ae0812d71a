//! An organization's plan: its seat limit, who holds a seat, and who waits.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// How many seats the plan has. *Not set* (nobody has told us), a number (0 is a number) and *unlimited* are three different things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SeatLimit {
    #[default]
    NotSet,
    Seats(i64),
    Unlimited,
}

impl SeatLimit {
    /// The largest plan, in seats.
    pub const MOST: i64 = 10_000_000;

    /// What a person types: a whole number from 0 to ten million (`1,200`, `1 200` and `1_200` are fine), or `unlimited`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("unlimited") {
            return Ok(Self::Unlimited);
        }
        match ungrouped(text).and_then(|digits| digits.parse::<i64>().ok()) {
            Some(seats) if (0..=Self::MOST).contains(&seats) => Ok(Self::Seats(seats)),
            _ => Err(Refusal::SeatLimit),
        }
    }

    /// Seats still free when `used` are taken; never below 0, and `None` means as many as you like.
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

    /// By how many the seats taken exceed the plan, after it was lowered.
    pub fn over(self, used: i64) -> i64 {
        match self {
            Self::Seats(seats) => (used - seats).max(0),
            Self::NotSet | Self::Unlimited => 0,
        }
    }
}

/// The digits of a whole number. A separator stands between groups of three, one and the same in the whole number: `1,5` is no 15.
fn ungrouped(text: &str) -> Option<String> {
    let separator = text.chars().find(|c| matches!(c, ',' | '_' | ' ' | '\u{a0}' | '\u{202f}'));
    let groups: Vec<&str> = separator.map_or_else(|| vec![text], |separator| text.split(separator).collect());
    let is_digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    (is_grouped && groups.iter().all(is_digits)).then(|| groups.concat())
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
    /// People whose state is `provisioned`.
    pub used: i64,
    /// People whose state is `blocked`.
    pub waiting: i64,
}

/// What is remarkable about an organization, the most urgent first; the overview sorts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// More seats taken than the plan has, after a lowering.
    Over,
    /// Somebody waits.
    Waiting,
    /// Nobody has set a limit yet.
    NotSet,
    /// Every seat is taken, nobody waits.
    Full,
    /// 80 % of the seats or more are taken.
    NearlyFull,
    /// There is room.
    Room,
    /// No limit.
    Unlimited,
}

impl Usage {
    pub fn over(&self) -> i64 {
        self.limit.over(self.used)
    }

    pub fn free(&self) -> Option<i64> {
        self.limit.free(self.used)
    }

    /// How many seats must become free before the next person gets in: one, and as many as the organization is over its limit.
    /// None: there is no number to count from, or a seat is free.
    pub fn missing(&self) -> Option<i64> {
        match self.limit {
            SeatLimit::Seats(limit) if limit > 0 && self.used >= limit => Some(self.used - limit + 1),
            _ => None,
        }
    }

    /// When the next person gets in: the same sentence on the page and in the e-mail.
    pub fn next_person(&self, automatic: bool) -> Option<String> {
        let gets_in = if automatic { "the person who has waited longest gets in" } else { "a person can be let in" };
        match (self.limit, self.missing()) {
            (SeatLimit::Seats(0), _) => Some("No person gets in until the plan has seats.".to_owned()),
            (_, Some(1)) => Some(format!("As soon as a seat becomes free, {gets_in}.")),
            (_, Some(missing)) => Some(format!("{} seats must become free before {gets_in}.", grouped(missing))),
            (_, None) => None,
        }
    }

    pub fn standing(&self) -> Standing {
        match self.limit {
            SeatLimit::Seats(_) if self.over() > 0 => Standing::Over,
            SeatLimit::NotSet => Standing::NotSet,
            _ if self.waiting > 0 => Standing::Waiting,
            SeatLimit::Unlimited => Standing::Unlimited,
            SeatLimit::Seats(seats) if self.used >= seats => Standing::Full,
            SeatLimit::Seats(seats) if self.used * 5 >= seats * 4 => Standing::NearlyFull,
            SeatLimit::Seats(_) => Standing::Room,
        }
    }

    /// One sentence: `48 of 50 seats taken, 2 free, nobody waiting`.
    pub fn sentence(&self) -> String {
        let waiting = match self.waiting {
            0 => "nobody waiting".to_owned(),
            n => format!("{} waiting", grouped(n)),
        };
        let used = grouped(self.used);
        match self.limit {
            SeatLimit::NotSet => format!("No seat limit set yet, {used} {} taken, {waiting}", seats(self.used)),
            SeatLimit::Unlimited => format!("{used} {} taken, no limit, {waiting}", seats(self.used)),
            SeatLimit::Seats(0) if self.used == 0 => format!("No seats in the plan, {waiting}"),
            SeatLimit::Seats(limit) if limit == self.used => format!("All {} {} taken, {waiting}", grouped(limit), seats(limit)),
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

impl Standing {
    pub const ALL: [Self; 7] = [Self::Over, Self::Waiting, Self::NotSet, Self::Full, Self::NearlyFull, Self::Room, Self::Unlimited];

    /// The word beside the mark.
    pub fn word(self) -> &'static str {
        match self {
            Self::Over => "Over",
            Self::Waiting => "Waiting",
            Self::NotSet => "Limit not set",
            Self::Full => "Full",
            Self::NearlyFull => "Nearly full",
            Self::Room => "Room",
            Self::Unlimited => "Unlimited",
        }
    }

    /// For addresses and style hooks: `not-set`.
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

/// `1 seat`, `2 seats`: the noun alone.
pub fn seats(n: i64) -> &'static str {
    if n == 1 { "seat" } else { "seats" }
}

/// `1 person is`, `3 people are`: the noun alone.
pub fn people(n: i64) -> &'static str {
    if n == 1 { "person" } else { "people" }
}

/// `12,345`: digits in threes.
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
        assert_eq!(Usage { limit: SeatLimit::Seats(0), used: 0, waiting: 0 }.standing(), Standing::Full);
        assert_eq!(Usage::default().standing(), Standing::NotSet);
    }

    #[test]
    fn a_limit_is_read_as_people_write_it() {
        assert_eq!(SeatLimit::parse(" 1,200 "), Ok(SeatLimit::Seats(1_200)));
        assert_eq!(SeatLimit::parse("Unlimited"), Ok(SeatLimit::Unlimited));
        assert_eq!(SeatLimit::parse("0"), Ok(SeatLimit::Seats(0)));
        for bad in ["", "-1", "+5", "5.5", "ten", "10000001", "99999999999999999999"] {
            assert_eq!(SeatLimit::parse(bad), Err(Refusal::SeatLimit), "{bad}");
        }
    }

    #[test]
    fn usage_is_told_in_a_sentence() {
        let usage = |limit, used, waiting| Usage { limit, used, waiting }.sentence();
        assert_eq!(usage(SeatLimit::Seats(50), 48, 0), "48 of 50 seats taken, 2 free, nobody waiting");
        assert_eq!(usage(SeatLimit::Seats(50), 50, 3), "All 50 seats taken, 3 waiting");
        assert_eq!(usage(SeatLimit::Seats(40), 48, 3), "48 of 40 seats taken, 8 over, 3 waiting");
        assert_eq!(usage(SeatLimit::Unlimited, 1_234, 0), "1,234 seats taken, no limit, nobody waiting");
    }
}
