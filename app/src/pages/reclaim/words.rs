//! What the page says about its rule, and why a list is empty.

use domain::{
    organization::grouped,
    time::{Day, Timestamp},
};
use views::reclaim::{ReclaimList, ReclaimPage, Signals};

/// Why a list is empty, and the next step.
pub(super) struct EmptyWords {
    pub title: &'static str,
    pub text: String,
}

/// `3 people seem not to use their seats.`
pub(super) fn sentence(suggested: i64) -> String {
    match suggested {
        0 => "No person is suggested.".to_owned(),
        1 => "1 person seems not to use the seat.".to_owned(),
        n => format!("{} people seem not to use their seats.", counted(n)),
    }
}

/// `12`, or `1,000 or more`.
pub(super) fn counted(suggested: i64) -> String {
    if suggested >= ReclaimPage::COUNTED {
        format!("{} or more", grouped(ReclaimPage::COUNTED))
    } else {
        grouped(suggested)
    }
}

pub(super) fn rule_sentence(days: i64) -> String {
    format!(
        "A person is suggested after {days} days without use. Nothing happens by itself: if you dismiss a person, the seat goes to the next on the waitlist."
    )
}

/// Whether usage signals count, and what brings them.
pub(super) fn signals_sentence(signals: Signals, is_staff: bool, now: Timestamp) -> String {
    let on = |at: Timestamp| Day::of(at).words(now);
    let command = if is_staff { " `seatkeeper usage-signals import` brings them." } else { "" };
    match signals {
        Signals::Never => format!(
            "The product has sent no usage signals yet, so only people who left all their groups are suggested.{command}"
        ),
        Signals::Stopped(heard) => format!(
            "The last usage signals came on {}. They are too old to count, so only people who left all their groups are suggested.{command}",
            on(heard)
        ),
        Signals::Began(_, since) => format!(
            "Usage is known since {} only, so it is too early to say who never used the product.",
            on(since)
        ),
        Signals::Arrive(heard) => format!("The last usage signals came on {}.", on(heard)),
    }
}

pub(super) fn empty(page: &ReclaimPage, list: ReclaimList, is_first: bool) -> EmptyWords {
    let words = |title, text: &str| EmptyWords { title, text: text.to_owned() };
    if !is_first {
        return words("No more people", "");
    }
    match (list, page.after_days, page.signals) {
        _ if page.archived => {
            words("Archived", "The people of an archived organization hold no seats.")
        }
        (ReclaimList::Kept, ..) => words(
            "No suggestion is ignored",
            "When you keep a seat that seems unused, the person appears here, and you can undo it.",
        ),
        (ReclaimList::Unused, None, _) => words(
            "Suggestions are switched off",
            "A staff admin can switch them on: the setting “Unused after” takes a number of days.",
        ),
        (ReclaimList::Unused, Some(_), Signals::Never | Signals::Stopped(_)) => words(
            "Not enough is known",
            "Suggestions need usage signals from the product. Without them only people who left all their groups would appear here.",
        ),
        (ReclaimList::Unused, Some(_), Signals::Began(..) | Signals::Arrive(_)) => words(
            "Every seat seems to be used",
            "A person who has not used the product for long appears here.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_sentence_counts_the_people() {
        assert_eq!(sentence(0), "No person is suggested.");
        assert_eq!(sentence(1), "1 person seems not to use the seat.");
        assert_eq!(sentence(12), "12 people seem not to use their seats.");
        assert_eq!(sentence(1_000), "1,000 or more people seem not to use their seats.");
    }

    #[test]
    fn the_page_says_whether_signals_count() {
        let now = Timestamp::parse("2026-11-29T12:00:00Z").unwrap();
        let ago = |days: u64| now.minus(Duration::from_hours(24 * days));
        let says = |signals| signals_sentence(signals, false, now);
        assert!(says(Signals::Never).starts_with("The product has sent no usage signals yet"));
        assert!(says(Signals::Stopped(ago(70))).contains("came on 20 Sep. They are too old"));
        assert!(says(Signals::Began(ago(1), ago(9))).contains("known since 20 Nov only"));
        assert_eq!(says(Signals::Arrive(ago(1))), "The last usage signals came on 28 Nov.");
        assert!(signals_sentence(Signals::Never, true, now).ends_with("brings them."));
    }
}
