//! The audit log: for staff, and an organization's own part for its tenants.

use leptos::prelude::*;
use views::audit::{AuditPage, AuditQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_audit")]
pub async fn load_audit(query: AuditQuery) -> Result<AuditPage, AppError> {
    let viewer = super::viewer().await?.ok_or_else(AppError::sign_in)?;
    if let Some(organization) = &query.organization {
        super::scope(organization).await?;
    }
    Ok(seatkeeper::queries::audit(&super::state()?, &viewer, &query).await?)
}
