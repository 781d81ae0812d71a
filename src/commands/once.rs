//! A call of the API that its client may send twice is done once: the client names it, and the
//! answer is kept for a day.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub use crate::store::idempotency_keys::KeptAnswer;

use super::Error;
use crate::{
    domain::{api_key::ApiKey, time::Timestamp},
    state::AppState,
    store::idempotency_keys::{self, Begun},
};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_hours(24);
/// After this time a call without an answer is over: its process has ended. No process knows
/// whether it was done.
const LONGEST_CALL: Duration = Duration::from_mins(2);
/// How many old calls are forgotten with each new one.
const FORGOTTEN: i64 = 10;

/// What is to be done about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// It is the first one with its name.
    First,
    /// It was done: this is its answer.
    Done(KeptAnswer),
    InFlight,
    /// It may have been done or not, and its answer is lost.
    InDoubt,
    /// Its name belongs to a call with another path or another body.
    Another,
}

/// Begins a call that its client has named.
pub async fn begin_once(
    state: &AppState,
    (key, name): (&ApiKey, &str),
    request: &[&[u8]],
) -> Result<Once, Error> {
    let (call, hash, now) = ((key, name), hash(request), state.clock.now());
    let mut tx = state.db.write().await?;
    idempotency_keys::forget_old(&mut tx, now.minus(KEPT), FORGOTTEN).await?;
    let mut once = Once::First;
    if !idempotency_keys::begin(&mut tx, call, &hash, now).await? {
        let begun = idempotency_keys::find(&mut tx, call).await?;
        once = begun.map_or(Once::InFlight, |begun| judge(begun, &hash, now));
        if once == Once::First {
            idempotency_keys::forget(&mut tx, call).await?;
            idempotency_keys::begin(&mut tx, call, &hash, now).await?;
        }
    }
    tx.commit().await?;
    Ok(once)
}

fn judge(begun: Begun, hash: &str, now: Timestamp) -> Once {
    let age = now.since(Timestamp::from_nanos(begun.at));
    let status = begun.status.and_then(|status| u16::try_from(status).ok());
    match (status, begun.body) {
        _ if age >= KEPT => Once::First,
        _ if begun.request_hash != hash => Once::Another,
        (Some(status), Some(body)) => Once::Done(KeptAnswer { status, body, etag: begun.etag }),
        _ if age >= LONGEST_CALL => Once::InDoubt,
        _ => Once::InFlight,
    }
}

/// Keeps the answer of a call. `None`: it may be tried again.
pub async fn end_once(
    state: &AppState,
    call: (&ApiKey, &str),
    answer: Option<&KeptAnswer>,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    match answer {
        Some(answer) => idempotency_keys::keep(&mut tx, call, answer).await?,
        None => idempotency_keys::forget(&mut tx, call).await?,
    }
    tx.commit().await?;
    Ok(())
}

/// The parts with their lengths, so that no two requests have the same text.
fn hash(request: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in request {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
