//! The settings of an organization: its details and the notes of staff.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::settings::SettingsPage;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_settings")]
pub async fn load_settings(id: OrganizationId) -> Result<SettingsPage, AppError> {
    let scope = super::scope(&id).await?;
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::settings(&super::state()?, &scope, &viewer).await?)
}

/// Sets the name, the external id and the account manager, and goes back to the settings. After a
/// refusal the form comes back with everything that was typed.
#[server(prefix = "/api", endpoint = "set_details")]
pub async fn set_details(
    id: OrganizationId,
    details_version: i64,
    name: String,
    #[server(default)] external_id: String,
    #[server(default)] account_manager: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::{id::AccountId, refusal::Refusal};
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let set = async {
        let manager = match account_manager.as_str() {
            "" => None,
            text => Some(AccountId::parse(text).ok_or(Refusal::AccountManager)?),
        };
        let new = commands::NewDetails {
            name: Some(name.clone()),
            external_id: Some(external_id.clone()),
            account_manager: Some(manager),
            expected_version: Some(details_version),
        };
        let state = super::state()?;
        commands::set_details(&state, &actor, &id, &new).await.map_err(AppError::from)
    };
    let settings = paths::settings(&id);
    match set.await {
        Ok(is_changed) => {
            let saved = if is_changed { "details" } else { "same" };
            answer::redirect(&paths::with_query(&settings, &[("saved", saved)]));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let typed = |text: &str| text.chars().take(300).collect::<String>();
            let (name, external_id) = (typed(&name), typed(&external_id));
            let typed = [
                ("form", "details"),
                ("name", name.as_str()),
                ("external_id", external_id.as_str()),
                ("account_manager", account_manager.as_str()),
                ("refused", Refused::of(&failure).word()),
            ];
            answer::redirect(&paths::with_query(&settings, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Sets when and where the organization is notified, and goes back to the settings. A Slack address
/// is a secret, so the form never has the present one: an empty field keeps it.
#[server(prefix = "/api", endpoint = "set_alerts")]
pub async fn set_alerts(
    id: OrganizationId,
    thresholds: String,
    #[server(default)] slack: String,
    #[server(default)] remove_slack: Option<String>,
    #[server(default)] recipients: Option<String>,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::alert::UsageThresholds;
    use seatkeeper::commands;

    let actor = super::alert_setter(&id).await?;
    let (state, settings) = (super::state()?, paths::settings(&id));
    let set = async {
        // nothing is saved if one of them is refused; an address that was typed counts
        let is_good = thresholds.trim().is_empty() || UsageThresholds::parse(&thresholds).is_some();
        let recipients = recipients.as_deref();
        let are_good = recipients.is_none_or(|text| commands::parse_recipients(text).is_ok());
        if is_good && are_good && (remove_slack.is_some() || !slack.trim().is_empty()) {
            commands::set_slack(&state, &actor, &id, &slack).await?;
        }
        // before the thresholds: they hear of an alert that those open
        if let Some(recipients) = recipients.filter(|_| is_good) {
            commands::set_extra_recipients(&state, &actor, &id, recipients).await?;
        }
        commands::set_thresholds(&state, &actor, &id, &thresholds).await
    };
    match set.await.map_err(AppError::from) {
        Ok(_) => answer::redirect(&paths::with_query(&settings, &[("saved", "alerts")])),
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let thresholds: String = thresholds.chars().take(100).collect();
            let recipients = recipients.unwrap_or_default();
            let typed = [
                ("form", "alerts"),
                ("thresholds", thresholds.as_str()),
                ("recipients", &recipients.chars().take(1_000).collect::<String>()),
                ("refused", Refused::of(&failure).word()),
            ];
            answer::redirect(&paths::with_query(&settings, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Sets the notes and goes back to the settings. After a refusal they show what was typed, which is
/// kept as a draft: notes are too long, and too private, for an address.
#[server(prefix = "/api", endpoint = "set_notes")]
pub async fn set_notes(
    id: OrganizationId,
    notes_version: i64,
    #[server(default)] notes: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let new = commands::NewNotes {
        organization: id.clone(),
        notes,
        expected_version: Some(notes_version),
    };
    let (state, settings) = (super::state()?, paths::settings(&id));
    match commands::set_notes(&state, &actor, &new).await.map_err(AppError::from) {
        Ok(is_changed) => {
            let saved = if is_changed { "notes" } else { "same" };
            answer::redirect(&paths::with_query(&settings, &[("saved", saved)]));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            commands::keep_draft(&state, &actor, &id, &new.notes).await?;
            let refused = Refused::of(&failure).word();
            answer::redirect(&paths::with_query(&settings, &[("refused", refused)]));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Discards what the viewer typed last and could not save.
#[server(prefix = "/api", endpoint = "discard_notes")]
pub async fn discard_notes(id: OrganizationId) -> Result<(), AppError> {
    let actor = super::staff_actor().await?;
    seatkeeper::commands::discard_draft(&super::state()?, &actor, &id).await?;
    super::answer::redirect(&crate::paths::settings(&id));
    Ok(())
}
