//! The form for the seat limit, with a preview that follows the typed text. Without JavaScript the
//! button "Preview" asks the server for the same picture.

mod fields;
mod words;

use std::time::Duration;

use domain::{
    id::OrganizationId,
    limit_end::LimitEnd,
    organization::{TypedLimit, Usage},
    time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use serde::{Deserialize, Serialize};
use views::{LimitChange, LimitPreview};

use self::fields::{Changed, Choices, LastDayField, ReasonField};
use super::browser;
use crate::{
    components::meter::Meter,
    paths,
    server_fns::{AppError, LimitLook, SetSeatLimit, preview_seat_limit},
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

/// The limit as the form was opened with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub version: i64,
    pub usage: Usage,
    pub end: Option<LimitEnd>,
    /// What a colleague changed while the reader filled the form in.
    pub changed: Option<LimitChange>,
    pub now: Timestamp,
}

/// The server is asked when the reader has not typed for this long.
const PAUSE: Duration = Duration::from_millis(250);

/// The text of the button that approves a request: `Approve: 60 seats, 3 people get in`.
pub fn approval_verb(preview: Option<&LimitPreview>) -> String {
    words::approval(preview)
}

/// What the form shows, and what it knows about the limit.
#[derive(Clone, Copy)]
struct Look {
    usage: RwSignal<Usage>,
    preview: RwSignal<Option<LimitPreview>>,
    refusal: RwSignal<Option<String>>,
    changed: RwSignal<Option<LimitChange>>,
    /// The version of the limit that the reader knows.
    version: RwSignal<i64>,
    now: RwSignal<Timestamp>,
    /// Counts the questions: an answer that is no longer current is dropped.
    asked: StoredValue<u32>,
    /// The reader has typed since the last answer.
    is_typed: StoredValue<bool>,
}

/// Why the server is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Because {
    Typed,
    /// The numbers of the page have changed.
    Refreshed,
}

#[island]
pub fn LimitEditor(
    id: OrganizationId,
    known: Known,
    typed: Typed,
    refusals: Refusals,
    preview: Option<LimitPreview>,
) -> impl IntoView {
    let Known { version, usage, end, changed, now } = known;
    let look = Look {
        usage: RwSignal::new(preview.as_ref().map_or(usage, |preview| preview.before)),
        preview: RwSignal::new(preview),
        refusal: RwSignal::new(refusals.limit),
        changed: RwSignal::new(changed),
        version: RwSignal::new(version),
        now: RwSignal::new(now),
        asked: StoredValue::new(0),
        is_typed: StoredValue::new(false),
    };
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let back = paths::organization(&id);
    // the cursor is in the first field that was refused
    let is_first = refusals.reason.is_none() && refusals.until.is_none();
    let focus = is_first || look.refusal.with_untracked(Option::is_some);
    let then = end.map_or(usage.limit, |end| end.then);
    let until = typed.until.or_else(|| end.map(|end| end.last_day().written()));
    let until = (until.unwrap_or_default(), refusals.until);
    view! {
        <form class="limit" method="post" action=SetSeatLimit::url() novalidate=true>
            <div class="limit__fields form">
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="limit_version" value=move || look.version.get() />
                <LimitField id=id.clone() typed=typed.limit focus look />
                <Changed change=look.changed now=look.now />
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
                        {move || words::verb(look.preview.get().as_ref())}
                    </button> <a class="button button--quiet" href=back>
                        "Cancel"
                    </a>
                </div>
            </div>
            <div class="limit__pictures" aria-live="polite">
                {move || {
                    view! { <Pictures current=look.usage.get() preview=look.preview.get() /> }
                }}
            </div>
        </form>
    }
}

