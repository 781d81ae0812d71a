//! What the product asks Seatkeeper: over HTTP, with its API key.

use std::time::Duration;

use domain::text;
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use seatkeeper::clock::Clock;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// How long a person who signs in waits for the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many people with a seat, and how many who wait, the page suggests.
const SUGGESTED: &str = "4";
/// The most organizations of one answer.
const ORGANIZATIONS: &str = "500";

pub(super) struct Seatkeeper {
    http: Client,
    url: Url,
    key: String,
    clock: Clock,
}

/// A question and its answer, as they were on the wire.
pub(super) struct Exchange {
    pub request: String,
    /// `200 OK in 3 ms`, or why there is no answer.
    pub outcome: String,
    pub body: String,
    is_ok: bool,
}

impl Exchange {
    /// What the answer says; `None` if it is a refusal, or no answer.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.body).ok().filter(|_| self.is_ok)
    }

    /// The body for a reader: one member on each line, and every character visible.
    pub fn shown(&self) -> String {
        shown(&self.body)
    }
}

/// JSON for a reader, in the order in which it came.
pub(super) fn shown(body: &str) -> String {
    let spread = serde_json::from_str::<Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned());
    text::lines(&spread)
}

/// Whether a person is allowed in.
#[derive(Debug, Deserialize)]
pub(super) struct Access {
    pub allowed: bool,
    pub state: String,
    pub reason: String,
    pub position: Option<i64>,
    pub roles: Vec<String>,
    /// The directory-user id; `None`: the directory has named no such person.
    pub user: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub id: String,
    pub name: String,
    /// A number, `"unlimited"`, or null.
    seat_limit: Value,
    used_seats: i64,
    waiting: i64,
}

impl Customer {
    /// Whether people wait, and the first of them gets in as soon as another one leaves.
    pub fn is_full(&self) -> bool {
        self.waiting > 0 && self.used_seats > 0 && self.seat_limit.as_i64() == Some(self.used_seats)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Person {
    /// In a list.
    pub user: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

impl Seatkeeper {
    pub fn new(url: Url, key: String, clock: Clock) -> reqwest::Result<Self> {
        let http = Client::builder()
            .user_agent("inkpot/1.0")
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .no_proxy()
            .build()?;
        Ok(Self { http, url, key, clock })
    }

    /// The question of each sign-in.
    pub async fn access(&self, organization: &str, user: &str) -> Exchange {
        self.get(&["organizations", organization, "access"], &[("user", user)]).await
    }

    /// The name of a person.
    pub async fn name(&self, organization: &str, user: &str) -> Option<String> {
        let person = self.get(&["organizations", organization, "people", user], &[]).await;
        person.read::<Person>()?.name
    }

    /// In order of name. The error is what went wrong.
    pub async fn customers(&self) -> Result<Vec<Customer>, Exchange> {
        let answer = self.get(&["organizations"], &[("limit", ORGANIZATIONS)]).await;
        answer.read::<Items<Customer>>().map(|list| list.items).ok_or(answer)
    }

    /// Some people with a seat.
    pub async fn seated(&self, organization: &str) -> Vec<Person> {
        let query = [("state", "provisioned"), ("limit", SUGGESTED)];
        self.people(&["organizations", organization, "people"], &query).await
    }

    /// The next people of the waitlist.
    pub async fn waiting(&self, organization: &str) -> Vec<Person> {
        let query = [("limit", SUGGESTED)];
        self.people(&["organizations", organization, "waitlist"], &query).await
    }

    async fn people(&self, path: &[&str], query: &[(&str, &str)]) -> Vec<Person> {
        let answer = self.get(path, query).await;
        answer.read::<Items<Person>>().map(|list| list.items).unwrap_or_default()
    }

    async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Exchange {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = request_lines(&url);
        let asked = self.clock.monotonic();
        let answer = self.answer(url).await;
        let took = self.clock.monotonic().since(asked).as_millis();
        match answer {
            Ok((status, body)) => Exchange {
                request,
                outcome: format!("{status} in {took} ms"),
                body,
                is_ok: status == StatusCode::OK,
            },
            Err(error) => {
                let outcome = format!("No answer: {}", error.without_url());
                Exchange { request, outcome, body: String::new(), is_ok: false }
            }
        }
    }

    async fn answer(&self, url: Url) -> reqwest::Result<(StatusCode, String)> {
        let answer = self.http.get(url).bearer_auth(&self.key).send().await?;
        Ok((answer.status(), answer.text().await?))
    }
}

/// The request without its secret.
fn request_lines(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    format!("GET {}{query}\nHost: {host}\nAuthorization: Bearer sk_…", url.path())
}
