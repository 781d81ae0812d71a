//! A client for the part of Scalekit's Directory API that we use. All callers share one token, each
//! call has a time limit, and a call that fails is retried a few times with growing pauses, until
//! the shared retry budget is used up.

mod answers;
mod call;
mod error;
mod json;
mod moment;
mod pacing;
mod paging;
mod retry_after;
#[cfg(test)]
mod tests;
mod token;

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, Url, redirect::Policy};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, watch};

use self::{answers::Answer, call::BUDGET, pacing::Pacing, token::Token};
pub use self::{
    answers::{Directory, Group, Organization, Page, SetAside},
    error::Error,
    paging::{Ending, PageGuard},
    token::Credentials,
};
use crate::{
    clock::Clock,
    domain::{
        event::UserPayload,
        id::{DirectoryId, OrganizationId},
        resync::WaitingFor,
        time::Timestamp,
    },
};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);
/// The largest page sizes that the API allows: `PAGE` for directory users and groups, `EVENTS` for
/// events.
const PAGE: &str = "30";
const EVENTS: &str = "100";

/// Cheap to clone; clones share the token, the connections, the pace, the retry budget and the
/// count of calls.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    calls: Arc<AtomicI64>,
    waiting: Arc<watch::Sender<Option<WaitingFor>>>,
}

struct Shared {
    http: reqwest::Client,
    base: Url,
    credentials: Credentials,
    clock: Clock,
    token: AsyncMutex<Option<Token>>,
    budget: Mutex<u32>,
    pacing: Pacing,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, {:?})", self.shared.base, self.shared.credentials)
    }
}

impl Client {
    /// `base` is the address of an environment, for example `https://acme.scalekit.com`. The
    /// process must have installed a TLS provider before.
    pub fn new(base: Url, credentials: Credentials, clock: Clock) -> Result<Self, Error> {
        let agent = concat!("seatkeeper/", env!("CARGO_PKG_VERSION"));
        let http = reqwest::Client::builder()
            .user_agent(agent)
            .redirect(Policy::none())
            .timeout(CALL)
            .connect_timeout(CONNECT);
        let http = http.tcp_nodelay(true).build().map_err(|error| Error::silence(&error))?;
        let (token, budget, pacing) =
            (AsyncMutex::new(None), Mutex::new(BUDGET), Pacing::default());
        let shared = Arc::new(Shared { http, base, credentials, clock, token, budget, pacing });
        Ok(Self { shared, calls: Arc::default(), waiting: Arc::default() })
    }

    /// The same client with its own count of calls and its own `waiting` state.
    #[must_use]
    pub fn counting(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), calls: Arc::default(), waiting: Arc::default() }
    }

    /// Watches what a call of this client waits for.
    pub fn waiting(&self) -> watch::Receiver<Option<WaitingFor>> {
        self.waiting.subscribe()
    }

    /// How many requests this client has sent, including retries and requests for a token.
    pub fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub async fn organizations(&self, token: Option<&str>) -> Result<Page<Organization>, Error> {
        let url = self.url(
            &["organizations"],
            &[("page_size", "100"), ("page_token", token.unwrap_or_default())],
        );
        Page::read(&self.get(url).await?, "organizations", answers::organization)
    }

    pub async fn organization(&self, organization: &OrganizationId) -> Result<Organization, Error> {
        let answer = self.get(self.url(&["organizations", organization.as_str()], &[])).await?;
        answers::one_organization(organization, &answer)
    }

    /// All directories of this organization; they come on one page.
    pub async fn directories(
        &self,
        organization: &OrganizationId,
    ) -> Result<Page<Directory>, Error> {
        let url = self.url(&["organizations", organization.as_str(), "directories"], &[]);
        Page::read(&self.get(url).await?, "directories", answers::directory)
    }

    /// A page of directory users with all their details. Without the details an inactive user could
    /// not be recognized.
    pub async fn users(
        &self,
        organization: &OrganizationId,
        directory: &DirectoryId,
        token: Option<&str>,
    ) -> Result<Page<UserPayload>, Error> {
        let query = [
            ("page_size", PAGE),
            ("include_detail", "true"),
            ("page_token", token.unwrap_or_default()),
        ];
        let path =
            ["organizations", organization.as_str(), "directories", directory.as_str(), "users"];
        Page::read(&self.get(self.url(&path, &query)).await?, "users", |entry| {
            answers::user(organization, entry)
        })
    }

    pub async fn groups(
        &self,
        organization: &OrganizationId,
        directory: &DirectoryId,
        token: Option<&str>,
    ) -> Result<Page<Group>, Error> {
        let query = [("page_size", PAGE), ("page_token", token.unwrap_or_default())];
        let path =
            ["organizations", organization.as_str(), "directories", directory.as_str(), "groups"];
        Page::read(&self.get(self.url(&path, &query)).await?, "groups", answers::group)
    }

    /// A page of the event log between two times, the newest event first. Each event has the form
    /// of a webhook body.
    pub async fn events(
        &self,
        (since, until): (Timestamp, Timestamp),
        token: Option<&str>,
    ) -> Result<Page<Value>, Error> {
        let url = self.url(
            &["events", "paginated"],
            &[("page_size", EVENTS), ("page_token", token.unwrap_or_default())],
        );
        let span =
            serde_json::json!({ "end_time": until.rfc3339(), "start_time": since.rfc3339() });
        let answer = self.call(&Method::POST, &url, Some(&span)).await?;
        Page::read(&answer, "events", |entry| Ok((Value::Object(entry.clone()), None)))
    }

    /// An address under `/api/v1`. A parameter with an empty value is left out.
    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.shared.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(["api", "v1"]).extend(path);
        }
        for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            url.query_pairs_mut().append_pair(name, value);
        }
        url
    }

    async fn get(&self, url: Url) -> Result<Answer, Error> {
        self.call(&Method::GET, &url, None).await
    }
}
