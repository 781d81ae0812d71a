//! Limits how often a sign-in may fail. The counters are in the database, so that they survive a
//! restart and hold for every process. Only failures count, because a success gives its attempt
//! back.
//!
//! A stranger can neither guess without limit nor lock the owner out, because each attempt is
//! counted in one of three classes, and no class can use up the attempts of another:
//!
//! - a **known device** (its cookie was given at an earlier sign-in of this account) has its own
//!   limit;
//! - a **known network** (the account signed in from there before) has its own limit;
//! - **any other** attempt counts against a limit for the address and the network, one for the
//!   network, and one for the address over all these networks. The owner on a new device in a new
//!   network shares the last one with the strangers: an attack from hundreds of networks slows this
//!   owner down, and the owner gets in with the next free attempt.
//!
//! The counts for an address are the same whether or not the account exists.
//!
//! SQLite has one writer. All attempts that arrive during one transaction share the next one, and a
//! refused attempt is refused again from memory until its limit allows the next attempt.

mod counting;
mod limits;

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use self::{
    counting::{give_back, reserve},
    limits::{LINKS, Limits, PASSKEYS, PER_ACCOUNT_LINKS, SIGN_IN, SIGN_ON, TRIES},
};
use super::Error;
use crate::{
    client_address::{source_network, wide_network},
    domain::{id::AccountId, refusal::Refusal},
    state::AppState,
    store::{known_devices, sign_in_counters},
    throttle::{Charge, Reached},
};

/// No counter value lies further in the future than this.
const HORIZON: Duration = Duration::from_hours(24);

/// A device or network that an account has not used for this long counts as unknown again.
pub const DEVICE_LASTS: Duration = Duration::from_hours(180 * 24);

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The client's address.
    pub source: Option<IpAddr>,
    /// The device token that the browser got at an earlier sign-in.
    pub device: Option<String>,
}

/// An admitted attempt, and the limits that it was counted under.
#[derive(Debug)]
pub(super) struct Admitted {
    charges: Vec<Charge>,
    network_key: String,
    device: Option<String>,
}

/// Counts one attempt before the password is checked, or refuses it.
pub(super) async fn admit(
    state: &AppState,
    email_key: &str,
    visitor: &Visitor,
) -> Result<Admitted, Error> {
    let network_key = network_key(email_key, visitor);
    let device = visitor.device.as_deref().map(token_hash);
    let charges = charges(state, &SIGN_IN, email_key, visitor).await?;
    if !count(state, &charges).await? {
        return Err(Refusal::TooManyAttempts.into());
    }
    Ok(Admitted { charges, network_key, device })
}

/// Counts a link that is sent to this address, or refuses it. What an attempt to sign in uses up is
/// counted apart.
///
/// The limits are such that a stranger who uses them up leaves links in the owner's mailbox that
/// still work, so that the owner is never locked out.
pub(super) async fn admit_link(
    state: &AppState,
    email_key: &str,
    visitor: &Visitor,
    account: Option<&AccountId>,
) -> Result<(), Error> {
    let mut charges = charges(state, &LINKS, email_key, visitor).await?;
    charges.extend(account.map(|account| Charge {
        key: key(&["links of an account", account.as_str()]),
        quota: PER_ACCOUNT_LINKS,
    }));
    if count(state, &charges).await? { Ok(()) } else { Err(Refusal::TooManyLinks.into()) }
}

/// Counts a single sign-on that begins, or refuses it.
pub(super) async fn admit_sign_on(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    let key = key(&["single sign-on", &network(visitor.source)]);
    let is_admitted = count(state, &[Charge { key, quota: SIGN_ON }]).await?;
    if is_admitted { Ok(()) } else { Err(Refusal::TooManyAttempts.into()) }
}

/// Counts that a browser asks for a challenge of a passkey, or refuses it. Each is a row for some
/// minutes, and there is no session yet.
pub(super) async fn admit_passkey(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    let key = key(&["passkeys", &network(visitor.source)]);
    let is_admitted = count(state, &[Charge { key, quota: PASSKEYS }]).await?;
    if is_admitted { Ok(()) } else { Err(Refusal::TooManyAttempts.into()) }
}

