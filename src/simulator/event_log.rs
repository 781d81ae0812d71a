//! The last events, as in Scalekit's event log; older events are dropped.

use std::collections::VecDeque;

use super::event::Body;
use domain::{id::OrganizationId, time::Timestamp};

/// About fifty megabytes of ordinary bodies. A receiver that misses more events than this needs a
/// resync.
const MOST_EVENTS: usize = 50_000;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The number in the event's id; it grows with time.
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) body: Body,
}

/// The filter of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Empty means all event types.
    pub(super) kinds: Vec<String>,
    pub(super) organization: Option<OrganizationId>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) directories_only: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct EventLog(VecDeque<Entry>);

impl EventLog {
    pub(super) fn add(&mut self, number: u64, at: Timestamp, body: Body) {
        if self.0.len() == MOST_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(Entry { number, at, body });
    }

    /// The wanted events before this number, the newest first.
    pub(super) fn before(&self, number: u64, wanted: &Wanted) -> impl Iterator<Item = &Entry> {
        let end = self.0.partition_point(|entry| entry.number < number);
        self.0.range(..end).rev().filter(|entry| wanted.is(entry))
    }

    /// The wanted events after this number, the oldest first.
    pub(super) fn after(&self, number: u64, wanted: &Wanted) -> impl Iterator<Item = &Entry> {
        let start = self.0.partition_point(|entry| entry.number <= number);
        self.0.range(start..).filter(|entry| wanted.is(entry))
    }
}

impl Wanted {
    fn is(&self, entry: &Entry) -> bool {
        let Body { kind, organization, .. } = &entry.body;
        (self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind))
            && self.organization.as_ref().is_none_or(|wanted| wanted == organization)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at <= until)
            && (!self.directories_only || kind.starts_with("organization.directory"))
    }
}
