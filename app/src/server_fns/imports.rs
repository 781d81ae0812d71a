//! The form that takes a file of people. The file itself is no server function: see
//! `app/src/uploads.rs`.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::imports::ImportForm;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_import")]
pub async fn load_import(id: OrganizationId) -> Result<ImportForm, AppError> {
    super::resyncer(&id).await?;
    let (scope, viewer) = (super::scope(&id).await?, super::signed_in().await?);
    Ok(seatkeeper::queries::import_form(&super::state()?, &scope, &viewer).await?)
}
