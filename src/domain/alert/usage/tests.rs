use super::*;

fn usage(limit: SeatLimit, used: i64, waiting: i64) -> Usage {
    Usage { limit, used, waiting }
}

fn at(open: &[UsageAlert], usage: &Usage) -> Vec<Turn> {
    turns(open, usage, &UsageThresholds::default())
}

fn opens(alert: UsageAlert) -> Turn {
    Turn::Opens { alert, is_covered: false }
}

const HIGH_80: UsageAlert = UsageAlert::SeatUsageHigh(Threshold::Percent(80));
const HIGH_90: UsageAlert = UsageAlert::SeatUsageHigh(Threshold::Percent(90));
const ONE_LEFT: UsageAlert = UsageAlert::SeatUsageHigh(Threshold::Left(1));
const TWO_LEFT: UsageAlert = UsageAlert::SeatUsageHigh(Threshold::Left(2));

/// The alerts that are open after each number of used seats in turn, and those that notified.
fn walk(limit: i64, numbers: impl IntoIterator<Item = i64>) -> Vec<(i64, UsageAlert)> {
    let (mut open, mut notified) = (Vec::new(), Vec::new());
    for used in numbers {
        for turn in at(&open, &usage(SeatLimit::Seats(limit), used, 0)) {
            match turn {
                Turn::Opens { alert, is_covered } => {
                    open.push(alert);
                    notified.extend((!is_covered).then_some((used, alert)));
                }
                Turn::Resolves(alert) => open.retain(|other| *other != alert),
            }
        }
    }
    notified
}

#[test]
fn each_threshold_notifies_when_it_is_crossed() {
    assert_eq!(walk(100, 0..=100), [(80, HIGH_80), (90, HIGH_90)]);
    assert_eq!(walk(50, 0..=50), [(40, HIGH_80), (45, HIGH_90)]);
    assert_eq!(walk(26, 0..=26), [(21, HIGH_80), (24, HIGH_90)], "rounded up");
}

#[test]
fn small_plans_are_warned_in_seats() {
    assert_eq!(walk(15, 0..=15), [(14, ONE_LEFT)]);
    assert_eq!(walk(25, 0..=25), [(23, TWO_LEFT)]);
    assert_eq!(walk(2, 0..=2), [(1, ONE_LEFT)]);
    assert_eq!(walk(1, 0..=1), [], "one seat of one is always the last one");
    assert_eq!(walk(0, 0..=0), []);
}

#[test]
fn a_jump_over_several_thresholds_counts_the_highest_alone() {
    assert_eq!(walk(100, [10, 95]), [(95, HIGH_90)]);
    assert_eq!(walk(100, [10, 95, 87, 95]), [(95, HIGH_90)], "87 % is still above 85 %");
}

#[test]
fn an_alert_is_rearmed_five_points_below_its_threshold() {
    assert_eq!(walk(100, [80, 79, 80, 76, 80]), [(80, HIGH_80)]);
    assert_eq!(walk(100, [80, 75, 80]), [(80, HIGH_80), (80, HIGH_80)]);
    assert_eq!(walk(100, [90, 85, 90]), [(90, HIGH_90), (90, HIGH_90)]);
    assert_eq!(walk(10, [9, 10, 9, 8, 9]), [(9, ONE_LEFT), (9, ONE_LEFT)], "one person");
    assert_eq!(walk(25, [23, 22, 23, 21, 23]), [(23, TWO_LEFT), (23, TWO_LEFT)]);
}

#[test]
fn no_alert_holds_without_a_used_seat() {
    let low = UsageThresholds::new(vec![3]).unwrap();
    let open = [UsageAlert::SeatUsageHigh(Threshold::Percent(3))];
    let resolved = turns(&open, &usage(SeatLimit::Seats(100), 0, 0), &low);
    assert_eq!(resolved, [Turn::Resolves(open[0])]);
}

#[test]
fn another_limit_has_other_thresholds() {
    let open = [TWO_LEFT];

    assert_eq!(at(&open, &usage(SeatLimit::Seats(100), 23, 0)), [Turn::Resolves(TWO_LEFT)]);
    assert_eq!(
        at(&open, &usage(SeatLimit::Seats(28), 23, 0)),
        [opens(HIGH_80), Turn::Resolves(TWO_LEFT)]
    );
    assert_eq!(at(&open, &usage(SeatLimit::Unlimited, 23, 0)), [Turn::Resolves(TWO_LEFT)]);
}

