//! The fields beside the limit, the quick choices, and the note that a colleague was faster.

use domain::{
    id::OrganizationId,
    organization::{SeatLimit, Usage, grouped},
    time::Timestamp,
};
use leptos::prelude::*;
use views::LimitChange;

use crate::{
    components::{
        field::{Field, TextArea},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
};

#[component]
pub(super) fn ReasonField(typed: String, refusal: Option<String>) -> impl IntoView {
    let field = Field {
        name: "reason",
        label: "Reason",
        hint: "Kept in the audit log; the customer does not see it.",
        value: typed,
        refusal,
    };
    view! { <TextArea field=field rows=3 longest=500 required=true /> }
}

/// Until when the new limit applies. Without a limit of now none could apply afterwards.
#[component]
pub(super) fn LastDayField(
    then: SeatLimit,
    typed: String,
    refusal: Option<String>,
) -> impl IntoView {
    if then == SeatLimit::NotSet {
        return ().into_any();
    }
    let hint = format!("After this day, in UTC, the limit is {then} again.");
    let invalid = refusal.is_some().then_some("true");
    view! {
        <div class="field">
            <label class="field__label" for="field-until">
                "Last day (optional)"
            </label>
            <input
                class="input input--date"
                id="field-until"
                type="date"
                name="until"
                value=typed
                aria-describedby="refusal-until hint-until"
                aria-invalid=invalid
            />
            <div class="field__messages">
                <p class="field__refusal" id="refusal-until">
                    {refusal}
                </p>
                <p class="field__hint" id="hint-until">
                    {hint}
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// The limits that staff want most often. Without JavaScript each is a link to its preview.
#[component]
pub(super) fn Choices(
    id: OrganizationId,
    usage: RwSignal<Usage>,
    choose: Callback<String>,
) -> impl IntoView {
    let choice = move |Choice { words, text }: Choice| {
        let href = paths::with_query(&paths::seat_limit(&id), &[("limit", &text)]);
        let pick = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            choose.run(text.clone());
        };
        view! {
            <a class="filter-chip" href=href on:click=pick>
                {words}
            </a>
        }
    };
    view! {
        <div class="filter-chips limit__choices" role="group" aria-label="Quick choices">
            {move || choices(usage.get()).into_iter().map(&choice).collect_view()}
        </div>
    }
}

/// A quick choice: its words, and the text that it puts into the field.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    words: String,
    text: String,
}

fn choices(usage: Usage) -> Vec<Choice> {
    let exactly = |seats: i64| (0..=SeatLimit::MOST).contains(&seats).then_some(seats);
    let all_in = (usage.waiting > 0)
        .then(|| exactly(usage.used.saturating_add(usage.waiting)))
        .flatten()
        .map(|seats| Choice {
            words: match usage.waiting {
                1 => format!("Let the 1 in: {}", grouped(seats)),
                waiting => format!("Let all {} in: {}", grouped(waiting), grouped(seats)),
            },
            text: seats.to_string(),
        });
    let more = [5, 10].into_iter().filter_map(|more| match usage.limit {
        SeatLimit::Seats(seats) => exactly(seats.saturating_add(more))
            .map(|seats| Choice { words: format!("+{more}"), text: seats.to_string() }),
        SeatLimit::NotSet | SeatLimit::Unlimited => None,
    });
    let unlimited = (usage.limit != SeatLimit::Unlimited)
        .then(|| Choice { words: "Unlimited".to_owned(), text: "unlimited".to_owned() });
    all_in.into_iter().chain(more).chain(unlimited).collect()
}

/// The note that a colleague has changed the limit since the form was opened.
#[component]
pub(super) fn Changed(
    change: RwSignal<Option<LimitChange>>,
    now: RwSignal<Timestamp>,
) -> impl IntoView {
    let note = move |LimitChange { by, from, to, reason, at }: LimitChange| {
        let now = now.get();
        view! {
            <p class="limit__changed">
                {words(by)} {format!(" changed the limit from {from} to {to} ")}
                <RelativeTime at now /> ": “" {words(reason)} "”. What you typed is still here."
            </p>
        }
    };
    view! { <div aria-live="polite">{move || change.get().map(note)}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(limit: SeatLimit, used: i64, waiting: i64) -> Vec<String> {
        let choices = choices(Usage { limit, used, waiting });
        choices.into_iter().map(|choice| format!("{} = {}", choice.words, choice.text)).collect()
    }

    #[test]
    fn the_quick_choices_fit_the_numbers_of_now() {
        assert_eq!(
            words_of(SeatLimit::Seats(1_050), 1_050, 3),
            ["Let all 3 in: 1,053 = 1053", "+5 = 1055", "+10 = 1060", "Unlimited = unlimited"]
        );
        assert_eq!(
            words_of(SeatLimit::Seats(2), 5, 1),
            ["Let the 1 in: 6 = 6", "+5 = 7", "+10 = 12", "Unlimited = unlimited"]
        );
        assert_eq!(
            words_of(SeatLimit::NotSet, 0, 2),
            ["Let all 2 in: 2 = 2", "Unlimited = unlimited"]
        );
        assert_eq!(words_of(SeatLimit::Unlimited, 9, 0), [] as [&str; 0]);
        assert_eq!(words_of(SeatLimit::Seats(SeatLimit::MOST), 9, 0), ["Unlimited = unlimited"]);
    }
}
