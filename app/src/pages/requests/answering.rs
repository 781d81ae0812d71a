//! The forms of a request: staff approve, ask back or decline; the organization answers a question
//! or withdraws.

use domain::seat_request::{EntryKind, RequestState, SeatRequest};
use leptos::{prelude::*, server_fn::ServerFn};
use views::requests::{Approval, RequestPage};

use super::detail::refusal_text;
use crate::{
    components::field::{Field, Labelled, TextArea},
    islands::preview::{Pictures, approval_verb},
    paths,
    query::Query,
    server_fns::{AnswerRequest, ApproveRequest, NamedRefusal, ReplyToRequest},
};

/// Whether a refusal stands beside a field of one of these forms.
pub(super) fn is_beside(refused: &NamedRefusal) -> bool {
    ["limit", "text"].iter().any(|field| refusal_text(Some(refused), field).is_some())
}

/// The form of which a text was refused.
fn refused_form(query: &Query) -> Option<EntryKind> {
    query.get("refused").and_then(|_| EntryKind::parse(query.text("form")))
}

/// The forms of staff.
pub(super) fn by_staff(
    page: &RequestPage,
    query: &Query,
    refused: Option<&NamedRefusal>,
) -> AnyView {
    let approve = page.approval.clone().map(|approval| approve(page, approval, query, refused));
    let question = Form {
        kind: EntryKind::Question,
        title: "Ask back",
        label: "Your question",
        hint: "The admins of the organization get it by e-mail, and the request waits for their answer.",
        button: "Ask",
        tone: "button",
    };
    let decline = Form {
        kind: EntryKind::Declined,
        title: "Decline",
        label: "Why not",
        hint: "The admins of the organization read this sentence.",
        button: "Decline",
        tone: "button button--danger",
    };
    let asks = page.row.state == RequestState::Open;
    let question = asks.then(|| text_form(question, page, query, refused));
    view! {
        {approve}
        <div class="request__answers">{question} {text_form(decline, page, query, refused)}</div>
    }
    .into_any()
}

/// The forms of the organization's admins.
pub(super) fn by_tenant(
    page: &RequestPage,
    query: &Query,
    refused: Option<&NamedRefusal>,
) -> AnyView {
    let reply = Form {
        kind: EntryKind::Reply,
        title: "Answer the question",
        label: "Your answer",
        hint: "Staff get it by e-mail.",
        button: "Answer",
        tone: "button button--main",
    };
    let is_asked = page.row.state == RequestState::Question;
    let reply = is_asked.then(|| text_form(reply, page, query, refused));
    let (id, request) = (page.row.organization.0.to_string(), page.row.id.to_string());
    view! {
        {reply}
        <form class="request__withdraw" method="post" action=ReplyToRequest::url()>
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="request" value=request />
            <input type="hidden" name="version" value=page.version.to_string() data-seen="" />
            <input type="hidden" name="answer" value=EntryKind::Withdrawn.as_str() />
            <button class="button button--quiet" type="submit">
                "Withdraw the request"
            </button>
        </form>
    }
    .into_any()
}

fn approve(
    page: &RequestPage,
    approval: Approval,
    query: &Query,
    refused: Option<&NamedRefusal>,
) -> AnyView {
    let (id, request) = (page.row.organization.0.clone(), page.row.id.clone());
    let here = paths::request(&id, &request);
    let Approval { limit, preview, limit_version } = approval;
    let button = approval_verb(preview.as_ref());
    let unreadable = preview.is_none().then(|| domain::refusal::Refusal::SeatLimit.to_string());
    let limit = Field {
        name: "limit",
        label: "New seat limit",
        hint: "A whole number, or “unlimited”. It begins with as many more seats as are wanted.",
        value: limit,
        refusal: refusal_text(refused, "limit").or(unreadable),
    };
    let text = Field {
        name: "text",
        label: "A sentence for the organization (optional)",
        hint: "Its admins read it in the e-mail.",
        value: query.get("answer").unwrap_or_default().to_owned(),
        refusal: refusal_text(refused, "text").filter(|_| refused_form(query).is_none()),
    };
    let current = page.row.usage;
    view! {
        <section class="card" aria-label="Approve">
            <h2 class="card__title">"Approve"</h2>
            <form class="form" method="post" action=ApproveRequest::url() data-whole="">
                <input type="hidden" name="request" value=request.to_string() />
                <input type="hidden" name="version" value=page.version.to_string() />
                <input type="hidden" name="limit_version" value=limit_version.to_string() />
                <Labelled field=limit.clone()>
                    <div class="request__limit">
                        <input
                            class="input input--number"
                            id=limit.id()
                            name="limit"
                            value=limit.value.clone()
                            autocomplete="off"
                            spellcheck="false"
                            required=true
                            aria-describedby=limit.described_by()
                            aria-invalid=limit.invalid()
                        />
                        <button class="button" type="submit" formmethod="get" formaction=here>
                            "Preview"
                        </button>
                    </div>
                </Labelled>
                <div class="request__pictures">
                    <Pictures current preview />
                </div>
                <TextArea field=text rows=2 longest=SeatRequest::LONGEST_TEXT />
                <div class="form__actions">
                    <button class="button button--main" type="submit">
                        {button}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// A form with one text.
#[derive(Clone, Copy)]
struct Form {
    kind: EntryKind,
    title: &'static str,
    label: &'static str,
    hint: &'static str,
    button: &'static str,
    /// The classes of its button.
    tone: &'static str,
}

fn text_form(
    form: Form,
    page: &RequestPage,
    query: &Query,
    refused: Option<&NamedRefusal>,
) -> AnyView {
    let Form { kind, title, label, hint, button, tone } = form;
    let is_this = refused_form(query) == Some(kind);
    let field = Field {
        name: kind.as_str(),
        label,
        hint,
        value: query.get("text").filter(|_| is_this).unwrap_or_default().to_owned(),
        refusal: refusal_text(refused, "text").filter(|_| is_this),
    };
    let action = if kind.is_by_staff() { AnswerRequest::url() } else { ReplyToRequest::url() };
    let (id, request) = (page.row.organization.0.to_string(), page.row.id.to_string());
    view! {
        <section class="card" aria-label=title>
            <h2 class="card__title">{title}</h2>
            <form class="form" method="post" action=action data-whole="">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="request" value=request />
                <input type="hidden" name="version" value=page.version.to_string() />
                <input type="hidden" name="answer" value=kind.as_str() />
                <TextArea
                    field=field
                    rows=2
                    longest=SeatRequest::LONGEST_TEXT
                    required=true
                    name="text"
                />
                <div class="form__actions">
                    <button class=tone type="submit">
                        {button}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
