//! One large change of a seat limit: who proposes it and why, what it would do now, and what the
//! reader can do about it. Staff only.

mod answering;

use domain::limit_proposal::ProposalState;
use leptos::prelude::*;
use views::proposals::{ProposalPage, ProposalRow};

use crate::{
    components::{
        badge::ProposalBadge,
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        page_data::loaded,
        page_header::PageHeader,
        relative_time::RelativeTime,
        words::words,
    },
    islands::preview::Pictures,
    pages::requests::refusal_text,
    paths,
    query::Query,
    server_fns::load_proposal,
};

#[component]
pub fn Proposal() -> impl IntoView {
    let (id, proposal) = (paths::asked_organization(), paths::asked_proposal());
    let query = Query::of_request();
    loaded(
        move || load_proposal(id.clone(), proposal.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: ProposalPage, query: Query) -> impl IntoView {
    let (id, name) = page.row.organization.clone();
    let refused = query.refusal(page.usage.limit);
    let above = refused.clone().filter(|refused| refusal_text(Some(refused), "text").is_none());
    let above = above.map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let done = done(&query, &page.row).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let changed = page.is_changed.then(|| {
        let title = format!("The limit is {} now.", page.usage.limit);
        let text = format!("It was {} when this was proposed. Decide anew.", page.row.before);
        view! {
            <Banner tone=Tone::Act title>
                {text}
            </Banner>
        }
    });
    let answers = page.is_open.then(|| answering::forms(&page, &query, refused.as_ref()));
    let (current, preview) = (page.usage, page.preview.clone());
    view! {
        <div data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&id)>{words(&name)}</a>
            </p>
            <PageHeader
                title=format!("Proposed limit: {}", page.row.limit)
                sentence=sentence(&page.row)
                within=Some(name)
            />
            <div class="facts">
                <ProposalBadge state=page.row.state />
            </div>
            <Banners>{done} {above} {changed}</Banners>
            <div class="limit">
                <div class="limit__fields">
                    <Facts page=page.clone() />
                    {answers}
                </div>
                <div class="limit__pictures">
                    <Pictures current preview />
                </div>
            </div>
        </div>
    }
}

/// What the state means for the reader.
fn sentence(row: &ProposalRow) -> &'static str {
    match row.state {
        ProposalState::Open if row.is_own => {
            "It waits for another staff member. Nothing was changed yet."
        }
        ProposalState::Open => "It waits for a second person. Nothing was changed yet.",
        ProposalState::Approved => "It was approved, and the limit was set.",
        ProposalState::Rejected => "It was rejected. The limit was not changed.",
        ProposalState::Withdrawn => "It was withdrawn. The limit was not changed.",
        ProposalState::Expired => "No person answered in time. The limit was not changed.",
    }
}

/// What was done just now.
fn done(query: &Query, row: &ProposalRow) -> Option<(&'static str, &'static str)> {
    Some(match (query.text("done"), row.state) {
        ("proposed", ProposalState::Open) => (
            "Proposed.",
            "A change of this size needs a second person. The other staff were notified, and you get an e-mail with the answer.",
        ),
        ("rejected", ProposalState::Rejected) => {
            ("Rejected.", "The person who proposed it gets an e-mail.")
        }
        ("withdrawn", ProposalState::Withdrawn) => {
            ("Withdrawn.", "You can propose another limit at any time.")
        }
        _ => return None,
    })
}

#[component]
fn Facts(page: ProposalPage) -> impl IntoView {
    let ProposalPage { row, text, end, answer, now, .. } = page;
    let text = (!text.as_str().is_empty()).then(|| {
        view! { <Entry word="To the organization">{words(text)}</Entry> }
    });
    let end = end.map(|end| {
        let words = end.words(now);
        view! { <Entry word="Applies">{words}</Entry> }
    });
    let request = row.request.map(|request| {
        let href = paths::request(&row.organization.0, &request);
        view! {
            <Entry word="Answers">
                <a href=href>"A seat request"</a>
                ", which stays open until then"
            </Entry>
        }
    });
    let waits = (row.state == ProposalState::Open).then(|| {
        view! { <Entry word="Waits until">{row.expires_at.exact()}</Entry> }
    });
    let answer = answer.filter(|answer| !answer.text.as_str().is_empty() || waits.is_none());
    let answer = answer.map(|answer| {
        let text = (!answer.text.as_str().is_empty()).then(|| {
            view! { <p class="proposal__text">{words(&answer.text)}</p> }
        });
        view! {
            <Entry word=row
                .state
                .word()>{words(answer.by)} ", " <RelativeTime at=answer.at now /> {text}</Entry>
        }
    });
    view! {
        <DescriptionList>
            <Entry word="From">{words(row.before)}</Entry>
            <Entry word="To">{row.limit.to_string()}</Entry>
            {end}
            <Entry word="Reason">{words(row.reason)}</Entry>
            <Entry word="Proposed">{words(row.by)} ", " <RelativeTime at=row.at now /></Entry>
            {request}
            {text}
            {waits}
            {answer}
        </DescriptionList>
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{OrganizationId, ProposalId},
        organization::SeatLimit,
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn the_person_who_proposed_it_reads_that_another_one_decides() {
        let row = |state, is_own| ProposalRow {
            id: ProposalId::new("lpr_1"),
            organization: (OrganizationId::new("org_1"), "Acme".into()),
            state,
            before: "50 seats".into(),
            limit: SeatLimit::Seats(500),
            by: "Sam Rivera".into(),
            is_own,
            reason: "Contract of 2027.".into(),
            at: Timestamp::from_seconds(0),
            expires_at: Timestamp::from_seconds(9),
            request: None,
        };

        assert!(sentence(&row(ProposalState::Open, true)).contains("another staff member"));
        assert!(sentence(&row(ProposalState::Open, false)).contains("a second person"));
        assert!(sentence(&row(ProposalState::Expired, true)).contains("not changed"));
    }
}
