//! What the pages of the API keys show.

use serde::{Deserialize, Serialize};

use super::{
    organization_choices::OrganizationChoices,
    pagination::{Key, KeysetPage},
};
use domain::{
    api_key::{KeyScope, KeyState},
    id::{ApiKeyId, OrganizationId},
    text::ExternalText,
    time::Timestamp,
};

impl Key for ApiKeyId {
    fn written(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Some of the keys, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeysPage {
    pub rows: Vec<ApiKeyRow>,
    pub page: KeysetPage<ApiKeyId>,
    /// What the form offers.
    pub organizations: OrganizationChoices,
    pub now: Timestamp,
}

impl ApiKeysPage {
    pub const ROWS: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub name: ExternalText,
    /// `None`: the whole installation.
    pub organization: Option<(OrganizationId, ExternalText)>,
    pub scopes: Vec<KeyScope>,
    pub state: KeyState,
    pub created_by: ExternalText,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

/// A key that was made a moment ago, on the page that shows it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    pub key: ApiKeyRow,
    /// The key whose place it takes.
    pub old: Option<ApiKeyRow>,
    pub now: Timestamp,
}
