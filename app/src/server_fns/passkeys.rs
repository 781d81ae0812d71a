//! Passkeys: one function gives the browser a challenge, another takes its answer.
//!
//! A browser that is refused a challenge sends the form without an answer; then the form asks once
//! more, and its page says what refused it.

use domain::id::PasskeyId;
use leptos::prelude::*;

use super::AppError;

/// The options of a new passkey for the viewer's account, as JSON.
#[server(prefix = "/api", endpoint = "begin_passkey")]
pub async fn begin_passkey() -> Result<String, AppError> {
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let proof = super::fresh_proof().await?;
    Ok(asked(seatkeeper::commands::begin_passkey(&state, &viewer, &proof).await?))
}

/// Gives the account the passkey that the browser has made.
#[server(prefix = "/api", endpoint = "add_passkey")]
pub async fn add_passkey(
    credential: String,
    #[server(default)] name: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::{self, NewPasskey};

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let add = async {
        let proof = super::fresh_proof().await?;
        if credential.is_empty() {
            commands::begin_passkey(&state, &viewer, &proof).await?;
        }
        let new = NewPasskey { signed: signed(credential), name: name.clone() };
        let codes = super::session().await?.add_passkey(&state, &actor, &proof, &new).await?;
        if codes.is_empty() {
            return Ok(paths::with_query(paths::FACTORS, &[("saved", "passkey")]));
        }
        answer::keep_codes(&codes);
        Ok(paths::recovery_codes(paths::FACTORS))
    };
    super::done(add.await, &paths::with_query(paths::FACTORS, &[("name", &name)]))
}

#[server(prefix = "/api", endpoint = "rename_passkey")]
pub async fn rename_passkey(
    id: PasskeyId,
    #[server(default)] name: String,
) -> Result<(), AppError> {
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let by = (&super::own_actor().await?, &viewer);
    let renamed = seatkeeper::commands::rename_passkey(&state, by, (&id, &name)).await;
    let renamed = renamed.map(|renamed| {
        let saved = if renamed { "passkey-renamed" } else { "same" };
        paths::with_query(paths::FACTORS, &[("saved", saved)])
    });
    let typed = [("passkey", id.as_str()), ("rename", &*name)];
    super::settled(renamed, &paths::with_query(paths::FACTORS, &typed))
}

#[server(prefix = "/api", endpoint = "remove_passkey")]
pub async fn remove_passkey(id: PasskeyId) -> Result<(), AppError> {
    use crate::paths;

    let (state, actor) = (super::state()?, super::own_actor().await?);
    let remove = async {
        let proof = super::fresh_proof().await?;
        let removed = super::session().await?.remove_passkey(&state, &actor, &proof, &id).await?;
        let saved = if removed { "passkey-removed" } else { "same" };
        Ok(paths::with_query(paths::FACTORS, &[("saved", saved)]))
    };
    super::done(remove.await, paths::FACTORS)
}

/// The options of a sign-in by any passkey, as JSON.
#[server(prefix = "/api", endpoint = "begin_passkey_sign_in")]
pub async fn begin_passkey_sign_in() -> Result<String, AppError> {
    let state = super::state()?;
    let begun =
        seatkeeper::commands::begin_sign_in_by_passkey(&state, &super::visitor(&state)).await;
    Ok(asked(begun?))
}

/// Signs in by the passkey and goes on to `next`.
#[server(prefix = "/api", endpoint = "sign_in_passkey")]
pub async fn sign_in_passkey(
    credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::{PasskeySignIn, begin_sign_in_by_passkey, sign_in_by_passkey};

    let (state, next) = (super::state()?, paths::local_path(&next));
    let (visitor, origin, request) =
        (super::visitor(&state), super::origin(), answer::request_id());
    let pass = async {
        if credential.is_empty() {
            begin_sign_in_by_passkey(&state, &visitor).await?;
        }
        let form = PasskeySignIn { signed: signed(credential), visitor, origin };
        let welcome = sign_in_by_passkey(&state, &form).await?;
        // the organization may require single sign-on
        super::session().await?.begin_by_passkey(&state, &welcome.person).await?;
        Ok(welcome)
    };
    match pass.await {
        Ok(welcome) => {
            tracing::info!(request, account = %welcome.person.account, "signed in by a passkey");
            super::sign_in::remember(&state, &welcome.device);
            answer::redirect(next.unwrap_or(paths::HOME));
            Ok(())
        }
        Err(failure) => {
            tracing::info!(request, source = ?super::source(), "a passkey was refused");
            super::done(Err(failure), &paths::sign_in(next))
        }
    }
}

