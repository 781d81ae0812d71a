//! What the reader is told by e-mail: for each topic at once, in a digest, or never.

use domain::preference::{Frequency, Topic};
use leptos::{prelude::*, server_fn::ServerFn};
use views::preferences::PreferencesPage;

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::EmptyState,
        page_data::loaded,
        page_header::PageHeader,
    },
    query::Query,
    server_fns::{SetPreferences, load_preferences},
};

#[component]
pub fn Preferences() -> impl IntoView {
    let saved = Query::of_request().text("saved").to_owned();
    loaded(load_preferences, move |_, page| view! { <Page page saved=saved.clone() /> }.into_any())
}

#[component]
fn Page(page: PreferencesPage, saved: String) -> impl IntoView {
    let PreferencesPage { email, rows, has_mail_server } = page;
    let saved = match saved.as_str() {
        "yes" => Some(("Saved.", "It counts from the next e-mail on.")),
        "same" => Some(("Nothing was changed.", "You get these e-mails already as you chose.")),
        _ => None,
    };
    let saved = saved.map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let parked = (!has_mail_server && !rows.is_empty()).then(|| {
        view! {
            <Banner tone=Tone::Act title="No mail server is set.".to_owned()>
                "E-mails wait until there is one. Alerts are also in Seatkeeper itself."
            </Banner>
        }
    });
    let content = if rows.is_empty() {
        view! {
            <EmptyState title="You get no e-mails">
                "Only admins of an organization and staff are notified. Alerts are on the pages that you see."
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <Choices rows /> }.into_any()
    };
    view! {
        <div class="settings">
            <PageHeader
                title="Notifications"
                sentence=format!(
                    "E-mails to {email}. The bell and the alerts in Seatkeeper are not changed by this.",
                )
            />
            <Banners>{saved} {parked}</Banners>
            {content}
        </div>
    }
}

#[component]
fn Choices(rows: Vec<(Topic, Frequency)>) -> impl IntoView {
    let row = |(topic, chosen): (Topic, Frequency)| {
        let (title, text) = topic.words();
        let (id, hint) = (format!("field-{}", topic.as_str()), format!("hint-{}", topic.as_str()));
        let options = Frequency::ALL.map(|frequency| {
            view! {
                <option value=frequency.as_str() selected=frequency == chosen>
                    {frequency.word()}
                </option>
            }
        });
        view! {
            <div class="preference">
                <div>
                    <label class="field__label" for=id.clone()>
                        {title}
                    </label>
                    <p class="field__hint" id=hint.clone()>
                        {text}
                    </p>
                </div>
                <select
                    class="input"
                    id=id
                    name=format!("chosen[{}]", topic.as_str())
                    aria-describedby=hint
                    autocomplete="off"
                >
                    {options.into_iter().collect_view()}
                </select>
            </div>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <form class="card" method="post" action=SetPreferences::url() data-whole="">
            <div class="preferences">{rows}</div>
            <p class="quiet">
                "A digest leaves at 6:00 UTC, daily or on Mondays, if something happened: who got in and who waits, changes of the limit, open alerts, requests, and when the seats will be full."
            </p>
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Save"
                </button>
            </div>
        </form>
    }
}
