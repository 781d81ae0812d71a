//! Scalekit's Directory API as far as we use it. One token for everybody, a time limit for each call, and patience that is
//! bounded: what fails is tried again a few times, with longer and longer pauses, as long as most calls succeed.

mod answers;
mod error;
mod moment;
mod paging;
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
use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;
use tracing::warn;

use self::{answers::Answer, token::Token};
pub use self::{
    answers::{Directory, Group, Organization, Page},
    error::Error,
    paging::{Ending, Paging},
    token::Credentials,
};
use crate::{
    clock::Clock,
    domain::{
        event::UserNews,
        id::{DirectoryId, OrganizationId},
        time::Timestamp,
    },
};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);
/// How often one call is made, and the first pause; it doubles.
const TRIES: u32 = 6;
const SHORTEST: Duration = Duration::from_millis(250);
/// Whoever asks us to come later than this has us come then.
const LONGEST: Duration = Duration::from_mins(1);
/// Repetitions in hand; each call that succeeds gives a part of one back.
const BUDGET: f64 = 40.0;
const EARNED: f64 = 0.2;
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 16 << 20;
/// The most the API allows for people and groups, and for events.
const PAGE: &str = "30";
const EVENTS: &str = "100";

/// Cheap to clone; clones share the token, the connections and the patience.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    calls: Arc<AtomicI64>,
}

struct Shared {
    http: reqwest::Client,
    base: Url,
    credentials: Credentials,
    clock: Clock,
    token: AsyncMutex<Option<Token>>,
    budget: Mutex<f64>,
}

/// What came back of one request.
struct Received {
    status: StatusCode,
    body: Vec<u8>,
    /// How long it asks us to wait.
    after: Option<Duration>,
    asked_at: Timestamp,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, {:?})", self.shared.base, self.shared.credentials)
    }
}

impl Client {
    /// `environment` is `https://acme.scalekit.com`. The process has installed a TLS provider before.
    pub fn new(environment: &str, credentials: Credentials, clock: Clock) -> Result<Self, Error> {
        let base = Url::parse(environment).ok().filter(|url| url.has_host() && !url.cannot_be_a_base());
        let base = base.ok_or_else(|| Error::surprise(format!("“{environment}” is not an address")))?;
        let agent = concat!("seatkeeper/", env!("CARGO_PKG_VERSION"));
        let http = reqwest::Client::builder().user_agent(agent).redirect(Policy::none()).timeout(CALL).connect_timeout(CONNECT);
        let http = http.tcp_nodelay(true).build().map_err(|error| Error::silence(&error))?;
        let (token, budget) = (AsyncMutex::new(None), Mutex::new(BUDGET));
        Ok(Self { shared: Arc::new(Shared { http, base, credentials, clock, token, budget }), calls: Arc::default() })
    }

