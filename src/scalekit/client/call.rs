//! One call of the API: the token, the pace, the tries and the retry budget.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use reqwest::{Method, RequestBuilder, StatusCode, Url, header};
use serde_json::Value;
use tracing::warn;

use super::{
    Client, answers::Answer, error::Error, json, moment, pacing::LONGEST, retry_after::retry_after,
    token::Token,
};
use crate::domain::{
    resync::{WaitCause, WaitingFor},
    time::Timestamp,
};

/// The most tries of one call. The pause before the first retry is about `SHORTEST`; it doubles
/// with each retry.
const TRIES: u32 = 6;
const SHORTEST: Duration = Duration::from_millis(250);
/// The retry budget, which all clones share. Each successful API call fills it up again, so a
/// caller that makes progress can continue.
pub(super) const BUDGET: u32 = 40;
/// The most tries of a call whose answer is not JSON: a part may have been lost on the way, or a
/// proxy may have answered.
const READS: u32 = 3;
/// A wait of at least this length is published through [`Client::waiting`].
const SHOWN: Duration = Duration::from_secs(3);
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 16 << 20;

impl Client {
    /// Makes one call, with as many tries as the limits allow. After an answer of 401 it tries once
    /// more with a new token.
    pub(super) async fn call(
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
