//! The form for the seat limit, with a preview that follows the typed text. Without JavaScript the
//! button "Preview" asks the server for the same picture.

mod words;

use std::time::Duration;

use domain::{
    id::OrganizationId,
    limit_end::LimitEnd,
    organization::{SeatLimit, Usage},
};
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use serde::{Deserialize, Serialize};
use views::LimitPreview;

use crate::{
    components::{
        field::{Field, TextArea},
        meter::Meter,
    },
    paths,
    server_fns::{AppError, SetSeatLimit, preview_seat_limit},
};

/// The content of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub limit: String,
    pub reason: String,
    /// `None`: nothing was typed, and the field shows the last day of the limit of now.
    pub until: Option<String>,
}

/// The error message of each field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    pub limit: Option<String>,
    pub reason: Option<String>,
    pub until: Option<String>,
}

/// The server is asked when the reader has not typed for this long.
const PAUSE: Duration = Duration::from_millis(250);

/// The text of the button that approves a request: `Approve: 60 seats, 3 people get in`.
pub fn approval_verb(preview: Option<&LimitPreview>) -> String {
    words::approval(preview)
}

#[island]
pub fn LimitEditor(
    id: OrganizationId,
    version: i64,
    current: Usage,
    end: Option<LimitEnd>,
    typed: Typed,
    refusals: Refusals,
    preview: Option<LimitPreview>,
) -> impl IntoView {
    let refusal = RwSignal::new(refusals.limit);
    let preview = RwSignal::new(preview);
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let look = looker(id.clone(), preview, refusal);
    let back = paths::organization(&id);
    let then = end.map_or(current.limit, |end| end.then);
    let until = typed.until.or_else(|| end.map(|end| end.last_day().written()));
    let until = (until.unwrap_or_default(), refusals.until);
    view! {
        <form class="limit" method="post" action=SetSeatLimit::url() novalidate=true>
            <div class="limit__fields form">
                <input type="hidden" name="id" value=id.to_string() />
                <input
                    type="hidden"
                    name="limit_version"
                    value=move || {
                        preview.get().map_or(version, |preview| preview.limit_version).to_string()
                    }
                />
                <LimitField typed=typed.limit refusal look />
                <ReasonField typed=typed.reason refusal=refusals.reason />
                <LastDayField then typed=until.0 refusal=until.1 />
                <div class="form__actions">
                    // The button is first in the document, so that Enter previews; the live preview
                    // needs no button.
                    {move || {
                        (!awake.get())
                            .then(|| {
                                view! {
                                    <button
                                        class="button limit__ask"
                                        type="submit"
                                        formmethod="get"
                                        formaction=paths::seat_limit(&id)
                                    >
                                        "Preview"
                                    </button>
                                }
                            })
                    }} <button class="button button--main" type="submit">
                        {move || words::verb(preview.get().as_ref())}
                    </button> <a class="button button--quiet" href=back>
                        "Cancel"
                    </a>
                </div>
            </div>
            <div class="limit__pictures" aria-live="polite">
                {move || view! { <Pictures current preview=preview.get() /> }}
            </div>
        </form>
    }
}

/// Asks for a preview when the reader stops typing. An answer that is no longer current is dropped.
/// A text that is no seat limit is refused without asking the server.
fn looker(
    id: OrganizationId,
    preview: RwSignal<Option<LimitPreview>>,
    refusal: RwSignal<Option<String>>,
) -> Callback<String> {
    let asked = StoredValue::new(0_u32);
    Callback::new(move |limit: String| {
        asked.update_value(|n| *n += 1);
        let question = asked.get_value();
        let is_current = move || asked.try_get_value() == Some(question);
        let id = id.clone();
        let look = move || {
            if !is_current() {
                return;
            }
            if let Err(no) = SeatLimit::parse(&limit) {
                preview.set(None);
                // An empty field shows no error yet.
                return refusal.set((!limit.trim().is_empty()).then(|| no.to_string()));
            }
            spawn_local(async move {
                let answer = preview_seat_limit(id, limit).await;
                if is_current() {
                    refusal.set(answer.as_ref().err().map(AppError::to_string));
                    preview.set(answer.ok());
                }
            });
        };
        set_timeout(look, PAUSE);
    })
}

#[component]
fn LimitField(
    typed: String,
    refusal: RwSignal<Option<String>>,
    look: Callback<String>,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let rendered = typed.clone();
    // A reader may type before hydration, and browsers restore the old text of a field.
    Effect::new(move |_| {
        let value = input.get().map(|input| input.value());
        if let Some(value) = value.filter(|value| *value != rendered) {
            look.run(value);
        }
    });
    view! {
        <div class="field">
            <label class="field__label" for="field-limit">
                "New seat limit"
            </label>
            <input
                node_ref=input
                class="input input--number"
                id="field-limit"
                name="limit"
                value=typed
                autocomplete="off"
                spellcheck="false"
                required=true
                aria-describedby="refusal-limit hint-limit"
                aria-invalid=move || refusal.get().map(|_| "true")
                on:input=move |event| look.run(event_target_value(&event))
            />
            <div class="field__messages">
                <p class="field__refusal" id="refusal-limit">
                    {move || refusal.get()}
                </p>
                <p class="field__hint" id="hint-limit">
                    "A whole number, or “unlimited”."
                </p>
            </div>
        </div>
    }
}

#[component]
fn ReasonField(typed: String, refusal: Option<String>) -> impl IntoView {
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
fn LastDayField(then: SeatLimit, typed: String, refusal: Option<String>) -> impl IntoView {
    if then == SeatLimit::NotSet {
        return ().into_any();
    }
    let hint = format!("Optional. After this day, in UTC, the limit is {then} again.");
    let invalid = refusal.is_some().then_some("true");
    view! {
        <div class="field">
            <label class="field__label" for="field-until">
                "Last day"
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

/// The current usage and the previewed usage.
#[component]
pub fn Pictures(current: Usage, preview: Option<LimitPreview>) -> impl IntoView {
    let before = preview.as_ref().map_or(current, |preview| preview.before);
    let after = preview.map(|preview| {
        view! {
            <section class="picture picture--after">
                <h2 class="picture__title">"After"</h2>
                <p class="picture__numbers">{preview.after.sentence()}</p>
                <Meter usage=preview.after />
                {words::sentences(&preview)
                    .into_iter()
                    .map(|sentence| view! { <p class="picture__text">{sentence}</p> })
                    .collect_view()}
            </section>
        }
    });
    view! {
        <section class="picture">
            <h2 class="picture__title">"Now"</h2>
            <p class="picture__numbers">{before.sentence()}</p>
            <Meter usage=before />
        </section>
        {after}
    }
}
