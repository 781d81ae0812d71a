//! The forecast against generated histories whose future is known, because it is generated, too.

use super::*;

const TODAY: Day = Day::new(20_000);
/// Of each kind of growth, for each length.
const HISTORIES: u64 = 60;

/// Numbers for a generated history, from a seed of its own.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        // xorshift64*, another generator than that of the forecast
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = u32::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32).unwrap();
        f64::from(high) / f64::from(u32::MAX)
    }

    /// From the Poisson distribution.
    fn poisson(&mut self, mean: f64) -> i64 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }
}

/// How an organization grows.
#[derive(Clone, Copy, Debug)]
enum Growth {
    /// So many join and leave on an average day, independently of each other.
    Steady(f64, f64),
    /// The same, on working days alone.
    WorkingDays(f64, f64),
    /// A team joins on one of so many days; others leave one by one.
    Teams(f64, i64, f64),
    /// Good and bad times follow each other: a day is like the day before it.
    Waves(f64, f64),
}

const KINDS: [Growth; 8] = [
    Growth::Steady(3.0, 1.0),
    Growth::Steady(0.6, 0.2),
    Growth::Steady(6.0, 5.0),
    Growth::WorkingDays(4.0, 1.0),
    Growth::WorkingDays(1.0, 0.4),
    Growth::Teams(0.08, 12, 0.3),
    Growth::Teams(0.3, 3, 0.2),
    Growth::Waves(2.0, 0.8),
];

/// The changes of each day, for ever.
struct Life {
    growth: Growth,
    dice: Dice,
    day: i64,
    mood: f64,
}

impl Life {
    fn next(&mut self) -> i64 {
        self.day += 1;
        let works = self.day % 7 < 5;
        match self.growth {
            Growth::Steady(joins, leaves) => self.dice.poisson(joins) - self.dice.poisson(leaves),
            Growth::WorkingDays(joins, leaves) if works => {
                self.dice.poisson(joins * 1.4) - self.dice.poisson(leaves * 1.4)
            }
            Growth::WorkingDays(..) => 0,
            Growth::Teams(share, size, leaves) => {
                let joins = if self.dice.share() < share { size } else { 0 };
                joins - self.dice.poisson(leaves)
            }
            Growth::Waves(joins, leaves) => {
                self.mood = 0.7 * self.mood + 0.6 * (self.dice.share() - 0.5);
                let joins = joins * (1.0 + self.mood).max(0.0);
                self.dice.poisson(joins) - self.dice.poisson(leaves)
            }
        }
    }
}

fn rows(demands: &[i64], limit: i64) -> Vec<DailyRollup> {
    let first = TODAY.plus(-i64::try_from(demands.len()).unwrap());
    let row = |(day, used): (i64, &i64)| {
        let usage = Usage { limit: SeatLimit::Seats(limit), used: *used, waiting: 0 };
        DailyRollup::begin(first.plus(day), day, usage)
    };
    (0..).zip(demands).map(row).collect()
}

/// What the forecast says after `days` days with so much room left, and when the limit is reached.
fn tried(growth: Growth, seed: u64, days: usize, room: i64) -> (Forecast, Day) {
    let mut life =
        Life { growth, dice: Dice(seed), day: i64::try_from(seed % 7).unwrap(), mood: 0.0 };
    let mut demand = 1_000;
    let mut demands = Vec::new();
    for _ in 0..days {
        demand += life.next();
        demands.push(demand);
    }
    // a part of today is over
    let mut now = demand + life.next();
    let limit = now.max(demand) + room;
    let usage = Usage { limit: SeatLimit::Seats(limit), used: now, waiting: 0 };
    let forecast = Forecast::of(&rows(&demands, limit), usage, TODAY);
    let mut day = TODAY;
    while now < limit {
        day = day.plus(1);
        now += life.next();
        if day.since(TODAY) > 10_000 {
            break;
        }
    }
    (forecast, day)
}

#[test]
fn the_stated_time_is_right_as_often_as_it_says() {
    for growth in KINDS {
        let (mut stated, mut right) = (0, 0);
        for (days, room) in [(29, 20), (60, 40), (120, 80), (190, 150)] {
            for seed in 1..=HISTORIES {
                let (forecast, full) = tried(growth, seed * 7_919, days, room);
                if let Forecast::Full(span) = forecast {
                    stated += 1;
                    right += i64::from((span.earliest..=span.latest).contains(&full));
                }
            }
        }

        let percent = right * 100 / i64::max(stated, 1);
        assert!(percent >= Forecast::LEVEL - 5, "{growth:?}: right in {percent} % of {stated}");
        assert!(stated >= 80, "{growth:?}: {stated} statements are too few to judge them");
    }
}

