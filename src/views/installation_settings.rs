//! What the settings page of the installation shows.

use serde::{Deserialize, Serialize};

use domain::{setting::SettingName, text::ExternalText, time::Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallationSettings {
    pub rows: Vec<SettingRow>,
    pub secrets: Secrets,
    pub now: Timestamp,
}

/// A setting with the value that counts now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRow {
    pub name: SettingName,
    pub value: String,
    pub default: String,
    /// The environment fixes the value, so no form can change it.
    pub fixed: bool,
    /// Who changed the stored value last, and when.
    pub changed: Option<(ExternalText, Timestamp)>,
}

/// What the environment holds, without the secrets themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    pub webhook_secrets: i64,
    pub directory_api: bool,
    /// The mail server, without its password.
    pub mail_server: Option<String>,
}
