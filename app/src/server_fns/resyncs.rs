//! Resyncs of an organization: the history, one resync with its plan, and the commands that people
//! run on it.

use domain::id::{OrganizationId, ResyncId};
use leptos::prelude::*;
use views::resyncs::{ResyncPage, ResyncQuery, ResyncsPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_resyncs")]
pub async fn load_resyncs(
    id: OrganizationId,
    before: Option<ResyncId>,
) -> Result<ResyncsPage, AppError> {
    let scope = super::scope(&id).await?;
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    Ok(seatkeeper::queries::resyncs_page(&state, &scope, &viewer, before.as_ref()).await?)
}

#[server(prefix = "/api", endpoint = "load_resync")]
pub async fn load_resync(
    id: OrganizationId,
    run: ResyncId,
    #[server(default)] query: ResyncQuery,
) -> Result<ResyncPage, AppError> {
    let scope = super::scope(&id).await?;
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    Ok(seatkeeper::queries::resync_page(&state, &scope, &viewer, &run, &query).await?)
}

/// Starts a resync, or finds one of the same kind that is in progress, and goes on to its page.
#[server(prefix = "/api", endpoint = "start_resync")]
pub async fn start_resync(
    id: OrganizationId,
    #[server(default)] dry_run: Option<String>,
) -> Result<(), AppError> {
    use crate::paths;
    use domain::resync::ResyncCause;
    use seatkeeper::commands::resync;

    let actor = super::resyncer(&id).await?;
    let run = resync::start_resync(
        &super::state()?,
        Some(&actor),
        &id,
        ResyncCause::Form,
        dry_run.is_some(),
    )
    .await;
    super::settled(
        run.map(|run| paths::resync(&id, &run, &ResyncQuery::default())),
        &paths::resyncs(&id, None),
    )
}

/// Cancels a resync that is not over.
#[server(prefix = "/api", endpoint = "cancel_resync")]
pub async fn cancel_resync(id: OrganizationId, run: ResyncId) -> Result<(), AppError> {
    let actor = super::resyncer(&id).await?;
    let done =
        seatkeeper::commands::resync::cancel_resync(&super::state()?, &actor, &id, &run).await;
    let path = crate::paths::resync(&id, &run, &ResyncQuery::default());
    super::settled(done.map(|()| path.clone()), &path)
}

/// Confirms a plan. After a refusal the typed number comes back.
#[server(prefix = "/api", endpoint = "confirm_resync")]
pub async fn confirm_resync(
    id: OrganizationId,
    run: ResyncId,
    #[server(default)] people: String,
) -> Result<(), AppError> {
    use crate::paths;

    let actor = super::resyncer(&id).await?;
    let typed: String =
        people.chars().filter(|c| !c.is_whitespace() && *c != ',').take(20).collect();
    let done = seatkeeper::commands::resync::confirm_resync(
        &super::state()?,
        &actor,
        &id,
        &run,
        typed.parse().ok(),
    )
    .await;
    let path = paths::resync(&id, &run, &ResyncQuery::default());
    let back = paths::with_query(&path, &[("people", &typed)]);
    super::settled(done.map(|()| path), &back)
}
