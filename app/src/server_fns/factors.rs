//! The factors of a person's own account.

use leptos::prelude::*;
use views::factors::{FactorsPage, NewAppPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_factors")]
pub async fn load_factors() -> Result<FactorsPage, AppError> {
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    super::lead_to_proof().await?;
    super::answer::forget_codes(); // they were shown
    let device = super::session().await?.device().to_owned();
    Ok(seatkeeper::queries::own_factors(&state, &viewer, device).await?)
}

/// Begins the set-up of an app in this browser, and opens its page.
#[server(prefix = "/api", endpoint = "begin_app")]
pub async fn begin_app() -> Result<(), AppError> {
    use super::answer;
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let begin = async {
        let proof = super::fresh_proof().await?;
        let token = seatkeeper::commands::begin_app(&state, &viewer, &proof).await?;
        answer::keep_step(&token);
        Ok(paths::NEW_APP.to_owned())
    };
    super::done(begin.await, paths::FACTORS)
}

/// The app that this browser sets up.
#[server(prefix = "/api", endpoint = "load_new_app")]
pub async fn load_new_app() -> Result<NewAppPage, AppError> {
    use domain::refusal::Refusal;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let proof = super::fresh_proof().await?;
    let token = super::answer::kept_step();
    let token = token.ok_or_else(|| AppError::refused(Refusal::SetUpOver))?;
    Ok(seatkeeper::queries::new_app(&state, &viewer, &proof, &token).await?)
}

/// Gives the account the app, once a code shows that it has the secret.
#[server(prefix = "/api", endpoint = "add_app")]
pub async fn add_app(code: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::NewApp;

    let (state, actor) = (super::state()?, super::own_actor().await?);
    let add = async {
        let proof = super::fresh_proof().await?;
        let token = answer::kept_step().ok_or(Refusal::SetUpOver)?;
        let new = NewApp { token, code };
        let codes = super::session().await?.add_app(&state, &actor, &proof, &new).await?;
        answer::forget_step();
        if codes.is_empty() {
            return Ok(paths::with_query(paths::FACTORS, &[("saved", "app")]));
        }
        answer::keep_codes(&codes);
        Ok(paths::recovery_codes(paths::FACTORS))
    };
    super::done(add.await, paths::NEW_APP)
}

#[server(prefix = "/api", endpoint = "remove_app")]
pub async fn remove_app() -> Result<(), AppError> {
    use crate::paths;

    let (state, actor) = (super::state()?, super::own_actor().await?);
    let remove = async {
        let proof = super::fresh_proof().await?;
        let removed = super::session().await?.remove_app(&state, &actor, &proof).await?;
        let saved = if removed { "app-removed" } else { "same" };
        Ok(paths::with_query(paths::FACTORS, &[("saved", saved)]))
    };
    super::done(remove.await, paths::FACTORS)
}

/// New recovery codes: the old ones work no more.
#[server(prefix = "/api", endpoint = "make_recovery_codes")]
pub async fn make_recovery_codes() -> Result<(), AppError> {
    use super::answer;
    use crate::paths;

    let (state, actor) = (super::state()?, super::own_actor().await?);
    let make = async {
        let proof = super::fresh_proof().await?;
        let codes = super::session().await?.make_recovery_codes(&state, &actor, &proof).await?;
        answer::keep_codes(&codes);
        Ok(paths::recovery_codes(paths::FACTORS))
    };
    super::done(make.await, paths::FACTORS)
}

/// The codes that were made a moment ago in this browser; nothing else has them.
#[server(prefix = "/api", endpoint = "load_recovery_codes")]
pub async fn load_recovery_codes() -> Result<Vec<String>, AppError> {
    super::signed_in().await?;
    Ok(super::answer::kept_codes())
}
