//! A picture of the seats, made of table cells: filled marks are used seats, hollow ones are free,
//! a firm line is the limit, and waiting users stand behind it. Mail programs have no SVG; every
//! one of them has tables.

use crate::domain::organization::{SeatLimit, Usage, grouped};

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Taken,
    Free,
    Limit,
    Over,
    Waiting,
}

/// A mark and its meaning: `50 taken`.
pub(super) struct Key {
    pub mark: Mark,
    pub words: String,
}

/// A segment of the bar, in per cent of its width.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub mark: Mark,
    pub percent: i64,
}

/// Either `rows` of single seats or, for a large plan, one `bar`; the other is empty.
pub(super) struct Picture {
    pub rows: Vec<Vec<Mark>>,
    pub bar: Vec<Stretch>,
    pub keys: Vec<Key>,
    /// The text for people who do not see the picture.
    pub alternative: String,
}

/// Up to this many seats, each seat is a mark of its own.
const MARKS: i64 = 120;
/// How many waiting users are drawn; the words say the full number.
const WAITING_MARKS: i64 = 20;
/// Marks in a row; they fit the width of a telephone.
const ROW: usize = 20;

impl Picture {
    pub(super) fn of(usage: &Usage) -> Self {
        let counts = counts(usage);
        let seats: i64 =
            counts.iter().filter(|(mark, _)| *mark != Mark::Waiting).map(|(_, n)| n).sum();
        let (rows, bar) =
            if seats <= MARKS { (rows(&counts), Vec::new()) } else { (Vec::new(), bar(&counts)) };
        Self { rows, bar, keys: keys(&counts), alternative: usage.sentence() }
    }
}

/// The number of each mark, in the order they are drawn; the limit is a line and counts as none.
fn counts(usage: &Usage) -> Vec<(Mark, i64)> {
    let over = usage.over();
    let mut counts = vec![(Mark::Taken, usage.used - over)];
    if let SeatLimit::Seats(_) = usage.limit {
        counts.extend([
            (Mark::Free, usage.free().unwrap_or(0)),
            (Mark::Limit, 0),
            (Mark::Over, over),
        ]);
    }
    counts.push((Mark::Waiting, usage.waiting));
    counts
}

fn rows(counts: &[(Mark, i64)]) -> Vec<Vec<Mark>> {
    let mut rows = vec![Vec::new()];
    let mut seats = 0;
    for (mark, count) in counts {
        let count = match mark {
            Mark::Limit => 1,
            Mark::Waiting => (*count).min(WAITING_MARKS),
            _ => *count,
        };
        for _ in 0..count {
            // The line stands behind the last seat, not alone on the next row.
            if !mark.is_limit() && seats == ROW {
                rows.push(Vec::new());
                seats = 0;
            }
            if let Some(row) = rows.last_mut() {
                row.push(*mark);
            }
            seats += usize::from(!mark.is_limit());
        }
    }
    rows.retain(|row| !row.is_empty());
    rows
}

/// Each segment gets at least 2 %, so that one user who waits behind ten thousand seats is visible;
/// the largest segment is shortened for it.
fn bar(counts: &[(Mark, i64)]) -> Vec<Stretch> {
    let all: i64 = counts.iter().map(|(_, n)| n).sum();
    let share = |n: i64| (n.saturating_mul(100) / all.max(1)).max(2);
    let mut bar: Vec<Stretch> = counts
        .iter()
        .filter(|(mark, n)| *n > 0 || mark.is_limit())
        .map(|(mark, n)| Stretch {
            mark: *mark,
            percent: if mark.is_limit() { 0 } else { share(*n) },
        })
        .collect();
    let rest = 100 - bar.iter().map(|stretch| stretch.percent).sum::<i64>();
    if let Some(largest) = bar.iter_mut().max_by_key(|stretch| stretch.percent) {
        largest.percent += rest;
    }
    bar
}

fn keys(counts: &[(Mark, i64)]) -> Vec<Key> {
    counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(mark, n)| Key { mark: *mark, words: format!("{} {}", grouped(*n), mark.word()) })
        .collect()
}

impl Mark {
    pub(super) fn is_limit(self) -> bool {
        self == Self::Limit
    }

    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Free => "free",
            Self::Limit => "limit",
            Self::Over => "over",
            Self::Waiting => "waiting",
        }
    }

    /// The CSS class for dark mode; the light colours are written on each cell, for programs that
    /// drop `<style>`.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Free => "free",
            Self::Limit => "limit",
            Self::Over => "over",
            Self::Waiting => "wait",
        }
    }

    pub(super) fn paper(self) -> &'static str {
        match self {
            Self::Taken => "#0d5b61",
            Self::Free | Self::Waiting => "#ffffff",
            Self::Limit => "#1f2423",
            Self::Over => "#b3261e",
        }
    }

    pub(super) fn edge(self) -> &'static str {
        match self {
            Self::Free => "#8b928f",
            Self::Waiting => "#b45f06",
            filled => filled.paper(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(limit: SeatLimit, used: i64, waiting: i64) -> String {
        let letter = |mark: &Mark| match mark {
            Mark::Taken => '#',
            Mark::Free => 'o',
            Mark::Limit => '|',
            Mark::Over => '!',
            Mark::Waiting => 'w',
        };
        let picture = Picture::of(&Usage { limit, used, waiting });
        picture
            .rows
            .iter()
            .map(|row| row.iter().map(letter).collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn each_seat_is_a_mark() {
        assert_eq!(drawn(SeatLimit::Seats(5), 3, 0), "###oo|");
        assert_eq!(drawn(SeatLimit::Seats(20), 20, 3), "####################| www");
        assert_eq!(drawn(SeatLimit::Seats(4), 6, 1), "####|!!w");
        assert_eq!(drawn(SeatLimit::Seats(0), 0, 2), "|ww");
        assert_eq!(drawn(SeatLimit::NotSet, 0, 3), "www");
        assert_eq!(drawn(SeatLimit::Seats(1), 1, 500), "#|wwwwwwwwwwwwwwwwwww w");
    }

    #[test]
    fn a_large_plan_is_a_bar_that_shows_every_person() {
        let picture =
            Picture::of(&Usage { limit: SeatLimit::Seats(10_000), used: 10_000, waiting: 1 });

        let stretch = |mark, percent| Stretch { mark, percent };
        assert!(picture.rows.is_empty());
        assert_eq!(
            picture.bar,
            [stretch(Mark::Taken, 98), stretch(Mark::Limit, 0), stretch(Mark::Waiting, 2)]
        );
        assert_eq!(picture.alternative, "All 10,000 seats taken, 1 waiting");
    }
}
