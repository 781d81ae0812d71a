//! Where a person shows again who they are, before something that is worth a stolen session.

use leptos::prelude::*;
use views::factors::IdentityPage;

use super::AppError;

/// By what the viewer shows who they are; `None` if they did lately.
#[server(prefix = "/api", endpoint = "load_identity")]
pub async fn load_identity() -> Result<Option<IdentityPage>, AppError> {
    use domain::refusal::Refusal;

    let viewer = super::signed_in().await?;
    let state = super::state()?;
    match super::session().await?.fresh_proof(&state).await {
        Ok(_) => Ok(None),
        Err(seatkeeper::commands::Error::Refused(Refusal::ProofTooOld)) => {
            Ok(Some(seatkeeper::queries::identity(&state, &viewer).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Checks the password and goes on to `next`.
#[server(prefix = "/api", endpoint = "confirm_identity")]
pub async fn confirm_identity(
    present: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands::IdentityForm;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let next = paths::local_path(&next);
    let form = IdentityForm { present, visitor: super::visitor(&state) };
    let confirmed = super::session().await?.confirm_identity(&state, &form).await;
    let request = super::answer::request_id();
    let is_confirmed = confirmed.is_ok();
    tracing::info!(request, account = %viewer.account, is_confirmed, "an identity was asked for");
    super::settled(
        confirmed.map(|()| next.unwrap_or(paths::HOME).to_owned()),
        &paths::confirm_identity(next.unwrap_or_default()),
    )
}
