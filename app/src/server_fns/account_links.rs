//! What works without a sign-in: a forgotten password, and the links in e-mails. No answer says
//! whether an address has an account.
#![cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "a server function is async, whatever it does")
)]

use domain::{text::ExternalText, time::Timestamp};
use leptos::prelude::*;

use super::AppError;

/// Whether a link can be sent at all.
#[server(prefix = "/api", endpoint = "load_reset")]
pub async fn load_reset() -> Result<bool, AppError> {
    Ok(seatkeeper::queries::can_send_links(&super::state()?))
}

/// Sends a link to the account of this address, if there is one.
#[server(prefix = "/api", endpoint = "ask_for_reset")]
pub async fn ask_for_reset(email: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::{commands, queries};

    let state = super::state()?;
    let asked = if queries::can_send_links(&state) {
        commands::ask_for_reset(&state, &email, &super::visitor(&state)).await
    } else {
        Err(Refusal::NoMailServer.into())
    };
    if asked.is_err() && answer::is_form() {
        answer::keep_email(&email, answer::EmailForm::Reset);
    }
    super::settled(
        asked.map(|()| paths::with_query(paths::RESET_PASSWORD, &[("sent", "yes")])),
        &paths::with_query(paths::RESET_PASSWORD, &[("form", "ask")]),
    )
}

/// Until when the link of this token works.
#[server(prefix = "/api", endpoint = "load_reset_link")]
pub async fn load_reset_link(token: String) -> Result<Timestamp, AppError> {
    super::answer::send_no_referrer();
    Ok(seatkeeper::queries::reset_link(&super::state()?, &token).await?)
}

#[server(prefix = "/api", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: String) -> Result<(), AppError> {
    use crate::paths;

    super::answer::send_no_referrer();
    let (state, origin) = (super::state()?, super::origin());
    let set = seatkeeper::commands::reset_password(&state, &token, password, origin).await;
    super::keep_reason(&set);
    super::settled(
        set.map(|()| paths::with_query(paths::SIGN_IN, &[("told", "password")])),
        &paths::with_query(&paths::reset_link(&token), &[("form", "password")]),
    )
}

/// The new address that the link of this token confirms.
#[server(prefix = "/api", endpoint = "load_address_link")]
pub async fn load_address_link(token: String) -> Result<ExternalText, AppError> {
    super::answer::send_no_referrer();
    Ok(seatkeeper::queries::address_link(&super::state()?, &token).await?)
}

/// Gives the account its new address, and goes to its page or to the sign-in.
#[server(prefix = "/api", endpoint = "confirm_address")]
pub async fn confirm_address(token: String) -> Result<(), AppError> {
    use crate::paths;

    super::answer::send_no_referrer();
    let (state, origin) = (super::state()?, super::origin());
    let confirmed = seatkeeper::commands::confirm_address(&state, &token, origin).await;
    let viewer = super::viewer().await?;
    super::settled(
        confirmed.map(|account| match viewer {
            Some(viewer) if viewer.account == account => paths::account(&[("saved", "confirmed")]),
            Some(_) => paths::account(&[("saved", "confirmed-other")]),
            None => paths::with_query(paths::SIGN_IN, &[("told", "address")]),
        }),
        &paths::with_query(&paths::address_link(&token), &[("form", "confirm")]),
    )
}
