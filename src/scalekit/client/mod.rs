//! A client for the part of Scalekit's Directory API that we use. All callers share one token, each
//! call has a time limit, and a call that fails is retried a few times with growing pauses, until
//! the shared retry budget is used up.

mod answers;
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
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, RequestBuilder, StatusCode, Url, header, redirect::Policy};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tracing::warn;

use self::{
    answers::Answer,
    pacing::{LONGEST, Pacing},
    retry_after::retry_after,
    token::Token,
};
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
        resync::{WaitCause, WaitingFor},
        time::Timestamp,
    },
};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);
/// The most tries of one call. The pause before the first retry is about `SHORTEST`; it doubles
/// with each retry.
const TRIES: u32 = 6;
const SHORTEST: Duration = Duration::from_millis(250);
/// The retry budget, which all clones share. Each successful API call fills it up again, so a
/// caller that makes progress can continue.
const BUDGET: u32 = 40;
/// The most tries of a call whose answer is not JSON: a part may have been lost on the way, or a
/// proxy may have answered.
const READS: u32 = 3;
/// A wait of at least this length is published through [`Client::waiting`].
const SHOWN: Duration = Duration::from_secs(3);
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 16 << 20;
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

/// The answer to one request.
struct Received {
    status: StatusCode,
    body: Vec<u8>,
    /// How long Scalekit asks us to wait.
    after: Option<Duration>,
    asked_at: Timestamp,
    /// Whether the answer has no `Content-Encoding` header.
    is_plain: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, {:?})", self.shared.base, self.shared.credentials)
    }
}

