//! The organizations that the switcher in the layout offers.

use serde::{Deserialize, Serialize};

use domain::{id::OrganizationId, text::ExternalText};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switcher {
    /// Those that the account looked at last, without the one of the page.
    pub recent: Vec<SwitcherRow>,
    /// The first others in order of name.
    pub others: Vec<SwitcherRow>,
    /// More than these match.
    pub is_cut: bool,
    /// The viewer may look for people of all organizations.
    pub may_find_people: bool,
}

impl Switcher {
    pub const RECENT: usize = 5;
    pub const OTHERS: usize = 20;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitcherRow {
    pub id: OrganizationId,
    pub name: ExternalText,
    /// What the name alone does not say: the id, if several of the rows have this name.
    pub beside: Option<ExternalText>,
    pub archived: bool,
}
