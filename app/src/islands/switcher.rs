//! The name of the organization of the page, which opens a search over all organizations that the
//! reader may see. Another organization opens on the same section. Without JavaScript the name
//! leads to the list.

use std::time::Duration;

use domain::{id::OrganizationId, text::ExternalText};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use views::{
    OverviewQuery,
    switcher::{Switcher as Found, SwitcherRow},
};

use super::browser::switcher;
use crate::{
    components::words::words,
    paths,
    server_fns::{AppError, load_switcher},
};

const OPENER: &str = "switcher-opener";
const PANEL: &str = "switcher";
const FIELD: &str = "switcher-search";
const LIST: &str = "switcher-list";

/// The server is asked when the reader has not typed for this long.
const PAUSE: Duration = Duration::from_millis(150);

/// `section` is what stands behind the organization in the address of the page's section.
#[island]
pub fn Switcher(
    name: Option<ExternalText>,
    here: Option<OrganizationId>,
    section: String,
) -> impl IntoView {
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let opener = move || {
        let content = view! { <Name name=name.clone() /> };
        if awake.get() {
            view! {
                <button
                    class="switcher"
                    type="button"
                    id=OPENER
                    popovertarget=PANEL
                    aria-haspopup="dialog"
                >
                    {content}
                </button>
            }
            .into_any()
        } else {
            view! {
                <a class="switcher" href=paths::ORGANIZATIONS>
                    {content}
                </a>
            }
            .into_any()
        }
    };
    let panel =
        move || awake.get().then(|| view! { <Panel here=here.clone() section=section.clone() /> });
    view! {
        {opener}
        {panel}
    }
}

#[component]
fn Name(name: Option<ExternalText>) -> impl IntoView {
    let name = match name {
        Some(name) => view! {
            <span class="unseen">"Organization: "</span>
            {words(name)}
        }
        .into_any(),
        None => "Choose an organization".into_any(),
    };
    view! {
        <span class="switcher__name">{name}</span>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M5 6.500l3-3 3 3M5 9.500l3 3 3-3" />
        </svg>
    }
}

#[component]
fn Panel(here: Option<OrganizationId>, section: String) -> impl IntoView {
    let search = Search::new(here.clone(), section);
    view! {
        <div
            class="switcher__panel"
            id=PANEL
            popover="auto"
            role="dialog"
            aria-label="Choose an organization"
            on:toggle=move |_| {
                if switcher::is_open(PANEL, FIELD, OPENER) {
                    search.ask(Duration::ZERO);
                }
            }
        >
            <input
                class="input"
                id=FIELD
                type="search"
                role="combobox"
                placeholder="Name or id"
                autofocus=true
                autocomplete="off"
                spellcheck="false"
                aria-label="Search organizations"
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls=LIST
                aria-activedescendant=move || search.active_row()
                on:input=move |event| {
                    search.text.set(event_target_value(&event));
                    search.ask(PAUSE);
                }
                on:keydown=move |event| search.key(&event)
            />
            <div class="switcher__list" id=LIST role="listbox" aria-label="Organizations">
                {move || search.rows(here.as_ref())}
            </div>
            <p class="switcher__status" role="status">
                {move || search.status()}
            </p>
            {move || search.elsewhere()}
        </div>
    }
}

/// What is searched for, and what was found.
#[derive(Clone, Copy)]
struct Search {
    here: StoredValue<Option<OrganizationId>>,
    section: StoredValue<String>,
    text: RwSignal<String>,
    found: RwSignal<Option<Result<Found, AppError>>>,
    /// The row that Enter opens.
    active: RwSignal<usize>,
    asked: StoredValue<u32>,
    answered: StoredValue<u32>,
    /// Enter was pressed before the answer was there.
    is_chosen: StoredValue<bool>,
}

impl Search {
    fn new(here: Option<OrganizationId>, section: String) -> Self {
        Self {
            here: StoredValue::new(here),
            section: StoredValue::new(section),
            text: RwSignal::default(),
            found: RwSignal::new(None),
            active: RwSignal::new(0),
            asked: StoredValue::new(0),
            answered: StoredValue::new(0),
            is_chosen: StoredValue::new(false),
        }
    }

    /// Asks the server, unless the reader types on. An answer that is no longer current is dropped.
    fn ask(self, pause: Duration) {
        self.asked.update_value(|n| *n += 1);
        self.is_chosen.set_value(false);
        let question = self.asked.get_value();
        let is_current = move || self.asked.try_get_value() == Some(question);
        let look = move || {
            if !is_current() {
                return;
            }
            spawn_local(async move {
                let found = load_switcher(self.text.get_untracked(), self.here.get_value()).await;
                if is_current() {
                    self.answered.set_value(question);
                    self.take(found);
                }
            });
        };
        set_timeout(look, pause);
    }

