//! Reads the event log: first to its end, to find out whether it reaches back to a known delivery,
//! and then from the oldest page to the newest. The first pass keeps only the token and the event
//! hashes of each page, so that memory holds one page and never the whole log.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use serde_json::Value;

use crate::{
    domain::time::Timestamp,
    scalekit::client::{Client, Error, PageGuard},
    store::deliveries::Latest,
};

/// A log with more events is not read one by one.
const MOST: usize = 50_000;
/// Events of the last seconds are left out: they may still be on the way to the log, and their
/// webhooks to Seatkeeper.
const SETTLED: Duration = Duration::from_secs(10);

/// A span of the log that contains a known delivery, page by page.
pub(super) struct Way {
    span: (Timestamp, Timestamp),
    pages: Vec<Seen>,
    /// The oldest page: the first pass read it last, and it is processed first.
    oldest: Option<Vec<Value>>,
}

/// A page as the first pass saw it.
struct Seen {
    token: Option<String>,
    events: Vec<u64>,
}

impl Way {
    /// Finds the span from now back to the oldest of these deliveries. None: the log contains none
    /// of them, or too many events.
    pub(super) async fn find(
        client: &Client,
        latest: &[Latest],
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let occurred = || latest.iter().map(|delivery| delivery.occurred_at);
        let oldest = Timestamp::from_nanos(occurred().min().unwrap_or(i64::MAX));
        let newest = Timestamp::from_nanos(occurred().max().unwrap_or(i64::MIN));
        let span = (oldest.minus(Duration::from_secs(1)), now.minus(SETTLED).max(newest));
        let known: HashSet<&str> =
            latest.iter().map(|delivery| delivery.event_id.as_str()).collect();
        let mut paging = PageGuard::default();
        let (mut pages, mut events, mut token, mut reaches_back) = (Vec::new(), 0, None, false);
        loop {
            let page = client.events(span, token.as_deref()).await?;
            paging.turn(&page, print)?;
            reaches_back |= page
                .items
                .iter()
                .any(|event| event["id"].as_str().is_some_and(|id| known.contains(id)));
            events += page.items.len();
            pages.push(Seen { token, events: prints(&page.items) });
            token = page.next;
            if events > MOST {
                return Ok(None);
            }
            if token.is_none() {
                return Ok(reaches_back.then_some(Self { span, pages, oldest: Some(page.items) }));
            }
        }
    }

    /// The next newer page, its oldest event first. None: there are no more pages.
    pub(super) async fn next(&mut self, client: &Client) -> Result<Option<Vec<Value>>, Error> {
        let Some(seen) = self.pages.pop() else { return Ok(None) };
        let mut events = match self.oldest.take() {
            Some(events) => events,
            None => client.events(self.span, seen.token.as_deref()).await?.items,
        };
        let now: HashSet<u64> = prints(&events).into_iter().collect();
        if !seen.events.iter().all(|event| now.contains(event)) {
            return Err(Error::InvalidResponse(
                "its event log changed while it was read".to_owned(),
            ));
        }
        events.reverse();
        Ok(Some(events))
    }
}

/// Hashes of the events: fifty thousand ids would need too much memory.
fn prints(events: &[Value]) -> Vec<u64> {
    events.iter().map(print).collect()
}

fn print(event: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (event["id"].as_str(), event["type"].as_str()).hash(&mut hasher);
    hasher.finish()
}
