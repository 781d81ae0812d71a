//! The sentence under the title: what needs attention, or that nothing does. Each part leads to its
//! organizations.

use domain::{
    condition::Condition,
    organization::{grouped, people},
};
use views::{ConditionCounts, OverviewQuery};

use super::filtered;
use crate::components::page_header::Sentence;

pub(super) fn sentence(counts: &ConditionCounts, query: &OverviewQuery) -> Sentence {
    let parts = parts(counts);
    if parts.is_empty() {
        return calm(counts, query).into();
    }
    let last = parts.len() - 1;
    let mut shown = Vec::new();
    for (at, (condition, words)) in parts.into_iter().enumerate() {
        shown.push((words, Some(filtered(query, Some(condition)))));
        shown.push((if at == last { "." } else { "; " }.to_owned(), None));
    }
    Sentence::of_parts(shown)
}

/// Nothing needs attention.
fn calm(counts: &ConditionCounts, query: &OverviewQuery) -> &'static str {
    match (counts.all, query.search.is_empty() && !query.mine) {
        (0, true) => "No organization is known yet.",
        (0, false) => "No organization matches.",
        _ => "No person is waiting for a seat.",
    }
}

/// The conditions that need attention, each with its words. The first one says what is counted.
fn parts(counts: &ConditionCounts) -> Vec<(Condition, String)> {
    let mut parts: Vec<(Condition, String)> = Vec::new();
    for condition in Condition::ALL {
        let count = counts.of(Some(condition));
        let Some(words) = words(condition, count, counts.people_waiting) else { continue };
        if count == 0 {
            continue;
        }
        let noun = match (parts.is_empty(), count) {
            (false, _) => "",
            (true, 1) => " organization",
            (true, _) => " organizations",
        };
        parts.push((condition, format!("{}{noun} {words}", grouped(count))));
    }
    parts
}

fn words(condition: Condition, count: i64, waiting: i64) -> Option<String> {
    let verb = |one: &str, many: &str| if count == 1 { one } else { many }.to_owned();
    Some(match condition {
        Condition::Waiting => {
            let has = verb("has", "have");
            format!("{has} people waiting ({} {})", grouped(waiting), people(waiting))
        }
        Condition::Over => verb("is over its limit", "are over their limits"),
        Condition::LimitNotSet => verb("has no limit yet", "have no limit yet"),
        Condition::Trouble => verb("has trouble", "have trouble"),
        Condition::OpenRequest => verb("asks for seats", "ask for seats"),
        Condition::NearlyFull | Condition::Archived => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(of: &[(Condition, i64)], people_waiting: i64) -> Vec<String> {
        let counts = ConditionCounts { all: 12, people_waiting, of: of.to_vec() };
        parts(&counts).into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn it_counts_organizations_and_people() {
        let of = [
            (Condition::Waiting, 7),
            (Condition::Over, 1),
            (Condition::LimitNotSet, 1),
            (Condition::NearlyFull, 3),
            (Condition::Trouble, 2),
            (Condition::OpenRequest, 1),
            (Condition::Archived, 4),
        ];
        assert_eq!(
            told(&of, 1_209),
            [
                "7 organizations have people waiting (1,209 people)",
                "1 is over its limit",
                "1 has no limit yet",
                "2 have trouble",
                "1 asks for seats",
            ]
        );
        let one = [(Condition::Waiting, 1)];
        assert_eq!(told(&one, 1), ["1 organization has people waiting (1 person)"]);
        assert_eq!(told(&[(Condition::NearlyFull, 1)], 0), [""; 0]);
    }

    #[test]
    fn it_is_calm_if_nothing_needs_attention() {
        let counts = |all| ConditionCounts { all, people_waiting: 0, of: Vec::new() };
        let all = OverviewQuery::default();
        assert_eq!(calm(&counts(0), &all), "No organization is known yet.");
        assert_eq!(calm(&counts(3), &all), "No person is waiting for a seat.");
        let search = OverviewQuery { search: "acme".to_owned(), ..all };
        assert_eq!(calm(&counts(0), &search), "No organization matches.");
    }
}
