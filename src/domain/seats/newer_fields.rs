//! Merges an update into the stored facts of a user. Each part has a version of its own, so that
//! the newest statement about it stays, in whatever order the updates arrive.

use super::{DesiredState, UserUpdate};
use crate::{
    directory_user::{DirectoryUser, Precedence, Profile, Version},
    event::Change,
};

/// The parts of an update that are newer than the stored ones.
pub(super) struct NewerFields {
    pub stamp: Version,
    pub activity: Option<DesiredState>,
    profile: FreshProfile,
    groups: bool,
    /// A deletion that is newer than the list of groups. It may be older than the activity: the
    /// user came back since, but not into the groups.
    leaves_groups: bool,
    roles: bool,
}

struct FreshProfile {
    email: bool,
    name: bool,
    external_id: bool,
}

impl NewerFields {
    pub fn of(update: &UserUpdate, user: &DirectoryUser, is_known: bool) -> Self {
        let wish = match (update.change, update.active) {
            (Change::Deleted, _) => Some(DesiredState::Gone),
            (_, Some(false)) => Some(DesiredState::Off),
            (_, Some(true)) | (Change::Created, None) => Some(DesiredState::In),
            // An absent `active` does not mean inactive: the update leaves the activity as it is.
            (Change::Updated, None) => None,
        };
        let weight = match wish {
            Some(DesiredState::Gone) => Precedence::Deleted,
            Some(DesiredState::Off) => Precedence::Inactive,
            Some(DesiredState::In) | None => Precedence::Active,
        };
        let stamp = Version { at: update.at, weight, event: update.event };
        let full = update.change != Change::Deleted;
        let profile = update.profile.as_ref().filter(|_| full);
        let known = user.profile_versions;
        Self {
            stamp,
            activity: match wish {
                // No event has stated the activity yet. Any later statement replaces this guess,
                // however old it is.
                None if !is_known => Some(DesiredState::In),
                wish => wish.filter(|_| stamp > user.activity_version),
            },
            profile: FreshProfile {
                email: profile.is_some_and(|profile| profile.email.is_some())
                    && stamp > known.email,
                name: profile.is_some_and(|profile| profile.name.is_some()) && stamp > known.name,
                external_id: profile.is_some_and(|profile| profile.external_id.is_some())
                    && stamp > known.external_id,
            },
            groups: full && update.groups.is_some() && stamp > user.groups_version,
            leaves_groups: !full && stamp > user.groups_version,
            roles: full && update.roles.is_some() && stamp > user.roles_version,
        }
    }

    pub fn any(&self) -> bool {
        let FreshProfile { email, name, external_id } = self.profile;
        self.activity.is_some() || email || name || external_id || self.groups || self.roles
    }
}

/// Copies the newer parts, each with the version of the update.
pub(super) fn merge_fields(
    user: &mut DirectoryUser,
    update: &UserUpdate,
    fresh: &NewerFields,
    is_known: bool,
) {
    let guessed = !is_known && update.change == Change::Updated && update.active.is_none();
    if fresh.activity.is_some() && !guessed {
        user.activity_version = fresh.stamp;
        label(user, update);
    }
    merge_profile(user, update, fresh);
    if let (Some(groups), true) = (&update.groups, fresh.groups) {
        let mut groups = groups.clone();
        groups.sort();
        groups.dedup();
        user.groups = Some(groups);
        user.groups_version = fresh.stamp;
    }
    if fresh.leaves_groups {
        user.leave_groups(fresh.stamp);
    }
    if let (Some(roles), true) = (&update.roles, fresh.roles) {
        user.roles.clone_from(roles);
        user.roles_version = fresh.stamp;
    }
}

/// Merges each field of the profile separately. An absent field leaves the stored one as it is.
fn merge_profile(user: &mut DirectoryUser, update: &UserUpdate, fresh: &NewerFields) {
    let Some(profile) = &update.profile else { return };
    if fresh.profile.email {
        user.profile.email.clone_from(&profile.email);
        user.profile_versions.email = fresh.stamp;
    }
    if fresh.profile.name {
        user.profile.name.clone_from(&profile.name);
        user.profile_versions.name = fresh.stamp;
    }
    if fresh.profile.external_id {
        user.profile.external_id.clone_from(&profile.external_id);
        user.profile_versions.external_id = fresh.stamp;
    }
}

/// A deletion event carries few fields. Its profile labels the tombstone where no other event has
/// set the field, as long as the deletion is the newest activity.
fn label(user: &mut DirectoryUser, update: &UserUpdate) {
    keep_label(
        user,
        update.profile.clone().filter(|_| update.change == Change::Deleted).unwrap_or_default(),
    );
}

/// Replaces the fields that no event but a deletion has set.
pub(super) fn keep_label(user: &mut DirectoryUser, label: Profile) {
    if user.profile_versions.email == Version::NEVER {
        user.profile.email = label.email;
    }
    if user.profile_versions.name == Version::NEVER {
        user.profile.name = label.name;
    }
    if user.profile_versions.external_id == Version::NEVER {
        user.profile.external_id = label.external_id;
    }
}
