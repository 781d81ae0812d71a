//! The end of an organization by hand, with its preview, and its return. Staff only.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::settings::ArchivePage;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_archive")]
pub async fn load_archive(id: OrganizationId) -> Result<ArchivePage, AppError> {
    let staff = super::staff().await?;
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::archive_page(&super::state()?, &scope, &staff).await?)
}

/// Archives the organization and goes to its page. `used` and `waiting` are the numbers of the
/// preview. After a refusal the preview comes back with everything that was typed.
#[server(prefix = "/api", endpoint = "archive_organization")]
pub async fn archive_organization(
    id: OrganizationId,
    used: i64,
    waiting: i64,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let typed: String = reason.chars().take(600).collect();
    let new =
        commands::NewArchive { organization: id.clone(), reason, expected: Some((used, waiting)) };
    let archived = commands::archive_organization(&super::state()?, &actor, &new).await;
    let back = paths::with_query(&paths::archive(&id), &[("reason", &typed)]);
    super::settled(archived.map(|_| paths::organization(&id)), &back)
}

/// Restores an organization that a person has archived, and goes to its page.
#[server(prefix = "/api", endpoint = "restore_organization")]
pub async fn restore_organization(id: OrganizationId) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let restored = commands::restore_organization(&super::state()?, &actor, &id).await;
    let done = paths::with_query(&paths::organization(&id), &[("done", "restored")]);
    super::settled(restored.map(|()| done), &paths::settings(&id))
}
