//! One user in one directory, and the state of the user's seat.

mod email_key;

pub use email_key::email_key;
use serde::{Deserialize, Serialize};

use super::{
    id::{DirectoryUserId, GroupId},
    time::Timestamp,
    waitlist::{Place, PlaceKey},
};

/// The seat state of a directory user. Only a user in the state `Provisioned` holds a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// Holds a seat.
    Provisioned,
    /// Wants a seat, but none was free. The user has a position in the waitlist.
    Blocked,
    /// Wants a seat, but an admin dismissed the user from the waitlist or from a seat.
    Dismissed,
    /// Deactivated in the directory.
    Inactive,
    /// Deleted in the directory. The row is a tombstone, so that late updates do not restore the
    /// user.
    Removed,
}

impl SeatState {
    pub const ALL: [Self; 5] =
        [Self::Provisioned, Self::Blocked, Self::Dismissed, Self::Inactive, Self::Removed];

    /// The name in the database and in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::Blocked => "blocked",
            Self::Dismissed => "dismissed",
            Self::Inactive => "inactive",
            Self::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The name for readers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioned => "Has a seat",
            Self::Blocked => "Waiting",
            Self::Dismissed => "Not now",
            Self::Inactive => "Inactive",
            Self::Removed => "Removed",
        }
    }
}

/// Orders two updates. The later time is newer. At the same time a deletion is newer than a
/// deactivation, and a deactivation is newer than an activation. After that, the larger event
/// number is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    pub at: Timestamp,
    pub weight: Precedence,
    /// The number at the end of an event id such as `evt_53891546994442316`.
    pub event: u64,
}

/// Orders updates with the same time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Precedence {
    #[default]
    Active,
    Inactive,
    Deleted,
}

impl Version {
    /// Older than every update.
    pub const NEVER: Self = Self { at: Timestamp::NEVER, weight: Precedence::Active, event: 0 };
}

/// The profile of a user. Only the id identifies a user: an e-mail address can change, and two
/// users can share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub email: Option<String>,
    pub name: Option<String>,
    /// The identity provider's own id for the user (SCIM `externalId`).
    pub external_id: Option<String>,
}

impl Profile {
    /// The text to show for the user: the name, otherwise the e-mail address.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.email.as_deref())
    }
}

/// The version of each profile field. A payload that lacks a field, or in which the field cannot be
/// read, leaves that field as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileVersions {
    pub email: Version,
    pub name: Version,
    pub external_id: Version,
}

impl ProfileVersions {
    pub const NEVER: Self =
        Self { email: Version::NEVER, name: Version::NEVER, external_id: Version::NEVER };

    pub fn newest(self) -> Version {
        self.email.max(self.name).max(self.external_id)
    }
}

/// An e-mail address that a user had and no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerAddress {
    pub user: DirectoryUserId,
    pub email_key: String,
    /// The time of the newest update in which the user had the address.
    pub last: Timestamp,
    /// The time of the update that gave the user another address.
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    pub id: DirectoryUserId,
    pub state: SeatState,
    pub profile: Profile,
    pub roles: Vec<String>,
    /// Sorted, without duplicates. `None` means as stored: no update has changed the groups since
    /// the user was loaded.
    pub groups: Option<Vec<GroupId>>,
    /// The place in the waitlist. Set only in the state `Blocked`.
    pub waitlist_place: Option<Place>,
    /// When the user entered the current state.
    pub since: Timestamp,
    /// The time of the oldest event about the user, as long as no event has stated the activity. It
    /// shows whether the user was there when the organization was deleted.
    pub known_since: Timestamp,
    /// The version of each part of the row, so that a late update with few fields cannot undo a
    /// newer one.
    pub activity_version: Version,
    pub profile_versions: ProfileVersions,
    pub groups_version: Version,
    pub roles_version: Version,
}

impl DirectoryUser {
    /// A user that no event has named yet.
    pub fn unknown(id: DirectoryUserId) -> Self {
        Self {
            id,
            state: SeatState::Removed,
            profile: Profile::default(),
            roles: Vec::new(),
            groups: None,
            waitlist_place: None,
            since: Timestamp::NEVER,
            known_since: Timestamp::NEVER,
            activity_version: Version::NEVER,
            profile_versions: ProfileVersions::NEVER,
            groups_version: Version::NEVER,
            roles_version: Version::NEVER,
        }
    }

    /// The newest version of any part of the row.
    pub fn newest_version(&self) -> Version {
        self.activity_version
            .max(self.profile_versions.newest())
            .max(self.groups_version)
            .max(self.roles_version)
    }

    /// A user who is deleted leaves every group. A list of groups that is newer than the deletion
    /// stays, whichever of the two arrives first.
    pub fn leave_groups(&mut self, deletion: Version) {
        if deletion > self.groups_version {
            self.groups = Some(Vec::new());
            self.groups_version = deletion;
        }
    }

    /// Returns whether an import brought the user, and no directory has named the user by id since:
    /// what an import says has no event.
    pub fn is_imported(&self) -> bool {
        self.id.is_by_email() && self.profile_versions.newest().event == 0
    }

    /// Returns whether an event has stated the activity. Until then the user counts as active.
    pub fn has_stated_activity(&self) -> bool {
        self.activity_version != Version::NEVER
    }

    /// The time from which the activity counts: of the newest statement, or of the oldest event if
    /// there is none.
    pub fn activity_at(&self) -> Timestamp {
        if self.has_stated_activity() { self.activity_version.at } else { self.known_since }
    }

    /// Where the user is in the order of the waitlist.
    pub fn waitlist_key(&self) -> Option<PlaceKey> {
        self.waitlist_place.map(|place| place.key(&self.id))
    }

    pub fn email_key(&self) -> Option<String> {
        self.profile.email.as_deref().map(email_key)
    }

    /// Returns whether the user is anything but a tombstone.
    pub fn is_live(&self) -> bool {
        self.state != SeatState::Removed
    }

    /// Returns whether the directory still has the user, by the newest statement. This is also true
    /// for a user who is removed because the organization does not exist at that time.
    pub fn is_in_directory(&self) -> bool {
        self.activity_version.weight != Precedence::Deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_the_same_moment_are_ordered_by_precedence_then_by_number() {
        let stamp = |seconds, weight, event| Version {
            at: Timestamp::from_seconds(seconds),
            weight,
            event,
        };
        let mut all = [
            stamp(2, Precedence::Active, 1),
            stamp(1, Precedence::Deleted, 1),
            stamp(1, Precedence::Active, 9),
            stamp(1, Precedence::Active, 10),
            stamp(1, Precedence::Inactive, 2),
        ];
        all.sort();
        assert_eq!(all.map(|s| s.event), [9, 10, 2, 1, 1]);
    }

    #[test]
    fn every_state_is_written_and_read() {
        for state in SeatState::ALL {
            assert_eq!(SeatState::parse(state.as_str()), Some(state));
        }
    }
}
