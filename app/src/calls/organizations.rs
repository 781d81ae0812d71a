//! What the overview, an organization's page and its people page show.

use leptos::prelude::*;
use seatkeeper::domain::{
    id::OrganizationId,
    page::{OrganizationPage, Overview, OverviewQuery, People, PeopleQuery},
};

use super::Failure;

/// Every organization; for staff alone.
#[server(prefix = "/api", endpoint = "load_overview")]
pub async fn load_overview(query: OverviewQuery) -> Result<Overview, Failure> {
    let staff = super::staff().await?;
    Ok(seatkeeper::reads::overview(&super::desk()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_organization")]
pub async fn load_organization(id: OrganizationId) -> Result<OrganizationPage, Failure> {
    let scope = super::scope(&id).await?;
    let page = seatkeeper::reads::organization(&super::desk()?, &scope).await?;
    let is_staff = super::viewer().await?.is_some_and(|viewer| viewer.role.is_staff());
    Ok(if is_staff { page } else { page.for_tenant() })
}

#[server(prefix = "/api", endpoint = "load_people")]
pub async fn load_people(id: OrganizationId, query: PeopleQuery) -> Result<People, Failure> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::reads::people(&super::desk()?, &scope, &query).await?)
}
