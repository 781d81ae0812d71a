//! Bulk replay: the form that starts it, its progress, and its result.

use domain::{
    decision::Outcome, delivery::ReplayState, id::OrganizationId, organization::grouped,
    text::ExternalText, time::Timestamp,
};
use leptos::prelude::*;
use views::deliveries::{Deliveries, DeliveriesQuery, ReplayRow, Show};

use crate::{
    components::relative_time::RelativeTime,
    islands::auto_refresh::AutoRefresh,
    paths,
    server_fns::{CancelReplay, StartReplay},
};

#[component]
pub(super) fn Replaying(
    query: DeliveriesQuery,
    replayable: i64,
    replay: Option<ReplayRow>,
    now: Timestamp,
) -> impl IntoView {
    let is_dead_letters = query.show == Show::Of(Outcome::Dead);
    let (running, ended) = match replay {
        Some(replay) if replay.state == ReplayState::Running => (Some(replay), None),
        ended => (None, ended.filter(|_| is_dead_letters)),
    };
    let reload = paths::deliveries(&query);
    let can_replay =
        running.is_none() && is_dead_letters && query.search.is_empty() && replayable > 0;
    let offer = can_replay.then(|| view! { <Offer query replayable /> });
    view! {
        {running.map(|replay| view! { <Running replay now reload /> })}
        {offer}
        {ended.map(|replay| view! { <Ended replay now /> })}
    }
}

/// Offers to replay all matching dead letters, with their number on the button.
#[component]
fn Offer(query: DeliveriesQuery, replayable: i64) -> impl IntoView {
    let action = ServerAction::<StartReplay>::new();
    let organization =
        query.organization.as_ref().map(OrganizationId::to_string).unwrap_or_default();
    let verb = match replayable {
        1 => "Replay 1 dead letter".to_owned(),
        n if n > Deliveries::COUNTED => {
            format!("Replay all {}+ dead letters", grouped(Deliveries::COUNTED))
        }
        n => format!("Replay {} dead letters", grouped(n)),
    };
    view! {
        <section class="card" aria-label="Replay">
            <p>
                "Fix the cause first. Then Seatkeeper processes each dead letter again from its stored body, the oldest first, with its original time."
            </p>
            <ActionForm action attr:class="replaying__form">
                <input type="hidden" name="organization" value=organization />
                <input type="hidden" name="kind" value=query.kind />
                <Notify />
                <button class="button button--main" type="submit">
                    {verb}
                </button>
            </ActionForm>
        </section>
    }
}

/// A checkbox that is off by default, because the events of a replay are old.
#[component]
pub fn Notify() -> impl IntoView {
    view! {
        <label class="check">
            <input class="check__box" type="checkbox" name="emails" value="yes" />
            "Send the e-mails that this causes, too"
        </label>
    }
}

#[component]
fn Running(replay: ReplayRow, now: Timestamp, reload: String) -> impl IntoView {
    let action = ServerAction::<CancelReplay>::new();
    let done = replay.done();
    let text = format!(
        "{} went through, {} still dead. Started by {}{}, ",
        grouped(replay.succeeded),
        grouped(replay.still_dead),
        replay.started_by,
        narrowed(&replay)
    );
    let percent = (done * 100).checked_div(replay.total).unwrap_or(0).min(100);
    view! {
        <section class="card" data-running="" aria-label="Replay">
            <p class="card__title">
                {format!("Replaying: {} of {}", grouped(done), grouped(replay.total))}
            </p>
            <progress
                class="progress"
                max=replay.total.to_string()
                value=done.min(replay.total).to_string()
                aria-label="Replayed"
            >
                {format!("{percent} %")}
            </progress>
            <div class="replaying__form">
                <p class="quiet replaying__text">
                    {text} <RelativeTime at=replay.started_at now />
                </p>
                <a class="button button--quiet scriptless" href=reload>
                    "Reload"
                </a>
                <ActionForm action>
                    <input type="hidden" name="id" value=replay.id.to_string() />
                    <button class="button" type="submit">
                        "Cancel"
                    </button>
                </ActionForm>
            </div>
            <AutoRefresh />
        </section>
    }
}

#[component]
fn Ended(replay: ReplayRow, now: Timestamp) -> impl IntoView {
    let rest = (replay.total - replay.done()).max(0);
    let end = match (replay.state, &replay.ended_by) {
        (ReplayState::Cancelled, Some(by)) => {
            format!("{by} cancelled it; {} were left alone.", grouped(rest))
        }
        _ if replay.still_dead == 0 => "None of them is dead any more.".to_owned(),
        _ => {
            format!(
                "{} {} dead; each says why.",
                grouped(replay.still_dead),
                if replay.still_dead == 1 { "is still" } else { "are still" }
            )
        }
    };
    let noun = if replay.done() == 1 { "dead letter" } else { "dead letters" };
    view! {
        <p class="narrowed">
            {format!(
                "{} replayed {} {noun}{} ",
                replay.started_by,
                grouped(replay.done()),
                narrowed(&replay),
            )} <RelativeTime at=replay.started_at now />
            {format!(": {} went through. {end}", grouped(replay.succeeded))}
        </p>
    }
}

fn narrowed(replay: &ReplayRow) -> String {
    let of = replay
        .organization
        .as_ref()
        .map(|id| format!(" of {}", ExternalText::new(id.as_str())))
        .unwrap_or_default();
    let kind = replay
        .kind
        .as_ref()
        .map(|kind| format!(" of the type {}", ExternalText::new(kind)))
        .unwrap_or_default();
    format!("{of}{kind}")
}
