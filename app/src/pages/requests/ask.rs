//! The form with which an admin asks for seats.

use domain::{organization::grouped, refusal::Refusal, seat_request::SeatRequest};
use leptos::{prelude::*, server_fn::ServerFn};
use views::requests::{AskPage, Asking, WantedPerson};

use super::detail::refusal_text;
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::{ArchivedOrganization, EmptyState},
        field::{Field, Labelled, TextArea},
        meter::Meter,
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{self, NamedRefusal, load_ask},
};

#[component]
pub fn AskForSeats() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    loaded(
        move || load_ask(id.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: AskPage, query: Query) -> impl IntoView {
    let asking = page.organization.clone();
    let refused = query.refusal(asking.usage.limit);
    let fields = ["seats", "reason", "text", "person"];
    let is_beside =
        |refused: &NamedRefusal| fields.iter().any(|f| refusal_text(Some(refused), f).is_some());
    let above = refused.clone().filter(|refused| !is_beside(refused)).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was sent.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let usage = asking.usage;
    let content = if asking.is_possible() {
        view! { <Ask page query refused /> }.into_any()
    } else {
        view! { <Impossible asking=asking.clone() /> }.into_any()
    };
    view! {
        <div data-revision=asking.revision.to_string()>
            <p class="crumb">
                <a href=paths::requests_of(&asking.id)>"Seat requests, " {words(&asking.name)}</a>
            </p>
            <PageHeader
                title="Ask for seats"
                sentence="Staff answer, and you get an e-mail. Nothing changes until then."
                within=Some(asking.name)
            />
            <Banners>{above}</Banners>
            <div class="limit">
                <div class="limit__fields">{content}</div>
                <div class="limit__pictures">
                    <section class="picture">
                        <h2 class="picture__title">"Now"</h2>
                        <p class="picture__numbers">{usage.sentence()}</p>
                        <Meter usage />
                    </section>
                </div>
            </div>
        </div>
    }
}

/// Why no request is possible.
#[component]
fn Impossible(asking: Asking) -> impl IntoView {
    if asking.archived {
        return view! { <ArchivedOrganization id=asking.id /> }.into_any();
    }
    match asking.open {
        Some(request) => view! {
            <EmptyState title="A request is on its way">
                <a href=paths::request(&asking.id, &request)>"Open the request"</a>
                " to read the answer, or to withdraw it and ask for another number."
            </EmptyState>
        }
        .into_any(),
        None => view! {
            <EmptyState title="Seats are unlimited">
                {Refusal::RequestNotNeeded.to_string()}
            </EmptyState>
        }
        .into_any(),
    }
}

#[component]
fn Ask(page: AskPage, query: Query, refused: Option<NamedRefusal>) -> impl IntoView {
    let id = page.organization.id.clone();
    let suggested = page.suggested();
    let typed = query.get("seats").map(str::to_owned);
    let seats = Field {
        name: "seats",
        label: "How many more seats",
        hint: if suggested > 0 { "It begins with what would end the waitlist." } else { "" },
        value: typed
            .unwrap_or_else(|| if suggested > 0 { suggested.to_string() } else { String::new() }),
        refusal: refusal_text(refused.as_ref(), "seats"),
    };
    let reason = Field {
        name: "reason",
        label: "What for",
        hint: "A sentence or two for the people who answer.",
        value: query.get("reason").unwrap_or_default().to_owned(),
        refusal: refusal_text(refused.as_ref(), "reason")
            .or_else(|| refusal_text(refused.as_ref(), "text")),
    };
    let people = refusal_text(refused.as_ref(), "person");
    let waiting = page.organization.usage.waiting;
    view! {
        <form class="form" method="post" action=server_fns::AskForSeats::url() data-whole="">
            <input type="hidden" name="id" value=id.to_string() />
            <Labelled field=seats.clone()>
                <input
                    class="input input--number"
                    id=seats.id()
                    name="seats"
                    inputmode="numeric"
                    value=seats.value.clone()
                    autocomplete="off"
                    required=true
                    aria-describedby=seats.described_by()
                    aria-invalid=seats.invalid()
                />
            </Labelled>
            <TextArea field=reason rows=4 longest=SeatRequest::LONGEST_TEXT required=true />
            <People rows=page.waiting waiting query refusal=people />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Ask for seats"
                </button>
                <a class="button button--quiet" href=paths::requests_of(&id)>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

#[component]
fn People(
    rows: Vec<WantedPerson>,
    waiting: i64,
    query: Query,
    refusal: Option<String>,
) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let more = (waiting > shown).then(|| {
            let more = grouped(waiting - shown);
            view! { <p class="field__hint">{format!("{more} more wait behind them.")}</p> }
        });
        let chosen: Vec<String> = query.all("person").map(str::to_owned).collect();
        let row = |row: WantedPerson| {
            let is_chosen = chosen.iter().any(|id| id == row.user.as_str());
            view! {
                <li>
                    <label class="check">
                        <input
                            class="check__box"
                            type="checkbox"
                            name="people[]"
                            value=row.user.to_string()
                            checked=is_chosen
                            autocomplete="off"
                        />
                        <span>{words(row.called)}</span>
                    </label>
                </li>
            }
        };
        let rows = rows.into_iter().map(row).collect_view();
        view! {
            <fieldset class="field request__for">
                <legend class="field__label">"For these people (optional)"</legend>
                <p class="field__hint">
                    "It tells staff who needs a seat. Seats still go to the first people of the waitlist."
                </p>
                <p class="field__refusal">{refusal}</p>
                <ul class="request__choices">{rows}</ul>
                {more}
            </fieldset>
        }
    })
}
