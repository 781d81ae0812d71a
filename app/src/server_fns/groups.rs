//! The groups of an organization, and one of them.

use domain::id::{GroupId, OrganizationId};
use leptos::prelude::*;
use views::groups::{GroupPage, GroupQuery, Groups, GroupsQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_groups")]
pub async fn load_groups(id: OrganizationId, query: GroupsQuery) -> Result<Groups, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::groups(&super::state()?, &scope, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_group_page")]
pub async fn load_group_page(
    id: OrganizationId,
    group: GroupId,
    query: GroupQuery,
) -> Result<GroupPage, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::group_page(&super::state()?, &scope, &group, &query).await?)
}
