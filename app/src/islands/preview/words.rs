//! Describes in sentences what a new limit would do, and names it on the button.

use domain::{
    organization::{SeatLimit, grouped, people, seats},
    text::ExternalText,
};
use views::LimitPreview;

/// The text of the button: `Raise to 55 seats: 3 people get in`.
pub(super) fn verb(preview: Option<&LimitPreview>) -> String {
    let Some(preview) = preview.filter(|preview| preview.before.limit != preview.after.limit)
    else {
        return "Save the new limit".to_owned();
    };
    let to = preview.after.limit;
    if preview.needs_second_person {
        return format!("Propose {to}");
    }
    let verb = match (preview.before.limit, to) {
        (_, SeatLimit::Unlimited) => "Make unlimited".to_owned(),
        (SeatLimit::Seats(before), SeatLimit::Seats(after)) if after > before => {
            format!("Raise to {to}")
        }
        (SeatLimit::Seats(_) | SeatLimit::Unlimited, _) => format!("Lower to {to}"),
        (SeatLimit::NotSet, _) => format!("Set to {to}"),
    };
    let effect = match (preview.admitted, preview.after.over()) {
        (0, 0) => String::new(),
        (0, over) => format!(": {} over", grouped(over)),
        (admitted, _) => format!(": {} {} in", grouped(admitted), gets(admitted)),
    };
    verb + &effect
}

/// The text of the button that approves a request: `Approve: 60 seats, 3 people get in`.
pub(super) fn approval(preview: Option<&LimitPreview>) -> String {
    match preview.map(|preview| (preview.after.limit, preview.admitted)) {
        None => "Approve".to_owned(),
        Some((limit, 0)) => format!("Approve: {limit}"),
        Some((limit, n)) => format!("Approve: {limit}, {} {} in", grouped(n), gets(n)),
    }
}

/// Sentences about the users who get a seat, the seats over the limit, and the users who keep
/// waiting.
pub(super) fn sentences(preview: &LimitPreview) -> Vec<String> {
    let after = preview.after;
    if preview.before.limit == after.limit {
        return vec!["That is the limit already.".to_owned()];
    }
    let second = preview
        .needs_second_person
        .then(|| "A change of this size needs a second staff member to approve it.".to_owned());
    let admitted = match preview.admitted {
        0 => None,
        n => Some(format!("{} {} in{}", grouped(n), gets(n), names(&preview.first_admitted, n))),
    };
    let over = after.over();
    let over = (over > 0).then(|| {
        format!(
            "{} {} over the limit. No person loses a seat, and no person gets in until {} given back.",
            grouped(over),
            seats(over),
            if over == 1 { "it is".to_owned() } else { format!("{} are", grouped(over)) }
        )
    });
    let waiting = (after.waiting > 0).then(|| {
        format!(
            "{} {} on the waitlist.",
            grouped(after.waiting),
            if after.waiting == 1 { "person stays" } else { "people stay" }
        )
    });
    let mut sentences: Vec<_> = admitted.into_iter().chain(over).chain(waiting).collect();
    if sentences.is_empty() {
        sentences.push("No person gets in or has to wait because of this change.".to_owned());
    }
    sentences.extend(second);
    sentences
}

fn gets(n: i64) -> String {
    format!("{} {}", people(n), if n == 1 { "gets" } else { "get" })
}

/// `: Ada, Grace and 3 more.`
fn names(first: &[ExternalText], all: i64) -> String {
    let first: Vec<String> = first.iter().map(ToString::to_string).collect();
    let more = all - i64::try_from(first.len()).unwrap_or(i64::MAX);
    match first.as_slice() {
        [] => ".".to_owned(),
        names if more > 0 => format!(": {} and {} more.", names.join(", "), grouped(more)),
        [only] => format!(": {only}."),
        [names @ .., last] => format!(": {} and {last}.", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use domain::{id::OrganizationId, organization::Usage};

    use super::*;

    fn preview(before: (SeatLimit, i64, i64), limit: SeatLimit) -> LimitPreview {
        let before = Usage { limit: before.0, used: before.1, waiting: before.2 };
        let admitted =
            limit.free(before.used).map_or(before.waiting, |free| free.min(before.waiting));
        LimitPreview {
            organization: OrganizationId::new("org_1"),
            name: "Acme".into(),
            before,
            after: Usage {
                limit,
                used: before.used + admitted,
                waiting: before.waiting - admitted,
            },
            admitted,
            first_admitted: ["Ada", "Grace"]
                .into_iter()
                .take(usize::try_from(admitted).unwrap())
                .map(ExternalText::new)
                .collect(),
            limit_version: 1,
            needs_second_person: false,
        }
    }

    #[test]
    fn the_button_says_what_will_happen() {
        let verb = |before, after| super::verb(Some(&preview(before, after)));
        assert_eq!(
            verb((SeatLimit::Seats(50), 50, 3), SeatLimit::Seats(55)),
            "Raise to 55 seats: 3 people get in"
        );
        assert_eq!(
            verb((SeatLimit::Seats(50), 48, 0), SeatLimit::Seats(40)),
            "Lower to 40 seats: 8 over"
        );
        assert_eq!(
            verb((SeatLimit::NotSet, 0, 1), SeatLimit::Seats(5)),
            "Set to 5 seats: 1 person gets in"
        );
        assert_eq!(
            verb((SeatLimit::Seats(5), 5, 1), SeatLimit::Unlimited),
            "Make unlimited: 1 person gets in"
        );
        assert_eq!(verb((SeatLimit::Unlimited, 9, 0), SeatLimit::Seats(12)), "Lower to 12 seats");
        assert_eq!(super::verb(None), "Save the new limit");
    }

    #[test]
    fn an_approval_says_what_will_happen() {
        let before = (SeatLimit::Seats(50), 50, 3);
        let approval = |limit| super::approval(Some(&preview(before, SeatLimit::Seats(limit))));
        assert_eq!(approval(60), "Approve: 60 seats, 3 people get in");
        assert_eq!(approval(50), "Approve: 50 seats");
        assert_eq!(super::approval(None), "Approve");
    }

    #[test]
    fn a_large_change_is_proposed() {
        let before = (SeatLimit::Seats(50), 50, 3);
        let large =
            LimitPreview { needs_second_person: true, ..preview(before, SeatLimit::Seats(500)) };

        assert_eq!(super::verb(Some(&large)), "Propose 500 seats");
        let last = super::sentences(&large).pop().unwrap();
        assert!(last.contains("second staff member"), "{last}");
    }

    #[test]
    fn who_gets_in_is_named() {
        let sentences = |before, after| super::sentences(&preview(before, after)).join(" ");
        assert_eq!(
            sentences((SeatLimit::Seats(50), 50, 3), SeatLimit::Seats(55)),
            "3 people get in: Ada, Grace and 1 more."
        );
        assert_eq!(
            sentences((SeatLimit::Seats(50), 50, 3), SeatLimit::Seats(52)),
            "2 people get in: Ada and Grace. 1 person stays on the waitlist."
        );
        assert_eq!(
            sentences((SeatLimit::Seats(50), 48, 0), SeatLimit::Seats(40)),
            "8 seats over the limit. No person loses a seat, and no person gets in until 8 are given back."
        );
        assert_eq!(
            sentences((SeatLimit::Seats(50), 48, 0), SeatLimit::Seats(60)),
            "No person gets in or has to wait because of this change."
        );
    }
}
