//! What the page shows that takes a file of people.

use domain::{id::OrganizationId, resync::Resync, text::ExternalText};
use serde::{Deserialize, Serialize};

/// The form, and why it may not be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportForm {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    /// The run that must end before a file is taken.
    pub open: Option<Resync>,
}
