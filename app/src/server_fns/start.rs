//! The data of the start page, and the test e-mail.

use leptos::prelude::*;
use views::start::StartPage;

use super::AppError;

/// Loads the start page; staff only.
#[server(prefix = "/api", endpoint = "load_start")]
pub async fn load_start() -> Result<StartPage, AppError> {
    let state = super::state()?;
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::start(&state, &staff).await?)
}

/// Sends a test e-mail to the viewer, staff only. The list of messages shows whether it has left.
#[server(prefix = "/api", endpoint = "send_test_email")]
pub async fn send_test_email() -> Result<(), AppError> {
    use crate::paths;

    let state = super::state()?;
    super::staff().await?;
    let (viewer, actor) = (super::signed_in().await?, super::own_actor().await?);
    let sent = seatkeeper::commands::send_test_email(&state, &actor, &viewer).await;
    super::settled(sent.map(|()| paths::MESSAGES.to_owned()), paths::START)
}
