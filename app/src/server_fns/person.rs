//! The person who is signed in.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::Person;

use super::AppError;

/// Loads the person who is signed in, for the layout around every page. `organization` is that of
/// the page.
#[server(prefix = "/api", endpoint = "load_person")]
pub async fn load_person(
    #[server(default)] organization: Option<OrganizationId>,
) -> Result<Option<Person>, AppError> {
    use seatkeeper::queries;

    let Some(viewer) = super::viewer().await? else { return Ok(None) };
    let state = super::state()?;
    if let Some(scope) = organization.as_ref().and_then(|id| viewer.scope(id)) {
        note_visit(&state, &viewer, &scope).await?;
    }
    Ok(Some(queries::person(&state, &viewer, organization.as_ref()).await?))
}

/// Records which organization a person looks at. The page is shown even if the database cannot
/// store it.
#[cfg(feature = "ssr")]
async fn note_visit(
    state: &seatkeeper::state::AppState,
    viewer: &domain::access::Viewer,
    organization: &domain::access::OrganizationScope,
) -> Result<(), AppError> {
    if super::session().await?.is_use() {
        let noted = seatkeeper::commands::note_visit(state, viewer, organization).await;
        noted.unwrap_or_else(|error| tracing::warn!(%error, "a visit could not be noted"));
    }
    Ok(())
}
