//! The data of the start page.

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
