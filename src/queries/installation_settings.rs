//! The settings of the installation, for staff admins and for the command line.

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::StaffAdmin,
        setting::{SettingName, SettingValues},
        text::ExternalText,
    },
    state::AppState,
    store::settings,
    views::installation_settings::{InstallationSettings, Secrets, SettingRow},
};

pub async fn installation_settings(
    state: &AppState,
    _admin: &StaffAdmin,
) -> Result<InstallationSettings, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let operations = &state.settings.operations;
    let secrets = Secrets {
        webhook_secrets: i64::try_from(operations.webhook_secrets).unwrap_or(i64::MAX),
        directory_api: operations.directory_api,
        mail_server: operations.mail_server.clone(),
    };
    Ok(InstallationSettings { rows: rows(state, &mut tx).await?, secrets, now: state.clock.now() })
}

/// Every setting, in the order of the page.
pub async fn setting_rows(state: &AppState) -> Result<Vec<SettingRow>, Error> {
    rows(state, &mut state.db.read().await?).await
}

async fn rows(state: &AppState, tx: &mut Tx) -> Result<Vec<SettingRow>, Error> {
    let fixed = &state.settings.fixed;
    let (values, changes) = settings::with_changes(tx, fixed).await?;
    let defaults = SettingValues::default();
    let row = |name| {
        let last = changes.iter().find(|change| change.name == name);
        SettingRow {
            name,
            value: values.text(name),
            default: defaults.text(name),
            fixed: fixed.has(name),
            changed: last.map(|change| (ExternalText::new(&change.by), change.at)),
        }
    };
    Ok(SettingName::ALL.into_iter().map(row).collect())
}
