//! The settings of the installation: each with its range, its default and a form of its own.

use domain::{
    refusal::Refusal,
    setting::{SettingKind, SettingName},
    time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::installation_settings::{self, Secrets, SettingRow};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        confirm_first::{CONFIRMED, confirm_first, confirmed},
        description_list::{DescriptionList, Entry},
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        settings_parts::SettingsParts,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{ChangeSetting, load_installation_settings},
};

#[component]
pub fn InstallationSettings() -> impl IntoView {
    let query = Query::of_request();
    let saved = SettingName::parse(query.text("saved"));
    let refused = Refused::of(&query);
    loaded(load_installation_settings, move |_, page| {
        let (refused, query) = (refused.clone(), query.clone());
        view! { <Page page saved refused query /> }.into_any()
    })
}

/// A value that was not saved.
#[derive(Clone, Debug)]
struct Refused {
    name: SettingName,
    typed: String,
    sentence: String,
}

impl Refused {
    fn of(query: &Query) -> Option<Self> {
        let name = SettingName::parse(query.text("setting"))?;
        let sentence = match query.text("refused") {
            "setting-fixed" => "The environment sets this value now. Change it there.".to_owned(),
            "setting-changed" => {
                "Another person changed this setting in the meantime. Check it, then save again."
                    .to_owned()
            }
            "setting-same" => "This is the value already.".to_owned(),
            "proof" => Refusal::ProofTooOld.to_string(),
            "own-factor-first" => Refusal::OwnFactorFirst.to_string(),
            CONFIRMED => "This is not saved yet. Save it now.".to_owned(),
            "setting-value" => format!("This takes {}.", name.range()),
            "" => return None,
            _ => "This was not saved. Try again.".to_owned(),
        };
        Some(Self { name, typed: query.get("value").unwrap_or_default().to_owned(), sentence })
    }
}

