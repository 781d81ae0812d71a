//! Somebody signs in: argon2id, as slow for an unknown address as for a known one, and not too often.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, LazyLock},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::Error;
use crate::{
    desk::Desk,
    domain::{directory_user::email_key, id::AccountId, refusal::Refusal},
    store::accounts,
};

/// Attempts a minute for one e-mail address from one source, so that nobody can shut somebody else out.
const PER_EMAIL: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts a minute from one network address, behind which a whole company may sit.
const PER_SOURCE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Compared with when there is no such account, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password"));

/// How often somebody tried; kept in this process alone.
#[derive(Debug)]
pub struct Attempts {
    by_email: DefaultKeyedRateLimiter<(String, Option<IpAddr>)>,
    by_source: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            by_email: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_EMAIL)),
            by_source: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_SOURCE)),
        }
    }
}

impl Attempts {
    /// The source first: whoever is stopped there leaves no trace under the addresses they try.
    fn allow(&self, email: &str, source: Option<IpAddr>) -> bool {
        let source = source.map(neighbourhood);
        source.is_none_or(|source| self.by_source.check_key(&source).is_ok())
            && self.by_email.check_key(&(email.to_owned(), source)).is_ok()
    }

    /// Forgets whoever has not tried for a while.
    pub fn sweep(&self) {
        self.by_email.retain_recent();
        self.by_source.retain_recent();
    }
}

/// One customer's IPv6 network is one source; single addresses cost nothing there.
fn neighbourhood(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| IpAddr::from(Ipv6Addr::from_bits(v6.to_bits() & (!0 << 64))), IpAddr::V4),
    }
}

#[derive(Clone, Debug)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// Where the request came from.
    pub source: Option<IpAddr>,
}

/// Whose account this is. The session is the caller's business.
pub async fn sign_in(desk: &Desk, attempt: SignIn) -> Result<AccountId, Error> {
    if attempt.email.len() > 254 || attempt.email.contains('\0') {
        return Err(Refusal::SignIn.into()); // no address of anybody's
    }
    let email = email_key(&attempt.email);
    if !desk.attempts.allow(&email, attempt.source) {
        return Err(Refusal::TooManyAttempts.into());
    }
    let mut tx = desk.db.read().await?;
    let known = accounts::credentials(&mut tx, &email).await?;
    drop(tx); // nothing is held while the password is hashed
    let (account, expected) = known.map_or_else(|| (None, NOBODY.clone()), |(account, hash)| (Some(account), hash));
    let permit = Arc::clone(&desk.hashing).acquire_owned().await;
    let matches = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        verify(&attempt.password, &expected).then_some(expected)
    });
    let (Some(account), Some(hash)) = (account, matches.await.ok().flatten()) else { return Err(Refusal::SignIn.into()) };
    // It may have waited long enough for somebody to change the password, or to disable the account.
    let now = accounts::credentials(&mut desk.db.read().await?, &email).await?;
    if now != Some((account.clone(), hash)) {
        return Err(Refusal::SignIn.into());
    }
    Ok(account)
}

/// A PHC string of argon2id with the library's defaults (19 MiB, two passes), as OWASP asks for.
pub async fn hash_password(password: String) -> String {
    tokio::task::spawn_blocking(move || hash(&password)).await.unwrap_or_default()
}

/// Fails only where the machine has no randomness; an empty hash matches no password.
fn hash(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).unwrap_or_default()
}

fn verify(password: &str, expected: &str) -> bool {
    // longer than any we accept: not worth hashing
    password.len() <= 1_024
        && PasswordHash::new(expected).is_ok_and(|expected| Argon2::default().verify_password(password.as_bytes(), &expected).is_ok())
}
