//! A person's own account: name, password, e-mail address and sessions.

use domain::id::SessionId;
use leptos::prelude::*;
use views::account::AccountPage;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_account")]
pub async fn load_account() -> Result<AccountPage, AppError> {
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let this = super::session().await?.id(&state).await?;
    Ok(seatkeeper::queries::own_account(&state, &viewer, this.as_ref()).await?)
}

#[server(prefix = "/api", endpoint = "set_name")]
pub async fn set_name(name: String) -> Result<(), AppError> {
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let set = seatkeeper::commands::set_name(&state, &actor, &viewer, &name).await;
    let typed: String = name.chars().take(300).collect();
    super::settled(
        set.map(|changed| paths::account(&[("saved", if changed { "name" } else { "same" })])),
        &paths::account(&[("form", "name"), ("name", &typed)]),
    )
}

#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(present: String, password: String) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands::NewPassword;

    let state = super::state()?;
    let actor = super::own_actor().await?;
    let form = NewPassword { present, new: password, visitor: super::visitor(&state) };
    let changed = super::session().await?.change_password(&state, &actor, form).await;
    super::keep_reason(&changed);
    super::settled(
        changed.map(|()| paths::account(&[("saved", "password")])),
        &paths::account(&[("form", "password")]),
    )
}

/// Sends a link to the new address. After a refusal the form comes back with what was typed.
#[server(prefix = "/api", endpoint = "change_address")]
pub async fn change_address(email: String, present_password: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::{
        commands::{NewAddress, ask_for_address},
        queries,
    };

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let visitor = super::visitor(&state);
    let form = NewAddress { email, present: present_password, visitor };
    let asked = if queries::can_send_links(&state) {
        ask_for_address(&state, &actor, &viewer, &form).await
    } else {
        Err(Refusal::NoMailServer.into())
    };
    if asked.is_err() && answer::is_form() {
        answer::keep_email(&form.email, answer::EmailForm::Account);
    }
    super::settled(
        asked.map(|()| paths::account(&[("saved", "address")])),
        &paths::account(&[("form", "address")]),
    )
}

/// Ends one of the viewer's sessions; their own one signs them out.
#[server(prefix = "/api", endpoint = "end_session")]
pub async fn end_session(session: SessionId) -> Result<(), AppError> {
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let ended = seatkeeper::commands::end_session(&state, &actor, &viewer, &session).await?;
    let saved = if ended { "session" } else { "no-session" };
    super::answer::redirect(&paths::account(&[("saved", saved)]));
    Ok(())
}

#[server(prefix = "/api", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let kept = super::session().await?.id(&state).await?.ok_or_else(AppError::sign_in)?;
    let ended = seatkeeper::commands::end_other_sessions(&state, &actor, &viewer, &kept).await?;
    let saved = if ended > 0 { "sessions" } else { "no-session" };
    super::answer::redirect(&paths::account(&[("saved", saved)]));
    Ok(())
}
