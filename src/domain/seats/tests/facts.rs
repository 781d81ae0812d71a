//! The facts about a user, derived from the set of all updates, whatever their order.

use crate::{
    directory_user::{Profile, Version},
    event::Change,
    id::GroupId,
    seats::UserUpdate,
    time::Timestamp,
};

/// The facts about a user, derived from all updates in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// `None` if no update states the activity.
    pub(super) activity: Option<Activity>,
    pub(super) profile: Profile,
    pub(super) groups: Option<Vec<GroupId>>,
    pub(super) roles: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Activity {
    Active,
    Inactive,
    Deleted,
}

pub(super) type Order = (Timestamp, Activity, u64);

pub(super) fn activity(update: &UserUpdate) -> Option<Activity> {
    match (update.change, update.active) {
        (Change::Deleted, _) => Some(Activity::Deleted),
        (_, Some(false)) => Some(Activity::Inactive),
        (_, Some(true)) | (Change::Created, None) => Some(Activity::Active),
        (Change::Updated, None) => None,
    }
}

pub(super) fn order(update: &UserUpdate) -> Order {
    (update.at, activity(update).unwrap_or(Activity::Active), update.event)
}

/// Only a deletion has no facts of its own.
pub(super) fn full(update: &UserUpdate) -> bool {
    update.change != Change::Deleted
}

/// The newest update of each part: activity, e-mail, name, external id, groups, roles. Groups from
/// before the deletion of the organization are over.
pub(super) fn newest(heard: &[UserUpdate], deletion: Option<Version>) -> [Option<&UserUpdate>; 6] {
    let is_over = |update: &UserUpdate| {
        deletion.is_some_and(|Version { at, event, .. }| {
            order(update) <= (at, Activity::Deleted, event)
        })
    };
    let says = |update: &&UserUpdate, fact: fn(&Profile) -> &Option<String>| {
        update.profile.as_ref().is_some_and(|profile| fact(profile).is_some())
    };
    [
        heard.iter().filter(|update| activity(update).is_some()).max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.email))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.name))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| says(update, |profile| &profile.external_id))
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| !is_over(update))
            .filter(|update| !full(update) || update.groups.is_some())
            .max_by_key(|update| order(update)),
        heard
            .iter()
            .filter(|update| full(update))
            .filter(|update| update.roles.is_some())
            .max_by_key(|update| order(update)),
    ]
}

pub(super) fn facts(heard: &[UserUpdate], deletion: Option<Version>) -> Facts {
    let [active, email, name, external_id, groups, roles] = newest(heard, deletion);
    let tombstone = active.filter(|update| update.change == Change::Deleted);
    let sorted = |mut groups: Vec<GroupId>| {
        groups.sort();
        groups.dedup();
        groups
    };
    Facts {
        activity: active.and_then(activity),
        profile: Profile {
            email: email.or(tombstone).and_then(|update| update.profile.clone()?.email),
            name: name.or(tombstone).and_then(|update| update.profile.clone()?.name),
            external_id: external_id
                .or(tombstone)
                .and_then(|update| update.profile.clone()?.external_id),
        },
        // a deletion, of the person or of the organization, ends every group
        groups: groups
            .map(|update| update.groups.clone().filter(|_| full(update)).unwrap_or_default())
            .or(deletion.map(|_| Vec::new()))
            .map(sorted),
        roles: roles.and_then(|update| update.roles.clone()).unwrap_or_default(),
    }
}

/// The time of the newest statement about the activity, or of the oldest update if there is none.
pub(super) fn counts_from(heard: &[UserUpdate]) -> Timestamp {
    let stated = heard.iter().filter(|update| activity(update).is_some()).map(order).max();
    stated.map_or_else(|| heard.iter().map(|update| update.at).min().unwrap(), |(at, ..)| at)
}

/// The deletion of a person by the deletion of the organization, if the person was there before it.
pub(super) fn ended(heard: &[UserUpdate], deletion: Version) -> Option<UserUpdate> {
    let Version { at, event, .. } = deletion;
    let user = heard.first().filter(|_| counts_from(heard) <= at)?.user.clone();
    let change = Change::Deleted;
    Some(UserUpdate {
        user,
        change,
        active: None,
        profile: None,
        groups: None,
        roles: None,
        at,
        event,
    })
}
