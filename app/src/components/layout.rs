//! The layout around every page: a narrow sidebar on the left, or on a small screen a bar that
//! opens a sheet. It works without JavaScript, because the sheet is a popover.

use domain::{access::Role, id::OrganizationId};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use views::{
    OwnOrganization, PeopleQuery, Person, groups::GroupsQuery, history::HistoryQuery,
    waitlist::WaitlistQuery,
};

use super::{
    account_role::account_role,
    bell::{BELL, Bell},
    page_data::SignedIn,
    sections,
    shared_names::SharedNames,
    view_bar::ViewBar,
    words::words,
};
use crate::{
    islands::{copy_button::CopyButton, live::Live},
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
                <Switcher person=person.clone() organization=organization.clone() />
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

/// A tenant with several organizations switches between them here. Staff do not need it: they have
/// the list of all organizations.
#[component]
fn Switcher(person: Person, organization: Option<OrganizationId>) -> impl IntoView {
    if person.role.is_staff() {
        return ().into_any();
    }
    let here = person.organizations.iter().find(|own| Some(&own.id) == organization.as_ref());
    let none =
        if person.organizations.is_empty() { "No organization" } else { "Choose an organization" };
    let name = here.map_or_else(|| none.into_any(), |own| words(&own.name).into_any());
    if person.organizations.len() < 2 {
        return view! { <p class="switcher switcher--only">{name}</p> }.into_any();
    }
    let shared = SharedNames::among(person.organizations.iter().map(|own| (&own.id, &own.name)));
    let others = person.organizations.iter().map(|OwnOrganization { id, name, .. }| {
        let chosen = Some(id) == organization.as_ref();
        view! {
            <li>
                <a href=paths::organization(id) aria-current=chosen.then_some("true")>
                    {words(name)}
                    {shared.id_beside(id, name)}
                </a>
            </li>
        }
    });
    view! {
        <details class="switcher" name="switcher">
            <summary>
                <span class="switcher__name">{name}</span>
                <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                    <path d="M5 6.500l3-3 3 3M5 9.500l3 3 3-3" />
                </svg>
            </summary>
            <ul>{others.collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// A seat and a plus.
const ONE_MORE_SEAT: &str = "M2.500 4.500a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2M2.500 4.500v5a2 2 0 0 0 2 2h2M11.500 8.500v6M8.500 11.500h6";

#[component]
fn Sections(person: Person, organization: Option<OrganizationId>, path: String) -> impl IntoView {
    let Person { role, unread, unread_here, requests, has_request_here, .. } = person;
    let staff = role.is_staff();
    let current = sections::current(&path);
    let counted = |word: &'static str, href: String, icon: &'static str, count: Option<AnyView>| {
        let is_this_page = href == path;
        let here = (href == current).then_some(if is_this_page { "page" } else { "true" });
        view! {
            <li>
                <a class="section" href=href aria-current=here>
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        <path d=icon />
                    </svg>
                    {word}
                    {count}
                </a>
            </li>
        }
    };
    let section = |word, href, icon| counted(word, href, icon, None);
    let start = staff.then(|| {
        section(
            "Start",
            paths::START.to_owned(),
            "M2.500 7.500L8 2.500l5.500 5M4 6.500v7h8v-7M6.500 13.500v-4h3v4",
        )
    });
    let all = staff.then(|| {
        section(
            "Organizations",
            paths::ORGANIZATIONS.to_owned(),
            "M2.500 13.500v-9l5.500-2 5.500 2v9M1.500 13.500h13M6 6.500h.01M10 6.500h.01M6 9.500h.01M10 9.500h.01M8 13.500v-1",
        )
    });
    let alerts =
        staff.then(|| counted("Alerts", paths::ALERTS.to_owned(), BELL, unread_words(unread)));
    let queue = staff.then(|| {
        let count = count_words(requests, "request waits", "requests wait");
        counted("Seat requests", paths::REQUESTS.to_owned(), ONE_MORE_SEAT, count)
    });
    let messages = staff.then(|| {
        section(
            "Messages",
            paths::MESSAGES.to_owned(),
            "M1.500 3.500h13v9h-13zM1.500 4.500l6.500 4.500 6.500-4.500",
        )
    });
    let webhooks = staff.then(|| {
        section(
            "Webhooks",
            paths::DELIVERIES.to_owned(),
            "M2.500 9.500h3l1.500 2.500h2l1.500-2.500h3M2.500 9.500v4h11v-4l-2-7h-7z",
        )
    });
    let activity = staff.then(|| {
        section(
            "Activity",
            paths::ACTIVITY.to_owned(),
            "M8 4.500v3.500l2.500 1.500M2.600 6.500A5.600 5.600 0 1 1 2.500 9.500M2.500 3v3.500h3.500",
        )
    });
    let system =
        staff.then(|| section("System", paths::SYSTEM.to_owned(), "M1.500 8.500h3l2-5 3 9 2-4h3"));
    let settings = (role == Role::StaffAdmin).then(|| {
        section(
            "Settings",
            paths::INSTALLATION_SETTINGS.to_owned(),
            "M2 5h7m3 0h2M2 11h2m3 0h7M10.500 3.500v3M5.500 9.500v3",
        )
    });
    let own = organization.map(|id| {
        let mut own = vec![
            section("Seats", paths::organization(&id), "M2.500 2.500h4v4h-4zM2.500 9.500h4v4h-4zM9.500 1v14M12.500 6v4"),
            section(
                "People",
                paths::people(&id, &PeopleQuery::default()),
                "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M3 13.500c.4-2.600 2.300-4 5-4s4.600 1.400 5 4",
            ),
        ];
        own.push(section(
            "Groups",
            paths::groups(&id, &GroupsQuery::default()),
            "M6 7.500a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400M1.500 13c.3-2.300 1.900-3.500 4.500-3.500s4.200 1.200 4.500 3.500M10.500 3.400a2 2 0 1 1 0 3.900M12 9.700c1.500.4 2.300 1.500 2.500 3.300",
        ));
        own.push(section(
            "Waitlist",
            paths::waitlist(&id, &WaitlistQuery::default()),
            "M2.500 4h11M2.500 8h8M2.500 12h5",
        ));
        own.push(section(
            "History",
            paths::history(&id, &HistoryQuery::default()),
            "M2.500 2v11.500h11.500M5 11V9h3V6h3V3.500h2.500",
        ));
        let waits = i64::from(has_request_here);
        let count = count_words(waits, "request waits for you", "requests wait for you");
        own.push(counted("Seat requests", paths::requests_of(&id), ONE_MORE_SEAT, count));
        own.push(counted("Alerts", paths::alerts_of(&id), BELL, unread_words(unread_here)));
        own.push(section(
            "Resyncs",
            paths::resyncs(&id, None),
            "M13 6a5.200 5.200 0 0 0-9.700-.6M3 10a5.200 5.200 0 0 0 9.700.6M3 2.500v3h3M13 13.500v-3h-3",
        ));
        own.push(section(
            "Activity",
            paths::activity_of(&id),
            "M8 4.500v3.500l2.500 1.500M2.600 6.500A5.600 5.600 0 1 1 2.500 9.500M2.500 3v3.500h3.500",
        ));
        own.push(section(
            "Settings",
            paths::settings(&id),
            "M2 5h7m3 0h2M2 11h2m3 0h7M10.500 3.500v3M5.500 9.500v3",
        ));
        view! {
            {staff.then(|| view! { <li class="sections__title">"This organization"</li> })}
            {own}
        }
    });
    view! {
        <nav aria-label="Sections">
            <ul class="sections">

                {start}{all}{queue}{alerts}{webhooks}{messages}{activity}{system}{settings}{own}
            </ul>
        </nav>
    }
}

/// The number of unread alerts beside the bell.
fn unread_words(unread: i64) -> Option<AnyView> {
    count_words(unread, "unread alert", "unread alerts")
}

/// How much waits behind a link of the menu.
fn count_words(count: i64, one: &'static str, many: &'static str) -> Option<AnyView> {
    let shown = match count {
        0 => return None,
        n if n >= Person::COUNTED => format!("{}+", Person::COUNTED - 1),
        n => n.to_string(),
    };
    let said = if count == 1 { one } else { many };
    Some(
        view! { <span class="section__count">{shown} <span class="unseen">" "{said}</span></span> }
            .into_any(),
    )
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
