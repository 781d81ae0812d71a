//! What the pages about the second step of a sign-in show.

use serde::{Deserialize, Serialize};

use domain::factor::Factors;

/// The factors of the viewer's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorsPage {
    pub factors: Factors,
    /// Staff need a factor, so the last one stays.
    pub is_needed: bool,
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
}
