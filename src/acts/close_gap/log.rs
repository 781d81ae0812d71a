//! The way through the event log: to its end first, so that it is known whether it reaches back, and then back to now, oldest
//! first. On the way there only where each page is, and what is on it, is remembered: a page is in memory, never the log.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use serde_json::Value;

use crate::{
    domain::time::Timestamp,
    scalekit::client::{Client, Error, Paging},
    store::deliveries::Latest,
};

/// More than this is not read one by one.
const MOST: usize = 50_000;
/// What happened so lately may still be on its way into the log, and its webhook to us.
const SETTLED: Duration = Duration::from_secs(10);

/// A stretch of the log that holds something we know, page by page.
pub(super) struct Way {
    span: (Timestamp, Timestamp),
    pages: Vec<Seen>,
    /// The page that was read last, and is taken first.
    oldest: Option<Vec<Value>>,
}

/// A page as it was seen on the way there.
struct Seen {
    token: Option<String>,
    events: Vec<u64>,
}

impl Way {
    /// From now back to the oldest of these deliveries. None: the log does not reach back to any of them, or there is too much.
    pub(super) async fn find(client: &Client, latest: &[Latest], now: Timestamp) -> Result<Option<Self>, Error> {
        let occurred = || latest.iter().map(|delivery| delivery.occurred_at);
        let oldest = Timestamp::from_nanos(occurred().min().unwrap_or(i64::MAX));
        let newest = Timestamp::from_nanos(occurred().max().unwrap_or(i64::MIN));
        let span = (oldest.minus(Duration::from_secs(1)), now.minus(SETTLED).max(newest));
        let known: HashSet<&str> = latest.iter().map(|delivery| delivery.event_id.as_str()).collect();
        let mut paging = Paging::default();
        let (mut pages, mut events, mut token, mut reaches_back) = (Vec::new(), 0, None, false);
        loop {
            let page = client.events(span, token.as_deref()).await?;
            paging.turn(&page, print)?;
            reaches_back |= page.items.iter().any(|event| event["id"].as_str().is_some_and(|id| known.contains(id)));
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

    /// The next page towards now, its oldest event first. None: that was all.
    pub(super) async fn next(&mut self, client: &Client) -> Result<Option<Vec<Value>>, Error> {
        let Some(seen) = self.pages.pop() else { return Ok(None) };
        let mut events = match self.oldest.take() {
            Some(events) => events,
            None => client.events(self.span, seen.token.as_deref()).await?.items,
        };
        let now: HashSet<u64> = prints(&events).into_iter().collect();
        if !seen.events.iter().all(|event| now.contains(event)) {
            return Err(Error::Surprise("its event log moved while it was read".to_owned()));
        }
        events.reverse();
        Ok(Some(events))
    }
}

/// Hashes: fifty thousand ids would fill our memory.
fn prints(events: &[Value]) -> Vec<u64> {
    events.iter().map(print).collect()
}

fn print(event: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (event["id"].as_str(), event["type"].as_str()).hash(&mut hasher);
    hasher.finish()
}
