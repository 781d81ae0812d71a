//! The organizations that the switcher in the layout offers.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::switcher::Switcher;

use super::AppError;

/// Loads the organizations that the viewer may see and that match the search. `here` is the
/// organization of the page.
#[server(prefix = "/api", endpoint = "load_switcher")]
pub async fn load_switcher(
    #[server(default)] search: String,
    #[server(default)] here: Option<OrganizationId>,
) -> Result<Switcher, AppError> {
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::switcher(&super::state()?, &viewer, &search, here.as_ref()).await?)
}
