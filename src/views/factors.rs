//! What the pages about the second step of a sign-in show.

use serde::{Deserialize, Serialize};

use domain::{factor::Factors, id::PasskeyId, text::ExternalText, time::Timestamp};

/// The factors of the viewer's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorsPage {
    pub factors: Factors,
    /// In the order in which they were added.
    pub passkeys: Vec<PasskeyRow>,
    /// Browsers make passkeys for the address of this installation.
    pub offers_passkeys: bool,
    /// The reader's browser in words, for the name of a new passkey.
    pub device: String,
    /// Staff need a factor, so the last one stays.
    pub is_needed: bool,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRow {
    pub id: PasskeyId,
    pub name: ExternalText,
    /// The name as it is stored, for the form.
    pub stored_name: String,
    pub added_at: Timestamp,
    /// `None`: never after it was added.
    pub used_at: Option<Timestamp>,
}

/// Where a person shows again who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPage {
    /// The address of the account.
    pub email: ExternalText,
    /// The account has a passkey, and browsers find it here.
    pub takes_passkey: bool,
}

/// An authenticator app that is being set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAppPage {
    pub qr: QrCode,
    /// What the picture says: it opens an app on the device that shows the page.
    pub link: String,
    /// In groups of four, for typing.
    pub secret: String,
}

/// Where staff without a factor choose their first one, in the middle of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFactorPage {
    pub app: NewAppPage,
    /// Browsers make passkeys for the address of this installation.
    pub offers_passkeys: bool,
    /// The reader's browser in words, for the name of a passkey.
    pub device: String,
}

/// A QR code, as the path of its dark modules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// Modules on each side.
    pub size: usize,
    pub path: String,
}

/// The second step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepPage {
    pub factors: Factors,
    /// The account has a passkey, and browsers find it here.
    pub takes_passkey: bool,
}
