//! People who hold a seat and seem not to use it, with the reasons; and those who keep the seat all
//! the same. Nothing happens by itself: an admin dismisses a person, or keeps the seat.

mod rows;
mod words;

use domain::organization::{SeatLimit, grouped};
use leptos::prelude::*;
use views::{
    PeopleQuery, Person,
    pagination::KeysetPage,
    reclaim::{ReclaimCursor, ReclaimList, ReclaimPage, ReclaimQuery},
};

use self::words::{rule_sentence, sentence, signals_sentence};
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        segmented_links::{SegmentedLink, SegmentedLinks},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::load_reclaim,
};

#[component]
pub fn Reclaim() -> impl IntoView {
    let id = paths::asked_organization();
    let asked = Query::of_request();
    let query: ReclaimQuery = asked.read();
    let done = asked.text("done").to_owned();
    let refused = asked.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let asking = query.clone();
    loaded(
        move || load_reclaim(id.clone(), asking.clone()),
        move |person, page| {
            let said = said(&done, refused.clone());
            view! { <Page person page query=query.clone() said /> }.into_any()
        },
    )
}

/// What was done just now, or why nothing was.
fn said(done: &str, refused: Option<String>) -> Option<(Tone, &'static str, String)> {
    match (refused, done) {
        (Some(refusal), _) => Some((Tone::Act, "Nothing was changed.", refusal)),
        (None, "kept") => Some((
            Tone::Calm,
            "The seat stays.",
            "The person is suggested again only if they use the product later and then stop, or get a new seat. The list “Kept” undoes it.".to_owned(),
        )),
        (None, "undone") => Some((
            Tone::Calm,
            "Undone.",
            "The person is suggested again as long as the seat seems unused.".to_owned(),
        )),
        (None, _) => None,
    }
}

#[component]
fn Page(
    person: Person,
    page: ReclaimPage,
    query: ReclaimQuery,
    said: Option<(Tone, &'static str, String)>,
) -> impl IntoView {
    let role = person.role_in(&page.organization);
    let may = role.may_decide() && !page.archived;
    let said = said.map(|(tone, title, text)| {
        view! {
            <Banner tone title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let id = page.organization.clone();
    let list = if page.rows.is_empty() {
        view! { <Empty page=page.clone() query=query.clone() /> }.into_any()
    } else {
        let (steps, shown) = (page.page.clone(), page.rows.len());
        let csv = csv_paths::reclaim(&id, query.list);
        view! {
            <rows::List page=page.clone() list=query.list may />
            <Steps page=steps shown suggested=page.suggested query=query.clone() of=id.clone() />
            <ExportCsv href=csv />
        }
        .into_any()
    };
    let rule = page.after_days.map(|days| {
        view! {
            <p class="waitlist__policy">
                {rule_sentence(days)} " "
                {signals_sentence(page.signals, role.is_staff(), page.now)}
                {(!may && !page.archived).then_some(" Only admins can decide.")}
            </p>
        }
    });
    let people = paths::people(&id, &PeopleQuery::default());
    view! {
        <div data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=people>"People, " {words(&page.organization_name)}</a>
            </p>
            <PageHeader
                title="Seats that seem unused"
                sentence=sentence(page.suggested)
                within=Some(page.organization_name.clone())
            />
            <Banners>{said}</Banners>
            {rule}
            <Lists page=page.clone() query />
            {list}
        </div>
    }
}

#[component]
fn Lists(page: ReclaimPage, query: ReclaimQuery) -> impl IntoView {
    let choices = ReclaimList::ALL.map(|list| SegmentedLink {
        word: match list {
            ReclaimList::Unused => "Seem unused",
            ReclaimList::Kept => "Kept",
        },
        count: (list == ReclaimList::Unused).then(|| words::counted(page.suggested)),
        href: paths::reclaim(&page.organization, &ReclaimQuery { list, before: None }),
        chosen: list == query.list,
    });
    view! {
        <div class="filters">
            <SegmentedLinks label="Show" choices=choices.into() />
        </div>
    }
}

#[component]
fn Empty(page: ReclaimPage, query: ReclaimQuery) -> impl IntoView {
    let all = paths::reclaim(&page.organization, &ReclaimQuery { before: None, ..query.clone() });
    let is_first = query.before.is_none();
    let text = words::empty(&page, query.list, is_first);
    let link = (!is_first).then(|| view! { <a href=all>"Show the whole list"</a> });
    view! { <EmptyState title=text.title>{text.text} " " {link}</EmptyState> }
}

/// `50 of 1,204 people`.
#[component]
fn Steps(
    page: KeysetPage<ReclaimCursor>,
    shown: usize,
    suggested: i64,
    query: ReclaimQuery,
    of: domain::id::OrganizationId,
) -> impl IntoView {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let noun = domain::organization::people(shown);
    let is_whole = page.is_first() && page.older.is_none();
    let sentence = if is_whole || query.list == ReclaimList::Kept {
        format!("{} {noun}", grouped(shown))
    } else {
        format!("{} of {} people", grouped(shown), words::counted(suggested))
    };
    let says = KeysetWords { sentence, older: "Next page", first: "First page" };
    let list = query.list;
    let path = move |before| paths::reclaim(&of, &ReclaimQuery { list, before });
    view! { <KeysetPagination page words=says path /> }
}
