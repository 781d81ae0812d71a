//! Single sign-on of an organization: its settings, and what an account is connected with.

use serde::{Deserialize, Serialize};

use domain::{
    id::OrganizationId, single_sign_on::ProviderKind, text::ExternalText, time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnPage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub provider: Option<SignOnProvider>,
    /// The domains whose addresses lead to the provider.
    pub domains: Vec<ExternalText>,
    /// What a provider needs to know: where it sends people back to.
    pub redirect_uri: String,
    /// The link that begins a sign-in.
    pub link: String,
    /// The installation has a Scalekit client.
    pub has_scalekit: bool,
    /// The viewer may change the provider.
    pub may_change: bool,
    /// The viewer may change the domains.
    pub is_staff: bool,
}

/// The provider as it is stored, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct SignOnProvider {
    pub kind: ProviderKind,
    /// As a page shows it.
    pub shown: ExternalText,
    /// Exactly as they are stored, for the form; empty for those who may not change it.
    pub issuer: String,
    pub client_id: String,
    pub has_secret: bool,
    pub creates_accounts: bool,
    pub is_required: bool,
    /// An admin has signed in with it, so that it can be required.
    pub is_tried: bool,
}

/// With which provider a person can connect their account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignOnOffer {
    Staff,
    Organization(OrganizationId),
}

/// An issuer whose identities open an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub shown: ExternalText,
    pub issuer: String,
    pub used_at: Option<Timestamp>,
}
