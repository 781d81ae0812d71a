//! What the list of an organization's users shows.

use serde::{Deserialize, Serialize};

use super::pagination::{KeysetPage, SortKey, SortOrder};
use domain::{
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId, OrganizationId},
    organization::Usage,
    text::ExternalText,
    time::Timestamp,
};

/// The parameters of an organization's list of users. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleQuery {
    /// Part of a name or an e-mail address.
    pub search: String,
    /// `None`: all users except the removed ones.
    pub state: Option<SeatState>,
    /// Only the members of this group.
    pub group: Option<GroupId>,
    /// Only users with this application role, or with this role from the directory; empty: any.
    pub role: String,
    /// Only users whose e-mail address another live user has, too.
    pub duplicates: bool,
    /// Only users whose state began at this time or later.
    pub since: Option<Timestamp>,
    /// `None`: the usual order, see [`PeopleQuery::order`].
    pub sort: Option<PeopleSort>,
    pub descending: bool,
    /// Only users behind this one in the order.
    pub before: Option<PersonKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeopleSort {
    Name,
    Since,
    /// The order of the waitlist; only of users who wait.
    Waitlist,
}

impl SortOrder for PeopleSort {
    const ALL: &'static [Self] = &[Self::Name, Self::Since, Self::Waitlist];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Since => "since",
            Self::Waitlist => "waitlist",
        }
    }
}

/// A user in a list. The numbers are the time in nanoseconds and 0, or the rank and the position on
/// the waitlist; by name they are 0, and the text is the folded name and address.
pub type PersonKey = SortKey<PeopleSort, 2>;

impl PeopleQuery {
    /// The order of the list: users who wait are in the order of the waitlist unless another order
    /// is chosen, all others in that of their names.
    pub fn order(&self) -> PeopleSort {
        let is_waitlist = self.state == Some(SeatState::Blocked);
        match self.sort {
            Some(PeopleSort::Waitlist) | None if is_waitlist => PeopleSort::Waitlist,
            Some(PeopleSort::Since) => PeopleSort::Since,
            _ => PeopleSort::Name,
        }
    }

    /// Whether only some of the users of a state, as counted for the chips, are listed.
    pub fn is_narrowed(&self) -> bool {
        self.group.is_some() || !self.role.is_empty() || self.duplicates || self.since.is_some()
    }
}

/// One page of the users of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    pub usage: Usage,
    pub rows: Vec<PersonRow>,
    pub page: KeysetPage<PersonKey>,
    /// The page ends because it reached the limit of checked users, not because it is full.
    pub looked_through: bool,
    /// The number of users in each state that the search matches, for the filter chips.
    pub states: Vec<(SeatState, i64)>,
    /// The groups to choose from.
    pub groups: Vec<(GroupId, ExternalText)>,
    pub now: Timestamp,
}

impl People {
    pub const ROWS: i64 = 50;
    /// The number of users who are checked for a page. It limits the time of any filter.
    pub const LOOKED_THROUGH: i64 = 1_000;
    /// The largest number of groups to choose from.
    pub const GROUPS: i64 = 500;
    /// The role that says nothing about a user.
    pub const USUAL_ROLE: &str = "member";

    /// The number of users that the search matches in a state; without a state in all states except
    /// removed.
    pub fn count(&self, state: Option<SeatState>) -> i64 {
        let counted = self.states.iter().filter(|(known, _)| match state {
            Some(state) => *known == state,
            None => *known != SeatState::Removed,
        });
        counted.map(|(_, count)| count).sum()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub state: SeatState,
    /// The application roles, then those from the directory.
    pub roles: Vec<ExternalText>,
    /// With their names.
    pub groups: Vec<(GroupId, ExternalText)>,
    /// The position in the waitlist: 1 is next. Set only for waiting users.
    pub position: Option<i64>,
    pub since: Timestamp,
    pub has_duplicate_email: bool,
}

/// A person of any organization, found by the e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPerson {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    pub id: DirectoryUserId,
    /// The name; without one, the address or the id.
    pub name: ExternalText,
    pub state: SeatState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_who_wait_are_in_the_order_of_the_waitlist() {
        let order = |state, sort| PeopleQuery { state, sort, ..PeopleQuery::default() }.order();
        let blocked = Some(SeatState::Blocked);
        assert_eq!(order(blocked, None), PeopleSort::Waitlist);
        assert_eq!(order(blocked, Some(PeopleSort::Name)), PeopleSort::Name);
        assert_eq!(order(None, Some(PeopleSort::Waitlist)), PeopleSort::Name);
        assert_eq!(order(None, Some(PeopleSort::Since)), PeopleSort::Since);
    }
}
