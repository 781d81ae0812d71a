//! `/organizations`: staff see all organizations, the most urgent first. A tenant chooses one of
//! their own.

mod found_people;
mod sentence;

use domain::{
    alert::{AlertKind, Message},
    condition::Condition,
    id::{OrganizationId, ResyncId, SeatRequestId},
    organization::{SeatLimit, grouped},
    text::ExternalText,
};
use leptos::prelude::*;
use views::{
    ConditionCounts, OrganizationRow, OverviewQuery, OverviewSort, OwnOrganization, Person,
    resyncs::ResyncQuery,
};

use self::{found_people::FoundPeople, sentence::sentence};
use crate::{
    components::{
        account_role::account_role,
        badge::{ArchivedBadge, SeatStatusBadge},
        banner::{Banner, Banners, Tone, failing_banner},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::{FilterChip, FilterChips, Search},
        history_chart::Sparkline,
        meter::SmallMeter,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        segmented_links::{SegmentedLink, SegmentedLinks},
        shared_names::SharedNames,
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::{Parameters, Query},
    server_fns::{AppError, load_overview, load_person},
};

#[component]
pub fn Overview() -> impl IntoView {
    let query: OverviewQuery = Query::of_request().read();
    let asking = query.clone();
    let load = move || {
        let query = asking.clone();
        async move {
            let staff = load_person(None).await?.ok_or_else(AppError::sign_in)?.role.is_staff();
            if staff { load_overview(query).await.map(Some) } else { Ok(None) }
        }
    };
    loaded(load, move |person, overview| match overview {
        Some(overview) => view! { <All overview query=query.clone() /> }.into_any(),
        None => view! { <Chooser person /> }.into_any(),
    })
}

#[component]
fn All(overview: views::Overview, query: OverviewQuery) -> impl IntoView {
    let views::Overview { rows, page, counts, to_confirm, failing, people, .. } = overview;
    let matching = counts.of(query.condition);
    let listed = rows.iter().map(|row| (&row.id, &row.name));
    let shared =
        SharedNames::among(listed.chain(to_confirm.iter().map(|(id, name, _)| (id, name))));
    let waiting = (!to_confirm.is_empty())
        .then(|| view! { <ToConfirm plans=to_confirm shared=shared.clone() /> });
    let is_empty = counts.all == 0 && query.search.is_empty() && !query.mine;
    let kept = OverviewQuery { search: String::new(), before: None, ..query.clone() }.written();
    let list = if matching == 0 && !people.is_empty() {
        ().into_any()
    } else if matching == 0 {
        view! { <Nothing is_empty query=query.clone() /> }.into_any()
    } else {
        let words = pages(rows.len(), matching);
        let table = (!rows.is_empty()).then(|| view! { <Rows rows shared query=query.clone() /> });
        let paged = query.clone();
        let path = move |before| paths::overview(&OverviewQuery { before, ..paged.clone() });
        view! {
            {table}
            <KeysetPagination page words path />
            <ExportCsv href=csv_paths::organizations(&query) />
        }
        .into_any()
    };
    view! {
        <PageHeader title="Organizations" sentence=sentence(&counts, &query)>
            <a class="button button--main" href=paths::NEW_ORGANIZATION>
                "Add organization"
            </a>
        </PageHeader>
        <Banners>{failing.into_iter().map(failing_banner).collect_view()} {waiting}</Banners>
        <div class="filters">
            <FilterChips label="By condition" chips=chips(&counts, &query) />
            <SegmentedLinks label="By account manager" choices=managers(&query) />
            <Search
                label="Name, id or e-mail"
                value=query.search.clone()
                action=paths::ORGANIZATIONS.to_owned()
                kept
            />
        </div>
        <FoundPeople people />
        {list}
    }
}

fn filtered(query: &OverviewQuery, condition: Option<Condition>) -> String {
    paths::overview(&OverviewQuery { condition, before: None, ..query.clone() })
}

/// `50 of 1,204 organizations`.
fn pages(shown: usize, matching: i64) -> KeysetWords {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let noun = if matching == 1 { "organization" } else { "organizations" };
    let sentence = if shown == matching {
        format!("{} {noun}", grouped(matching))
    } else {
        format!("{} of {} {noun}", grouped(shown), grouped(matching))
    };
    KeysetWords { sentence, older: "Next", first: "First page" }
}

fn chips(counts: &ConditionCounts, query: &OverviewQuery) -> Vec<FilterChip> {
    let conditions = Condition::ALL.into_iter().map(Some);
    let chip = |condition: Option<Condition>| FilterChip {
        word: condition.map_or("All", Condition::word),
        count: Some(counts.of(condition)),
        href: filtered(query, condition),
        chosen: query.condition == condition,
    };
    std::iter::once(None).chain(conditions).map(chip).collect()
}

fn managers(query: &OverviewQuery) -> Vec<SegmentedLink> {
    let choice = |word, mine| SegmentedLink {
        word,
        count: None,
        href: paths::overview(&OverviewQuery { mine, before: None, ..query.clone() }),
        chosen: query.mine == mine,
    };
    vec![choice("Any account manager", false), choice("Mine", true)]
}

/// Resync plans that wait to be confirmed, also those of organizations on other pages of the list.
#[component]
fn ToConfirm(
    plans: Vec<(OrganizationId, ExternalText, ResyncId)>,
    shared: SharedNames,
) -> impl IntoView {
    let is_cut = plans.len() >= usize::try_from(views::Overview::PLANS).unwrap_or(usize::MAX);
    let title = match plans.len() {
        1 => "A resync waits to be confirmed.".to_owned(),
        n if is_cut => format!("{n} or more resyncs wait to be confirmed."),
        n => format!("{n} resyncs wait to be confirmed."),
    };
    let links = plans.into_iter().enumerate().map(|(at, (id, name, run))| {
        let href = paths::resync(&id, &run, &ResyncQuery::default());
        view! {
            {(at > 0).then_some(", ")}
            <a href=href>{words(&name)}</a>
            {shared.id_beside(&id, &name)}
        }
    });
    let links = links.collect_view();
    view! {
        <Banner tone=Tone::Act title>
            "Until then no automatic resync of these organizations begins: "
            {links}
            "."
        </Banner>
    }
}

#[component]
fn Nothing(is_empty: bool, query: OverviewQuery) -> impl IntoView {
    if is_empty {
        return view! {
            <EmptyState title="No organizations yet">
                "An organization appears here with its first webhook. You can also "
                <a href=paths::NEW_ORGANIZATION>"add one by hand"</a> "."
            </EmptyState>
        }
        .into_any();
    }
    let title = if query.search.contains('@') {
        "No organization matches, and no person has this e-mail address"
    } else {
        "No organization matches"
    };
    let all = paths::overview(&OverviewQuery {
        search: String::new(),
        condition: None,
        mine: false,
        before: None,
        ..query
    });
    view! {
        <EmptyState title>
            <a href=all>"Show all organizations"</a>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Rows(rows: Vec<OrganizationRow>, shared: SharedNames, query: OverviewQuery) -> impl IntoView {
    let heading = |word, sort, number: bool| {
        let sorted = (query.sort == sort).then_some(query.descending);
        // The first click sorts names from A and numbers from the largest.
        let descending = sorted.map_or(number, |descending| !descending);
        let href =
            paths::overview(&OverviewQuery { sort, descending, before: None, ..query.clone() });
        view! { <Heading word href sorted number /> }
    };
    let by_urgency = paths::overview(&OverviewQuery {
        sort: OverviewSort::Urgency,
        descending: false,
        before: None,
        ..query.clone()
    });
    let urgent = (query.sort == OverviewSort::Urgency).then_some(false);
    let headings = (
        heading("Name", OverviewSort::Name, false),
        view! {
            <th scope="col" class="wide">
                <span class="unseen">"Seats"</span>
            </th>
        },
        heading("Used", OverviewSort::Used, true),
        heading("Limit", OverviewSort::Limit, true),
        heading("Waiting", OverviewSort::Waiting, true),
        view! { <Heading word="90 days" wide=true /> },
        view! { <Heading word="Account manager" wide=true /> },
        view! { <Heading word="State" href=by_urgency sorted=urgent wide=true /> },
    );
    view! {
        <Table label="Organizations" steady=true>
            <thead>
                <tr>{headings}</tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|row| view! { <Row beside=shared.id_beside(&row.id, &row.name) row /> })
                    .collect_view()}
            </tbody>
        </Table>
    }
}

/// What a person must look at, with the page for it.
fn to_do(
    (plan, trouble, request): (Option<ResyncId>, Vec<AlertKind>, Option<SeatRequestId>),
    id: &OrganizationId,
) -> Vec<(&'static str, String)> {
    let plan =
        plan.map(|run| ("Resync to confirm", paths::resync(id, &run, &ResyncQuery::default())));
    let trouble =
        trouble.into_iter().map(|kind| (Message::Opened(kind).short_name(), paths::alerts_of(id)));
    let request = request.map(|request| ("Asks for seats", paths::request(id, &request)));
    request.into_iter().chain(plan).chain(trouble).collect()
}

#[component]
fn Row(row: OrganizationRow, beside: Option<AnyView>) -> impl IntoView {
    let OrganizationRow { id, name, usage, archived, account_manager, used_lately, .. } = row;
    let to_do =
        to_do((row.to_confirm, row.trouble, row.request), &id).into_iter().map(|(word, href)| {
            view! {
                <a class="row__beside" href=href>
                    {word}
                </a>
            }
        });
    let to_do = to_do.collect_view();
    let badge = move || {
        if archived {
            view! { <ArchivedBadge /> }.into_any()
        } else {
            view! { <SeatStatusBadge seat_status=usage.seat_status() /> }.into_any()
        }
    };
    let limit = match usage.limit {
        _ if archived => "–".to_owned(),
        SeatLimit::Seats(seats) => grouped(seats),
        other => other.to_string(),
    };
    let meter = (!archived).then(|| view! { <SmallMeter usage /> });
    view! {
        <tr class="row" id=id.to_string()>
            <th scope="row" class="row__name">
                <a class="row__link" href=paths::organization(&id)>
                    {words(&name)}
                </a>
                {beside}
                <span class="narrow">{badge()}</span>
                {to_do}
            </th>
            <td class="wide">{meter}</td>
            <td class="number">{grouped(usage.used)}</td>
            <td class="number quiet">{limit}</td>
            <td class="number" class:quiet=usage.waiting == 0>
                {grouped(usage.waiting)}
            </td>
            <td class="wide">
                <Sparkline used=used_lately />
            </td>
            <td class="wide quiet">{account_manager.map(words)}</td>
            <td class="wide">{badge()}</td>
        </tr>
    }
}

/// The list for a tenant with several organizations, or with none: a user who leaves a directory
/// loses access to its organization.
#[component]
fn Chooser(person: Person) -> impl IntoView {
    let shared = SharedNames::among(person.organizations.iter().map(|own| (&own.id, &own.name)));
    let rows = person.organizations.iter().map(|OwnOrganization { id, name, role }| {
        view! {
            <li>
                <a class="chooser__one" href=paths::organization(id)>
                    {words(name)}
                    {shared.id_beside(id, name)}
                </a>
                <span class="chooser__role">{account_role(*role)}</span>
            </li>
        }
    });
    let (sentence, list) = if person.organizations.is_empty() {
        let why = "A person who leaves an organization’s directory loses access to it here, and does not get it back automatically. \
                   If you belong to an organization, ask the person who created your account for access.";
        (
            "There is no organization that you may see.",
            view! { <EmptyState title="No organization">{why}</EmptyState> }.into_any(),
        )
    } else {
        (
            "Choose an organization.",
            view! { <ul class="chooser">{rows.collect_view()}</ul> }.into_any(),
        )
    };
    view! {
        <PageHeader title="Your organizations" sentence />
        {list}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_how_many_organizations_match() {
        assert_eq!(pages(1, 1).sentence, "1 organization");
        assert_eq!(pages(50, 1_204).sentence, "50 of 1,204 organizations");
    }
}
