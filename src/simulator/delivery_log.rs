//! The delivery log: what was sent and what was answered for the last thousand deliveries, in
//! memory.

use std::{collections::VecDeque, time::Duration};

use axum::body::Bytes;

use super::event::Body;
use domain::{
    id::{OrganizationId, WebhookId},
    time::Timestamp,
};

const MOST_DELIVERIES: usize = 1_000;

/// One message and all attempts to deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub webhook_id: WebhookId,
    /// The event type.
    pub kind: &'static str,
    pub organization: OrganizationId,
    /// The name of what the event is about.
    pub about: String,
    pub state: State,
    pub attempts: Vec<Attempt>,
    /// The body before a fault changes its shape.
    pub(super) json: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In progress, or waiting for its next attempt.
    Retrying,
    Delivered,
    /// Eight attempts failed, or too many others were waiting.
    GivenUp,
    /// Never sent, because of the fault `loss`.
    Lost,
    /// The simulator was stopped first.
    Stopped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub at: Timestamp,
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Status { code: u16, retry_after: Option<Duration> },
    TimedOut,
    Unreachable(String),
}

impl Answer {
    /// Whether the status is 2xx; a redirect is a failure.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Status { code: 200..300, .. })
    }
}

/// Counts of everything that was ever sent, not only of what is still in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub messages: u64,
    pub attempts: u64,
    pub delivered: u64,
    pub given_up: u64,
}

#[derive(Debug, Default)]
pub(super) struct Log {
    deliveries: VecDeque<Delivery>,
    /// The number of the oldest delivery in the log.
    first: u64,
    totals: Totals,
}

impl Log {
    /// Adds a delivery and returns its number; if the log is full, the oldest delivery is dropped.
    pub(super) fn open(&mut self, id: &WebhookId, body: &Body) -> u64 {
        if self.deliveries.len() == MOST_DELIVERIES {
            self.deliveries.pop_front();
            self.first += 1;
        }
        self.deliveries.push_back(Delivery {
            webhook_id: id.clone(),
            kind: body.kind,
            organization: body.organization.clone(),
            about: body.about.clone(),
            state: State::Retrying,
            attempts: Vec::new(),
            json: body.json.clone(),
        });
        self.totals.messages += 1;
        self.totals.messages - 1
    }

    /// Marks a delivery as retrying again, if it is still in the log.
    pub(super) fn reopen(&mut self, id: &WebhookId) -> Option<(u64, Body)> {
        let index = self.deliveries.iter().position(|delivery| &delivery.webhook_id == id)?;
        let delivery = self.deliveries.get_mut(index)?;
        delivery.state = State::Retrying;
        let Delivery { kind, organization, about, json, .. } = delivery;
        let body = Body {
            kind,
            organization: organization.clone(),
            about: about.clone(),
            json: json.clone(),
        };
        Some((self.first + u64::try_from(index).unwrap_or(u64::MAX), body))
    }

    pub(super) fn attempt(&mut self, number: u64, attempt: Attempt) {
        self.totals.attempts += 1;
        if let Some(delivery) = self.delivery(number) {
            delivery.attempts.push(attempt);
        }
    }

    pub(super) fn close(&mut self, number: u64, state: State) {
        match state {
            State::Delivered => self.totals.delivered += 1,
            State::GivenUp => self.totals.given_up += 1,
            State::Retrying | State::Lost | State::Stopped => {}
        }
        if let Some(delivery) = self.delivery(number) {
            delivery.state = state;
        }
    }

    pub(super) fn newest_first(&self) -> Vec<Delivery> {
        self.deliveries.iter().rev().cloned().collect()
    }

    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    fn delivery(&mut self, number: u64) -> Option<&mut Delivery> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.deliveries.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_forgets_the_oldest_and_keeps_counting() {
        let mut log = Log::default();
        let body = Body {
            kind: "organization.created",
            organization: OrganizationId::new("org_1"),
            about: String::new(),
            json: axum::body::Bytes::new(),
        };

        let numbers: Vec<_> = (0..MOST_DELIVERIES + 2)
            .map(|n| log.open(&WebhookId::new(n.to_string()), &body))
            .collect();
        for number in numbers {
            log.close(number, State::Delivered);
        }

        let kept = log.newest_first();
        assert_eq!(kept.len(), MOST_DELIVERIES);
        assert_eq!(kept[0].webhook_id.as_str(), "1001");
        assert_eq!(kept[MOST_DELIVERIES - 1].webhook_id.as_str(), "2");
        assert!(kept.iter().all(|delivery| delivery.state == State::Delivered));
        assert_eq!(log.totals().delivered, 1_002);
    }
}
