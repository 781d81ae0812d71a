//! The data of the overview, of an organization's page and of its people page.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::{OrganizationPage, Overview, OverviewQuery, People, PeopleQuery};

use super::AppError;

/// Loads the organizations of the overview; staff only.
#[server(prefix = "/api", endpoint = "load_overview")]
pub async fn load_overview(query: OverviewQuery) -> Result<Overview, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::overview(&super::state()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_organization")]
pub async fn load_organization(id: OrganizationId) -> Result<OrganizationPage, AppError> {
    let scope = super::scope(&id).await?;
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::organization(&super::state()?, &scope, &viewer).await?)
}

#[server(prefix = "/api", endpoint = "load_people")]
pub async fn load_people(id: OrganizationId, query: PeopleQuery) -> Result<People, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::people(&super::state()?, &scope, &query).await?)
}
