//! The alerts of an organization, or all of them for staff: open ones first, then the history, each
//! with who was notified.

mod notified;

use domain::{
    access::Role,
    alert::{AlertKind, Message, SystemAlert},
    id::OrganizationId,
    organization::grouped,
    time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn};
use notified::Notified;
pub(super) use notified::{fate_words, recipient};
use views::{
    alerts::{AlertCursor, AlertList, AlertRow, AlertsPage, AlertsQuery},
    pagination::KeysetPage,
};

use crate::{
    components::{
        badge::Tag,
        bell::place,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::{PageHeader, Section},
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        segmented_links::{SegmentedLink, SegmentedLinks},
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::{ReadAlerts, answer, load_alerts},
};

#[component]
pub fn Alerts() -> impl IntoView {
    let (path, _) = answer::address();
    let query = AlertsQuery {
        organization: (path != paths::ALERTS).then(paths::asked_organization),
        ..Query::of_request().read()
    };
    let asking = query.clone();
    loaded(
        move || load_alerts(asking.clone()),
        move |person, page| {
            let role = match &query.organization {
                Some(id) => person.role_in(id),
                None => person.role,
            };
            view! { <Page page query=query.clone() role /> }.into_any()
        },
    )
}

#[component]
fn Page(page: AlertsPage, query: AlertsQuery, role: Role) -> impl IntoView {
    let AlertsPage { open, resolved, open_count, has_unread, organization, now } = page;
    // The page is up to date until another revision arrives; without one it would load twice.
    let revision = organization.as_ref().map(|(_, revision)| revision.to_string());
    let within = organization.as_ref().map(|(name, _)| name.clone());
    let crumb = organization.zip(query.organization.as_ref()).map(|((name, _), id)| {
        view! {
            <p class="crumb">
                <a href=paths::organization(id)>{words(&name)}</a>
            </p>
        }
    });
    let with_organization = query.organization.is_none();
    let read = has_unread.then(|| view! { <ReadAll organization=query.organization.clone() /> });
    let has_rows = [&open, &resolved].into_iter().flatten().any(|(rows, _)| !rows.is_empty());
    let export = has_rows.then(|| view! { <ExportCsv href=csv_paths::alerts(&query) /> });
    let list = |of: AlertList, rows: Option<(Vec<AlertRow>, KeysetPage<AlertCursor>)>| {
        rows.map(|(rows, page)| {
            view! { <List of rows page query=query.clone() with_organization role now /> }
        })
    };
    view! {
        <div data-revision=revision>
            {crumb}
            <PageHeader title="Alerts" sentence=sentence(open_count, with_organization) within>
                {read}
            </PageHeader> <Kinds query=query.clone() /> {list(AlertList::Open, open)}
            {list(AlertList::Resolved, resolved)} {export}
        </div>
    }
}

#[component]
fn ReadAll(organization: Option<OrganizationId>) -> impl IntoView {
    let organization = organization.map(String::from).unwrap_or_default();
    view! {
        <form method="post" action=ReadAlerts::url()>
            <input type="hidden" name="organization" value=organization />
            <button class="button button--quiet" type="submit">
                "Mark all as read"
            </button>
        </form>
    }
}

fn sentence(open: i64, of_all: bool) -> String {
    let where_ = if of_all { " in all organizations" } else { "" };
    match open {
        0 => format!("Nothing needs attention{where_}."),
        n if n >= AlertsPage::COUNTED => format!("More than {} are open{where_}.", grouped(n)),
        1 => format!("1 is open{where_}."),
        n => format!("{} are open{where_}.", grouped(n)),
    }
}

/// The kinds of alerts as filters.
#[component]
fn Kinds(query: AlertsQuery) -> impl IntoView {
    let of_organizations = AlertKind::ALL.into_iter().map(Message::Opened);
    let is_for_all = query.organization.is_none();
    let of_the_installation =
        SystemAlert::ALL.into_iter().filter(|_| is_for_all).map(Message::System);
    let kinds = of_organizations.chain(of_the_installation).map(Some);
    let choices = std::iter::once(None).chain(kinds).map(|kind| SegmentedLink {
        word: kind.map_or("All", Message::short_name),
        count: None,
        href: paths::alerts(&AlertsQuery { kind, before: None, ..query.clone() }),
        chosen: kind == query.kind,
    });
    view! {
        <div class="filters">
            <SegmentedLinks label="Kind" choices=choices.collect() />
        </div>
    }
}

#[component]
fn List(
    of: AlertList,
    rows: Vec<AlertRow>,
    page: KeysetPage<AlertCursor>,
    query: AlertsQuery,
    with_organization: bool,
    role: Role,
    now: Timestamp,
) -> impl IntoView {
    let title = match of {
        AlertList::Open => "Open",
        AlertList::Resolved => "History",
    };
    let is_empty = rows.is_empty();
    let only = query.list.is_some();
    let both = only.then(|| {
        let href = paths::alerts(&AlertsQuery { list: None, before: None, ..query.clone() });
        view! {
            <p>
                <a href=href>"Show open alerts and the history"</a>
            </p>
        }
    });
    let has_steps = !page.is_first() || page.older.is_some();
    let steps = has_steps.then(|| {
        let says = KeysetWords::of(&page, rows.len(), ("alert", "alerts"));
        let query = query.clone();
        let path = move |before: Option<AlertCursor>| {
            let list = before.is_some().then_some(of);
            paths::alerts(&AlertsQuery { list, before, ..query.clone() })
        };
        view! { <KeysetPagination page words=says path /> }
    });
    let list = if is_empty {
        view! { <Empty of is_filtered={query.kind.is_some()} /> }.into_any()
    } else {
        let rows = rows
            .into_iter()
            .map(|row| view! { <Row row with_organization role now /> })
            .collect_view();
        view! {
            <Table label=title>
                <thead>
                    <tr>
                        <Heading word="Alert" />
                        <Heading word="Notified" />
                        <th scope="col" class="wide number">
                            "When"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    };
    view! { <Section title=title>{list} {steps} {both}</Section> }
}

#[component]
fn Empty(of: AlertList, is_filtered: bool) -> impl IntoView {
    let words = match (of, is_filtered) {
        (AlertList::Open, false) => "No alert is open.",
        (AlertList::Open, true) => "No alert of this kind is open.",
        (AlertList::Resolved, false) => "No alert was resolved yet.",
        (AlertList::Resolved, true) => "No alert of this kind was resolved yet.",
    };
    match of {
        AlertList::Open => view! { <p class="quiet">{words}</p> }.into_any(),
        AlertList::Resolved => view! {
            <EmptyState title=words>
                "An alert opens when people have to wait, when few seats are left, or when a directory needs attention. It stays here after it is resolved."
            </EmptyState>
        }
        .into_any(),
    }
}

#[component]
fn Row(row: AlertRow, with_organization: bool, role: Role, now: Timestamp) -> impl IntoView {
    let organization = row.organization.as_ref().filter(|_| with_organization).map(|(id, name)| {
        view! {
            <span class="sub">
                <a class="row__other" href=paths::organization(id)>
                    {words(name)}
                </a>
            </span>
        }
    });
    let title = row.title.clone();
    let unread = row.is_unread.then(|| view! { <Tag word="new" title="You have not read it" /> });
    let of = row.organization.as_ref().map(|(id, _)| id);
    let href = row.resolved_at.is_none().then(|| place(row.kind, of, role)).flatten();
    let title = match href {
        Some(href) => view! {
            <a class="row__link" href=href>
                {title}
            </a>
        }
        .into_any(),
        None => title.into_any(),
    };
    let (id, opened_at, resolved_at) = (row.id.to_string(), row.opened_at, row.resolved_at);
    let when = move || {
        let resolved = resolved_at.map(|at| {
            view! { <span class="sub">"resolved " <RelativeTime at now /></span> }
        });
        view! {
            <RelativeTime at=opened_at now />
            {resolved}
        }
    };
    view! {
        <tr class="row" id=id>
            <th scope="row" class="row__name">
                {title}
                {unread}
                {organization}
                <span class="narrow sub">{when()}</span>
            </th>
            <td>
                <Notified row now />
            </td>
            <td class="wide number quiet">{when()}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_open_alerts() {
        assert_eq!(sentence(0, false), "Nothing needs attention.");
        assert_eq!(sentence(1, true), "1 is open in all organizations.");
        assert_eq!(sentence(1_200, false), "1,200 are open.");
        assert_eq!(sentence(10_000, true), "More than 10,000 are open in all organizations.");
    }
}