/// The options of the passkey that staff without a factor set up before they get in, as JSON.
#[server(prefix = "/api", endpoint = "begin_first_passkey")]
pub async fn begin_first_passkey() -> Result<String, AppError> {
    use domain::refusal::Refusal;

    let token = super::answer::kept_step().ok_or(Refusal::StepOver)?;
    let state = super::state()?;
    let visitor = super::visitor(&state);
    Ok(asked(seatkeeper::commands::begin_first_passkey(&state, &token, &visitor).await?))
}

/// Gives the account the passkey as its first factor, and shows the recovery codes on the way to
/// `next`.
#[server(prefix = "/api", endpoint = "set_first_passkey")]
pub async fn set_first_passkey(
    credential: String,
    #[server(default)] name: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::{self, FirstPasskey, NewPasskey};

    let (state, next) = (super::state()?, paths::local_path(&next));
    let (visitor, origin) = (super::visitor(&state), super::origin());
    let page = paths::first_factor(next.unwrap_or_default());
    let form = paths::with_query(&page, &[("name", &name)]);
    let set = async {
        let token = answer::kept_step().ok_or(Refusal::StepOver)?;
        if credential.is_empty() {
            commands::begin_first_passkey(&state, &token, &visitor).await?;
        }
        let new = NewPasskey { signed: signed(credential), name };
        let form = FirstPasskey { token, new, visitor, origin };
        Ok(commands::set_first_passkey(&state, &form).await?)
    };
    super::sign_in::got_first_factor(set.await, form, next).await
}

/// The options with which the viewer shows again who they are, as JSON.
#[server(prefix = "/api", endpoint = "begin_passkey_identity")]
pub async fn begin_passkey_identity() -> Result<String, AppError> {
    use seatkeeper::commands::begin_identity_by_passkey;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let begun = begin_identity_by_passkey(&state, &viewer, &super::visitor(&state)).await;
    Ok(asked(begun?))
}

/// Checks the passkey and goes on to `next`.
#[server(prefix = "/api", endpoint = "confirm_passkey_identity")]
pub async fn confirm_passkey_identity(
    credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands::{PasskeyProof, begin_identity_by_passkey};

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let (visitor, origin) = (super::visitor(&state), super::origin());
    let next = paths::local_path(&next);
    let confirm = async {
        if credential.is_empty() {
            begin_identity_by_passkey(&state, &viewer, &visitor).await?;
        }
        let form = PasskeyProof { signed: signed(credential), visitor, origin };
        super::session().await?.confirm_identity_by_passkey(&state, &form).await?;
        Ok(next.unwrap_or(paths::HOME).to_owned())
    };
    let confirmed = confirm.await;
    let (request, is_confirmed) = (super::answer::request_id(), confirmed.is_ok());
    tracing::info!(request, account = %viewer.account, is_confirmed, "an identity was asked for");
    super::done(confirmed, &paths::confirm_identity(next.unwrap_or_default()))
}

/// Keeps the token for this browser alone, and gives the options.
#[cfg(feature = "ssr")]
fn asked(asked: seatkeeper::commands::Asked) -> String {
    super::answer::keep_ceremony(&asked.token);
    asked.options
}

/// What the browser has signed. Its cookie is of no more use.
#[cfg(feature = "ssr")]
fn signed(credential: String) -> seatkeeper::commands::Signed {
    let token = super::answer::kept_ceremony().unwrap_or_default();
    super::answer::forget_ceremony();
    seatkeeper::commands::Signed { token, credential }
}
