//! The settings of the installation. Staff admins only.

use leptos::prelude::*;
use views::installation_settings::InstallationSettings;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_installation_settings")]
pub async fn load_installation_settings() -> Result<InstallationSettings, AppError> {
    let admin = super::staff_admin().await?;
    super::lead_to_proof().await?;
    Ok(seatkeeper::queries::installation_settings(&super::state()?, &admin).await?)
}

/// Changes a setting and goes back to the page. After a refusal the page has what was typed beside
/// its field. `seen` is the value that the form was made from.
#[server(prefix = "/api", endpoint = "change_setting")]
pub async fn change_setting(name: String, value: String, seen: String) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::{refusal::Refusal, setting::SettingName};
    use seatkeeper::commands::{self, NewSetting};

    let actor = super::staff_admin_actor().await?;
    let Some(setting) = SettingName::parse(&name) else {
        return Err(AppError::refused(Refusal::NoSetting(name)));
    };
    let new = NewSetting { name: setting, value: value.clone(), expected: Some(seen) };
    let change = async {
        let proof = super::fresh_proof().await?;
        Ok(commands::change_setting(&super::state()?, &actor, &proof, &new).await?)
    };
    match change.await {
        Ok(_) => {
            let saved = [("saved", setting.as_str())];
            answer::redirect(&paths::with_query(paths::INSTALLATION_SETTINGS, &saved));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let value: String = value.chars().take(100).collect();
            let refused = Refused::of(&failure).word();
            let typed = [("setting", setting.as_str()), ("value", &value), ("refused", refused)];
            // the browser scrolls to the form
            let page = paths::with_query(paths::INSTALLATION_SETTINGS, &typed);
            answer::redirect(&format!("{page}#setting-{}", setting.as_str()));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
