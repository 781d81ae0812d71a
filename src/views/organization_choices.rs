//! The organizations that a form offers by name.

use serde::{Deserialize, Serialize};

use domain::{id::OrganizationId, text::ExternalText};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationChoices {
    /// The first ones in order of name.
    pub rows: Vec<(OrganizationId, ExternalText)>,
    /// There are more.
    pub is_cut: bool,
}

impl OrganizationChoices {
    pub const MOST: usize = 200;
}
