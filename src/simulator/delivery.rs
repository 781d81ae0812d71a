//! Sends webhooks over real HTTP as Svix does for Scalekit: up to eight attempts, each signed anew.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{Client, Response, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    delivery_log::{Answer, Attempt, Delivery, Log, State, Totals},
    event::Body,
    fault::{Fault, Faults},
    ksuid,
    payload_variants::disguised,
    signing::Signing,
};
use domain::{id::WebhookId, time::Timestamp};
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{BadSecret, Secret},
};

/// How long after the last failure each attempt is made. This is the schedule that Scalekit
/// documents, which is Svix's own.
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
/// The shortest pause after a 429 or a timeout.
const LEAST_REST: Duration = Duration::from_mins(1);
/// How long one attempt may take; this is the limit of hosted Svix.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);
/// How long a stop waits for attempts in progress.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// The most attempts in progress at the same time.
const MOST_ON_THE_WIRE: u32 = 64;
/// The most undelivered messages: a receiver that is away for a day must not fill our memory.
const MOST_UNDELIVERED: usize = 10_000;
/// How late a message with the fault `late` is sent.
const LATE_BY: Duration = Duration::from_mins(5);
/// How long a message is held back at most, so that another one overtakes it.
const HELD_LIMIT: Duration = Duration::from_secs(5);
/// The age of the timestamp with the fault `old-timestamp`.
const OLD: Duration = Duration::from_mins(10);
/// The pause between two checks whether the receiver answers.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How much of an answer is read, in bytes, so that its connection can be used again.
const MOST_ANSWER_BYTES: usize = 64 * 1_024;

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "“{0}” is not an address to deliver to; it looks like http://127.0.0.1:3000/webhooks/scalekit."
    )]
    Address(String),
    #[error("The simulator’s HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("The simulator could not make a secret of its own: {0}")]
    Secret(#[from] BadSecret),
}

/// Sends messages to one address. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct WebhookSender(Arc<Shared>);

struct Shared {
    to: Url,
    client: Client,
    signing: Mutex<Signing>,
    faults: Faults,
    clock: Clock,
    /// 1 is real time, 0.001 a thousand times faster.
    time_factor: f64,
    log: Mutex<Log>,
    on_the_wire: Semaphore,
    undelivered: Arc<Semaphore>,
    /// How many deliveries have made their first attempt. A message that is held back is sent when
    /// this grows.
    left: watch::Sender<u64>,
    stopped: watch::Sender<bool>,
}

/// One body that is being delivered, under the same `webhook-id` for every attempt.
struct Message {
    id: WebhookId,
    body: Body,
    /// The number of the message in the log.
    number: u64,
    /// The permit that counts the message as undelivered.
    _permit: OwnedSemaphorePermit,
}

impl WebhookSender {
    /// `time_factor` multiplies every wait: 1 is real time. The process must have installed a TLS
    /// provider before.
    pub fn new(
        to: &str,
        secret: Secret,
        clock: Clock,
        time_factor: f64,
        faults: Faults,
    ) -> Result<Self, Error> {
        let to = Url::parse(to)
            .ok()
            .filter(Url::has_host)
            .ok_or_else(|| Error::Address(to.to_owned()))?;
        let agent =
            concat!("Svix-Webhooks/1.0 (seatkeeper simulator ", env!("CARGO_PKG_VERSION"), ")");
        // A redirect is a failure like any other answer that is not 2xx.
        let client = Client::builder()
            .user_agent(agent)
            .redirect(Policy::none())
            .timeout(ATTEMPT_LIMIT)
            .no_proxy()
            .build()?;
        Ok(Self(Arc::new(Shared {
            to,
            client,
            signing: Mutex::new(Signing::new(secret, &clock)?),
            faults,
            clock,
            time_factor: if time_factor.is_finite() {
                time_factor.clamp(0.0, 1_000.0)
            } else {
                1.0
            },
            log: Mutex::default(),
            on_the_wire: Semaphore::new(MOST_ON_THE_WIRE as usize),
            undelivered: Arc::new(Semaphore::new(MOST_UNDELIVERED)),
            left: watch::Sender::new(0),
            stopped: watch::Sender::new(false),
        })))
    }

