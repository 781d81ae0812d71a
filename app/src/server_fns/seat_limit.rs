//! The seat limit: the preview of a new one, and setting it.

use domain::{id::OrganizationId, refusal::Refusal, time::Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use views::{LimitChange, LimitPreview, OrganizationPage};

use super::AppError;

/// The data of the form: the organization as it is, and what the typed limit would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitForm {
    pub organization: OrganizationPage,
    /// `None` if nothing is typed yet; otherwise the preview, or why the text is no seat limit.
    pub preview: Option<Result<LimitPreview, Refusal>>,
}

/// What the typed limit would do, while the form is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitLook {
    pub preview: LimitPreview,
    /// The change of a colleague since the form was opened.
    pub changed: Option<LimitChange>,
    pub now: Timestamp,
}

#[server(prefix = "/api", endpoint = "load_limit_form")]
pub async fn load_limit_form(id: OrganizationId, limit: String) -> Result<LimitForm, AppError> {
    super::staff().await?;
    let organization = super::load_organization(id.clone()).await?;
    let asks = !limit.trim().is_empty() && !organization.archived;
    let preview = if asks { Some(preview(&id, &limit).await?) } else { None };
    Ok(LimitForm { organization, preview })
}

/// Previews a new limit while the reader types it. `limit_version`: what the reader knows.
#[server(prefix = "/api", endpoint = "preview_seat_limit")]
pub async fn preview_seat_limit(
    id: OrganizationId,
    limit: String,
    limit_version: i64,
) -> Result<LimitLook, AppError> {
    super::staff().await?;
    let (preview, state) = (preview(&id, &limit).await??, super::state()?);
    let changed = if preview.limit_version == limit_version {
        None
    } else {
        let scope = super::scope(&id).await?;
        seatkeeper::queries::last_limit_change(&state, &scope).await?
    };
    Ok(LimitLook { preview, changed, now: state.clock.now() })
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
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::{self, LimitOutcome};

    let (actor, state) = (super::staff_actor().await?, super::state()?);
    let typed = [("limit", limit.as_str()), ("reason", &reason), ("until", &until)];
    let new = match new_limit(&state, &id, typed, limit_version).await {
        Ok(new) => commands::set_seat_limit(&state, &actor, &new)
            .await
            .map_err(|error| vec![AppError::from(error)]),
        Err(failures) => Err(failures),
    };
    match new {
        Ok(LimitOutcome::Set(admitted)) => answer::redirect(&paths::with_query(
            &paths::organization(&id),
            &[("saved", &admitted.to_string())],
        )),
        Ok(LimitOutcome::Proposed(proposal)) => answer::redirect(&paths::with_query(
            &paths::proposal(&id, &proposal),
            &[("done", "proposed")],
        )),
        Err(failures) if answer::is_form() => come_back(&id, typed, &failures),
        Err(failures) => return failures.into_iter().next().map_or(Ok(()), Err),
    }
    Ok(())
}

/// The names and the texts of the fields: the limit, the reason, the last day.
#[cfg(feature = "ssr")]
type TypedFields<'a> = [(&'static str, &'a str); 3];

/// What the fields ask for, or everything that is wrong with them.
#[cfg(feature = "ssr")]
async fn new_limit(
    state: &seatkeeper::state::AppState,
    id: &OrganizationId,
    [(_, limit), (_, reason), (_, until)]: TypedFields<'_>,
    version: i64,
) -> Result<seatkeeper::commands::NewLimit, Vec<AppError>> {
    use domain::limit_end::LimitEnd;
    use seatkeeper::commands::{self, NewLimit};

    let limit = meant_limit(id, limit).await;
    let unreasoned = commands::parse_reason(reason, Refusal::ReasonMissing).err();
    let until = LimitEnd::parse(until, state.clock.now()).map_err(AppError::from);
    match (limit, unreasoned, until) {
        (Ok(limit), None, Ok(until)) => Ok(NewLimit {
            organization: id.clone(),
            limit,
            until,
            reason: reason.to_owned(),
            expected_version: Some(version),
        }),
        (limit, unreasoned, until) => {
            let failures = [limit.err(), unreasoned.map(AppError::from), until.err()];
            Err(failures.into_iter().flatten().collect())
        }
    }
}

/// The limit that a text means now. A limit that changes before it is set has another version.
#[cfg(feature = "ssr")]
async fn meant_limit(
    id: &OrganizationId,
    text: &str,
) -> Result<domain::organization::SeatLimit, AppError> {
    use domain::organization::TypedLimit;

    match TypedLimit::parse(text)? {
        TypedLimit::Exactly(limit) => Ok(limit),
        TypedLimit::More(_) => Ok(preview(id, text).await??.after.limit),
    }
}

/// Leads back to the form with everything that was typed, and with every refusal.
#[cfg(feature = "ssr")]
fn come_back(id: &OrganizationId, typed: TypedFields<'_>, failures: &[AppError]) {
    use super::{Refused, answer};
    use crate::paths;

    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let typed =
        typed.map(|(name, text)| (name, cut(text, if name == "reason" { 600 } else { 40 })));
    let typed = typed.iter().map(|(name, text)| (*name, text.as_str()));
    let refused = failures.iter().map(|failure| ("refused", Refused::of(failure).word()));
    let query: Vec<(&str, &str)> = typed.chain(refused).collect();
    answer::redirect(&paths::with_query(&paths::seat_limit(id), &query));
}

#[cfg(feature = "ssr")]
async fn preview(
    id: &OrganizationId,
    limit: &str,
) -> Result<Result<LimitPreview, Refusal>, AppError> {
    use domain::organization::TypedLimit;
    use seatkeeper::{commands::Error, queries};

    let scope = super::scope(id).await?;
    let typed = match TypedLimit::parse(limit) {
        Ok(typed) => typed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match queries::limit_preview(&super::state()?, &scope, typed).await {
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        preview => Ok(Ok(preview?)),
    }
}
