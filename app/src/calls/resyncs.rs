//! Comparing an organization with its directory: the history, one run with its plan, and what people do to it.

use leptos::prelude::*;
use seatkeeper::domain::{
    id::{OrganizationId, ResyncId},
    page::resyncs::{ResyncPage, ResyncQuery, ResyncsPage},
};

use super::Failure;

#[server(prefix = "/api", endpoint = "load_resyncs")]
pub async fn load_resyncs(id: OrganizationId, before: Option<ResyncId>) -> Result<ResyncsPage, Failure> {
    let scope = super::scope(&id).await?;
    let page = seatkeeper::reads::resyncs_page(&super::desk()?, &scope, before.as_ref()).await?;
    Ok(match tenant().await? {
        Some(reader) => page.for_tenant(&reader),
        None => page,
    })
}

#[server(prefix = "/api", endpoint = "load_resync")]
pub async fn load_resync(id: OrganizationId, run: ResyncId, query: ResyncQuery) -> Result<ResyncPage, Failure> {
    let scope = super::scope(&id).await?;
    let page = seatkeeper::reads::resync_page(&super::desk()?, &scope, &run, query).await?;
    Ok(match tenant().await? {
        Some(reader) => page.for_tenant(&reader),
        None => page,
    })
}

/// Starts a run, or finds the one of its kind that is under way, and goes on to its page.
#[server(prefix = "/api", endpoint = "start_resync")]
pub async fn start_resync(id: OrganizationId, #[server(default)] dry_run: Option<String>) -> Result<(), Failure> {
    use crate::routes;
    use seatkeeper::{acts::resync, domain::resync::ResyncCause};

    let actor = super::resyncer(&id).await?;
    let run = resync::start_resync(&super::desk()?, Some(&actor), &id, ResyncCause::Form, dry_run.is_some()).await;
    super::settled(run.map(|run| routes::resync(&id, &run, ResyncQuery::default())), &routes::resyncs(&id, None))
}

/// Ends a run that is not over.
#[server(prefix = "/api", endpoint = "cancel_resync")]
pub async fn cancel_resync(id: OrganizationId, run: ResyncId) -> Result<(), Failure> {
    let actor = super::resyncer(&id).await?;
    let done = seatkeeper::acts::resync::cancel_resync(&super::desk()?, &actor, &id, &run).await;
    let path = crate::routes::resync(&id, &run, ResyncQuery::default());
    super::settled(done.map(|()| path.clone()), &path)
}

/// Applies a plan that was looked at. What was typed comes back with a refusal.
#[server(prefix = "/api", endpoint = "confirm_resync")]
pub async fn confirm_resync(id: OrganizationId, run: ResyncId, #[server(default)] people: String) -> Result<(), Failure> {
    use crate::routes;

    let actor = super::resyncer(&id).await?;
    let typed: String = people.chars().filter(|c| !c.is_whitespace() && *c != ',').take(20).collect();
    let done = seatkeeper::acts::resync::confirm_resync(&super::desk()?, &actor, &id, &run, typed.parse().ok()).await;
    let path = routes::resync(&id, &run, ResyncQuery::default());
    let back = routes::with_query(&path, &[("people", &typed)]);
    super::settled(done.map(|()| path), &back)
}

/// The reader's name, if they are no staff.
#[cfg(feature = "ssr")]
async fn tenant() -> Result<Option<String>, Failure> {
    Ok(super::viewer().await?.filter(|viewer| !viewer.role.is_staff()).map(|viewer| viewer.name))
}