#[component]
fn Page(
    page: installation_settings::InstallationSettings,
    saved: Option<SettingName>,
    refused: Option<Refused>,
    query: Query,
) -> impl IntoView {
    let now = page.now;
    let proof = confirm_first(&query, paths::INSTALLATION_SETTINGS).or_else(|| confirmed(&query));
    let told = saved.map(|name| {
        let words = name.words();
        let title = format!("“{}: {}” was saved.", words.section, words.title);
        view! {
            <Banner tone=Tone::Calm title>
                "It counts from now on."
            </Banner>
        }
    });
    let mut sections: Vec<(&'static str, Vec<SettingRow>)> = Vec::new();
    for row in page.rows {
        let section = row.name.words().section;
        match sections.last_mut() {
            Some((title, rows)) if *title == section => rows.push(row),
            _ => sections.push((section, vec![row])),
        }
    }
    let sections = sections.into_iter().map(move |(title, rows)| {
        let refused = refused.clone();
        let rows = rows.into_iter().map(move |row| {
            let refused = refused.clone().filter(|refused| refused.name == row.name);
            view! { <Setting row refused now /> }
        });
        view! { <Section title>{rows.collect_view()}</Section> }
    });
    view! {
        <SettingsParts here=paths::INSTALLATION_SETTINGS />
        <PageHeader
            title="Settings"
            sentence="They hold for the whole installation and count as soon as they are saved."
        />
        <Banners>{told} {proof}</Banners>
        <div class="settings">{sections.collect_view()} <InEnvironment secrets=page.secrets /></div>
    }
}

#[component]
fn Setting(row: SettingRow, refused: Option<Refused>, now: Timestamp) -> impl IntoView {
    let (name, says) = (row.name, row.name.words());
    let word = name.as_str();
    let (id, hint, wrong) =
        (format!("field-{word}"), format!("hint-{word}"), format!("refusal-{word}"));
    let described = if refused.is_some() { format!("{wrong} {hint}") } else { hint.clone() };
    let range = range(&row);
    let value = refused.as_ref().map_or_else(|| row.value.clone(), |refused| refused.typed.clone());
    let invalid = refused.as_ref().map(|_| "true");
    let input = match name.kind() {
        SettingKind::Choice(choices) => {
            let options = choices.iter().map(|(option, text)| {
                view! {
                    <option value=*option selected=*option == value>
                        {*text}
                    </option>
                }
            });
            view! {
                <select
                    class="input"
                    id=id.clone()
                    name="value"
                    autocomplete="off"
                    disabled=row.fixed
                    aria-describedby=described
                    aria-invalid=invalid
                >
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        kind => {
            let is_number = matches!(kind, SettingKind::Number { .. });
            let is_list = matches!(kind, SettingKind::RoleNames | SettingKind::AttributeNames);
            view! {
                <input
                    class="input"
                    class:setting__list=is_list
                    id=id.clone()
                    name="value"
                    value=value
                    inputmode=is_number.then_some("numeric")
                    autocomplete="off"
                    required=true
                    disabled=row.fixed
                    aria-describedby=described
                    aria-invalid=invalid
                />
            }
            .into_any()
        }
    };
    let sentence = refused.map(|refused| {
        view! {
            <p class="field__refusal" id=wrong>
                {refused.sentence}
            </p>
        }
    });
    let save = (!row.fixed).then(|| {
        view! {
            <button class="button" type="submit" aria-label=format!("Save “{}”", says.title)>
                "Save"
            </button>
        }
    });
    view! {
        <form
            class="setting"
            id=format!("setting-{word}")
            method="post"
            action=ChangeSetting::url()
        >
            <input type="hidden" name="name" value=word />
            <input type="hidden" name="seen" value=row.value.clone() data-seen="" />
            <div class="setting__words">
                <label class="field__label" for=id>
                    {says.title}
                </label>
                <p class="setting__meaning">{says.meaning}</p>
                <p class="field__hint" id=hint>
                    {range}
                </p>
            </div>
            <div class="setting__value">
                <div class="setting__row">
                    {input}
                    {(!says.unit.is_empty())
                        .then(|| view! { <span class="setting__unit">{says.unit}</span> })} {save}
                </div>
                {sentence}
                <From row now />
            </div>
        </form>
    }
}

/// Where the value comes from.
#[component]
fn From(row: SettingRow, now: Timestamp) -> impl IntoView {
    if let Some(variable) = row.name.variable().filter(|_| row.fixed) {
        return view! {
            <p class="field__hint">
                "Set by " <code>{variable}</code> " in the environment; change it there."
            </p>
        }
        .into_any();
    }
    row.changed
        .map(|(by, at)| {
            view! { <p class="field__hint">"Changed by " {words(by)} ", " <RelativeTime at now /></p> }
        })
        .into_any()
}

/// What the setting takes, unless the choices say it, and its default.
fn range(row: &SettingRow) -> String {
    match row.name.kind() {
        SettingKind::Choice(_) => at_first(row),
        _ => format!("{} {}", capitalised(&row.name.range()), at_first(row)),
    }
}

/// The value that counts until a person changes it.
fn at_first(row: &SettingRow) -> String {
    let unit = row.name.words().unit;
    let is_number = row.default.bytes().all(|byte| byte.is_ascii_digit());
    let default = match row.name.kind() {
        SettingKind::Choice(choices) => choices
            .iter()
            .find(|(option, _)| *option == row.default)
            .map_or_else(|| row.default.clone(), |(_, text)| (*text).to_owned()),
        _ if is_number && unit == "%" => format!("{} %", row.default),
        _ if is_number && !unit.is_empty() => format!("{} {unit}", row.default),
        _ => row.default.clone(),
    };
    format!("At first: {default}.")
}

fn capitalised(range: &str) -> String {
    let mut letters = range.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What only the environment holds.
#[component]
fn InEnvironment(secrets: Secrets) -> impl IntoView {
    let webhooks = match secrets.webhook_secrets {
        0 => "None".to_owned(),
        1 => "1".to_owned(),
        n => format!("{n}, each of them is accepted"),
    };
    let api = if secrets.directory_api { "Credentials set" } else { "No credentials: no resync" };
    let mail = secrets.mail_server.unwrap_or_else(|| "None: e-mails wait".to_owned());
    view! {
        <Section title="Secrets" note="They are in the environment; a change needs a restart.">
            <DescriptionList>
                <Entry word="Webhook secrets">{webhooks}</Entry>
                <Entry word="Directory API">{api}</Entry>
                <Entry word="Mail server">{mail}</Entry>
            </DescriptionList>
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_says_what_it_takes_and_what_it_is_at_first() {
        let row = |name, default: &str| SettingRow {
            name,
            value: String::new(),
            default: default.to_owned(),
            fixed: false,
            changed: None,
        };
        assert_eq!(
            range(&row(SettingName::StaffIdleMinutes, "30")),
            "A whole number from 5 to 1,440. At first: 30 minutes."
        );
        assert_eq!(
            range(&row(SettingName::DefaultPolicy, "first-come")),
            "At first: First come, first served."
        );
        assert_eq!(at_first(&row(SettingName::DefaultSeatLimit, "not set")), "At first: not set.");
    }
}