    /// The same client with a count of its own.
    #[must_use]
    pub fn counting(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), calls: Arc::default() }
    }

    /// How many calls were made since it counts, repetitions and tokens included.
    pub fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub async fn organizations(&self, token: Option<&str>) -> Result<Page<Organization>, Error> {
        let url = self.url(&["organizations"], &[("page_size", "100"), ("page_token", token.unwrap_or_default())]);
        Page::read(&self.get(url).await?, "organizations", answers::organization)
    }

    pub async fn organization(&self, organization: &OrganizationId) -> Result<Organization, Error> {
        let answer = self.get(self.url(&["organizations", organization.as_str()], &[])).await?;
        answers::one_organization(organization, &answer)
    }

    /// Everything Scalekit connects this organization to; all on one page.
    pub async fn directories(&self, organization: &OrganizationId) -> Result<Page<Directory>, Error> {
        let url = self.url(&["organizations", organization.as_str(), "directories"], &[]);
        Page::read(&self.get(url).await?, "directories", answers::directory)
    }

    /// A page of people, with everything that is known of each: without it whoever is switched off could not be told apart.
    pub async fn users(
        &self,
        organization: &OrganizationId,
        directory: &DirectoryId,
        token: Option<&str>,
    ) -> Result<Page<UserNews>, Error> {
        let query = [("page_size", PAGE), ("include_detail", "true"), ("page_token", token.unwrap_or_default())];
        let path = ["organizations", organization.as_str(), "directories", directory.as_str(), "users"];
        Page::read(&self.get(self.url(&path, &query)).await?, "users", |entry| answers::user(organization, entry))
    }

    pub async fn groups(&self, organization: &OrganizationId, directory: &DirectoryId, token: Option<&str>) -> Result<Page<Group>, Error> {
        let query = [("page_size", PAGE), ("page_token", token.unwrap_or_default())];
        let path = ["organizations", organization.as_str(), "directories", directory.as_str(), "groups"];
        Page::read(&self.get(self.url(&path, &query)).await?, "groups", answers::group)
    }

    /// The event log from one moment to another, the newest first; each as the webhook's body was.
    pub async fn events(&self, (since, until): (Timestamp, Timestamp), token: Option<&str>) -> Result<Page<Value>, Error> {
        let url = self.url(&["events", "paginated"], &[("page_size", EVENTS), ("page_token", token.unwrap_or_default())]);
        let span = json!({ "start_time": since.rfc3339(), "end_time": until.rfc3339() });
        let answer = self.call(&Method::POST, &url, Some(&span)).await?;
        Page::read(&answer, "events", |entry| Ok(Value::Object(entry.clone())))
    }

    /// Under `/api/v1`; a parameter without a value is left out.
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

    /// One call, with as many tries as patience allows. Whoever is turned away with an old token tries once with a new one.
    async fn call(&self, method: &Method, url: &Url, body: Option<&Value>) -> Result<Answer, Error> {
        let mut token = self.token(None).await?;
        let mut was_renewed = false;
        let mut tries = 1;
        loop {
            let mut request = self.shared.http.request(method.clone(), url.clone()).bearer_auth(&token.text);
            if let Some(body) = body {
                request = request.json(body);
            }
            let trouble = match self.send(request).await {
                Ok(Received { status: StatusCode::OK, body, asked_at, .. }) => {
                    self.earn();
                    let body = serde_json::from_slice(&body).map_err(|_| Error::surprise("it is not JSON"))?;
                    return Ok(Answer { body, asked_at });
                }
                Ok(Received { status: StatusCode::UNAUTHORIZED, .. }) if !was_renewed => {
                    was_renewed = true;
                    token = self.token(Some(token.number)).await?;
                    continue;
                }
                Ok(received) => (Error::of_answer(received.status.as_u16(), &received.body, false), received.after),
                Err(error) => (error, None),
            };
            self.rest(trouble, tries).await?;
            tries += 1;
        }
    }

    /// The token in use, or a new one if there is none, it ends soon, or it is the one that was `refused`.
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
            let request = self.shared.http.post(url.clone()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let trouble = match self.send(request.body(self.shared.credentials.form())).await {
                Ok(Received { status: StatusCode::OK, body, .. }) => {
                    let token = Token::read(&body, number, self.shared.clock.now())?;
                    return Ok(kept.insert(token).clone());
                }
                Ok(received) => (Error::of_answer(received.status.as_u16(), &received.body, true), received.after),
                Err(error) => (error, None),
            };
            self.rest(trouble, tries).await?;
            tries += 1;
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Received, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let asked = self.shared.clock.now();
        let mut response = request.send().await.map_err(|error| Error::silence(&error))?;
        let (status, after) = (response.status(), retry_after(response.headers()));
        let asked_at = moment::asked_at((asked, self.shared.clock.now()), response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Error::silence(&error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(Error::surprise("it is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status, body, after, asked_at })
    }

    /// Waits before the next try, or gives the error back where another try makes no sense.
    async fn rest(&self, (error, after): (Error, Option<Duration>), tries: u32) -> Result<(), Error> {
        let may = matches!(error, Error::Unreachable { .. }) && tries < TRIES && self.spend();
        if !may {
            return Err(error);
        }
        let pause = after.unwrap_or_else(|| self.shared.clock.jittered(SHORTEST * 2_u32.pow(tries - 1))).min(LONGEST);
        warn!(code = error.code(), tries, ?pause, "Scalekit: trying again");
        self.shared.clock.rest(pause).await;
        Ok(())
    }

    fn earn(&self) {
        let mut budget = self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner);
        *budget = (*budget + EARNED).min(BUDGET);
    }

    /// Takes one repetition, if there is one in hand.
    fn spend(&self) -> bool {
        let mut budget = self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let may = *budget >= 1.0;
        *budget -= if may { 1.0 } else { 0.0 };
        may
    }
}

/// `Retry-After` in seconds. Its other form, a date, is nothing we could compare with a clock that is not ours.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
