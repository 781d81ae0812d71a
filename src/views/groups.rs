//! What the list of an organization's groups and the page of a group show.

use serde::{Deserialize, Serialize};

use super::{
    pagination::{Key, KeysetPage, SortKey, SortOrder},
    people::{PersonKey, PersonRow},
};
use domain::{
    directory_user::SeatState,
    group::MemberCounts,
    id::{DirectoryUserId, GroupId, OrganizationId},
    role::GroupRoles,
    text::ExternalText,
    time::Timestamp,
};

/// The parameters of the list. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsQuery {
    /// Part of a name.
    pub search: String,
    pub sort: GroupsSort,
    pub descending: bool,
    /// Only groups behind this one in the order.
    pub before: Option<GroupKey>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupsSort {
    #[default]
    Name,
    Members,
    Waiting,
}

impl SortOrder for GroupsSort {
    const ALL: &'static [Self] = &[Self::Name, Self::Members, Self::Waiting];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Members => "members",
            Self::Waiting => "waiting",
        }
    }
}

/// A group in a list. The numbers are 1 for a deleted group, otherwise 0, and the number of the
/// order (by name: 0); the text is the folded name.
pub type GroupKey = SortKey<GroupsSort, 2>;

/// One page of the groups of an organization; deleted groups come last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    pub rows: Vec<GroupRow>,
    pub page: KeysetPage<GroupKey>,
    /// How many groups the search matches, without deleted ones, and how many deleted ones.
    pub matching: i64,
    pub deleted: i64,
}

impl Groups {
    pub const ROWS: i64 = 50;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    pub group: GroupId,
    /// The name, or the id of a group without one.
    pub name: ExternalText,
    /// The provider of the directory, or the id of a directory without one.
    pub directory: Option<ExternalText>,
    pub deleted: bool,
    pub counts: MemberCounts,
    /// What its members may do.
    pub roles: GroupRoles,
}

/// Which list the page of a group shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupList {
    #[default]
    Members,
    Changes,
}

impl GroupList {
    /// The name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Changes => "changes",
        }
    }
}

/// The parameters of the page of a group. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupQuery {
    pub list: GroupList,
    /// Only members behind this one.
    pub member: Option<PersonKey>,
    /// Only who joined (true), or only who left.
    pub joined: Option<bool>,
    /// Only changes that happened at this time or later.
    pub since: Option<Timestamp>,
    /// Only changes before this one.
    pub change: Option<ChangeCursor>,
}

/// One group of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPage {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    pub row: GroupRow,
    /// When the group was deleted.
    pub deleted_at: Option<Timestamp>,
    /// The group's place among the groups of the admission policy, and their number.
    pub rank: Option<(i64, i64)>,
    pub list: Listed,
    pub now: Timestamp,
}

impl GroupPage {
    /// The number of changes on a page.
    pub const CHANGES: i64 = 50;
}

/// A part of the chosen list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listed {
    Members {
        rows: Vec<PersonRow>,
        page: KeysetPage<PersonKey>,
        /// The part ends because it reached the limit of checked people, not because it is full.
        looked_through: bool,
    },
    /// The newest one first.
    Changes { rows: Vec<ChangeRow>, page: KeysetPage<ChangeCursor> },
}

/// A person joined the group or left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    pub key: ChangeCursor,
    pub user: DirectoryUserId,
    /// The name, or the address, or the id.
    pub called: ExternalText,
    pub state: SeatState,
    pub joined: bool,
    /// When Seatkeeper heard of it.
    pub recorded_at: Timestamp,
}

/// A change in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChangeCursor {
    pub at: Timestamp,
    pub revision: i64,
    pub ordinal: i64,
}

/// `1790000000000000000.12.0`
impl Key for ChangeCursor {
    fn written(&self) -> String {
        format!("{}.{}.{}", self.at.nanos(), self.revision, self.ordinal)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| part.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let (at, revision, ordinal) = (Timestamp::from_nanos(next()?), next()?, next()?);
        numbers.next().is_none().then_some(Self { at, revision, ordinal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_survives_the_way_through_an_address() {
        let at = Timestamp::from_nanos(-1_790_000_000_123_456_789);
        let cursor = ChangeCursor { at, revision: 12, ordinal: 3 };

        assert_eq!(ChangeCursor::parse(&cursor.written()), Some(cursor));
        for bad in ["", "1", "1.2", "1.2.x", "1.2.3.4", "1.2."] {
            assert_eq!(ChangeCursor::parse(bad), None, "{bad}");
        }
    }
}
