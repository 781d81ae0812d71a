//! Signs a person in: argon2id takes as long for an unknown address as for a known one, and the
//! number of attempts is limited.

use std::{fmt, net::IpAddr};

use super::{
    Error,
    factors::{begin_first_factor, begin_second_step},
    login_throttle::{self, Visitor},
    password,
};
use crate::{
    db::Tx,
    domain::{directory_user::email_key, id::AccountId, refusal::Refusal},
    state::AppState,
    store::{accounts, factors, settings},
};

/// The hash that is checked if there is no account, so that the answer takes as long. No password
/// has this hash.
const NO_ACCOUNT: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gYWNjb3VudCBoZXJlIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[derive(Clone, Debug)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// The client address of the request.
    pub source: Option<IpAddr>,
    /// The device token that the browser got at an earlier sign-in.
    pub device: Option<String>,
}

/// The result of a correct password. A session begins only if both fields are unchanged.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub account: AccountId,
    pub password_hash: String,
}

/// A sign-in that succeeded.
#[derive(Clone, Debug)]
pub struct Welcome {
    pub person: SignedIn,
    /// The new device token: with it the browser counts as a known device.
    pub device: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What a correct password leads to.
#[derive(Clone, Debug)]
pub enum Passed {
    /// The session begins.
    In(Welcome),
    /// This is asked for before.
    Step(Step),
}

/// What is asked for before a session begins. The token is for the browser.
#[derive(Clone, Debug)]
pub enum Step {
    /// The factor that the account has.
    Second(String),
    /// The account needs a factor and has none: it is set up first.
    First(String),
}

/// Checks the password. The caller starts the session, if no factor is asked for.
pub async fn sign_in(state: &AppState, attempt: SignIn) -> Result<Passed, Error> {
    if attempt.email.len() > 254 || attempt.email.contains('\0') {
        return Err(Refusal::SignIn.into()); // no account can have this address
    }
    let email = email_key(&attempt.email);
    let visitor = Visitor { source: attempt.source, device: attempt.device };
    let admitted = login_throttle::admit(state, &email, &visitor).await?;
    let mut tx = state.db.read().await?;
    let known = accounts::credentials(&mut tx, &email).await?;
    drop(tx); // no connection is held while the password is hashed
    let (account, expected) = known
        .map_or_else(|| (None, NO_ACCOUNT.to_owned()), |(account, hash)| (Some(account), hash));
    let matches = password::matches(state, attempt.password, expected.clone()).await?;
    let Some(account) = account.filter(|_| matches) else { return Err(Refusal::SignIn.into()) };
    // The password may have changed, or the account may be disabled, during the wait for the hash.
    let mut tx = state.db.read().await?;
    let now = accounts::credentials(&mut tx, &email).await?;
    if now != Some((account.clone(), expected.clone())) {
        return Err(Refusal::SignIn.into());
    }
    drop(tx);
    let person = SignedIn { account, password_hash: expected };
    if let Some(step) = step_before_session(state, &person).await? {
        // the browser becomes a known device after the factor
        login_throttle::was_right(state, admitted);
        return Ok(Passed::Step(step));
    }
    let device = login_throttle::succeeded(state, admitted, &person.account).await?;
    Ok(Passed::In(Welcome { person, device }))
}

/// Begins what a person whose password is right, or new, does before there is a session; `None`:
/// nothing.
pub(super) async fn step_before_session(
    state: &AppState,
    SignedIn { account, password_hash }: &SignedIn,
) -> Result<Option<Step>, Error> {
    let mut tx = state.db.read().await?;
    let has_factor = factors::of(&mut tx, account).await?.is_any();
    let needs_factor = is_factor_needed(&mut tx, state, account).await?;
    drop(tx);
    Ok(match (has_factor, needs_factor) {
        (true, _) => Some(Step::Second(begin_second_step(state, account, password_hash).await?)),
        (false, true) => {
            Some(Step::First(begin_first_factor(state, account, password_hash).await?))
        }
        (false, false) => None,
    })
}

async fn is_factor_needed(
    tx: &mut Tx,
    state: &AppState,
    account: &AccountId,
) -> Result<bool, Error> {
    if !settings::values(tx, &state.settings.fixed).await?.staff_second_factor {
        return Ok(false);
    }
    Ok(accounts::viewer(tx, account).await?.is_some_and(|viewer| viewer.role.is_staff()))
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
