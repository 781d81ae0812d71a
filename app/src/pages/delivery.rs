//! One delivery: what was received, its outcome with the reason, and what staff can do about it.
//! Staff only.

use domain::{
    decision::Outcome,
    delivery::HistoryAction,
    id::DeliveryId,
    organization::{SeatLimit, grouped},
    time::Timestamp,
};
use leptos::prelude::*;
use views::deliveries::{Body, DeliveryPage, HistoryRow};

use super::{
    deliveries::{Notify, Rows},
    organization::decisions::Decided,
};
use crate::{
    components::{
        badge::OutcomeBadge,
        banner::{Banner, Banners, Tone},
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{ReplayDelivery, RevealPersonalData, load_delivery},
};

#[component]
pub fn Delivery() -> impl IntoView {
    let id = paths::asked_delivery();
    let refused = Query::of_request().refusal(SeatLimit::NotSet);
    let refused = refused.map(|refusal| refusal.to_string());
    loaded(
        move || load_delivery(id.clone()),
        move |_, page| view! { <Page page refused=refused.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: DeliveryPage, refused: Option<String>) -> impl IntoView {
    let title = page.row.kind.clone().unwrap_or_else(|| "A webhook that cannot be read".into());
    let is_dead = page.row.outcome == Outcome::Dead;
    let can_replay = is_dead && matches!(page.body, Body::Kept { .. });
    let why = page.why.clone().filter(|_| is_dead);
    let suspicious = page.row.suspicious.then_some(
        "The same id was received before with a different body. Only the first delivery counts.",
    );
    let (id, now) = (page.row.id.clone(), page.now);
    view! {
        <p class="crumb">
            <a href=paths::DELIVERIES>"Webhooks"</a>
        </p>
        <PageHeader title sentence=page.row.outcome.sentence() />
        <Banners>
            {refused
                .map(|sentence| {
                    view! {
                        <Banner tone=Tone::Calm title="It was not replayed.".to_owned()>
                            {sentence}
                        </Banner>
                    }
                })}
            {why
                .map(|why| {
                    view! {
                        <Banner
                            tone=Tone::Broken
                            title="This webhook could not be processed.".to_owned()
                        >
                            {words(&why)}
                        </Banner>
                    }
                })}
            {suspicious
                .map(|why| {
                    view! {
                        <Banner tone=Tone::Act title="This webhook is suspicious.".to_owned()>
                            {why}
                        </Banner>
                    }
                })}
        </Banners>
        {can_replay.then(|| view! { <Replay id=id.clone() /> })}
        <Personal id shown_until=page.shown_until is_json=is_json(&page.body) />
        <Facts page=page.clone() />
        <Caused page=page.clone() />
        <Content body=page.body shown=page.shown_until.is_some() />
        {(!page.repeats.is_empty())
            .then(|| {
                view! {
                    <Section
                        title="Duplicates"
                        note="with the same webhook-id, or with the same event"
                    >
                        <Rows rows=page.repeats now />
                    </Section>
                }
            })}
        {(!page.history.is_empty()).then(|| view! { <History rows=page.history now /> })}
    }
}

#[component]
fn Replay(id: DeliveryId) -> impl IntoView {
    let action = ServerAction::<ReplayDelivery>::new();
    view! {
        <section class="replaying" aria-label="Replay">
            <p>
                "Fix the cause first. Then Seatkeeper processes it again from its stored body, with its original time."
            </p>
            <ActionForm action attr:class="replaying__form">
                <input type="hidden" name="id" value=id.to_string() />
                <Notify />
                <button class="button button--main" type="submit">
                    "Replay"
                </button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Facts(page: DeliveryPage) -> impl IntoView {
    let now = page.now;
    let organization = match page.row.organization {
        Some((id, name)) => view! {
            <a href=paths::organization(&id)>{words(&name)}</a>
            " "
            <Id text=id.to_string() whole=true />
        }
        .into_any(),
        None => view! { <span class="quiet">"not readable"</span> }.into_any(),
    };
    let same = (page.row.event.as_str() == page.webhook_id.as_str())
        .then_some("the body has no id of its own");
    view! {
        <dl class="about">
            <div>
                <dt>"Outcome"</dt>
                <dd>
                    <OutcomeBadge outcome=page.row.outcome />
                </dd>
            </div>
            <div>
                <dt>"Received"</dt>
                <dd>
                    {page.row.received_at.exact()} ", " <RelativeTime at=page.row.received_at now />
                </dd>
            </div>
            <div>
                <dt>"Happened"</dt>
                <dd>{page.occurred_at.exact()}</dd>
            </div>
            <div>
                <dt>"Organization"</dt>
                <dd>{organization}</dd>
            </div>
            <div>
                <dt>"Event"</dt>
                <dd>
                    <Id text=page.row.event.to_string() whole=true />
                    <span class="quiet">{same}</span>
                </dd>
            </div>
            <div>
                <dt>"Webhook-id"</dt>
                <dd>
                    <Id text=page.webhook_id.to_string() whole=true />
                </dd>
            </div>
            <div>
                <dt>"Delivery"</dt>
                <dd>
                    <Id text=page.row.id.to_string() whole=true />
                </dd>
            </div>
        </dl>
    }
}

#[component]
fn Caused(page: DeliveryPage) -> impl IntoView {
    let organization = page.row.organization.map(|(id, _)| id);
    let content = if page.decisions.is_empty() {
        view! { <p class="calm">"It changed no seat and no position on the waitlist."</p> }
            .into_any()
    } else {
        view! { <Decided rows=page.decisions now=page.now organization /> }.into_any()
    };
    view! { <Section title="Decisions">{content}</Section> }
}

#[component]
fn Content(body: Body, shown: bool) -> impl IntoView {
    let (text, is_json, bytes) = match body {
        Body::Kept { text, is_json, bytes } => (text, is_json, bytes),
        Body::KeptWithTheFirst => {
            let sentence = "The body is the same as that of the first delivery, and is kept there.";
            return view! {
                <Section title="Body">
                    <p class="calm">{sentence}</p>
                </Section>
            }
            .into_any();
        }
        Body::Removed => {
            let sentence =
                "The body was removed when its retention time was over. The decisions are kept.";
            return view! {
                <Section title="Body">
                    <p class="calm">{sentence}</p>
                </Section>
            }
            .into_any();
        }
    };
    let kind = if is_json { "JSON" } else { "not JSON" };
    let note = format!("{} {}, {kind}", grouped(bytes), if bytes == 1 { "byte" } else { "bytes" });
    let hidden =
        (!shown && !is_json).then(|| view! { <p class="calm">"Its fields cannot be recognized, so the whole body is hidden."</p> });
    let text = (!text.is_empty()).then(|| {
        view! {
            <pre class="payload" dir="ltr" tabindex="0" role="region" aria-label="Body">
                <code>{text}</code>
            </pre>
        }
    });
    view! {
        <Section title="Body" note>
            {hidden}
            {text}
        </Section>
    }
    .into_any()
}

fn is_json(body: &Body) -> bool {
    !matches!(body, Body::Kept { is_json: false, .. })
}

/// Says until when the page shows personal data, or offers to show them.
#[component]
fn Personal(id: DeliveryId, shown_until: Option<Timestamp>, is_json: bool) -> impl IntoView {
    match shown_until {
        Some(until) => {
            let text = format!(
                "You see the personal data until {}. The history below records that you looked at them.",
                until.exact()
            );
            view! { <p class="quiet personal">{text}</p> }.into_any()
        }
        None => view! { <Hidden id is_json /> }.into_any(),
    }
}

#[component]
fn Hidden(id: DeliveryId, is_json: bool) -> impl IntoView {
    let action = ServerAction::<RevealPersonalData>::new();
    let sentence = "Names, addresses and other personal data are hidden on this page.";
    let verb = if is_json { "Show personal data" } else { "Show the body" };
    view! {
        <ActionForm action attr:class="replaying__form hidden-data">
            <p class="quiet replaying__text">{sentence}</p>
            <input type="hidden" name="id" value=id.to_string() />
            <button class="button button--quiet" type="submit">
                {verb}
            </button>
        </ActionForm>
    }
}

#[component]
fn History(rows: Vec<HistoryRow>, now: Timestamp) -> impl IntoView {
    let row = move |row: HistoryRow| {
        let what = match row.done {
            HistoryAction::Shown => format!("{} looked at the personal data", row.actor),
            HistoryAction::Replayed(Outcome::Dead) => {
                format!("{} replayed it: still dead", row.actor)
            }
            HistoryAction::Replayed(outcome) => {
                format!("{} replayed it: {}", row.actor, outcome.word().to_lowercase())
            }
        };
        view! {
            <li class="decision">
                <span class="decision__mark" aria-hidden="true"></span>
                <p class="decision__what">{what}</p>
                <p class="decision__why">{row.why.as_ref().map(words)}</p>
                <RelativeTime at=row.at now />
            </li>
        }
    };
    view! {
        <Section title="History">
            <ol class="decisions">{rows.into_iter().map(row).collect_view()}</ol>
        </Section>
    }
}
