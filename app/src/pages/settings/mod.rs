//! The settings of an organization: its plan, its details, the notes of staff, and its end. Tenants
//! read the plan and the details.

mod alerts;
mod details;
mod end;
mod notes;

use domain::{id::OrganizationId, organization::SeatLimit};
use leptos::prelude::*;
use views::{members::AccountsQuery, settings::SettingsPage};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{NamedRefusal, load_settings},
};

#[component]
pub fn Settings() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    loaded(
        move || load_settings(id.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

/// What the address says about a form that was sent.
#[derive(Clone, Debug)]
struct Sent {
    refused: Option<NamedRefusal>,
    /// The details as they were typed, if their form was refused.
    details: Option<Query>,
    /// The same of the alerts.
    alerts: Option<Query>,
}

#[component]
fn Page(page: SettingsPage, query: Query) -> impl IntoView {
    let refused = query.refusal(SeatLimit::NotSet);
    let typed = |form| (refused.is_some() && query.text("form") == form).then(|| query.clone());
    let (details, alerts) = (typed("details"), typed("alerts"));
    let sent = Sent { refused: refused.clone(), details, alerts };
    let refused = refused.filter(|refused| field(refused).is_none()).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let saved = saved(query.text("saved")).map(|sentence| {
        view! {
            <Banner tone=Tone::Calm title="Saved.".to_owned()>
                {sentence}
            </Banner>
        }
    });
    let sentence = match &page.ended {
        Some(ended) => ended.sentence(),
        None if page.archived => "Archived.".to_owned(),
        None => format!("{}.", page.usage.sentence()),
    };
    let for_staff = page.staff.clone().map(|staff| {
        view! {
            <notes::Notes
                id=page.organization.to_string()
                form=staff.notes
                refused=sent.refused.clone()
                now=page.now
            />
            <end::End page=page.clone() can_restore=staff.can_restore />
        }
    });
    view! {
        <div class="settings" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&page.organization)>{words(&page.name)}</a>
            </p>
            <PageHeader title="Settings" sentence within=Some(page.name.clone()) />
            <Banners>{saved} {refused}</Banners>
            <Plan page=page.clone() />
            <details::Details page=page.clone() sent=sent.clone() />
            <Members id=page.organization.clone() />
            <SignOn id=page.organization.clone() />
            <alerts::Alerts page=page.clone() sent />
            {for_staff}
        </div>
    }
}

/// The name of the field beside which a refusal stands.
fn field(refused: &NamedRefusal) -> Option<&'static str> {
    match refused {
        NamedRefusal::Known(refusal) => refusal.field(),
        NamedRefusal::Other => None,
    }
}

fn saved(word: &str) -> Option<&'static str> {
    match word {
        "details" => Some("Scalekit may change the name and the external id again."),
        "alerts" => Some("Alerts that are open now have notified already."),
        "notes" => Some("Only staff can read the notes."),
        "same" => Some("Nothing was changed: this is what was saved already."),
        _ => None,
    }
}

/// The seat limit and the admission policy, with links to their forms.
#[component]
fn Plan(page: SettingsPage) -> impl IntoView {
    let SettingsPage { organization, usage, policy, archived, staff, .. } = page;
    let staff = staff.is_some();
    let change = |href: String, word: &'static str| {
        staff.then(|| {
            view! {
                " "
                <a class="settings__change" href=href>
                    {word}
                </a>
            }
        })
    };
    let word =
        if usage.limit == SeatLimit::NotSet { "Set seat limit" } else { "Change seat limit" };
    let limit = change(paths::seat_limit(&organization), word);
    let (word_of_policy, sentence) = (capitalized(policy.word()), policy.sentence());
    let policy = change(paths::policy(&organization), "Change admission policy");
    let content = if archived {
        view! { <p class="quiet">"The plan ended when the organization was archived."</p> }
            .into_any()
    } else {
        view! {
            <DescriptionList>
                <Entry word="Seat limit">{capitalized(&usage.limit.to_string())} {limit}</Entry>
                <Entry word="Admission policy">{word_of_policy} {policy}</Entry>
            </DescriptionList>
            <p class="quiet">{sentence}</p>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-label="Seat limit and admission policy">
            <h2 class="card__title">"Seat limit and admission policy"</h2>
            {content}
        </section>
    }
}

/// The link to the members and invitations.
#[component]
fn Members(id: OrganizationId) -> impl IntoView {
    view! {
        <section class="card" aria-label="Members and invitations">
            <h2 class="card__title">"Members and invitations"</h2>
            <p class="quiet">"Who has an account here, with which role, and who is invited."</p>
            <p>
                <a class="button" href=paths::members(&id, &AccountsQuery::default())>
                    "Members"
                </a>
            </p>
        </section>
    }
}

/// The link to single sign-on.
#[component]
fn SignOn(id: OrganizationId) -> impl IntoView {
    view! {
        <section class="card" aria-label="Single sign-on">
            <h2 class="card__title">"Single sign-on"</h2>
            <p class="quiet">
                "People sign in at their own identity provider, such as Okta or Entra ID."
            </p>
            <p>
                <a class="button" href=paths::sign_on_of(&id)>
                    "Single sign-on"
                </a>
            </p>
        </section>
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
