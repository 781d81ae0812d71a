//! The words of the pages of endpoints.

use domain::{organization::grouped, time::Timestamp, webhook_endpoint::EndpointState};
use leptos::prelude::*;
use views::webhook_endpoints::{DeliveryState, EndpointRow, EventDeliveryRow, LastAttempt};

use crate::{
    components::{relative_time::RelativeTime, words::words},
    paths,
};

/// Which types of events an endpoint gets.
pub(super) fn types(endpoint: &EndpointRow) -> String {
    if endpoint.types.is_empty() {
        return "All events".to_owned();
    }
    endpoint.types.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whose events an endpoint gets.
pub(super) fn whose(endpoint: &EndpointRow) -> AnyView {
    match &endpoint.organization {
        Some((id, name)) => view! { <a href=paths::organization(id)>{words(name)}</a> }.into_any(),
        None => "All organizations".into_any(),
    }
}

/// Why an endpoint gets no events, or takes none.
pub(super) fn trouble(endpoint: &EndpointRow) -> Option<&'static str> {
    match endpoint.state {
        EndpointState::Enabled => endpoint.failing_since.map(|_| "takes nothing"),
        EndpointState::Disabled => Some("by a person"),
        EndpointState::Gone => Some("it answered 410: it is gone"),
        EndpointState::Failing => Some("it took nothing for five days"),
    }
}

/// Since when an endpoint is as it is.
pub(super) fn since(endpoint: &EndpointRow) -> Timestamp {
    endpoint.failing_since.unwrap_or(endpoint.state_since)
}

/// `204 in 12 ms`, or `no answer after 15,000 ms`
pub(super) fn answered(last: &LastAttempt) -> String {
    let millis = grouped(last.millis);
    match last.status {
        Some(status) => format!("{status} in {millis} ms"),
        None => format!("no answer after {millis} ms"),
    }
}

/// How often an event was tried, and when it is tried next; nothing about one that was taken at
/// once.
pub(super) fn attempts(row: &EventDeliveryRow, now: Timestamp) -> Option<String> {
    let tried = match row.attempts {
        1 => "1 attempt".to_owned(),
        n => format!("{} attempts", grouped(n)),
    };
    match row.state {
        DeliveryState::Waits(at) if row.attempts == 0 => (at > now).then(|| at.exact()),
        DeliveryState::Waits(at) if at > now => Some(format!("{tried}, next: {}", at.exact())),
        DeliveryState::Waits(_) => Some(format!("{tried}, next: now")),
        DeliveryState::Delivered => (row.attempts > 1).then_some(tried),
        DeliveryState::Failed => Some(tried),
    }
}

/// `Enabled`, or since when and why it is not.
pub(super) fn trouble_since(endpoint: &EndpointRow, now: Timestamp) -> impl IntoView + use<> {
    let at = since(endpoint);
    trouble(endpoint).map(|trouble| {
        view! { <span class="sub">{trouble} ", " <RelativeTime at now /></span> }
    })
}

#[cfg(test)]
mod tests {
    use domain::id::OutgoingEventId;

    use super::*;

    #[test]
    fn a_delivery_says_how_often_it_was_tried_and_when_it_is_tried_next() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let later = Timestamp::from_seconds(1_790_000_300);
        let says = |state, attempts| {
            let row = EventDeliveryRow {
                event: OutgoingEventId::new("oev_1"),
                kind: "seat.admitted".into(),
                state,
                attempts,
                created_at: now,
                last: None,
            };
            super::attempts(&row, now).unwrap_or_default()
        };

        assert_eq!(says(DeliveryState::Waits(now), 0), "");
        assert_eq!(
            says(DeliveryState::Waits(later), 2),
            "2 attempts, next: 21 Sep 2026, 14:18:20 UTC"
        );
        assert_eq!(says(DeliveryState::Waits(now), 1), "1 attempt, next: now");
        assert_eq!(says(DeliveryState::Delivered, 1), "");
        assert_eq!(says(DeliveryState::Delivered, 3), "3 attempts");
        assert_eq!(says(DeliveryState::Failed, 8), "8 attempts");
    }
}
