//! An organization as it was at a moment, its seat history, and its true-up report.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::{
    history::{HistoryPage, HistoryQuery},
    past::{AsOfPage, AsOfQuery, TrueUpPage, TrueUpQuery},
};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_as_of")]
pub async fn load_as_of(id: OrganizationId, query: AsOfQuery) -> Result<AsOfPage, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::as_of_page(&super::state()?, &scope, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_history")]
pub async fn load_history(
    id: OrganizationId,
    query: HistoryQuery,
) -> Result<HistoryPage, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::history_page(&super::state()?, &scope, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_true_up")]
pub async fn load_true_up(id: OrganizationId, query: TrueUpQuery) -> Result<TrueUpPage, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::true_up_page(&super::state()?, &scope, query).await?)
}