impl Look {
    /// Asks for a preview of the text after a pause. A text that is no seat limit is refused
    /// without asking the server.
    fn ask(self, id: OrganizationId, limit: String, because: Because) {
        self.asked.update_value(|n| *n += 1);
        self.is_typed.update_value(|is_typed| *is_typed |= because == Because::Typed);
        let question = self.asked.get_value();
        let is_current = move || self.asked.try_get_value() == Some(question);
        let look = move || {
            if !is_current() {
                return;
            }
            if let Err(no) = TypedLimit::parse(&limit) {
                self.preview.set(None);
                // An empty field shows no error yet.
                return self.refusal.set((!limit.trim().is_empty()).then(|| no.to_string()));
            }
            spawn_local(async move {
                let known = self.version.get_untracked();
                let answer = preview_seat_limit(id, limit, known).await;
                if is_current() {
                    self.show(answer);
                }
            });
        };
        set_timeout(look, PAUSE);
    }

    fn show(self, answer: Result<LimitLook, AppError>) {
        let is_typed = self.is_typed.get_value();
        self.is_typed.set_value(false);
        let look = match answer {
            Ok(look) => look,
            // the reader did nothing wrong if the server cannot be asked for the numbers of now
            Err(_) if !is_typed => return,
            Err(failure) => {
                self.preview.set(None);
                return self.refusal.set(Some(failure.to_string()));
            }
        };
        let LimitLook { preview, changed, now } = look;
        self.usage.set(preview.before);
        self.now.set(now);
        if changed.is_some() {
            self.changed.set(changed);
        }
        // A reader who goes on typing beside the note has seen it. One who saves without a look at
        // it is asked once more.
        if is_typed {
            self.version.set(preview.limit_version);
        }
        self.refusal.set(None);
        let is_shown = self.preview.with_untracked(Option::is_some);
        let says_something = preview.before.limit != preview.after.limit;
        self.preview.set((is_typed || is_shown || says_something).then_some(preview));
    }
}

#[component]
fn LimitField(id: OrganizationId, typed: String, focus: bool, look: Look) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let rendered = typed.clone();
    let ask = {
        let id = id.clone();
        move |text, because| look.ask(id.clone(), text, because)
    };
    let (on_wake, on_input, on_choice) = (ask.clone(), ask.clone(), ask);
    Effect::new(move |_| {
        let Some(field) = input.get() else { return };
        // A reader may type before hydration, and browsers restore the old text of a field.
        if field.value() != rendered {
            on_wake(field.value(), Because::Typed);
        } else if document().active_element().as_ref() == Some(&field) {
            field.select();
        }
        let ask = on_wake.clone();
        browser::morph::on_refresh(move || ask(field.value(), Because::Refreshed));
    });
    let choose = Callback::new(move |text: String| {
        if let Some(field) = input.get_untracked() {
            field.set_value(&text);
            on_choice(text, Because::Typed);
        }
    });
    let refusal = look.refusal;
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
                autofocus=focus
                autocomplete="off"
                spellcheck="false"
                required=true
                aria-describedby="refusal-limit hint-limit"
                aria-invalid=move || refusal.get().map(|_| "true")
                on:input=move |event| on_input(event_target_value(&event), Because::Typed)
            />
            <Choices id usage=look.usage choose />
            <div class="field__messages">
                <p class="field__refusal" id="refusal-limit">
                    {move || refusal.get()}
                </p>
                <p class="field__hint" id="hint-limit">
                    "A whole number, “+5”, “2k” or “unlimited”."
                </p>
            </div>
        </div>
    }
}

/// The current usage and the previewed usage.
#[component]
pub fn Pictures(current: Usage, preview: Option<LimitPreview>) -> impl IntoView {
    let before = preview.as_ref().map_or(current, |preview| preview.before);
    let beside = preview.as_ref().map(|preview| preview.after);
    let after = preview.map(|preview| {
        view! {
            <section class="picture picture--after">
                <h2 class="picture__title">"After"</h2>
                <p class="picture__numbers">{preview.after.sentence()}</p>
                <Meter usage=preview.after beside=Some(before) />
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
            <Meter usage=before beside />
        </section>
        {after}
    }
}
