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
    let alerts = page.alerts;
    let (slack, slack_fails) = (alerts.slack.clone(), alerts.slack_fails);
    let fails = || slack_fails.then(|| view! { <span class="sub">{NOT_TAKEN}</span> });
    let posted = match &slack {
        Some(shown) => view! {
            {words(shown)}
            {fails()}
        }
        .into_any(),
        None => "Nowhere".into_any(),
    };
    let content = if alerts.may_change {
        let form = form(page.organization.to_string(), &alerts, sent);
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
                    {percent(alerts.thresholds.as_ref().unwrap_or(&alerts.installation))}
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
                "E-mails go to the organization’s admins, as each of them chose. "
                <a href=paths::alerts_of(&page.organization)>"See all alerts"</a>
            </p>
            {content}
        </section>
    }
}

fn percent(thresholds: &str) -> String {
    if thresholds == "none" { "No threshold".to_owned() } else { format!("{thresholds} %") }
}

fn form(id: String, alerts: &AlertSettings, sent: Sent) -> AnyView {
    let (sent, refused) = (sent.alerts, sent.refused);
    let refusal = |name| {
        let refused = sent.as_ref().and(refused.as_ref());
        refused.filter(|refused| field(refused) == Some(name)).map(ToString::to_string)
    };
    let typed = |name| sent.as_ref().and_then(|typed| typed.get(name)).map(str::to_owned);
    let has_slack = alerts.slack.is_some();
    let own = alerts.recipients.iter().flatten().map(ToString::to_string);
    let recipients = Field {
        name: "recipients",
        label: "Extra recipients",
        hint: "Addresses with commas between them, up to 20. They get the e-mails about the waitlist, the usage, the limit and directories, and need no account.",
        value: typed("recipients").unwrap_or_else(|| own.collect::<Vec<_>>().join(", ")),
        refusal: refusal("recipients"),
    };
    let usage = Field {
        name: "thresholds",
        label: "Usage is high at, in % of the seats",
        hint: "Such as “80, 90”, or “none”. Plans of up to 25 seats are notified when one or two seats are left.",
        value: typed("thresholds").or_else(|| alerts.thresholds.clone()).unwrap_or_default(),
        refusal: refusal("thresholds"),
    };
    let default = format!("Empty: as for all organizations, {}.", percent(&alerts.installation));
    let slack = Field {
        name: "slack",
        label: if has_slack { "New Slack address (optional)" } else { "Slack address (optional)" },
        hint: "An incoming webhook of Slack, or of Mattermost. It is kept secret; an empty field changes nothing.",
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
            <TextField field=recipients />
            <TextField field=slack />
            {remove}
            <div class="form__actions">
                <button class="button" type="submit">
                    "Save alerts"
                </button>
            </div>
        </form>
    }
    .into_any()
}
