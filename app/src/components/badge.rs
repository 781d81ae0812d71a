//! Badges: each shows a state as a mark, a word and a colour, never as a colour alone.

use domain::{
    api_key::KeyState,
    decision::Outcome,
    directory::Change,
    directory_user::SeatState,
    limit_proposal::ProposalState,
    organization::SeatStatus,
    resync::{Resync, ResyncState},
    seat_request::RequestState,
    text::ExternalText,
    webhook_endpoint::EndpointState,
};
use leptos::prelude::*;
use views::webhook_endpoints::DeliveryState;

use super::words::words;

#[component]
pub fn SeatStatusBadge(seat_status: SeatStatus) -> impl IntoView {
    let shape = match seat_status {
        SeatStatus::Over => Shape::Beyond,
        SeatStatus::Waiting => Shape::Outlined,
        SeatStatus::NotSet => Shape::Dashed,
        SeatStatus::Full => Shape::Filled,
        SeatStatus::NearlyFull => Shape::Nearly,
        SeatStatus::Room => Shape::Hollow,
        SeatStatus::Unlimited => Shape::Endless,
    };
    view! { <Badge word=seat_status.word() tone=seat_status.slug() shape /> }
}

#[component]
pub fn StateBadge(state: SeatState) -> impl IntoView {
    let shape = match state {
        SeatState::Provisioned => Shape::Filled,
        SeatState::Blocked => Shape::Outlined,
        SeatState::Dismissed => Shape::Dashed,
        SeatState::Inactive => Shape::Hollow,
        SeatState::Removed => Shape::Crossed,
    };
    view! { <Badge word=state.word() tone=state.as_str() shape /> }
}

#[component]
pub fn OutcomeBadge(outcome: Outcome) -> impl IntoView {
    let shape = match outcome {
        Outcome::Admitted => Shape::Filled,
        Outcome::Blocked => Shape::Outlined,
        Outcome::Released | Outcome::Ignored => Shape::Hollow,
        Outcome::Updated => Shape::Nearly,
        Outcome::Duplicate | Outcome::Stale => Shape::Dashed,
        Outcome::Mismatch => Shape::Beyond,
        Outcome::Removed | Outcome::Archived | Outcome::Dead => Shape::Crossed,
    };
    view! { <Badge word=outcome.word() tone=outcome.as_str() shape /> }
}

#[component]
pub fn RequestBadge(state: RequestState) -> impl IntoView {
    let (tone, shape) = match state {
        RequestState::Open => ("waiting", Shape::Outlined),
        RequestState::Question => ("question", Shape::Dashed),
        RequestState::Approved => ("applied", Shape::Filled),
        RequestState::Declined => ("declined", Shape::Crossed),
        RequestState::Withdrawn => ("withdrawn", Shape::Hollow),
    };
    view! { <Badge word=state.word() tone shape /> }
}

/// The state of a proposed change of a limit.
#[component]
pub fn ProposalBadge(state: ProposalState) -> impl IntoView {
    let (tone, shape) = match state {
        ProposalState::Open => ("waiting", Shape::Outlined),
        ProposalState::Approved => ("applied", Shape::Filled),
        ProposalState::Rejected => ("declined", Shape::Crossed),
        ProposalState::Withdrawn | ProposalState::Expired => ("withdrawn", Shape::Hollow),
    };
    view! { <Badge word=state.word() tone shape /> }
}

#[component]
pub fn ArchivedBadge() -> impl IntoView {
    view! { <Badge word="Archived" tone="archived" shape=Shape::Crossed /> }
}

/// Amber: the program still needs the key that took its place.
#[component]
pub fn KeyBadge(state: KeyState) -> impl IntoView {
    let (word, tone, shape) = match state {
        KeyState::Works => ("Works", "applied", Shape::Filled),
        KeyState::Replaced => ("Replaced", "waiting", Shape::Outlined),
        KeyState::Expired => ("Expired", "cancelled", Shape::Hollow),
        KeyState::Revoked => ("Revoked", "cancelled", Shape::Crossed),
    };
    view! { <Badge word tone shape /> }
}

/// The state of an endpoint; `fails`: it takes nothing at the moment.
#[component]
pub fn EndpointBadge(state: EndpointState, fails: bool) -> impl IntoView {
    let (word, tone, shape) = match state {
        EndpointState::Enabled if fails => ("Failing", "waiting", Shape::Outlined),
        EndpointState::Enabled => ("Enabled", "applied", Shape::Filled),
        EndpointState::Disabled => ("Disabled", "cancelled", Shape::Hollow),
        EndpointState::Gone | EndpointState::Failing => ("Disabled", "failed", Shape::Crossed),
    };
    view! { <Badge word tone shape /> }
}

/// What became of an event that an endpoint gets.
#[component]
pub fn DeliveryBadge(state: DeliveryState) -> impl IntoView {
    let (word, tone, shape) = match state {
        DeliveryState::Delivered => ("Delivered", "applied", Shape::Filled),
        DeliveryState::Waits(_) => ("Waits", "queued", Shape::Dashed),
        DeliveryState::Failed => ("Failed", "failed", Shape::Crossed),
    };
    view! { <Badge word tone shape /> }
}

