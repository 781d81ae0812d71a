//! Whether this installation is well.

use leptos::prelude::*;
use seatkeeper::domain::system::SystemPage;

use super::Failure;

/// For staff alone.
#[server(prefix = "/api", endpoint = "load_system")]
pub async fn load_system() -> Result<SystemPage, Failure> {
    let desk = super::desk()?;
    let staff = super::staff().await?;
    Ok(seatkeeper::reads::system(&desk, &staff).await?)
}
