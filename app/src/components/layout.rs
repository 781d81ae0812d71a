//! The layout around every page: a narrow sidebar on the left, or on a small screen a bar that
//! opens a sheet. It works without JavaScript, because the sheet is a popover.

use domain::id::OrganizationId;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use views::Person;

use super::{
    account_role::account_role,
    bell::Bell,
    page_data::SignedIn,
    sections::{self, Sections},
    view_bar::ViewBar,
    words::words,
};
use crate::{
    islands::{copy_button::CopyButton, live::Live, switcher::Switcher},
    paths,
    server_fns::{SetTheme, SignOut, answer, load_person},
};

#[component]
pub fn Layout(children: Children) -> impl IntoView {
    // The path is read here, before anything is awaited: two threads that read a memo for the first
    // time at the same moment can break it.
    let path = use_location().pathname.get_untracked();
    let organization = paths::organization_in(&path);
    let person = Resource::new(|| (), move |()| load_person(organization.clone()));
    provide_context(SignedIn(person));
    let sidebar = move || {
        let path = path.clone();
        Suspend::new(async move {
            person.await.ok().flatten().map(|person| view! { <Rail person path /> })
        })
    };
    let bar = move || {
        Suspend::new(async move {
            let person = person.await.ok().flatten();
            person.and_then(|person| person.view_as).map(|view| view! { <ViewBar view /> })
        })
    };
    view! {
        <a class="skip" href="#main">
            "Skip to the content"
        </a>
        <Suspense>{bar}</Suspense>
        <div class="layout">
            <Suspense>{sidebar}</Suspense>
            <main class="main" id="main" tabindex="-1">
                {children()}
            </main>
        </div>
        <CopyButton />
    }
}

/// The pages about all organizations that follow each change of one.
const ALL: [&str; 3] = [paths::ORGANIZATIONS, paths::REQUESTS, paths::START];

#[component]
fn Rail(person: Person, path: String) -> impl IntoView {
    let organization = paths::organization_in(&path);
    let (source, follows) = match &organization {
        Some(id) => (paths::live(Some(id)), true),
        None if person.role.is_staff() && ALL.contains(&path.as_str()) => (paths::live(None), true),
        None => (paths::LIVE_SESSION.to_owned(), false),
    };
    // a tenant of one organization keeps its menu on pages that are about none
    let only = || match person.organizations.as_slice() {
        [own] => Some(own.id.clone()),
        _ => None,
    };
    let organization = organization.or_else(only);
    view! {
        <header class="sidebar">
            <div class="sidebar__head">
                <a class="sidebar__name" href=paths::HOME>
                    <Logo />
                    "Seatkeeper"
                </a>
                <Live source follows />
                <Bell person=person.clone() organization=organization.clone() />
                <button
                    class="sidebar__open"
                    type="button"
                    popovertarget="sidebar-sheet"
                    aria-label="Menu"
                >
                    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                        <path d="M3 6h14M3 10h14M3 14h14" />
                    </svg>
                </button>
            </div>
            <div class="sidebar__sheet" id="sidebar-sheet" popover="auto">
                <button
                    class="sidebar__close"
                    type="button"
                    popovertarget="sidebar-sheet"
                    popovertargetaction="hide"
                    aria-label="Close the menu"
                >
                    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                        <path d="M5 5l10 10M15 5L5 15" />
                    </svg>
                </button>
                <OrganizationName
                    person=person.clone()
                    organization=organization.clone()
                    path=path.clone()
                />
                <Sections person=person.clone() organization=organization.clone() path />
                <Account person organization />
            </div>
        </header>
    }
}

/// Two taken seats, the limit, and one waiting user.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <rect class="logo__taken" x="1" y="1" width="9" height="9" rx="2.500" />
            <rect class="logo__taken" x="1" y="14" width="9" height="9" rx="2.500" />
            <line class="logo__limit" x1="13.500" x2="13.500" y1="0" y2="24" />
            <rect class="logo__waiting" x="17" y="7.500" width="6.500" height="9" rx="2" />
        </svg>
    }
}

/// The organization of the page. A reader of several organizations opens another one here.
#[component]
fn OrganizationName(
    person: Person,
    organization: Option<OrganizationId>,
    path: String,
) -> impl IntoView {
    let Person { here: name, role, organizations, .. } = person;
    if role.is_staff() || organizations.len() > 1 {
        let section = sections::section(&path);
        return view! { <Switcher name here=organization section /> }.into_any();
    }
    let name = name.map_or_else(|| "No organization".into_any(), words);
    view! { <p class="switcher switcher--only">{name}</p> }.into_any()
}

#[component]
fn Account(person: Person, organization: Option<OrganizationId>) -> impl IntoView {
    let role = organization.map_or(person.role, |id| person.role_in(&id));
    let role = account_role(role);
    // the pages of the own account are not those of the admin
    let own = person.view_as.is_none();
    let name = if own {
        view! {
            <a href=paths::ACCOUNT title="Your account">
                {words(&person.name)}
            </a>
        }
        .into_any()
    } else {
        words(&person.name).into_any()
    };
    let preferences = own.then(|| {
        view! {
            <p class="account__link">
                <a href=paths::PREFERENCES>"Notifications"</a>
            </p>
        }
    });
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        <div class="account">
            <p class="account__name">{name}</p>
            <p class="account__email" title=person.email.to_string()>
                {format!("{role} · {}", person.email)}
            </p>
            {preferences}
            <div class="account__row">
                <ActionForm action=sign_out>
                    <button class="account__out" type="submit">
                        "Sign out"
                    </button>
                </ActionForm>
                <ThemeChoice />
            </div>
        </div>
    }
}

/// A plain form, so that the choice works without JavaScript and the first paint already uses it.
#[component]
fn ThemeChoice() -> impl IntoView {
    let chosen = answer::theme().unwrap_or("system");
    let choices = [
        ("system", "Use the system’s colours", "M2 3.500h12v7.500H2zM6 13.500h4"),
        ("light", "Light", "M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M3.400 12.600l1.100-1.100M11.500 4.500l1.100-1.100"),
        ("dark", "Dark", "M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"),
    ]
    .map(|(theme, word, icon)| {
        view! {
            <button
                class="theme__choice"
                type="submit"
                name="theme"
                value=theme
                aria-label=word
                title=word
                aria-pressed=if theme == chosen { "true" } else { "false" }
            >
                <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
                    <path d=icon />
                </svg>
            </button>
        }
    });
    let set_theme = ServerAction::<SetTheme>::new();
    view! {
        <ActionForm action=set_theme attr:class="theme">
            {choices}
        </ActionForm>
    }
}
