//! Sends webhooks as Svix does for Scalekit: signed anew for each attempt, up to eight times, over real HTTP.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{Client, Response, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    delivery_log::{Answer, Attempt, Delivery, Log, State, Totals},
    event::Body,
    ksuid,
};
use crate::{
    clock::Clock,
    domain::id::WebhookId,
    scalekit::signature::{self, Secret},
};

/// How long after the last failure each attempt is made (CONTRACT: the documented schedule, which is Svix's own).
pub const SCHEDULE: [Duration; 8] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];
/// Whoever says "too many" or does not answer in time is left alone at least this long.
const LEAST_REST: Duration = Duration::from_mins(1);
/// How long one attempt may take; Svix's hosted limit.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);
/// How long a stop waits for attempts already on the wire.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Attempts on the wire at once.
const MOST_ON_THE_WIRE: u32 = 64;
/// Messages not delivered yet, at most; a receiver that is away for a day must not fill our memory.
const MOST_UNDELIVERED: usize = 10_000;
/// As much of an answer as is read, in bytes, so that its connection can be used again.
const MOST_ANSWER_BYTES: usize = 64 * 1_024;

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("“{0}” is not an address to deliver to; it looks like http://127.0.0.1:3000/webhooks/scalekit.")]
    Address(String),
    #[error("The simulator’s HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// Brings messages to one address. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Courier(Arc<Shared>);

struct Shared {
    to: Url,
    client: Client,
    secret: Secret,
    clock: Clock,
    /// 1 is real time, 0.001 a thousand times faster.
    time_factor: f64,
    log: Mutex<Log>,
    on_the_wire: Semaphore,
    undelivered: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
}

/// One body on its way, under the same `webhook-id` for every attempt.
struct Message {
    id: WebhookId,
    body: Body,
    /// Its number in the log.
    number: u64,
    /// Its place among the undelivered.
    _place: OwnedSemaphorePermit,
}

impl Courier {
    /// `time_factor` shortens every wait: 1 is real time. The process has installed a TLS provider before.
    pub fn new(to: &str, secret: Secret, clock: Clock, time_factor: f64) -> Result<Self, Error> {
        let to = Url::parse(to).ok().filter(Url::has_host).ok_or_else(|| Error::Address(to.to_owned()))?;
        let agent = concat!("Svix-Webhooks/1.0 (seatkeeper simulator ", env!("CARGO_PKG_VERSION"), ")");
        // A redirect is a failure like any other answer that is not 2xx.
        let client = Client::builder().user_agent(agent).redirect(Policy::none()).timeout(ATTEMPT_LIMIT).no_proxy().build()?;
        Ok(Self(Arc::new(Shared {
            to,
            client,
            secret,
            clock,
            time_factor: if time_factor.is_finite() { time_factor.clamp(0.0, 1_000.0) } else { 1.0 },
            log: Mutex::default(),
            on_the_wire: Semaphore::new(MOST_ON_THE_WIRE as usize),
            undelivered: Arc::new(Semaphore::new(MOST_UNDELIVERED)),
            stopped: watch::Sender::new(false),
        })))
    }

    /// Makes the first attempt and says whether it was accepted. Later attempts are made in the background.
    pub async fn send(&self, body: Body) -> bool {
        let id = ksuid::webhook_id(&self.0.clock);
        let number = self.log().open(&id, &body);
        let Ok(place) = self.0.undelivered.clone().try_acquire_owned() else {
            self.log().close(number, State::GivenUp);
            return false;
        };
        let message = Message { id, body, number, _place: place };
        let answer = self.attempt(&message).await;
        let accepted = answer.is_accepted();
        if accepted {
            self.log().close(number, State::Delivered);
        } else {
            let courier = self.clone();
            tokio::spawn(async move { courier.send_again(message, answer).await });
        }
        accepted
    }

