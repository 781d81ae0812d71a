//! The seat limit: what a new one would do, and setting it.

use leptos::prelude::*;
use seatkeeper::domain::{
    id::OrganizationId,
    page::{LimitPreview, OrganizationPage},
    refusal::Refusal,
};
use serde::{Deserialize, Serialize};

use super::Failure;

/// What the form shows: the organization as it is, and what the typed limit would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitForm {
    pub organization: OrganizationPage,
    /// Nothing is typed yet; or what it would do; or why it is no limit.
    pub preview: Option<Result<LimitPreview, Refusal>>,
}

#[server(prefix = "/api", endpoint = "load_limit_form")]
pub async fn load_limit_form(id: OrganizationId, limit: String) -> Result<LimitForm, Failure> {
    super::staff().await?;
    let organization = super::load_organization(id.clone()).await?;
    let preview = if limit.trim().is_empty() { None } else { Some(preview(&id, &limit).await?) };
    Ok(LimitForm { organization, preview })
}

/// What a new limit would do, while somebody types it.
#[server(prefix = "/api", endpoint = "preview_seat_limit")]
pub async fn preview_seat_limit(id: OrganizationId, limit: String) -> Result<LimitPreview, Failure> {
    super::staff().await?;
    Ok(preview(&id, &limit).await??)
}

/// Sets the limit and goes back to the organization; a refusal comes back to the form with everything typed kept.
#[server(prefix = "/api", endpoint = "set_seat_limit")]
pub async fn set_seat_limit(
    id: OrganizationId,
    limit: String,
    limit_version: i64,
    #[server(default)] reason: String,
) -> Result<(), Failure> {
    use super::{Refused, answer};
    use crate::routes;
    use seatkeeper::{acts, domain::organization::SeatLimit};

    let staff = super::staff().await?;
    let set = async {
        let new = acts::NewLimit {
            organization: id.clone(),
            limit: SeatLimit::parse(&limit)?,
            reason: reason.clone(),
            expected_version: Some(limit_version),
        };
        acts::set_seat_limit(&super::desk()?, &acts::Actor::Staff(staff), &new).await.map_err(Failure::from)
    };
    match set.await {
        Ok(admitted) => answer::redirect(&routes::with_query(&routes::organization(&id), &[("saved", &admitted.to_string())])),
        Err(failure) if answer::is_form() => {
            let refused = Refused::of(&failure).word();
            let (limit, reason): (String, String) = (limit.chars().take(40).collect(), reason.chars().take(600).collect());
            answer::redirect(&routes::with_query(
                &routes::seat_limit(&id),
                &[("limit", &limit), ("reason", &reason), ("refused", refused)],
            ));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn preview(id: &OrganizationId, limit: &str) -> Result<Result<LimitPreview, Refusal>, Failure> {
    let scope = super::scope(id).await?;
    match seatkeeper::domain::organization::SeatLimit::parse(limit) {
        Ok(limit) => Ok(Ok(seatkeeper::reads::limit_preview(&super::desk()?, &scope, limit).await?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}
