//! Deliveries that are recorded as acknowledged or not, so that the others can be sent again after
//! a crash. People join a few organizations, and every fourth delivery says that the person before
//! has left. The expected result follows from how many deliveries were sent.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{ANSWER_LIMIT, BadLoad, connection::Target, exchange, message::Messages};
use domain::time::Timestamp;
use seatkeeper::{
    clock::{Clock, Stopwatch},
    scalekit::signature::Secret,
};

/// How long a sender waits before it tries again.
const REST: Duration = Duration::from_millis(20);
/// One in this many deliveries is sent twice, as if its answer had been lost.
const REPEATED: u64 = 16;
/// One in this many deliveries says that the person before has left.
const LEAVES: u64 = 4;

/// What was sent, and what is not acknowledged yet.
#[derive(Debug)]
pub struct Drill {
    target: Target,
    secret: Secret,
    clock: Clock,
    organizations: u64,
    since: Timestamp,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// The number of the next new delivery.
    next: u64,
    /// The deliveries that were sent but not acknowledged; they are sent again first.
    open: VecDeque<u64>,
    acknowledged: u64,
    answers: u64,
    put_off: u64,
    unanswered: u64,
}

/// The counts so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrillCounts {
    /// Different deliveries sent, each at least once.
    pub sent: u64,
    /// How many of them were answered 200.
    pub acknowledged: u64,
    /// Answers with status 200, including those to repeated deliveries.
    pub answers: u64,
    /// Answers with status 503.
    pub put_off: u64,
    /// Attempts with any other answer, or with none.
    pub unanswered: u64,
}

impl Drill {
    pub fn new(
        to: &str,
        secret: Secret,
        clock: Clock,
        organizations: u64,
    ) -> Result<Self, BadLoad> {
        let target = Target::parse(to).ok_or_else(|| BadLoad::Address(to.to_owned()))?;
        if organizations == 0 {
            return Err(BadLoad::Organizations);
        }
        let since = clock.now();
        Ok(Self { target, secret, clock, organizations, since, book: Mutex::default() })
    }

    pub fn counts(&self) -> DrillCounts {
        let book = self.book();
        let Book { next, acknowledged, answers, put_off, unanswered, .. } = *book;
        DrillCounts { sent: next, acknowledged, answers, put_off, unanswered }
    }

    /// How many people want a seat in an organization once everything that was sent has arrived.
    pub fn wanted(&self, organization: u64) -> u64 {
        let sent = self.counts().sent;
        let of = |n: u64| n % self.organizations == organization;
        let joined = (0..sent).filter(|n| n % LEAVES != LEAVES - 1 && of(*n)).count();
        let left = (0..sent).filter(|n| n % LEAVES == LEAVES - 1 && of(n - 1)).count();
        (joined - left) as u64
    }

    /// Sends deliveries one after the other until `stop` is true, each on its own connection.
    pub async fn send(&self, stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let number = self.take_next();
            self.deliver(number).await;
        }
    }

    /// Sends one delivery on its own connection; returns how long that took if it was acknowledged.
    pub async fn send_one(&self) -> Option<Duration> {
        let (number, began) = (self.take_next(), Stopwatch::start());
        self.deliver(number).await.then(|| began.elapsed())
    }

    /// Sends every delivery that is not acknowledged again, until it is acknowledged.
    pub async fn send_the_rest(&self) {
        while let Some(number) = { self.book().open.pop_front() } {
            self.deliver(number).await;
        }
    }

    fn take_next(&self) -> u64 {
        let mut book = self.book();
        if let Some(number) = book.open.pop_front() {
            return number;
        }
        book.next += 1;
        book.next - 1
    }

    async fn deliver(&self, number: u64) -> bool {
        let mut connection = None;
        let mut is_acknowledged = false;
        let times = if number.is_multiple_of(REPEATED) { 2 } else { 1 };
        for _ in 0..times {
            let request = self.request(number);
            let answered =
                timeout(ANSWER_LIMIT, exchange(&mut connection, &self.target, &request)).await;
            let mut book = self.book();
            match answered {
                Ok(Ok(200)) => {
                    is_acknowledged = true;
                    book.answers += 1;
                }
                Ok(Ok(503)) => book.put_off += 1,
                _ => book.unanswered += 1,
            }
        }
        self.note(number, is_acknowledged);
        if !is_acknowledged {
            sleep(REST).await;
        }
        is_acknowledged
    }

    fn note(&self, number: u64, is_acknowledged: bool) {
        let mut book = self.book();
        if is_acknowledged {
            book.acknowledged += 1;
        } else {
            book.open.push_back(number);
        }
    }

    /// The request of a delivery: the body is the same each time, the signature is new. Each
    /// delivery has its own event time.
    fn request(&self, number: u64) -> Vec<u8> {
        let at = Timestamp::from_nanos(
            self.since.nanos().saturating_add(i64::try_from(number).unwrap_or(i64::MAX)),
        );
        let mut messages = Messages::new(self.organizations, 0.0);
        let leaves = (number % LEAVES == LEAVES - 1).then(|| number - 1);
        messages
            .told_at(number, leaves, at, (&self.target, &self.secret, self.clock.now()))
            .to_vec()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