    /// The attempts after the first.
    async fn send_again(&self, message: Message, mut answer: Answer) {
        let mut stopped = self.0.stopped.subscribe();
        for planned in SCHEDULE.into_iter().skip(1) {
            let pause = pause(self.0.clock.jittered(planned), &answer).mul_f64(self.0.time_factor);
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return self.log().close(message.number, State::Stopped),
                () = tokio::time::sleep(pause) => {}
            }
            answer = self.attempt(&message).await;
            if answer.is_accepted() {
                return self.log().close(message.number, State::Delivered);
            }
        }
        self.log().close(message.number, State::GivenUp);
    }

    /// One attempt, with its own timestamp and signature, written down.
    async fn attempt(&self, message: &Message) -> Answer {
        let Ok(_turn) = self.0.on_the_wire.acquire().await else { return Answer::Unreachable("stopped".to_owned()) };
        if *self.0.stopped.borrow() {
            return Answer::Unreachable("stopped".to_owned());
        }
        let at = self.0.clock.now();
        let signature = signature::sign(&self.0.secret, &message.id, at.seconds(), &message.body.json);
        let request = self.0.client.post(self.0.to.clone());
        let request = request
            .header("content-type", "application/json")
            .header("webhook-id", message.id.as_str())
            .header("webhook-timestamp", at.seconds())
            .header("webhook-signature", signature)
            .body(message.body.json.clone());
        let answer = match request.send().await {
            Ok(response) => read_answer(response).await,
            Err(error) if error.is_timeout() => Answer::TimedOut,
            Err(error) => Answer::Unreachable(error.without_url().to_string()),
        };
        self.log().attempt(message.number, Attempt { at, answer: answer.clone() });
        answer
    }

    /// The last thousand deliveries, the newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.log().newest_first()
    }

    pub fn totals(&self) -> Totals {
        self.log().totals()
    }

    /// No more attempts. Those on the wire are waited for, a few seconds at most.
    pub async fn stop(&self) {
        self.0.stopped.send_replace(true);
        // Having all turns means that nobody has one.
        let quiet = self.0.on_the_wire.acquire_many(MOST_ON_THE_WIRE);
        let _late: Result<_, _> = tokio::time::timeout(STOP_LIMIT, quiet).await;
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a receiver's answer means. Its body is of no interest, but read a little way, so that the connection stays open.
async fn read_answer(mut response: Response) -> Answer {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let answer = Answer::Status { code: response.status().as_u16(), retry_after: seconds.map(Duration::from_secs) };
    let mut read = 0;
    while let Ok(Some(piece)) = response.chunk().await {
        read += piece.len();
        if read > MOST_ANSWER_BYTES {
            break;
        }
    }
    answer
}

/// How long to wait after such an answer, when so much was planned: a `Retry-After` counts up to twice the plan.
fn pause(planned: Duration, answer: &Answer) -> Duration {
    let least = match answer {
        Answer::TimedOut => LEAST_REST,
        Answer::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() => LEAST_REST,
        _ => Duration::ZERO,
    };
    let asked = match answer {
        Answer::Status { retry_after: Some(span), .. } => (*span).min(planned * 2),
        _ => Duration::ZERO,
    };
    planned.max(least).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_takes_more_than_a_day() {
        assert_eq!(SCHEDULE.iter().sum::<Duration>(), Duration::from_hours(27) + Duration::from_mins(35) + Duration::from_secs(5));
    }

    #[test]
    fn whoever_asks_for_time_gets_some() {
        let five = Duration::from_secs(5);
        let status = |code, seconds: Option<u64>| Answer::Status { code, retry_after: seconds.map(Duration::from_secs) };
        assert_eq!(pause(five, &status(500, None)), five);
        assert_eq!(pause(five, &status(503, Some(7))), Duration::from_secs(7));
        assert_eq!(pause(five, &status(503, Some(3_600))), five * 2);
        assert_eq!(pause(five, &status(503, Some(1))), five);
        assert_eq!(pause(five, &status(429, None)), LEAST_REST);
        assert_eq!(pause(five, &Answer::TimedOut), LEAST_REST);
        assert_eq!(pause(SCHEDULE[3], &Answer::Unreachable(String::new())), SCHEDULE[3]);
    }
}