impl Client {
    /// `environment` is an address, for example `https://acme.scalekit.com`. The process must have
    /// installed a TLS provider before.
    pub fn new(environment: &str, credentials: Credentials, clock: Clock) -> Result<Self, Error> {
        let base =
            Url::parse(environment).ok().filter(|url| url.has_host() && !url.cannot_be_a_base());
        let base =
            base.ok_or_else(|| Error::surprise(format!("“{environment}” is not an address")))?;
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
            serde_json::json!({ "start_time": since.rfc3339(), "end_time": until.rfc3339() });
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

    /// Makes one call, with as many tries as the limits allow. After an answer of 401 it tries once
    /// more with a new token.
    async fn call(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let mut token = self.token(None).await?;
        let mut was_renewed = false;
        let mut tries = 1;
        loop {
            let mut request =
                self.shared.http.request(method.clone(), url.clone()).bearer_auth(&token.text);
            if let Some(body) = body {
                request = request.json(body);
            }
            let trouble = match self.send(request).await {
                Ok(Received { status: StatusCode::OK, body, asked_at, is_plain, .. }) => {
                    match json::read(&body) {
                        Some(body) => {
                            self.succeeded();
                            return Ok(Answer { body, asked_at });
                        }
                        None if tries >= READS => return Err(unreadable(is_plain)),
                        None => Trouble { error: unreadable(is_plain), after: None },
                    }
                }
                Ok(Received { status: StatusCode::UNAUTHORIZED, .. }) if !was_renewed => {
                    was_renewed = true;
                    token = self.token(Some(token.number)).await?;
                    continue;
                }
                Ok(received) => {
                    let error = Error::of_answer(received.status.as_u16(), &received.body, false);
                    Trouble { error, after: received.after }
                }
                Err(error) => Trouble { error, after: None },
            };
            tries += u32::from(self.rest(trouble, tries).await?);
        }
    }

    /// Returns the token in use. A new one is fetched if there is none, if it expires soon, or if
    /// it is the one that was `refused`.
    async fn token(&self, refused: Option<u64>) -> Result<Token, Error> {
        let mut kept = self.shared.token.lock().await;
        if let Some(token) = kept.as_ref()
            && Some(token.number) != refused
            && token.is_good(self.shared.clock.now())
        {
            return Ok(token.clone());
        }
        let number = kept.as_ref().map_or(0, |token| token.number) + 1;
        let mut url = self.shared.base.clone();
        url.set_path("/oauth/token");
        let mut tries = 1;
        loop {
            let request = self
                .shared
                .http
                .post(url.clone())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let trouble = match self.send(request.body(self.shared.credentials.form())).await {
                Ok(Received { status: StatusCode::OK, body, .. }) => {
                    match Token::read(&body, number, self.shared.clock.now()) {
                        Ok(token) => {
                            self.shared.pacing.succeeded(self.shared.clock.monotonic());
                            return Ok(kept.insert(token).clone());
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(received) => {
                    let error = Error::of_answer(received.status.as_u16(), &received.body, true);
                    Trouble { error, after: received.after }
                }
                Err(error) => Trouble { error, after: None },
            };
            tries += u32::from(self.rest(trouble, tries).await?);
        }
    }

    /// Waits until the pace allows the next call.
    async fn take_turn(&self) {
        let (clock, pacing) = (&self.shared.clock, &self.shared.pacing);
        loop {
            let closed = pacing.closed_for(clock.monotonic());
            if !closed.is_zero() {
                self.wait(WaitCause::RateLimit, closed).await;
                continue;
            }
            let turn = pacing.turn(clock.monotonic());
            if !turn.is_zero() {
                self.wait(WaitCause::RateLimit, turn).await;
            }
            if pacing.closed_for(clock.monotonic()).is_zero() {
                return;
            }
        }
    }

    /// Waits for `span`, and publishes a long wait through `waiting`.
    async fn wait(&self, cause: WaitCause, span: Duration) {
        let clock = &self.shared.clock;
        if span >= SHOWN {
            self.waiting.send_replace(Some(WaitingFor { cause, until: clock.now().plus(span) }));
        }
        clock.rest(span).await;
        if span >= SHOWN {
            self.waiting.send_replace(None);
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Received, Error> {
        self.take_turn().await;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let asked = self.shared.clock.now();
        let mut response = request.send().await.map_err(|error| Error::silence(&error))?;
        let answered = self.shared.clock.now();
        let (status, after) = (response.status(), retry_after(response.headers(), answered));
        let asked_at = moment::asked_at((asked, answered), response.headers());
        let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Error::silence(&error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(Error::surprise("it is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status, body, after, asked_at, is_plain })
    }

    /// Waits before the next try, or returns the error if another try makes no sense. Returns
    /// whether the failed try counts: a refusal because of too many calls does not count, until the
    /// pacing gives up.
    async fn rest(&self, Trouble { error, after }: Trouble, tries: u32) -> Result<bool, Error> {
        let (clock, pacing) = (&self.shared.clock, &self.shared.pacing);
        if error.is_rate_limit() {
            let Some(away) = pacing.refused(clock.monotonic(), after) else {
                return Err(error.for_an_hour());
            };
            warn!(code = error.code(), ?away, "Scalekit: too many calls; asking again later");
            return Ok(false); // `take_turn` waits before the next try
        }
        if !(error.is_passing() && tries < TRIES && self.spend()) {
            return Err(error);
        }
        let pause =
            after.unwrap_or_else(|| clock.jittered(SHORTEST * 2_u32.pow(tries - 1))).min(LONGEST);
        warn!(code = error.code(), tries, ?pause, "Scalekit: trying again");
        self.wait(WaitCause::Unavailable, pause).await;
        Ok(true)
    }

    fn succeeded(&self) {
        *self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner) = BUDGET;
        self.shared.pacing.succeeded(self.shared.clock.monotonic());
    }

    /// Takes one retry from the budget; returns whether there was one.
    fn spend(&self) -> bool {
        let mut budget = self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let may = *budget > 0;
        *budget -= u32::from(may);
        may
    }
}

/// Why a call failed, and how long Scalekit asks us to wait.
struct Trouble {
    error: Error,
    after: Option<Duration>,
}

fn unreadable(is_plain: bool) -> Error {
    Error::surprise(if is_plain {
        "it is not JSON"
    } else {
        "it is compressed, although Seatkeeper did not ask for that"
    })
}
