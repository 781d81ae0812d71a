//! A group of boxes of which a reader ticks some.

use leptos::prelude::*;

/// One box of the group.
pub struct Choice {
    pub value: &'static str,
    pub word: &'static str,
    /// What it means, beside the word.
    pub meaning: &'static str,
    pub is_chosen: bool,
}

/// `name` is what each chosen box sends.
#[component]
pub fn Choices(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(optional_no_strip)] refusal: Option<String>,
    choices: Vec<Choice>,
) -> impl IntoView {
    let id = name.trim_end_matches("[]");
    let (refusal_id, hint_id) = (format!("refusal-{id}"), format!("hint-{id}"));
    let described = refusal.is_some().then(|| refusal_id.clone());
    let described = described.or_else(|| (!hint.is_empty()).then(|| hint_id.clone()));
    let refusal = refusal.map(|sentence| {
        view! {
            <p class="field__refusal" id=refusal_id>
                {sentence}
            </p>
        }
    });
    let hint = (!hint.is_empty()).then(|| {
        view! {
            <p class="field__hint" id=hint_id>
                {hint}
            </p>
        }
    });
    let choices = choices.into_iter().map(|choice| {
        let Choice { value, word, meaning, is_chosen } = choice;
        let meaning = (!meaning.is_empty()).then(|| {
            view! {
                " "
                <span class="quiet">{meaning}</span>
            }
        });
        view! {
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name=name
                    value=value
                    checked=is_chosen
                    autocomplete="off"
                />
                <span>{word} {meaning}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choices" aria-describedby=described>
            <legend class="field__label">{label}</legend>
            {hint}
            <div class="choices__all">{choices.collect_view()}</div>
            {refusal}
        </fieldset>
    }
}
