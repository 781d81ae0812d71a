//! When and where the organization is notified: a form for those who may change it, a list for
//! others.

use leptos::{prelude::*, server_fn::ServerFn};
use views::settings::{AlertSettings, SettingsPage};

use super::{Sent, field};
use crate::{
    components::{
        description_list::{DescriptionList, Entry},
        field::{Field, TextField},
        words::words,
    },
    paths,
    server_fns::SetAlerts,
};

const NOT_TAKEN: &str =
    "The last posts were not taken. Check the address; a new one is used at once.";

#[component]
pub(super) fn Alerts(page: SettingsPage, sent: Sent) -> impl IntoView {
    let AlertSettings { thresholds, installation, slack, slack_fails, may_change } = page.alerts;
    let fails = || slack_fails.then(|| view! { <span class="sub">{NOT_TAKEN}</span> });
    let posted = match &slack {
        Some(shown) => view! {
            {words(shown)}
            {fails()}
        }
        .into_any(),
        None => "Nowhere".into_any(),
    };
    let content = if may_change {
        let id = page.organization.to_string();
        let form = view! { <Form id thresholds installation has_slack={slack.is_some()} sent /> };
        view! {
            <DescriptionList>
                <Entry word="Posted to">{posted}</Entry>
            </DescriptionList>
            {form}
        }
        .into_any()
    } else {
        view! {
            <DescriptionList>
                <Entry word="Usage is high at">
                    {percent(&thresholds.unwrap_or(installation))}
                </Entry>
                <Entry word="Posted to">{posted}</Entry>
            </DescriptionList>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-label="Alerts">
            <h2 class="card__title">"Alerts"</h2>
            <p class="quiet">
                "E-mails go to the organization’s admins. "
                <a href=paths::alerts_of(&page.organization)>"See all alerts"</a>
            </p>
            {content}
        </section>
    }
}

fn percent(thresholds: &str) -> String {
    if thresholds == "none" { "No threshold".to_owned() } else { format!("{thresholds} %") }
}

#[component]
fn Form(
    id: String,
    thresholds: Option<String>,
    installation: String,
    has_slack: bool,
    sent: Sent,
) -> impl IntoView {
    let refusal = |name| {
        let refused = sent.alerts.as_ref().and(sent.refused.as_ref());
        refused.filter(|refused| field(refused) == Some(name)).map(ToString::to_string)
    };
    let typed = sent.alerts.as_ref().and_then(|typed| typed.get("thresholds")).map(str::to_owned);
    let usage = Field {
        name: "thresholds",
        label: "Usage is high at, in % of the seats",
        hint: "Such as “80, 90”, or “none”. Plans of up to 25 seats are notified when one or two seats are left.",
        value: typed.or(thresholds).unwrap_or_default(),
        refusal: refusal("thresholds"),
    };
    let default = format!("Empty: as for all organizations, {}.", percent(&installation));
    let slack = Field {
        name: "slack",
        label: if has_slack { "New Slack address" } else { "Slack address" },
        hint: "Optional: an incoming webhook of Slack, or of Mattermost. It is kept secret; an empty field changes nothing.",
        value: String::new(),
        refusal: refusal("slack"),
    };
    let remove = has_slack.then(|| {
        view! {
            <label class="check">
                <input class="check__box" type="checkbox" name="remove_slack" value="yes" />
                "Post to Slack no more"
            </label>
        }
    });
    view! {
        <form class="form" method="post" action=SetAlerts::url() novalidate=true data-whole="">
            <input type="hidden" name="id" value=id />
            <TextField field=usage />
            <p class="field__hint">{default}</p>
            <TextField field=slack />
            {remove}
            <div class="form__actions">
                <button class="button" type="submit">
                    "Save alerts"
                </button>
            </div>
        </form>
    }
}