/// Grows by `weekly` each week, on its first day.
fn weekly(weeks: usize, weekly: [i64; 2]) -> Vec<i64> {
    let week = |week: usize| {
        let before = i64::try_from(week / 2).unwrap() * (weekly[0] + weekly[1]);
        let first = if week % 2 == 1 { weekly[0] } else { 0 };
        [100 + before + first; DAYS_OF_WEEK]
    };
    (0..weeks).flat_map(week).collect()
}

fn forecast(demands: &[i64], limit: SeatLimit, waiting: i64) -> Forecast {
    let now = Usage { limit, used: demands.last().copied().unwrap_or_default(), waiting };
    Forecast::of(&rows(demands, 1_000), now, TODAY)
}

#[test]
fn a_steady_growth_is_continued() {
    let demands: Vec<i64> = (0..60).map(|day| 100 + 2 * day).collect();

    let found = forecast(&demands, SeatLimit::Seats(218 + 40), 0);

    let day = |days| TODAY.plus(days);
    let (earliest, latest) = (day(19), day(20));
    assert_eq!(found, Forecast::Full(Span { earliest, latest, weeks: 8, growth: 112 }));
    let now = TODAY.begins();
    assert_eq!(found.sentence(now), "Full between 23 and 24 Oct.");
    assert_eq!(
        found.how_we_know().unwrap(),
        "In the last 8 weeks 112 more people needed a seat. If the next weeks are like these, the seats become full in these days in 80 of 100 cases."
    );
}

#[test]
fn an_uneven_growth_is_stated_as_a_longer_time() {
    let width = |weeks: [i64; 2]| match forecast(&weekly(20, weeks), SeatLimit::Seats(320), 0) {
        Forecast::Full(span) => span.latest.since(span.earliest),
        other @ Forecast::Unknown(_) => panic!("{other:?}"),
    };

    assert!(width([10, 10]) < width([4, 16]), "the mean is the same");
}

#[test]
fn nothing_is_stated_without_grounds() {
    let grows: Vec<i64> = (0..60).map(|day| 100 + day).collect();
    let shrinks: Vec<i64> = (0..60).map(|day| 200 - day).collect();
    let seats = SeatLimit::Seats;
    let of = |demands: &[i64], limit, waiting| match forecast(demands, limit, waiting) {
        Forecast::Unknown(reason) => Some(reason),
        Forecast::Full(_) => None,
    };

    assert_eq!(of(&grows, seats(200), 0), None);
    assert_eq!(of(&grows, SeatLimit::NotSet, 0), Some(Reason::NotSet));
    assert_eq!(of(&grows, SeatLimit::Unlimited, 0), Some(Reason::Unlimited));
    assert_eq!(of(&grows, seats(159), 0), Some(Reason::Full));
    assert_eq!(of(&grows, seats(169), 10), Some(Reason::WaitlistIsLonger));
    assert_eq!(of(&grows[..28], seats(200), 0), Some(Reason::TooShort));
    assert_eq!(of(&grows[..29], seats(200), 0), None);
    assert_eq!(of(&[], seats(200), 0), Some(Reason::TooShort));
    assert_eq!(of(&shrinks, seats(300), 0), Some(Reason::NoGrowth));
    assert_eq!(of(&grows, seats(5_000), 0), Some(Reason::TooUncertain), "in thirteen years");
    let import: Vec<i64> = (0..60).map(|day| if day < 40 { 10 } else { 500 }).collect();
    assert_eq!(of(&import, seats(900), 0), Some(Reason::TooUncertain), "one large import");
}

#[test]
fn days_without_a_row_are_as_the_day_before_them_ended() {
    let demands: Vec<i64> = (0..60).map(|day| 100 + day / 3).collect();
    let all = rows(&demands, 200);
    let changed: Vec<DailyRollup> =
        all.iter().enumerate().filter(|(day, _)| day % 3 == 0).map(|(_, row)| *row).collect();
    let now = Usage { limit: SeatLimit::Seats(200), used: 119, waiting: 0 };

    assert_eq!(changed.len(), 20);
    assert_eq!(Forecast::of(&changed, now, TODAY), Forecast::of(&all, now, TODAY));
}