    /// The same answer again, to a panel that was opened again, leaves the active row as it is.
    fn take(self, found: Result<Found, AppError>) {
        if self.found.with_untracked(|known| known.as_ref() != Some(&found)) {
            self.active.set(0);
            self.found.set(Some(found));
        }
        if self.is_chosen.get_value() {
            self.choose();
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let (active, count) = (self.active.get_untracked(), self.count());
        let to = match event.key().as_str() {
            "Enter" if !event.is_composing() => {
                event.prevent_default();
                return self.choose();
            }
            "ArrowDown" if active + 1 < count => active + 1,
            "ArrowDown" => 0,
            "ArrowUp" => active.checked_sub(1).unwrap_or(count.saturating_sub(1)),
            _ => return,
        };
        event.prevent_default();
        self.active.set(to);
        switcher::show(&row_id(to));
    }

    /// Opens the active row; if the answer is not there yet, the first row of the answer.
    fn choose(self) {
        if self.answered.get_value() != self.asked.get_value() {
            return self.is_chosen.set_value(true);
        }
        let row = self.found.with_untracked(|found| {
            let found = found.as_ref()?.as_ref().ok()?;
            all(found).nth(self.active.get_untracked()).map(|row| row.id.clone())
        });
        if let Some(id) = row {
            switcher::follow(&self.href(&id));
        }
    }

    fn count(self) -> usize {
        let count = |found: &Option<Result<Found, AppError>>| match found {
            Some(Ok(found)) => all(found).count(),
            _ => 0,
        };
        self.found.with_untracked(count)
    }

    /// The same section of this organization.
    fn href(self, id: &OrganizationId) -> String {
        self.section.with_value(|section| format!("{}{section}", paths::organization(id)))
    }

    fn active_row(self) -> Option<String> {
        let is_any = self.found.with(|found| match found {
            Some(Ok(found)) => all(found).next().is_some(),
            _ => false,
        });
        is_any.then(|| row_id(self.active.get()))
    }

    fn status(self) -> String {
        let is_search = self.text.with(|text| !text.trim().is_empty());
        self.found.with(|found| match found {
            None => String::new(),
            Some(Err(_)) => "The list did not load. Try again, or open all organizations.".into(),
            Some(Ok(found)) => match all(found).count() {
                0 if is_search => "No organization matches.".to_owned(),
                0 => "There is no other organization.".to_owned(),
                n if found.is_cut => format!("The first {n}. Type to find the others."),
                1 => "1 organization".to_owned(),
                n => format!("{n} organizations"),
            },
        })
    }

    /// The way to the whole list; for an e-mail address, to the people who have it.
    fn elsewhere(self) -> AnyView {
        let may =
            self.found.with(|found| matches!(found, Some(Ok(found)) if found.may_find_people));
        let search = self.text.get();
        let (href, text) = if may && search.contains('@') {
            let query = OverviewQuery { search, ..OverviewQuery::default() };
            (paths::overview(&query), "People with this e-mail address")
        } else {
            (paths::ORGANIZATIONS.to_owned(), "All organizations")
        };
        view! {
            <a class="switcher__all" href=href>
                {text}
            </a>
        }
        .into_any()
    }

    fn rows(self, here: Option<&OrganizationId>) -> Option<AnyView> {
        let found = self.found.get()?.ok()?;
        let recent = found.recent.len();
        let part = |title: &'static str, first: usize, rows: Vec<SwitcherRow>| {
            let rows = rows.into_iter().enumerate();
            let rows: Vec<_> = rows.map(|(at, row)| self.row(first + at, row, here)).collect();
            (!rows.is_empty()).then(|| {
                let id = format!("{LIST}-{first}");
                let title_id = id.clone();
                view! {
                    <div role="group" aria-labelledby=id>
                        <p class="switcher__title" id=title_id role="presentation">
                            {title}
                        </p>
                        {rows}
                    </div>
                }
            })
        };
        let others = if recent == 0 { "Organizations" } else { "Others" };
        Some((part("Recent", 0, found.recent), part(others, recent, found.others)).into_any())
    }

    fn row(self, at: usize, row: SwitcherRow, here: Option<&OrganizationId>) -> AnyView {
        let SwitcherRow { id, name, beside, archived } = row;
        let beside = beside.map(|id| {
            view! {
                <code class="id__text quiet" dir="ltr">
                    {id.to_string()}
                </code>
            }
        });
        let archived = archived.then(|| view! { <span class="quiet">"Archived"</span> });
        view! {
            <a
                class="switcher__row"
                id=row_id(at)
                role="option"
                tabindex="-1"
                href=self.href(&id)
                aria-selected=move || if self.active.get() == at { "true" } else { "false" }
                aria-current=(here == Some(&id)).then_some("true")
            >
                {words(name)}
                {beside}
                {archived}
            </a>
        }
        .into_any()
    }
}

/// All rows in the order of the page.
fn all(found: &Found) -> impl Iterator<Item = &SwitcherRow> {
    found.recent.iter().chain(&found.others)
}

fn row_id(at: usize) -> String {
    format!("{LIST}-row-{at}")
}