    /// Makes the first attempt and returns whether it was accepted. Later attempts are made in the
    /// background. A message that is late or held back is also sent in the background.
    pub async fn send(&self, body: Body) -> bool {
        let Shared { faults, undelivered, .. } = &*self.0;
        let id = ksuid::webhook_id(&self.0.clock);
        let number = self.log().open(&id, &body);
        let body = disguised(body, faults, number);
        if faults.hits(Fault::Loss, number) {
            self.log().close(number, State::Lost);
            return false;
        }
        let Ok(permit) = undelivered.clone().try_acquire_owned() else {
            self.log().close(number, State::GivenUp);
            return false;
        };
        let message = Message { id, body, number, _permit: permit };
        let (late, held) = (faults.hits(Fault::Late, number), faults.hits(Fault::Reorder, number));
        if late || held {
            let courier = self.clone();
            tokio::spawn(async move { courier.send_later(message, late).await });
            return false;
        }
        self.deliver(message).await
    }

    /// Sends a message of the log once more, under the same id, as an operator does by hand.
    pub async fn resend(&self, id: &WebhookId) -> bool {
        let Some((number, body)) = self.log().reopen(id) else { return false };
        let Ok(permit) = self.0.undelivered.clone().try_acquire_owned() else { return false };
        self.deliver(Message { id: id.clone(), body, number, _permit: permit }).await
    }

