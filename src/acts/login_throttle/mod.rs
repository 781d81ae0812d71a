//! How often a sign-in may fail. The counters are in the database, so that they survive a restart and
//! hold for every process; only failures count, because a success gives its attempt back.
//!
//! A stranger can neither guess without limit nor lock the owner out, because each attempt is counted
//! in one of three lanes, and no lane can use up the attempts of another:
//!
//! - a **known device** (its cookie was given at an earlier sign-in of this account) has its own limit;
//! - a **known network** (the account signed in from there before) has its own limit;
//! - for **any other** there is a limit for the address and the network, one for the network, and one
//!   for the address over all such networks. The owner on a new device in a new network shares the
//!   last one with the strangers: under an attack from hundreds of networks this owner is slowed,
//!   and gets in at the next free attempt.
//!
//! What is counted for an address does not depend on whether there is such an account.
//!
//! SQLite has one writer. All attempts that come while one transaction runs share the next one, and
//! an attempt that was refused is refused again from memory until its time has come.

mod bucket;
mod counting;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use self::{
    bucket::Quota,
    counting::{Counting, reserve},
};
use super::Error;
use crate::{
    client_address::{source_network, wide_network},
    desk::Desk,
    domain::{id::AccountId, refusal::Refusal, time::Timestamp},
    store::{known_devices, sign_in_counters},
};

const PER_DEVICE: Quota = Quota::new(10, Duration::from_secs(90));
const PER_EMAIL_AND_NETWORK: Quota = Quota::new(10, Duration::from_secs(90));
const PER_NETWORK: Quota = Quota::new(100, Duration::from_secs(6));
/// An IPv6 customer may have 65,536 networks.
const PER_WIDE_NETWORK: Quota = Quota::new(300, Duration::from_secs(2));
/// Together with what comes back meanwhile, 100 in any hour.
const PER_EMAIL: Quota = Quota::new(50, Duration::from_secs(72));
/// No counter reaches further ahead than this.
const HORIZON: Duration = Duration::from_hours(24);

/// A device or network that an account has not used for so long is unknown again.
pub const DEVICE_LASTS: Duration = Duration::from_hours(180 * 24);
/// Refusals that are remembered at once.
const MOST_REFUSALS: usize = 10_000;

/// What one process remembers beside the counters.
#[derive(Debug, Default)]
pub struct LoginThrottle {
    counting: Counting,
    refused: Mutex<HashMap<String, Refused>>,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    at: Timestamp,
    until: Timestamp,
}

/// One limit that an attempt is counted under.
#[derive(Clone, Debug)]
struct Charge {
    key: String,
    quota: Quota,
}

/// An attempt that may be made, and what it was counted under.
#[derive(Debug)]
pub(super) struct Admitted {
    charges: Vec<Charge>,
    network_key: String,
    device: Option<String>,
}

impl LoginThrottle {
    /// Forgets the refusals whose time has come.
    fn sweep(&self, now: Timestamp) {
        self.refused().retain(|_, refused| refused.holds(now));
    }

    fn refuses(&self, charges: &[Charge], now: Timestamp) -> bool {
        let refused = self.refused();
        charges.iter().any(|charge| refused.get(&charge.key).is_some_and(|refused| refused.holds(now)))
    }

    fn remember(&self, key: String, refusal: Refused) {
        let mut refused = self.refused();
        if refused.len() >= MOST_REFUSALS {
            refused.retain(|_, refused| refused.holds(refusal.at));
        }
        if refused.len() < MOST_REFUSALS {
            refused.insert(key, refusal);
        }
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<String, Refused>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Refused {
    /// Not where the clock was put back: then the counters are asked.
    fn holds(self, now: Timestamp) -> bool {
        self.at <= now && now < self.until
    }
}

/// Counts one attempt before the password is looked at, or refuses it.
pub(super) async fn admit(desk: &Desk, email_key: &str, source: Option<IpAddr>, token: Option<&str>) -> Result<Admitted, Error> {
    let network_key = key(&["email and network", email_key, &network(source)]);
    let device = token.map(token_hash);
    let charges = charges(desk, email_key, source, &network_key, device.as_deref()).await?;
    let throttle = &desk.login_throttle;
    if throttle.refuses(&charges, desk.clock.now()) {
        return Err(Refusal::TooManyAttempts.into());
    }
    match reserve(desk, charges.clone()).await? {
        Ok(()) => Ok(Admitted { charges, network_key, device }),
        Err((key, until)) => {
            throttle.remember(key, Refused { at: desk.clock.now(), until });
            Err(Refusal::TooManyAttempts.into())
        }
    }
}

/// Gives the attempt back, and makes the browser a known device: this is its new token.
pub(super) async fn succeeded(desk: &Desk, admitted: Admitted, account: &AccountId) -> Result<String, Error> {
    let mut bytes = [0; 32];
    desk.clock.fill(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = token_hash(&token);
    desk.login_throttle.counting.give_back(desk, admitted.charges);
    let mut tx = desk.db.write().await?;
    if let Some(old) = admitted.device {
        known_devices::replace_token(&mut tx, &old, &hash).await?;
    }
    known_devices::save(&mut tx, &hash, account, &admitted.network_key, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(token)
}

/// Removes what has expired, in parts, so that deliveries do not wait.
pub async fn sweep(desk: &Desk) -> sqlx::Result<()> {
    let now = desk.clock.now();
    desk.login_throttle.sweep(now);
    loop {
        let mut tx = desk.db.write().await?;
        let removed = sign_in_counters::sweep(&mut tx, now, now.plus(HORIZON)).await?
            + known_devices::sweep(&mut tx, now.minus(DEVICE_LASTS)).await?;
        tx.commit().await?;
        if removed == 0 {
            return Ok(());
        }
    }
}

async fn charges(
    desk: &Desk,
    email_key: &str,
    source: Option<IpAddr>,
    network_key: &str,
    device: Option<&str>,
) -> sqlx::Result<Vec<Charge>> {
    let since = desk.clock.now().minus(DEVICE_LASTS);
    let mut tx = desk.db.read().await?;
    if let Some(device) = device
        && known_devices::is_device(&mut tx, device, email_key, since).await?
    {
        return Ok(vec![Charge { key: key(&["device", device]), quota: PER_DEVICE }]);
    }
    let here = Charge { key: network_key.to_owned(), quota: PER_EMAIL_AND_NETWORK };
    if known_devices::is_network(&mut tx, network_key, since).await? {
        return Ok(vec![here]);
    }
    let mut charges = vec![here, Charge { key: key(&["email", email_key]), quota: PER_EMAIL }];
    charges.push(Charge { key: key(&["network", &network(source)]), quota: PER_NETWORK });
    if let Some(wide) = source.and_then(wide_network) {
        charges.push(Charge { key: key(&["wide network", &wide.to_string()]), quota: PER_WIDE_NETWORK });
    }
    Ok(charges)
}

fn network(source: Option<IpAddr>) -> String {
    source.map(|source| source_network(source).to_string()).unwrap_or_default()
}

fn token_hash(token: &str) -> String {
    key(&["token", token])
}

/// The parts are told apart by their lengths.
fn key(parts: &[&str]) -> String {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.chain_update(length.to_be_bytes()).chain_update(part)
    });
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
