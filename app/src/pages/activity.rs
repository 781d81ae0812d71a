//! The audit log: who changed what, newest first, filtered by the query parameters of the address.
//! For staff all of it, for tenants what concerns their organization.

use domain::{audit::AuditAction, id::DirectoryUserId, text::ExternalText, time::Timestamp};
use leptos::prelude::*;
use views::{
    audit::{AuditCursor, AuditPage, AuditQuery, AuditRow},
    pagination::KeysetPage,
};

use crate::{
    components::{
        badge::Tag,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::{answer, load_audit},
};

#[component]
pub fn Activity() -> impl IntoView {
    let (path, _) = answer::address();
    let query = AuditQuery {
        organization: (path != paths::ACTIVITY).then(paths::asked_organization),
        ..Query::of_request().read()
    };
    let asking = query.clone();
    loaded(
        move || load_audit(asking.clone()),
        move |person, page| {
            let staff = person.role.is_staff();
            view! { <Log page query=query.clone() staff /> }.into_any()
        },
    )
}

#[component]
fn Log(page: AuditPage, query: AuditQuery, staff: bool) -> impl IntoView {
    let AuditPage { rows, page, organization, now } = page;
    // The page is up to date until another revision arrives; without one it would load twice.
    let revision = organization.as_ref().map(|(_, revision)| revision.to_string());
    let crumb = organization.zip(query.organization.as_ref()).map(|((name, _), id)| {
        view! {
            <p class="crumb">
                <a href=paths::organization(id)>{words(&name)}</a>
            </p>
        }
    });
    let with_organization = query.organization.is_none();
    let list = if rows.is_empty() && page.older.is_none() {
        view! { <Nothing query=query.clone() /> }.into_any()
    } else {
        let shown = rows.len();
        let list = (shown > 0).then(|| view! { <Rows rows with_organization now /> });
        view! {
            {list}
            <Steps shown page query=query.clone() />
            <ExportCsv href=csv_paths::activity(&query) />
        }
        .into_any()
    };
    view! {
        <div data-revision=revision>
            {crumb}
            <PageHeader title="Activity" sentence="Who changed what, and why, newest first." />
            <Filters query=query.clone() staff /> {list}
        </div>
    }
}

/// The filters; they are kept in the address.
#[component]
fn Filters(query: AuditQuery, staff: bool) -> impl IntoView {
    let action = paths::activity(&AuditQuery {
        organization: query.organization.clone(),
        ..AuditQuery::default()
    });
    let is_filtered = is_filtered(&query);
    let all = is_filtered.then(|| view! { <a href=action.clone()>"Show everything"</a> });
    let last_day = query.last_day();
    let actions = AuditAction::ALL.into_iter().filter(|one| staff || !one.is_for_staff());
    let options = actions.map(|one| {
        view! {
            <option value=one.as_str() selected=query.action == Some(one)>
                {one.words()}
            </option>
        }
    });
    let text = |name: &'static str, label: &'static str, value: String| {
        view! {
            <label class="activity__filter">
                <span>{label}</span>
                <input
                    class="search__input"
                    type="search"
                    name=name
                    value=value
                    autocomplete="off"
                    spellcheck="false"
                />
            </label>
        }
    };
    let day = |name: &'static str, label: &'static str, value: String| {
        view! {
            <label class="activity__filter">
                <span>{label}</span>
                <input class="search__input" type="date" name=name value=value />
            </label>
        }
    };
    view! {
        <form class="activity__filters" role="search" method="get" action=action>
            <label class="activity__filter">
                <span>"What"</span>
                <select class="search__input" name="action">
                    <option value="">"Everything"</option>
                    {options.collect_view()}
                </select>
            </label>
            {text("actor", "Who (name or account id)", query.actor)}
            {text("target", "Target (name or id)", query.target)}
            {day("from", "From (UTC)", query.from.map(Timestamp::day).unwrap_or_default())}
            {day("to", "To (UTC)", last_day.map(Timestamp::day).unwrap_or_default())}
            <button class="button button--quiet" type="submit">
                "Filter"
            </button>
            {all}
        </form>
    }
}

fn is_filtered(query: &AuditQuery) -> bool {
    let none = AuditQuery {
        organization: query.organization.clone(),
        before: query.before.clone(),
        ..AuditQuery::default()
    };
    *query != none
}

#[component]
fn Rows(rows: Vec<AuditRow>, with_organization: bool, now: Timestamp) -> impl IntoView {
    let rows =
        rows.into_iter().map(|row| view! { <Row row with_organization now /> }).collect_view();
    view! {
        <Table label="Activity">
            <thead>
                <tr>
                    <Heading word="What" />
                    <Heading word="Target" />
                    <th scope="col" class="wide">
                        "Who"
                    </th>
                    <Heading word="When" number=true wide=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: AuditRow, with_organization: bool, now: Timestamp) -> impl IntoView {
    let AuditRow { id, at, actor, address, request_id, .. } = row.clone();
    let refused = row.refused.then(|| {
        view! { <Tag word="refused" title="Nothing was changed" /> }
    });
    let reason = row.reason.as_ref().map(|reason| {
        view! { <span class="sub">"“"{words(reason)}"”"</span> }
    });
    let from = address.map(|address| {
        view! { <span class="sub">"from "{words(&address)}</span> }
    });
    let request = request_id.map(|id| {
        view! {
            <span class="sub">
                <Id text=id.to_string() />
            </span>
        }
    });
    view! {
        <tr class="activity" id=id.to_string()>
            <th scope="row" class="row__name">
                {row.action.words()}
                {refused}
                {change(row.before.as_ref(), row.after.as_ref())}
                {reason}
                <span class="narrow sub">{words(&actor)} ", " <RelativeTime at now /></span>
            </th>
            <td class="activity__target">{target(&row, with_organization)}</td>
            <td class="wide">{words(&actor)} {from} {request}</td>
            <td class="wide number quiet">
                <RelativeTime at now />
            </td>
        </tr>
    }
}

/// `50 seats → 55 seats`
pub(super) fn change(
    before: Option<&ExternalText>,
    after: Option<&ExternalText>,
) -> Option<AnyView> {
    let change = match (before, after) {
        (Some(before), Some(after)) => view! {
            <del class="activity__before">{words(before)}</del>
            <span aria-hidden="true">" → "</span>
            <ins class="activity__after">{words(after)}</ins>
        }
        .into_any(),
        (Some(before), None) => {
            view! { <del class="activity__before">{words(before)}</del> }.into_any()
        }
        (None, Some(after)) => {
            view! { <ins class="activity__after">{words(after)}</ins> }.into_any()
        }
        (None, None) => return None,
    };
    Some(view! { <span class="sub activity__change">{change}</span> }.into_any())
}

/// What the entry is about, with a link where there is a page for it.
fn target(row: &AuditRow, with_organization: bool) -> AnyView {
    let organization = row.organization.as_ref().filter(|_| with_organization).map(|(id, name)| {
        view! { <a href=paths::organization(id)>{words(name)}</a> }
    });
    let href = person(row);
    let name = row.target.as_ref().map(|name| {
        let name = match href {
            Some(href) => view! { <a href=href>{words(name)}</a> }.into_any(),
            None => words(name),
        };
        view! { <span class="sub">{name}</span> }
    });
    let id = row.target_id.as_ref().map(|id| {
        view! {
            <span class="sub">
                <Id text=id.to_string() />
            </span>
        }
    });
    match (organization, name, id) {
        (None, None, None) => view! { <span class="quiet">"–"</span> }.into_any(),
        (organization, name, id) => view! {
            {organization}
            {name}
            {id}
        }
        .into_any(),
    }
}

/// The page of the person that the entry is about, if it is about a directory user.
fn person(row: &AuditRow) -> Option<String> {
    let target = row.target_id.as_ref().filter(|id| id.whole().is_none())?;
    let user = DirectoryUserId::parse(target.as_str()).filter(DirectoryUserId::is_usual)?;
    let (organization, _) = row.organization.as_ref()?;
    Some(paths::person(organization, &user))
}

#[component]
fn Steps(shown: usize, page: KeysetPage<AuditCursor>, query: AuditQuery) -> impl IntoView {
    let mut says = KeysetWords::of(&page, shown, ("entry", "entries"));
    if let Some(cursor) = page.older.as_ref().filter(|_| is_filtered(&query)) {
        says.sentence = format!("{shown} matching, back to {}", cursor.at.exact());
        says.older = "Look further back";
    }
    let path = move |before| paths::activity(&AuditQuery { before, ..query.clone() });
    view! { <KeysetPagination page words=says path /> }
}

#[component]
fn Nothing(query: AuditQuery) -> impl IntoView {
    if is_filtered(&query) || query.before.is_some() {
        let all = paths::activity(&AuditQuery {
            organization: query.organization,
            ..AuditQuery::default()
        });
        return view! {
            <EmptyState title="No entry matches">
                <a href=all>"Show everything"</a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="Nothing was changed yet">
            "Each change by a person, by the command line or by the directory appears here."
        </EmptyState>
    }
    .into_any()
}
