//! The used seats of the last 90 days, small enough for the cell of a table.

use std::fmt::Write;

use domain::organization::{grouped, seats};
use leptos::prelude::*;

const WIDTH: i64 = 89;
const HEIGHT: i64 = 18;

/// `used` has the largest number of each day that is known, until today. One day alone is no line.
#[component]
pub fn Sparkline(used: Vec<i64>) -> impl IntoView {
    let (Some(first), Some(last)) = (used.first(), used.last()) else { return ().into_any() };
    if used.len() < 2 {
        return ().into_any();
    }
    let most = used.iter().copied().max().unwrap_or_default();
    let label = format!(
        "Used seats in the last {} days: from {} to {}, at most {} {}",
        used.len(),
        grouped(*first),
        grouped(*last),
        grouped(most),
        seats(most),
    );
    view! {
        <svg
            class="sparkline"
            role="img"
            aria-label=label
            viewBox=format!("-1 -1 {} {}", WIDTH + 2, HEIGHT + 2)
            width=WIDTH + 2
            height=HEIGHT + 2
        >
            <path class="sparkline__line" d=move || line(&used, most) />
        </svg>
    }
    .into_any()
}

/// One unit is a day; today is on the right.
fn line(used: &[i64], most: i64) -> String {
    let days = i64::try_from(used.len()).unwrap_or(WIDTH);
    let y = |used: i64| HEIGHT - used * HEIGHT / most.max(1);
    let mut path = String::new();
    let mut last = None;
    for (x, used) in (WIDTH + 1 - days..).zip(used) {
        // most days are as the day before
        if last != Some(y(*used)) {
            let _ = match last {
                None => write!(path, "M{x} {}", y(*used)),
                Some(_) => write!(path, "H{x}V{}", y(*used)),
            };
            last = Some(y(*used));
        }
    }
    path + &format!("H{WIDTH}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_today_and_begins_when_the_organization_was_known() {
        assert_eq!(line(&[3, 3, 6, 6], 6), "M86 9H88V0H89");
        assert_eq!(line(&[0, 0], 0), "M88 18H89");
        assert_eq!(line(&[5; 90], 5), "M0 0H89");
    }
}
