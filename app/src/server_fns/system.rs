//! The data of the system page.

use leptos::prelude::*;
use views::system::SystemPage;

use super::AppError;

/// Loads the system page; staff only.
#[server(prefix = "/api", endpoint = "load_system")]
pub async fn load_system() -> Result<SystemPage, AppError> {
    let state = super::state()?;
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::system(&state, &staff).await?)
}
