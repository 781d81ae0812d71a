//! The forms of a proposal: another staff member approves or rejects it, and the person who made it
//! withdraws it.

use domain::seat_request::SeatRequest;
use leptos::{prelude::*, server_fn::ServerFn};
use views::proposals::ProposalPage;

use crate::{
    components::field::{Field, TextArea},
    islands::preview::approval_verb,
    pages::requests::refusal_text,
    query::Query,
    server_fns::{ApproveProposal, NamedRefusal, RejectProposal, WithdrawProposal},
};

pub(super) fn forms(page: &ProposalPage, query: &Query, refused: Option<&NamedRefusal>) -> AnyView {
    if page.row.is_own {
        return withdraw(page);
    }
    let approve = page.preview.is_some().then(|| approve(page));
    view! {
        {approve}
        {reject(page, query, refused)}
    }
    .into_any()
}

/// The fields that name the proposal.
fn named(page: &ProposalPage) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=page.row.organization.0.to_string() />
        <input type="hidden" name="proposal" value=page.row.id.to_string() />
    }
}

fn approve(page: &ProposalPage) -> AnyView {
    let verb = approval_verb(page.preview.as_ref());
    view! {
        <form class="form" method="post" action=ApproveProposal::url()>
            {named(page)}
            <input
                type="hidden"
                name="limit_version"
                value=page.limit_version.to_string()
                data-seen=""
            />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    {verb}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn reject(page: &ProposalPage, query: &Query, refused: Option<&NamedRefusal>) -> AnyView {
    let field = Field {
        name: "text",
        label: "Why not",
        hint: "The person who proposed it reads this sentence.",
        value: query.get("text").unwrap_or_default().to_owned(),
        refusal: refusal_text(refused, "text"),
    };
    view! {
        <section class="card" aria-label="Reject">
            <h2 class="card__title">"Reject"</h2>
            <form class="form" method="post" action=RejectProposal::url() data-whole="">
                {named(page)}
                <TextArea field=field rows=2 longest=SeatRequest::LONGEST_TEXT required=true />
                <div class="form__actions">
                    <button class="button button--danger" type="submit">
                        "Reject"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn withdraw(page: &ProposalPage) -> AnyView {
    view! {
        <form class="form" method="post" action=WithdrawProposal::url()>
            {named(page)}
            <div class="form__actions">
                <button class="button" type="submit">
                    "Withdraw the proposal"
                </button>
            </div>
        </form>
    }
    .into_any()
}
