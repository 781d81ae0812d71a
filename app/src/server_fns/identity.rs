//! Where a person shows again who they are, before something that is worth a stolen session.

use domain::text::ExternalText;
use leptos::prelude::*;

use super::AppError;

/// The address of the account; `None` if its owner showed lately who they are.
#[server(prefix = "/api", endpoint = "load_identity")]
pub async fn load_identity() -> Result<Option<ExternalText>, AppError> {
    use domain::refusal::Refusal;

    let viewer = super::signed_in().await?;
    match super::session().await?.fresh_proof(&super::state()?).await {
        Ok(_) => Ok(None),
        Err(seatkeeper::commands::Error::Refused(Refusal::ProofTooOld)) => {
            Ok(Some(ExternalText::new(&viewer.email)))
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
