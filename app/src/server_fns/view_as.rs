//! Staff see an organization as its admin does, for some minutes and only to read.

use domain::{id::OrganizationId, text::ExternalText};
use leptos::prelude::*;

use super::AppError;

/// The form with the name of the organization; staff only.
#[server(prefix = "/api", endpoint = "load_view_form")]
pub async fn load_view_form(id: OrganizationId) -> Result<ExternalText, AppError> {
    super::staff().await?;
    super::lead_to_proof().await?;
    Ok(super::load_organization(id).await?.name)
}

/// Begins the view in this session, and goes to the organization. After a refusal the form comes
/// back with what was typed.
#[server(prefix = "/api", endpoint = "begin_view")]
pub async fn begin_view(
    id: OrganizationId,
    #[server(default)] reason: String,
    #[server(default)] minutes: String,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands::NewView;

    let actor = super::staff_actor().await?;
    let new = NewView { organization: id.clone(), reason, minutes };
    let begun = super::session().await?.begin_view(&super::state()?, &actor, &new).await;
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let (reason, minutes) = (cut(&new.reason, 600), cut(&new.minutes, 20));
    let typed = [("reason", reason.as_str()), ("minutes", minutes.as_str())];
    let back = paths::with_query(&paths::view_as(&id), &typed);
    super::settled(begun.map(|()| paths::organization(&id)), &back)
}

/// Ends the view of this session, and goes to the organization as staff see it.
#[server(prefix = "/api", endpoint = "end_view")]
pub async fn end_view() -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::Actor;

    let viewer = super::signed_in().await?;
    let (Some(staff), Some(view)) = (viewer.behind_view(), &viewer.view_as) else {
        // its time was over before
        answer::redirect(paths::HOME);
        return Ok(());
    };
    let actor = Actor::staff(staff).with_origin(super::origin());
    super::session().await?.end_view(&super::state()?, &actor).await?;
    answer::redirect(&paths::organization(&view.organization));
    Ok(())
}
