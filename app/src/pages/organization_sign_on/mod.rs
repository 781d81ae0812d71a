//! Single sign-on of an organization: its identity provider, the domains that belong to it, and
//! whether it is required.

mod provider;

use leptos::{prelude::*, server_fn::ServerFn};
use views::single_sign_on::{SignOnPage, SignOnProvider};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        field::{Field, TextField},
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    paths,
    query::{Query, Sent},
    server_fns::{RemoveSignOn, RequireSignOn, SetSignOnDomains, TrySignOn, load_sign_on},
};

#[component]
pub fn OrganizationSignOn() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    loaded(
        move || load_sign_on(id.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

fn told(saved: &str) -> Option<(&'static str, &'static str)> {
    Some(match saved {
        "provider" => ("Saved.", "Try it, then sign in with it once."),
        "removed" => ("Removed.", "People sign in with their passwords."),
        "works" => (
            "The provider answers.",
            "Its configuration and its keys are as they have to be. Whether it knows Seatkeeper’s client id shows when you sign in.",
        ),
        "domains" => ("Saved.", "Addresses of these domains lead to this organization’s provider."),
        "required" => (
            "Single sign-on is required now.",
            "People who were signed in with a password were signed out.",
        ),
        "not-required" => ("Single sign-on is not required any more.", "Passwords work again."),
        "same" => ("Nothing was changed.", "This is what was saved already."),
        _ => return None,
    })
}

fn sentence(provider: Option<&SignOnProvider>) -> &'static str {
    match provider {
        None => "Not set up. People sign in with a password.",
        Some(provider) if provider.is_required => "Required: a password signs no person in.",
        Some(_) => "Set up. People may also sign in with a password.",
    }
}

#[component]
fn Page(page: SignOnPage, query: Query) -> impl IntoView {
    let sent = Sent::of(&query);
    let told = told(query.text("saved")).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let above = sent.above().map(|refused| {
        view! {
            <Banner tone=Tone::Act title="This did not work.".to_owned()>
                {refused}
            </Banner>
        }
    });
    let sentence = sentence(page.provider.as_ref()).to_owned();
    let provider = if page.may_change {
        view! { <provider::Form page=page.clone() sent=sent.clone() /> }.into_any()
    } else {
        view! { <provider::Shown page=page.clone() /> }.into_any()
    };
    let acts = page.provider.clone().filter(|_| page.may_change).map(|provider| {
        view! { <Acts id=page.organization.to_string() provider /> }
    });
    view! {
        <div class="settings" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::settings(&page.organization)>"Settings of " {words(&page.name)}</a>
            </p>
            <PageHeader title="Single sign-on" sentence within=Some(page.name.clone()) />
            <Banners>{told} {above}</Banners>
            {provider}
            {acts}
            <Domains page=page.clone() sent />
        </div>
    }
}

/// What can be done with a provider that is set.
#[component]
fn Acts(id: String, provider: SignOnProvider) -> impl IntoView {
    let required = provider.is_required;
    let (word, explained) = match (required, provider.is_tried) {
        (true, _) => (
            "Stop requiring it",
            "A password signs no person in who belongs to this organization alone. Staff and people of several organizations keep their passwords.",
        ),
        (false, true) => (
            "Require single sign-on",
            "Then a password signs no person in who belongs to this organization alone, and sessions that began with a password end at once.",
        ),
        (false, false) => (
            "Require single sign-on",
            "An admin of this organization has to sign in with it once before it can be required.",
        ),
    };
    let remove = (!required).then(|| {
        view! {
            <form method="post" action=RemoveSignOn::url()>
                <input type="hidden" name="id" value=id.clone() />
                <button class="button" type="submit">
                    "Remove provider"
                </button>
            </form>
        }
    });
    view! {
        <section class="card" aria-label="Try and require">
            <h2 class="card__title">"Try and require"</h2>
            <p class="quiet">{explained}</p>
            <div class="form__actions">
                <form method="post" action=TrySignOn::url()>
                    <input type="hidden" name="id" value=id.clone() />
                    <button class="button" type="submit">
                        "Try it"
                    </button>
                </form>
                <form method="post" action=RequireSignOn::url()>
                    <input type="hidden" name="id" value=id.clone() />
                    <input type="hidden" name="required" value=(!required).to_string() />
                    <button class="button" type="submit">
                        {word}
                    </button>
                </form>
                {remove}
            </div>
        </section>
    }
}

#[component]
fn Domains(page: SignOnPage, sent: Sent) -> impl IntoView {
    let list: Vec<String> = page.domains.iter().map(ToString::to_string).collect();
    let stored = list.join(", ");
    let content = if page.is_staff {
        let typed = sent.typed("domains").and_then(|typed| typed.get("domains"));
        let domains = Field {
            name: "domains",
            label: "Domains",
            hint: "With commas between them, such as acme.com, acme.org. Enter only domains that you know to be the customer’s: its provider may then open accounts with such addresses.",
            value: typed.map_or(stored, str::to_owned),
            refusal: sent.beside("domains", "domains"),
        };
        view! {
            <form
                class="form"
                method="post"
                action=SetSignOnDomains::url()
                novalidate=true
                data-whole=""
            >
                <input type="hidden" name="id" value=page.organization.to_string() />
                <TextField field=domains />
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Save domains"
                    </button>
                </div>
            </form>
        }
        .into_any()
    } else {
        let shown = if stored.is_empty() { "None".to_owned() } else { stored };
        view! {
            <DescriptionList>
                <Entry word="Domains">{shown}</Entry>
            </DescriptionList>
            <p class="quiet">"Ask your account manager to add or remove a domain."</p>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-label="Domains">
            <h2 class="card__title">"Domains"</h2>
            <p class="quiet">
                "An address of one of these domains leads to this organization’s provider, from the page “Single sign-on”."
            </p>
            {content}
        </section>
    }
}
