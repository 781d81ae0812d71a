//! The seat limit: the preview of a new one, and setting it.

use domain::{id::OrganizationId, refusal::Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use views::{LimitPreview, OrganizationPage};

use super::AppError;

/// The data of the form: the organization as it is, and what the typed limit would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitForm {
    pub organization: OrganizationPage,
    /// `None` if nothing is typed yet; otherwise the preview, or why the text is no seat limit.
    pub preview: Option<Result<LimitPreview, Refusal>>,
}

#[server(prefix = "/api", endpoint = "load_limit_form")]
pub async fn load_limit_form(id: OrganizationId, limit: String) -> Result<LimitForm, AppError> {
    super::staff().await?;
    let organization = super::load_organization(id.clone()).await?;
    let asks = !limit.trim().is_empty() && !organization.archived;
    let preview = if asks { Some(preview(&id, &limit).await?) } else { None };
    Ok(LimitForm { organization, preview })
}

/// Previews a new limit while the reader types it.
#[server(prefix = "/api", endpoint = "preview_seat_limit")]
pub async fn preview_seat_limit(
    id: OrganizationId,
    limit: String,
) -> Result<LimitPreview, AppError> {
    super::staff().await?;
    Ok(preview(&id, &limit).await??)
}

/// Sets the limit and goes back to the organization, or to the proposal that a large change
/// becomes. After a refusal the form comes back with everything that was typed.
#[server(prefix = "/api", endpoint = "set_seat_limit")]
pub async fn set_seat_limit(
    id: OrganizationId,
    limit: String,
    limit_version: i64,
    #[server(default)] reason: String,
    #[server(default)] until: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::{limit_end::LimitEnd, organization::SeatLimit};
    use seatkeeper::commands::{self, LimitOutcome};

    let (actor, state) = (super::staff_actor().await?, super::state()?);
    let set = async {
        let new = commands::NewLimit {
            organization: id.clone(),
            limit: SeatLimit::parse(&limit)?,
            until: LimitEnd::parse(&until, state.clock.now())?,
            reason: reason.clone(),
            expected_version: Some(limit_version),
        };
        commands::set_seat_limit(&state, &actor, &new).await.map_err(AppError::from)
    };
    match set.await {
        Ok(LimitOutcome::Set(admitted)) => answer::redirect(&paths::with_query(
            &paths::organization(&id),
            &[("saved", &admitted.to_string())],
        )),
        Ok(LimitOutcome::Proposed(proposal)) => answer::redirect(&paths::with_query(
            &paths::proposal(&id, &proposal),
            &[("done", "proposed")],
        )),
        Err(failure) if answer::is_form() => {
            let refused = Refused::of(&failure).word();
            let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
            let (limit, reason, until) = (cut(&limit, 40), cut(&reason, 600), cut(&until, 40));
            let typed = [
                ("limit", limit.as_str()),
                ("reason", &reason),
                ("until", &until),
                ("refused", refused),
            ];
            answer::redirect(&paths::with_query(&paths::seat_limit(&id), &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn preview(
    id: &OrganizationId,
    limit: &str,
) -> Result<Result<LimitPreview, Refusal>, AppError> {
    let scope = super::scope(id).await?;
    match domain::organization::SeatLimit::parse(limit) {
        Ok(limit) => {
            Ok(Ok(seatkeeper::queries::limit_preview(&super::state()?, &scope, limit).await?))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}