    /// A late message waits for its time; a message that is held back waits until another one is
    /// sent.
    async fn send_later(&self, message: Message, late: bool) {
        let (mut stopped, mut left) = (self.0.stopped.subscribe(), self.0.left.subscribe());
        let wait = async {
            if late {
                tokio::time::sleep(LATE_BY.mul_f64(self.0.time_factor)).await;
            } else {
                let _timed_out: Result<_, _> =
                    tokio::time::timeout(HELD_LIMIT, left.changed()).await;
            }
        };
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => {
                return self.log().close(message.number, State::Stopped);
            }
            () = wait => {}
        }
        self.deliver(message).await;
    }

    async fn deliver(&self, message: Message) -> bool {
        let answer = self.attempt(&message).await;
        self.0.left.send_modify(|left| *left += 1);
        let accepted = answer.is_accepted();
        if accepted {
            if self.0.faults.hits(Fault::Duplicate, message.number) {
                self.attempt(&message).await;
            }
            self.log().close(message.number, State::Delivered);
        } else {
            let courier = self.clone();
            tokio::spawn(async move { courier.send_again(message, answer).await });
        }
        accepted
    }

    /// Makes the attempts after the first.
    async fn send_again(&self, message: Message, mut answer: Answer) {
        let mut stopped = self.0.stopped.subscribe();
        for planned in SCHEDULE.into_iter().skip(1) {
            let pause = pause(self.0.clock.jittered(planned), &answer).mul_f64(self.0.time_factor);
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => {
                    return self.log().close(message.number, State::Stopped);
                }
                () = tokio::time::sleep(pause) => {}
            }
            answer = self.attempt(&message).await;
            if answer.is_accepted() {
                return self.log().close(message.number, State::Delivered);
            }
        }
        self.log().close(message.number, State::GivenUp);
    }

    /// Makes one attempt, with its own timestamp and signature, and records it in the log.
    async fn attempt(&self, message: &Message) -> Answer {
        let Ok(_turn) = self.0.on_the_wire.acquire().await else {
            return Answer::Unreachable("stopped".to_owned());
        };
        if *self.0.stopped.borrow() {
            return Answer::Unreachable("stopped".to_owned());
        }
        let (at, signature) = self.signed(message);
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

    /// The timestamp and the signature of an attempt made now.
    fn signed(&self, message: &Message) -> (Timestamp, String) {
        let Shared { faults, clock, .. } = &*self.0;
        let attempt = self.log().totals().attempts;
        let now = clock.now();
        let at = if faults.hits(Fault::OldTimestamp, attempt) { now.minus(OLD) } else { now };
        let (signing, body) = (self.signing(), &message.body.json);
        if faults.hits(Fault::WrongSecret, attempt) {
            return (at, signing.sign_wrongly(&message.id, at, body));
        }
        (at, signing.sign(&message.id, at, body, now))
    }

    /// Adds secrets that the receiver knows too, for later rotations.
    pub(super) fn add_secrets(&self, spare: impl IntoIterator<Item = Secret>) {
        self.signing().add(spare);
    }

    /// Changes to the next secret; returns it as text if it is new and the receiver must be given
    /// it.
    pub(super) fn rotate_secret(&self) -> Result<Option<String>, BadSecret> {
        self.signing().rotate(&self.0.clock, self.0.time_factor)
    }

    /// Until when two secrets sign; `None` if only one signs.
    pub(super) fn overlaps_until(&self) -> Option<Timestamp> {
        self.signing().overlaps_until(self.0.clock.now())
    }

    /// Returns when the receiver answers, whatever the answer is.
    pub(super) async fn wait_for_receiver(&self) {
        while self.0.client.get(self.0.to.clone()).send().await.is_err() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The last thousand deliveries, the newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.log().newest_first()
    }

    pub fn totals(&self) -> Totals {
        self.log().totals()
    }

    /// Makes no more attempts. Those in progress have a few seconds to end.
    pub async fn stop(&self) {
        self.0.stopped.send_replace(true);
        // If all permits are free, no attempt is in progress.
        let quiet = self.0.on_the_wire.acquire_many(MOST_ON_THE_WIRE);
        let _late: Result<_, _> = tokio::time::timeout(STOP_LIMIT, quiet).await;
    }

    fn signing(&self) -> MutexGuard<'_, Signing> {
        self.0.signing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the status and `Retry-After` of an answer. Its body does not matter, but a part of it is
/// read so that the connection stays open.
async fn read_answer(mut response: Response) -> Answer {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let answer = Answer::Status {
        code: response.status().as_u16(),
        retry_after: seconds.map(Duration::from_secs),
    };
    let mut read = 0;
    while let Ok(Some(piece)) = response.chunk().await {
        read += piece.len();
        if read > MOST_ANSWER_BYTES {
            break;
        }
    }
    answer
}

/// How long to wait after this answer if `planned` was planned: a `Retry-After` counts up to twice
/// that time.
fn pause(planned: Duration, answer: &Answer) -> Duration {
    let least = match answer {
        Answer::TimedOut => LEAST_REST,
        Answer::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() => {
            LEAST_REST
        }
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
        assert_eq!(
            SCHEDULE.iter().sum::<Duration>(),
            Duration::from_hours(27) + Duration::from_mins(35) + Duration::from_secs(5)
        );
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it() {
        let five = Duration::from_secs(5);
        let status = |code, seconds: Option<u64>| Answer::Status {
            code,
            retry_after: seconds.map(Duration::from_secs),
        };
        assert_eq!(pause(five, &status(500, None)), five);
        assert_eq!(pause(five, &status(503, Some(7))), Duration::from_secs(7));
        assert_eq!(pause(five, &status(503, Some(3_600))), five * 2);
        assert_eq!(pause(five, &status(503, Some(1))), five);
        assert_eq!(pause(five, &status(429, None)), LEAST_REST);
        assert_eq!(pause(five, &Answer::TimedOut), LEAST_REST);
        assert_eq!(pause(SCHEDULE[3], &Answer::Unreachable(String::new())), SCHEDULE[3]);
    }
}
