//! Who is asking, on the server: loaded once for each request, however many parts of the page ask.

use std::{net::IpAddr, sync::Arc};

use axum::http::request::Parts;
use leptos::prelude::use_context;
use seatkeeper::{
    acts,
    db::is_time_limit,
    desk::Desk,
    domain::{
        access::{OrganizationScope, Staff, Viewer},
        id::OrganizationId,
    },
    http::{self, session::Session},
    metrics::traffic::NotServed,
    shares::{InUse, Share},
};
use tokio::sync::OnceCell;

use super::{Failure, Refused, answer};

/// Provided for each request beside the [`Desk`]: keeps the viewer while the request lasts, and not a moment longer.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    viewer: Arc<OnceCell<Option<Viewer>>>,
    /// In use until the request is answered.
    shares: Arc<OnceCell<Share>>,
    organization: Arc<OnceCell<Share>>,
}

pub(crate) fn desk() -> Result<Desk, Failure> {
    use_context::<Desk>().ok_or_else(|| without("no desk in the context"))
}

pub(crate) async fn session() -> Result<Session, Failure> {
    leptos_axum::extract::<Session>().await.map_err(without)
}

/// Something is missing that every request is given. When a browser goes away in the middle of a page, its request's context goes
/// at once, while what was already loading runs on to its next step: that is nobody's mistake, and nobody reads the answer.
fn without(missing: impl std::fmt::Display) -> Failure {
    if use_context::<Parts>().is_none() { Failure::Away } else { Failure::internal(missing) }
}

/// Where the request comes from.
pub(crate) fn source() -> Option<IpAddr> {
    use_context::<Parts>()?.extensions.get::<http::ClientAddress>().map(|client| client.0)
}

/// Who is asking, if anybody is signed in.
pub(crate) async fn viewer() -> Result<Option<Viewer>, Failure> {
    let (desk, asking) = (desk()?, use_context::<Asking>().unwrap_or_default());
    let session = session().await?;
    let viewer = asking.viewer.get_or_try_init(|| async { session.viewer(&desk).await }).await?;
    if let Some(viewer) = viewer {
        asking.shares.get_or_try_init(|| desk.shares.of_account(&viewer.account)).await.map_err(|InUse| in_use(&desk))?;
    }
    Ok(viewer.clone())
}

fn in_use(desk: &Desk) -> Failure {
    desk.metrics.traffic.not_served(NotServed::Share);
    Failure::busy()
}

/// Who is asking, if they are staff; for others there is nothing here.
pub(crate) async fn staff() -> Result<Staff, Failure> {
    signed_in().await?.staff().ok_or_else(Failure::missing)
}

/// The right to this organization's data; somebody else's is as missing as one that does not exist.
pub(crate) async fn scope(id: &OrganizationId) -> Result<OrganizationScope, Failure> {
    let scope = signed_in().await?.scope(id).ok_or_else(Failure::missing)?;
    let (desk, asking) = (desk()?, use_context::<Asking>().unwrap_or_default());
    asking.organization.get_or_try_init(|| desk.shares.of_organization(id)).await.map_err(|InUse| in_use(&desk))?;
    Ok(scope)
}

/// Whoever may resync this organization; for others there is nothing here.
pub(crate) async fn resyncer(id: &OrganizationId) -> Result<acts::Actor, Failure> {
    let viewer = signed_in().await?;
    viewer.scope(id).filter(|_| viewer.role.may_resync()).ok_or_else(Failure::missing)?;
    let staff = viewer.staff();
    Ok(staff.map_or_else(|| acts::Actor::TenantAdmin { account: viewer.account, name: viewer.name }, acts::Actor::Staff))
}

/// Goes on to where an act leads; a refusal goes back to where its form was, as a word.
pub(crate) fn settled(done: Result<String, acts::Error>, back: &str) -> Result<(), Failure> {
    match done.map_err(Failure::from) {
        Ok(path) => answer::redirect(&path),
        Err(failure @ Failure::Refused(_)) if answer::is_form() => {
            let mark = if back.contains('?') { '&' } else { '?' };
            answer::redirect(&format!("{back}{mark}refused={}", Refused::of(&failure).word()));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

async fn signed_in() -> Result<Viewer, Failure> {
    viewer().await?.ok_or_else(Failure::sign_in)
}

impl From<acts::Error> for Failure {
    fn from(error: acts::Error) -> Self {
        match error {
            acts::Error::Refused(refusal) => Self::refused(refusal),
            acts::Error::Missing => Self::missing(),
            acts::Error::Database(error) if is_time_limit(&error) => {
                if let Some(desk) = use_context::<Desk>() {
                    desk.metrics.traffic.not_served(NotServed::ReadTime);
                }
                Self::too_slow()
            }
            error => Self::internal(error),
        }
    }
}
