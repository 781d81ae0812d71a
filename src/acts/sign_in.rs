//! Somebody signs in: argon2id, as slow for an unknown address as for a known one, and not too often.

use std::{fmt, net::IpAddr};

use super::{Error, login_throttle, password};
use crate::{
    desk::Desk,
    domain::{directory_user::email_key, id::AccountId, refusal::Refusal},
    store::accounts,
};

/// Compared with when there is no such account, so that the answer takes as long. No password has this hash.
const NO_ACCOUNT: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gYWNjb3VudCBoZXJlIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[derive(Clone, Debug)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// Where the request came from.
    pub source: Option<IpAddr>,
    /// What the browser was given when somebody signed in there before.
    pub device: Option<String>,
}

/// The right password for an account. A session begins only if both are still as they were.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub account: AccountId,
    pub password_hash: String,
}

/// A sign-in that succeeded.
#[derive(Clone, Debug)]
pub struct Welcome {
    pub person: SignedIn,
    /// The browser is a known device from now on, by this token.
    pub device: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Whose account this is. The session is the caller's business.
pub async fn sign_in(desk: &Desk, attempt: SignIn) -> Result<Welcome, Error> {
    if attempt.email.len() > 254 || attempt.email.contains('\0') {
        return Err(Refusal::SignIn.into()); // no address of anybody's
    }
    let email = email_key(&attempt.email);
    let admitted = login_throttle::admit(desk, &email, attempt.source, attempt.device.as_deref()).await?;
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
    let device = login_throttle::succeeded(desk, admitted, &account).await?;
    Ok(Welcome { person: SignedIn { account, password_hash: expected }, device })
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
