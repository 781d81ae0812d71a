//! Draws each seat as a mark, in columns from the left; the line is after the last seat of the
//! plan.

use domain::organization::{SeatLimit, Usage, grouped};
use leptos::prelude::*;

/// Sizes in units of the picture. One unit is one pixel if there is enough space.
#[derive(Clone, Copy)]
struct Grid {
    rows: i64,
    mark: i64,
    gap: i64,
    /// The space on each side of the line.
    limit_mark: i64,
    /// The largest number of marks of each kind beyond the line.
    beyond: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Taken,
    Free,
    Over,
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    kind: Kind,
    x: i64,
    y: i64,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Picture {
    marks: Vec<Mark>,
    /// The position of the line; `None` if the limit is unlimited.
    limit_mark: Option<i64>,
    /// For each kind with too many marks: how many are not drawn, and the position of that number.
    more: Vec<(Kind, i64, i64)>,
    width: i64,
    height: i64,
}

impl Grid {
    /// Two pictures with as many rows have the same scale.
    fn large(usage: Usage, beside: Option<Usage>) -> Self {
        let shown = super::shown(usage).max(beside.map_or(0, super::shown));
        let rows = (shown.max(1) + 29) / 30;
        Self { rows, mark: 18, gap: 5, limit_mark: 9, beyond: (rows * 6).max(12) }
    }

    const SMALL: Self =
        Self { rows: 1, mark: 4, gap: 1, limit_mark: 3, beyond: super::SMALL_MARKS };

    fn step(self) -> i64 {
        self.mark + self.gap
    }

    /// Adds `count` marks in columns from `x` on, and returns where the next column starts.
    fn fill(self, marks: &mut Vec<Mark>, x: i64, count: i64, kind: impl Fn(i64) -> Kind) -> i64 {
        for n in 0..count {
            marks.push(Mark {
                kind: kind(n),
                x: x + n / self.rows * self.step(),
                y: n % self.rows * self.step(),
            });
        }
        x + (count + self.rows - 1) / self.rows * self.step()
    }

    fn draw(self, usage: Usage) -> Picture {
        let mut marks = Vec::new();
        let (plan, over) = match usage.limit {
            SeatLimit::Seats(limit) => (limit, usage.over()),
            SeatLimit::NotSet | SeatLimit::Unlimited => (usage.used, 0),
        };
        let mut x = self
            .fill(&mut marks, 0, plan, |n| if n < usage.used { Kind::Taken } else { Kind::Free });
        let limit_mark = (usage.limit != SeatLimit::Unlimited).then(|| {
            x += if plan == 0 { self.limit_mark } else { self.limit_mark - self.gap };
            let at = x;
            x += self.limit_mark;
            at
        });
        let mut more = Vec::new();
        for (kind, count) in [(Kind::Over, over), (Kind::Waiting, usage.waiting)] {
            x = self.fill(&mut marks, x, count.min(self.beyond), |_| kind);
            if count > self.beyond {
                more.push((kind, count - self.beyond, x));
                x += self.step() * 2;
            }
        }
        let room = if limit_mark.is_none() { self.step() * 2 } else { 0 };
        Picture {
            marks,
            limit_mark,
            more,
            width: (x + room).max(1),
            height: self.rows * self.step() - self.gap,
        }
    }
}

/// Draws every seat as an element of its own, so that a change can be animated.
pub(super) fn large(usage: Usage, beside: Option<Usage>) -> impl IntoView {
    let grid = Grid::large(usage, beside);
    let picture = grid.draw(usage);
    let marks = picture.marks.iter().map(|mark| {
        let class = class(mark.kind);
        // The outline of a hollow mark stays inside the mark.
        let inset = i64::from(matches!(mark.kind, Kind::Waiting | Kind::Free));
        let size = grid.mark - 2 * inset;
        view! { <rect class=class x=mark.x + inset y=mark.y + inset width=size height=size rx="4" /> }
    });
    let marks = marks.collect_view();
    let more = picture.more.iter().map(|(kind, left, x)| {
        let class =
            if *kind == Kind::Over { "meter__more meter__more--over" } else { "meter__more" };
        view! {
            <text class=class x=x + 2 y=picture.height / 2 + 5>
                {format!("+{}", grouped(*left))}
            </text>
        }
    });
    let more = more.collect_view();
    let (width, height) = (picture.width + 2, picture.height + 12);
    view! {
        <svg
            class="meter__seats"
            role="img"
            aria-label=usage.sentence()
            viewBox=format!("-1 -6 {width} {height}")
            width=width
            height=height
        >
            {marks}
            {picture.limit_mark.map(|at| limit_mark(usage, at, picture.height, 5))}
            {more}
            {(usage.limit == SeatLimit::Unlimited)
                .then(|| endless(picture.width - grid.step() * 2 + 4, picture.height / 2, 3))}
        </svg>
    }
}

/// Draws one path for each kind of mark, because a table has many of these pictures.
pub(super) fn small(usage: Usage) -> impl IntoView {
    let grid = Grid::SMALL;
    let picture = grid.draw(usage);
    let paths =
        [Kind::Taken, Kind::Free, Kind::Over, Kind::Waiting].into_iter().filter_map(|kind| {
            let marks: Vec<_> = picture
                .marks
                .iter()
                .filter(|mark| mark.kind == kind)
                .map(|mark| format!("M{} 0h4v12h-4z", mark.x))
                .collect();
            (!marks.is_empty()).then(|| view! { <path class=class(kind) d=marks.concat() /> })
        });
    let paths = paths.collect_view();
    view! {
        <svg role="img" aria-label=usage.sentence() viewBox="-1 -3 150 18" width="150" height="18">
            {paths}
            {picture.limit_mark.map(|at| limit_mark(usage, at, 12, 2))}
            {(usage.limit == SeatLimit::Unlimited)
                .then(|| endless(picture.width - grid.step() * 2 + 3, 6, 1))}
        </svg>
    }
}

/// Draws the seat limit; the line is dashed while no limit is set.
pub(super) fn limit_mark(usage: Usage, x: i64, height: i64, out: i64) -> impl IntoView {
    let class = if usage.limit == SeatLimit::NotSet {
        "meter__limit meter__limit--not-set"
    } else {
        "meter__limit"
    };
    view! { <line class=class x1=x x2=x y1=-out y2=height + out /> }
}

/// Draws three dots, which mean that there are more.
pub(super) fn endless(x: i64, y: i64, radius: i64) -> impl IntoView {
    (0..3)
        .map(|n| view! { <circle class="meter__endless" cx=x + n * radius * 4 cy=y r=radius /> })
        .collect_view()
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Taken => "meter__taken",
        Kind::Free => "meter__free",
        Kind::Over => "meter__over",
        Kind::Waiting => "meter__waiting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(limit: SeatLimit, used: i64, waiting: i64) -> Picture {
        let usage = Usage { limit, used, waiting };
        Grid::large(usage, None).draw(usage)
    }

