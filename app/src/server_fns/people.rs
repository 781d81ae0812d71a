//! One person of an organization, for staff and for the organization's tenants.

use domain::id::{DirectoryUserId, OrganizationId};
use leptos::prelude::*;
use views::person::{HistoryCursor, PersonPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_person_page")]
pub async fn load_person_page(
    id: OrganizationId,
    user: DirectoryUserId,
    before: Option<HistoryCursor>,
) -> Result<PersonPage, AppError> {
    let scope = super::scope(&id).await?;
    let (viewer, state) = (super::signed_in().await?, super::state()?);
    Ok(seatkeeper::queries::person_page(&state, &scope, &viewer, &user, before.as_ref()).await?)
}
