//! Seat requests: the queue of staff, and what an organization has asked for.

mod answering;
mod ask;
mod conversation;
mod detail;
mod proposals;

use domain::{
    id::OrganizationId,
    organization::{SeatLimit, grouped},
    seat_request::{RequestState, more_seats},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    Person,
    pagination::KeysetPage,
    requests::{Asking, RequestCursor, RequestList, RequestRow, RequestsPage, RequestsQuery},
};

pub(super) use self::detail::refusal_text;
use self::proposals::Proposals;
pub use self::{ask::AskForSeats, detail::Request};
use crate::{
    components::{
        badge::RequestBadge,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        meter::SmallMeter,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        segmented_links::{SegmentedLink, SegmentedLinks},
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::{answer, load_requests},
};

/// The list of staff, and that of an organization.
#[component]
pub fn Requests() -> impl IntoView {
    let (path, _) = answer::address();
    let organization = (path != paths::REQUESTS).then(paths::asked_organization);
    let query = RequestsQuery { organization, ..Query::of_request().read() };
    let asking = query.clone();
    loaded(
        move || load_requests(asking.clone()),
        move |person, page| view! { <Page person page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(person: Person, page: RequestsPage, query: RequestsQuery) -> impl IntoView {
    let RequestsPage { rows, page, proposals, waiting, organization, now } = page;
    let list = if rows.is_empty() && page.is_first() {
        view! { <Empty of_organization=organization.is_some() list=query.list /> }.into_any()
    } else {
        let shown = rows.len();
        let with_organization = organization.is_none();
        let csv = csv_paths::requests(&query);
        view! {
            <Rows rows with_organization now />
            <Steps page shown query=query.clone() />
            <ExportCsv href=csv />
        }
        .into_any()
    };
    match organization {
        Some(asking) => view! { <OfOrganization person asking list /> }.into_any(),
        None => view! {
            <PageHeader title="Seat requests" sentence=sentence(waiting) />
            <Proposals rows=proposals now />
            <Lists query waiting />
            {list}
        }
        .into_any(),
    }
}

/// `2 wait for an answer.`
fn sentence(waiting: i64) -> String {
    match waiting {
        0 => "No request waits for you.".to_owned(),
        1 => "1 waits for your answer.".to_owned(),
        n if n >= RequestsPage::COUNTED => {
            format!("{} or more wait for your answer.", grouped(RequestsPage::COUNTED))
        }
        n => format!("{} wait for your answer.", grouped(n)),
    }
}

#[component]
fn Lists(query: RequestsQuery, waiting: i64) -> impl IntoView {
    let choices = RequestList::ALL.map(|list| SegmentedLink {
        word: match list {
            RequestList::Open => "Not answered",
            RequestList::Over => "Answered",
        },
        count: (list == RequestList::Open && waiting > 0).then(|| grouped(waiting)),
        href: paths::requests(&RequestsQuery { list, ..RequestsQuery::default() }),
        chosen: list == query.list,
    });
    view! {
        <div class="filters">
            <SegmentedLinks label="Show" choices=choices.into() />
        </div>
    }
}

#[component]
fn OfOrganization(person: Person, asking: Asking, list: AnyView) -> impl IntoView {
    let may = person.role_in(&asking.id).may_ask_for_seats();
    let ask = (may && asking.is_possible()).then(|| {
        view! {
            <a class="button button--main" href=paths::ask_for_seats(&asking.id)>
                "Ask for seats"
            </a>
        }
    });
    let open = asking.open.as_ref().map(|id| {
        view! {
            <a class="button" href=paths::request(&asking.id, id)>
                "Open the request"
            </a>
        }
    });
    view! {
        <div data-revision=asking.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&asking.id)>{words(&asking.name)}</a>
            </p>
            <PageHeader
                title="Seat requests"
                sentence=format!("{}.", asking.usage.sentence())
                within=Some(asking.name.clone())
            >
                {ask}
                {open}
            </PageHeader>
            {list}
        </div>
    }
}

#[component]
fn Empty(of_organization: bool, list: RequestList) -> impl IntoView {
    let (title, text) = match (of_organization, list) {
        (true, _) => (
            "No request yet",
            "When all seats are taken, an admin of the organization can ask for more. The answer arrives by e-mail, and stays here.",
        ),
        (false, RequestList::Open) => (
            "Nothing to answer",
            "When an admin of a customer asks for more seats, the request appears here and in your e-mail.",
        ),
        (false, RequestList::Over) => (
            "No request was answered yet",
            "Requests that were approved, declined or withdrawn stay here.",
        ),
    };
    view! { <EmptyState title>{text}</EmptyState> }
}

#[component]
fn Rows(rows: Vec<RequestRow>, with_organization: bool, now: Timestamp) -> impl IntoView {
    let row = |row| view! { <Row row with_organization now /> };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table label="Seat requests" steady=true>
            <thead>
                <tr>
                    <Heading word="Request" />
                    {with_organization.then(|| view! { <Heading word="Usage now" wide=true /> })}
                    <Heading word="State" />
                    <Heading word="Asked" number=true wide=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: RequestRow, with_organization: bool, now: Timestamp) -> impl IntoView {
    let (id, name) = row.organization;
    let href = paths::request(&id, &row.id);
    let wanted = more_seats(row.seats);
    let title = if with_organization {
        view! { <a href=href>{words(name)} ": " {wanted}</a> }.into_any()
    } else {
        view! { <a href=href>{wanted}</a> }.into_any()
    };
    let usage = with_organization.then(|| {
        view! {
            <td class="wide">
                <SmallMeter usage=row.usage />
                <span class="sub">{row.usage.sentence()}</span>
            </td>
        }
    });
    let by = row.asked_by;
    view! {
        <tr class="row" id=row.id.to_string()>
            <th scope="row" class="row__name">
                {title}
                <span class="sub requests__reason">{words(row.reason)}</span>
                <span class="narrow sub">
                    {words(&by)} ", " <RelativeTime at=row.asked_at now />
                </span>
            </th>
            {usage}
            <td>
                <RequestBadge state=row.state />
            </td>
            <td class="wide number quiet">
                <RelativeTime at=row.asked_at now />
                <span class="sub">{words(&by)}</span>
            </td>
        </tr>
    }
}

#[component]
fn Steps(page: KeysetPage<RequestCursor>, shown: usize, query: RequestsQuery) -> impl IntoView {
    let is_queue = query.organization.is_none() && query.list == RequestList::Open;
    let mut says = KeysetWords::of(&page, shown, ("request", "requests"));
    if is_queue {
        let noun = if shown == 1 { "request" } else { "requests" };
        says = KeysetWords {
            sentence: format!("{shown} {noun}, oldest first"),
            older: "Newer",
            first: "Oldest",
        };
    }
    let path = move |before| paths::requests(&RequestsQuery { before, ..query.clone() });
    view! { <KeysetPagination page words=says path /> }
}

/// The button of a page where people notice that seats are missing.
pub fn ask_button(id: &OrganizationId, limit: SeatLimit) -> Option<AnyView> {
    let button = view! {
        <a class="button button--main" href=paths::ask_for_seats(id)>
            "Ask for seats"
        </a>
    };
    (limit != SeatLimit::Unlimited).then(|| button.into_any())
}

/// What a state means for the reader.
fn state_sentence(state: RequestState, is_staff: bool) -> &'static str {
    match (state, is_staff) {
        (RequestState::Open, true) => "It waits for your answer.",
        (RequestState::Open, false) => "It waits for an answer. You will get an e-mail.",
        (RequestState::Question, true) => "It waits for the answer to a question.",
        (RequestState::Question, false) => "A question waits for your answer.",
        (RequestState::Approved, _) => "It was approved.",
        (RequestState::Declined, _) => "It was declined.",
        (RequestState::Withdrawn, _) => "It was withdrawn.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_what_waits() {
        assert_eq!(sentence(0), "No request waits for you.");
        assert_eq!(sentence(1), "1 waits for your answer.");
        assert_eq!(sentence(12), "12 wait for your answer.");
        assert_eq!(sentence(1_000), "1,000 or more wait for your answer.");
    }
}