    fn count(picture: &Picture, kind: Kind) -> usize {
        picture.marks.iter().filter(|mark| mark.kind == kind).count()
    }

    #[test]
    fn every_seat_is_a_mark() {
        let picture = drawn(SeatLimit::Seats(50), 48, 3);

        assert_eq!(
            (
                count(&picture, Kind::Taken),
                count(&picture, Kind::Free),
                count(&picture, Kind::Waiting)
            ),
            (48, 2, 3)
        );
    }

    #[test]
    fn people_who_wait_are_behind_the_limit_mark() {
        let picture = drawn(SeatLimit::Seats(50), 50, 3);

        let limit_mark = picture.limit_mark.unwrap();
        assert!(
            picture.marks.iter().all(|mark| (mark.x > limit_mark) == (mark.kind == Kind::Waiting))
        );
    }

    #[test]
    fn seats_over_the_limit_are_beyond_the_limit_mark() {
        let picture = drawn(SeatLimit::Seats(40), 48, 2);

        assert_eq!(
            (
                count(&picture, Kind::Taken),
                count(&picture, Kind::Over),
                count(&picture, Kind::Waiting)
            ),
            (40, 8, 2)
        );
        assert!(
            picture
                .marks
                .iter()
                .filter(|mark| mark.kind == Kind::Over)
                .all(|mark| mark.x > picture.limit_mark.unwrap())
        );
    }

    #[test]
    fn a_long_waitlist_ends_in_a_number() {
        let picture = drawn(SeatLimit::Seats(10), 10, 46);

        assert_eq!(
            picture.more.iter().map(|(kind, left, _)| (*kind, *left)).collect::<Vec<_>>(),
            [(Kind::Waiting, 34)]
        );
    }

    #[test]
    fn seats_over_and_people_waiting_are_counted_apart() {
        let picture = drawn(SeatLimit::Seats(10), 40, 60);

        let said: Vec<_> = picture.more.iter().map(|(kind, left, _)| (*kind, *left)).collect();
        assert_eq!(said, [(Kind::Over, 18), (Kind::Waiting, 48)]);
    }

    #[test]
    fn not_set_zero_and_unlimited_are_three_pictures() {
        assert_eq!(count(&drawn(SeatLimit::NotSet, 0, 4), Kind::Waiting), 4);
        assert!(drawn(SeatLimit::Seats(0), 0, 4).limit_mark.is_some());
        assert_eq!(drawn(SeatLimit::Unlimited, 7, 0).limit_mark, None);
    }
}