#[test]
fn a_block_and_a_lowered_limit_count_more_than_a_threshold() {
    let full = at(&[], &usage(SeatLimit::Seats(50), 50, 1));
    let covered = |alert| Turn::Opens { alert, is_covered: true };
    assert_eq!(full, [opens(UsageAlert::SeatLimitReached), covered(HIGH_80), covered(HIGH_90)]);

    let over = at(&[], &usage(SeatLimit::Seats(40), 48, 0));
    assert_eq!(over, [opens(UsageAlert::OverLimit), covered(HIGH_80), covered(HIGH_90)]);
}

#[test]
fn an_organization_may_have_its_own_thresholds_or_none() {
    let half = UsageThresholds::new(vec![100, 50, 50]).unwrap();
    let turned = |used| turns(&[], &usage(SeatLimit::Seats(100), used, 0), &half).len();
    assert_eq!((turned(49), turned(50), turned(100)), (0, 1, 2));

    let none = UsageThresholds::none();
    assert_eq!(turns(&[], &usage(SeatLimit::Seats(10), 10, 0), &none), []);
    assert_eq!(UsageThresholds::new(vec![0]), None);
    assert_eq!(UsageThresholds::new(vec![101]), None);
    assert_eq!(UsageThresholds::new(vec![1, 2, 3, 4, 5, 6]), None);
}

#[test]
fn the_target_of_an_alert_is_read_back() {
    for alert in [HIGH_80, ONE_LEFT, TWO_LEFT, UsageAlert::OverLimit, UsageAlert::LimitNotSet] {
        assert_eq!(UsageAlert::of(alert.kind(), &alert.target()), Some(alert));
    }
}

#[test]
fn an_alert_opens_once_and_is_resolved_when_the_waitlist_is_empty() {
    let full = SeatLimit::Seats(1);
    let reached = UsageAlert::SeatLimitReached;
    assert_eq!(at(&[], &usage(full, 1, 1)), [opens(reached)]);
    for waiting in 1..100 {
        assert_eq!(at(&[reached], &usage(full, 1, waiting)), []);
    }
    assert_eq!(at(&[reached], &usage(full, 1, 0)), [Turn::Resolves(reached)]);
}

/// Every set of open alerts with every kind of numbers.
#[test]
fn afterwards_what_holds_is_open_and_nothing_turns_twice() {
    let limits = [
        SeatLimit::NotSet,
        SeatLimit::Seats(0),
        SeatLimit::Seats(5),
        SeatLimit::Seats(9),
        SeatLimit::Seats(30),
        SeatLimit::Unlimited,
    ];
    let alerts = [
        UsageAlert::SeatLimitReached,
        UsageAlert::LimitNotSet,
        UsageAlert::OverLimit,
        HIGH_80,
        HIGH_90,
        ONE_LEFT,
    ];
    for set in 0_u32..64 {
        let open: Vec<UsageAlert> =
            (0..).zip(alerts).filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, a)| a).collect();
        for limit in limits {
            for (used, waiting) in [(0, 0), (5, 0), (5, 1), (8, 7), (24, 0), (27, 2), (31, 0)] {
                let usage = usage(limit, used, waiting);
                let mut now_open = open.clone();
                for turn in at(&open, &usage) {
                    match turn {
                        Turn::Opens { alert, .. } => now_open.push(alert),
                        Turn::Resolves(alert) => now_open.retain(|other| *other != alert),
                    }
                }

                assert_eq!(at(&now_open, &usage), [], "{open:?} {usage:?}");
                let has = |alert| now_open.contains(&alert);
                let not_set = limit == SeatLimit::NotSet;
                assert_eq!(has(UsageAlert::SeatLimitReached), waiting > 0 && !not_set);
                assert_eq!(has(UsageAlert::LimitNotSet), waiting > 0 && not_set);
                assert_eq!(has(UsageAlert::OverLimit), usage.over() > 0);
            }
        }
    }
}

#[test]
fn without_a_limit_staff_are_notified_and_the_tenant_is_not() {
    assert_eq!(at(&[], &usage(SeatLimit::NotSet, 0, 3)), [opens(UsageAlert::LimitNotSet)]);
    let set = at(&[UsageAlert::LimitNotSet], &usage(SeatLimit::Seats(1), 1, 2));
    assert_eq!(set, [opens(UsageAlert::SeatLimitReached), Turn::Resolves(UsageAlert::LimitNotSet)]);
}

#[test]
fn thresholds_are_read_as_people_write_them() {
    let read = |text| UsageThresholds::parse(text).map(|thresholds| thresholds.text());

    assert_eq!(read("90,80 %").as_deref(), Some("80, 90"));
    assert_eq!(read("none").as_deref(), Some("none"));
    for bad in ["", "0", "101", "80;90", "80,,90", "+80", "eighty", "99999999999999999999"] {
        assert_eq!(read(bad), None, "{bad}");
    }
}
