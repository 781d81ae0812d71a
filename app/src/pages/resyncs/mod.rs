//! The history of an organization's resyncs, and the form that starts another one.

mod starting;

use domain::{
    access::Role,
    id::ResyncId,
    organization::{SeatLimit, grouped},
    resync::Resync,
    time::Timestamp,
};
use leptos::prelude::*;
use views::resyncs::{ResyncQuery, ResyncsPage};

pub(super) use self::starting::open_run;
use crate::{
    components::{
        badge::resync_badge,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::{PageHeader, Section},
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    csv_paths,
    pages::resync::words::{self, span, started_by},
    paths,
    query::Query,
    server_fns::load_resyncs,
};

#[component]
pub fn Resyncs() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let before: Option<ResyncId> = query.read();
    let refused = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    loaded(
        move || load_resyncs(id.clone(), before.clone()),
        move |person, page| {
            let role = person.role_in(&page.organization);
            view! { <Page role page refused=refused.clone() /> }.into_any()
        },
    )
}

#[component]
fn Page(role: Role, page: ResyncsPage, refused: Option<String>) -> impl IntoView {
    let sentence = sentence(&page);
    let import = (role.may_resync() && !page.archived).then(|| {
        view! {
            <a class="button" href=paths::import(&page.organization)>
                "Import people"
            </a>
        }
    });
    let starting = view! { <starting::Starting role page=page.clone() refused /> };
    let ResyncsPage { organization, name, revision, rows, page, now, .. } = page;
    let list = if rows.is_empty() {
        view! {
            <EmptyState title="No resync yet">
                "Webhooks report changes. A resync finds changes that no webhook reported. The first resync starts automatically as soon as a directory is known."
            </EmptyState>
        }.into_any()
    } else {
        let says = KeysetWords::of(&page, rows.len(), ("resync", "resyncs"));
        let of = organization.clone();
        let path = move |before: Option<ResyncId>| paths::resyncs(&of, before.as_ref());
        view! {
            <Rows rows now />
            <KeysetPagination page words=says path />
            <ExportCsv href=csv_paths::resyncs(&organization) />
        }
        .into_any()
    };
    view! {
        <div data-revision=revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&organization)>{words(&name)}</a>
            </p>
            <PageHeader title="Resyncs" sentence within=Some(name)>
                {import}
            </PageHeader>
            {starting}
            <Section title="History">{list}</Section>
        </div>
    }
}

/// The sentence under the title: the result of the last resync. A resync in progress is described
/// below.
fn sentence(page: &ResyncsPage) -> String {
    match page.rows.first().filter(|_| page.open.is_none()) {
        None => "Comparisons of all people in the directory with the people here.".to_owned(),
        Some(run) => last(&words::sentence(run)),
    }
}

/// `Last: nothing differs.`
fn last(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("Last: {first}{}", chars.as_str())
}

#[component]
fn Rows(rows: Vec<Resync>, now: Timestamp) -> impl IntoView {
    view! {
        <Table label="Resyncs">
            <thead>
                <tr>
                    <Heading word="When" />
                    <Heading word="State" />
                    <Heading word="Created" number=true wide=true />
                    <Heading word="Updated" number=true wide=true />
                    <Heading word="Reactivated" number=true wide=true />
                    <Heading word="Deactivated" number=true wide=true />
                    <Heading word="Removed" number=true wide=true />
                    <Heading word="Would wait" number=true wide=true />
                    <Heading word="Took" number=true wide=true />
                    <Heading word="Calls" number=true wide=true />
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|run| view! { <Row run now /> }).collect_view()}</tbody>
        </Table>
    }
}

#[component]
fn Row(run: Resync, now: Timestamp) -> impl IntoView {
    let href = paths::resync(&run.organization, &run.id, &ResyncQuery::default());
    let counts = run.counts;
    let number = |n: i64| {
        let shown = if n == 0 { "–".to_owned() } else { grouped(n) };
        view! {
            <td class="wide number" class:quiet=n == 0>
                {shown}
            </td>
        }
    };
    let took = run.took().map_or_else(|| "–".to_owned(), span);
    view! {
        <tr class="row" id=run.id.to_string()>
            <th scope="row" class="row__name">
                <a class="row__link" href=href>
                    <RelativeTime at=run.created_at now />
                </a>
                <span class="sub">{started_by(&run)}</span>
                <span class="narrow sub">{words::sentence(&run)}</span>
            </th>
            <td>{resync_badge(&run)}</td>
            {number(counts.created)}
            {number(counts.updated)}
            {number(counts.reactivated)}
            {number(counts.deactivated)}
            {number(counts.removed)}
            {number(counts.blocked)}
            <td class="wide number quiet">{took}</td>
            <td class="wide number quiet">{grouped(run.calls)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_resync_is_described_in_one_sentence() {
        assert_eq!(last("Failed. Nothing was changed."), "Last: failed. Nothing was changed.");
        assert_eq!(last("20 people created."), "Last: 20 people created.");
        assert_eq!(last(""), "Last: ");
    }
}