/// The state of a resync, or its result.
pub fn resync_badge(run: &Resync) -> AnyView {
    let (word, tone, shape) = match run.state {
        ResyncState::Queued => ("Queued", "queued", Shape::Dashed),
        ResyncState::Listing => ("Comparing", "running", Shape::Nearly),
        ResyncState::Waiting => ("To confirm", "waiting", Shape::Outlined),
        ResyncState::Applying => ("Applying", "running", Shape::Nearly),
        ResyncState::Done if run.is_empty() => ("No change", "same", Shape::Hollow),
        ResyncState::Done if run.dry_run => ("Previewed", "previewed", Shape::Hollow),
        ResyncState::Done => ("Applied", "applied", Shape::Filled),
        ResyncState::Cancelled
            if run.error.as_ref().is_some_and(|(code, _)| code == Resync::EXPIRED) =>
        {
            ("Expired", "cancelled", Shape::Crossed)
        }
        ResyncState::Cancelled
            if run.error.as_ref().is_some_and(|(code, _)| code == Resync::ORGANIZATION_DELETED) =>
        {
            ("Discarded", "cancelled", Shape::Crossed)
        }
        ResyncState::Cancelled
            if run.error.as_ref().is_some_and(|(code, _)| code == Resync::NOT_ENABLED) =>
        {
            ("Nothing yet", "same", Shape::Hollow)
        }
        ResyncState::Cancelled => ("Cancelled", "cancelled", Shape::Crossed),
        ResyncState::Failed => ("Failed", "failed", Shape::Crossed),
    };
    view! { <Badge word tone shape /> }.into_any()
}

#[component]
pub fn ChangeBadge(change: Change) -> impl IntoView {
    let (word, shape) = match change {
        Change::Created => ("Created", Shape::Filled),
        Change::Updated => ("Updated", Shape::Nearly),
        Change::Reactivated => ("Reactivated", Shape::Filled),
        Change::Deactivated => ("Deactivated", Shape::Hollow),
        Change::Removed => ("Removed", Shape::Crossed),
    };
    view! { <Badge word tone=change.as_str() shape /> }
}

/// A small label beside a name, for example a role or `suspicious`.
#[component]
pub fn Tag(
    #[prop(into)] word: ExternalText,
    #[prop(optional)] title: &'static str,
) -> impl IntoView {
    view! {
        <span class="tag" title=(!title.is_empty()).then_some(title)>
            {words(word)}
        </span>
    }
}

/// The shape of the small seat before the word.
#[derive(Clone, Copy)]
enum Shape {
    Filled,
    Nearly,
    Hollow,
    Dashed,
    Outlined,
    Beyond,
    Crossed,
    Endless,
}

#[component]
fn Badge(word: &'static str, tone: &'static str, shape: Shape) -> impl IntoView {
    view! {
        <span class="badge" data-tone=tone>
            <svg class="badge__mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                {mark(shape)}
            </svg>
            {word}
        </span>
    }
}

fn mark(shape: Shape) -> AnyView {
    match shape {
        Shape::Filled => view! { <rect class="badge__filled" x="1" y="1" width="10" height="10" rx="2.5" /> }.into_any(),
        Shape::Hollow => view! { <rect class="badge__drawn" x="1.75" y="1.75" width="8.5" height="8.5" rx="2" /> }.into_any(),
        Shape::Dashed => view! {
            <rect
                class="badge__drawn"
                x="1.75"
                y="1.75"
                width="8.5"
                height="8.5"
                rx="2"
                stroke-dasharray="2 1.6"
            />
        }.into_any(),
        Shape::Nearly => view! {
            <rect class="badge__drawn" x="1.75" y="1.75" width="8.5" height="8.5" rx="2" />
            <rect class="badge__filled" x="1" y="4" width="10" height="7" rx="2" />
        }
        .into_any(),
        Shape::Outlined => view! {
            <line class="badge__drawn" x1="1.5" x2="1.5" y1="0.5" y2="11.5" />
            <rect class="badge__drawn" x="4.75" y="2.75" width="6.5" height="6.5" rx="1.5" />
        }
        .into_any(),
        Shape::Beyond => view! {
            <line class="badge__drawn" x1="1.5" x2="1.5" y1="0.5" y2="11.5" />
            <rect class="badge__filled" x="4" y="2" width="8" height="8" rx="2" />
        }
        .into_any(),
        Shape::Crossed => view! { <path class="badge__drawn" d="M2.5 2.5l7 7m0-7l-7 7" /> }.into_any(),
        Shape::Endless => view! {
            <path
                class="badge__drawn"
                d="M6 6c-1-1.6-1.9-2.3-2.9-2.3a2.3 2.3 0 0 0 0 4.6C4.100 8.300 5 7.600 6 6c1-1.600 1.900-2.300 2.900-2.300a2.300 2.300 0 0 1 0 4.600C7.900 8.300 7 7.600 6 6z"
            />
        }
        .into_any(),
    }
}
