//! What the overview, an organization's page and its people page show.

use leptos::prelude::*;
use seatkeeper::domain::{
    id::OrganizationId,
    page::{OrganizationPage, Overview, OverviewQuery, People, PeopleQuery},
};

use super::Failure;

/// Every organization, for staff; a tenant's own for a tenant.
#[server(prefix = "/api", endpoint = "load_overview")]
pub async fn load_overview(query: OverviewQuery) -> Result<Overview, Failure> {
    super::staff().await?;
    Ok(super::fixtures::overview(&query))
}

#[server(prefix = "/api", endpoint = "load_organization")]
pub async fn load_organization(id: OrganizationId) -> Result<OrganizationPage, Failure> {
    let scope = super::scope(&id).await?;
    super::fixtures::organization(&scope).ok_or_else(Failure::missing)
}

#[server(prefix = "/api", endpoint = "load_people")]
pub async fn load_people(id: OrganizationId, query: PeopleQuery) -> Result<People, Failure> {
    let scope = super::scope(&id).await?;
    super::fixtures::people(&scope, &query).ok_or_else(Failure::missing)
}
