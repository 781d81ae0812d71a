//! Somebody signs in: argon2id, as slow for an unknown address as for a known one, and not too often.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{DefaultKeyedRateLimiter, Quota};

use super::{Error, password};
use crate::{
    desk::Desk,
    domain::{directory_user::email_key, id::AccountId, refusal::Refusal},
    store::accounts,
};

/// Attempts a minute for one e-mail address from one source, so that nobody can shut somebody else out.
const PER_EMAIL: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts a minute from one network address, behind which a whole company may sit.
const PER_SOURCE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Compared with when there is no such account, so that the answer takes as long. No password has this hash.
const NO_ACCOUNT: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gYWNjb3VudCBoZXJlIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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

/// The right password for an account. A session begins only if both are still as they were.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub account: AccountId,
    pub password_hash: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Whose account this is. The session is the caller's business.
pub async fn sign_in(desk: &Desk, attempt: SignIn) -> Result<SignedIn, Error> {
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
    let (account, expected) = known.map_or_else(|| (None, NO_ACCOUNT.to_owned()), |(account, hash)| (Some(account), hash));
    let matches = password::matches(desk, attempt.password, expected.clone()).await?;
    let Some(account) = account.filter(|_| matches) else { return Err(Refusal::SignIn.into()) };
    // It may have waited long enough for the password to change, or for the account to be disabled.
    let now = accounts::credentials(&mut desk.db.read().await?, &email).await?;
    if now != Some((account.clone(), expected.clone())) {
        return Err(Refusal::SignIn.into());
    }
    Ok(SignedIn { account, password_hash: expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_address_takes_as_long_as_a_known_one() {
        let known = password::hash("a password of an account".to_owned()).await.unwrap();
        let costs = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let lengths = |hash: &str| hash.split('$').skip(4).map(str::len).collect::<Vec<_>>();

        assert_eq!((costs(NO_ACCOUNT), lengths(NO_ACCOUNT)), (costs(&known), lengths(&known)));
        assert!(argon2::password_hash::phc::PasswordHash::new(NO_ACCOUNT).is_ok());
    }
}