/// Counts that an account tries an identity provider out, or refuses it. `None`: the command line.
pub(super) async fn admit_try(state: &AppState, account: Option<&AccountId>) -> Result<(), Error> {
    let Some(account) = account else { return Ok(()) };
    let key = key(&["tries of a provider", account.as_str()]);
    let is_admitted = count(state, &[Charge { key, quota: TRIES }]).await?;
    if is_admitted { Ok(()) } else { Err(Refusal::TooManyAttempts.into()) }
}

/// Takes one attempt under each of these limits. False: one of them is used up.
async fn count(state: &AppState, charges: &[Charge]) -> Result<bool, Error> {
    let throttle = &state.login_throttle;
    if throttle.refuses(charges, state.clock.now()) {
        return Ok(false);
    }
    match reserve(state, charges.to_vec()).await? {
        Ok(()) => Ok(true),
        Err((key, until)) => {
            throttle.remember(key, Reached { at: state.clock.now(), until });
            Ok(false)
        }
    }
}

/// Gives the attempt back: the password was right.
pub(super) fn was_right(state: &AppState, admitted: Admitted) {
    give_back(state, admitted.charges);
}

/// Gives the attempt back, and makes the browser a known device. Gives its new token.
pub(super) async fn succeeded(
    state: &AppState,
    admitted: Admitted,
    account: &AccountId,
) -> Result<String, Error> {
    let mut bytes = [0; 32];
    state.clock.fill(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = token_hash(&token);
    give_back(state, admitted.charges);
    let mut tx = state.db.write().await?;
    if let Some(old) = admitted.device {
        known_devices::replace_token(&mut tx, &old, &hash).await?;
    }
    known_devices::save(&mut tx, &hash, account, &admitted.network_key, state.clock.now()).await?;
    tx.commit().await?;
    Ok(token)
}

/// Removes expired counters, devices and refusals, in parts, so that deliveries do not wait.
pub async fn remove_expired(state: &AppState) -> sqlx::Result<()> {
    let now = state.clock.now();
    state.login_throttle.remove_expired(now);
    loop {
        let mut tx = state.db.write().await?;
        let removed = sign_in_counters::remove_expired(&mut tx, now, now.plus(HORIZON)).await?
            + known_devices::remove_expired(&mut tx, now.minus(DEVICE_LASTS)).await?;
        tx.commit().await?;
        if removed == 0 {
            return Ok(());
        }
    }
}

async fn charges(
    state: &AppState,
    limits: &Limits,
    email_key: &str,
    visitor: &Visitor,
) -> sqlx::Result<Vec<Charge>> {
    let since = state.clock.now().minus(DEVICE_LASTS);
    let mut tx = state.db.read().await?;
    if let Some(device) = visitor.device.as_deref().map(token_hash)
        && known_devices::is_device(&mut tx, &device, email_key, since).await?
    {
        return Ok(vec![limits.charge(key(&["device", &device]), limits.device)]);
    }
    let network_key = network_key(email_key, visitor);
    let is_known = known_devices::is_network(&mut tx, &network_key, since).await?;
    let here = limits.charge(network_key, limits.email_and_network);
    if is_known {
        return Ok(vec![here]);
    }
    let of_email = limits.charge(key(&["email", email_key]), limits.email);
    let of_network = limits.charge(key(&["network", &network(visitor.source)]), limits.network);
    let mut charges = vec![here, of_email, of_network];
    if let Some(wide) = visitor.source.and_then(wide_network) {
        let key = key(&["wide network", &wide.to_string()]);
        charges.push(limits.charge(key, limits.wide_network));
    }
    Ok(charges)
}

fn network_key(email_key: &str, visitor: &Visitor) -> String {
    key(&["email and network", email_key, &network(visitor.source)])
}

fn network(source: Option<IpAddr>) -> String {
    source.map(|source| source_network(source).to_string()).unwrap_or_default()
}

fn token_hash(token: &str) -> String {
    key(&["token", token])
}

/// A hash of all parts. The length of each part is included, so that different parts never give the
/// same input.
fn key(parts: &[&str]) -> String {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.chain_update(length.to_be_bytes()).chain_update(part)
    });
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
