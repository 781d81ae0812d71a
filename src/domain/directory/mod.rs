//! The plan of a resync: what a listing of the directory changes, and which plans a person must
//! confirm. A plan changes nothing itself. Only the seat rules do, and the plan says in advance
//! what they will be asked to do.

mod part;
mod provider;
mod state;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{part::PlanPart, provider::provider_name, state::DirectoryState};
use super::{
    admission::AdmissionPolicy,
    attribute::Attributes,
    directory_user::{DirectoryUser, Precedence, Profile, SeatState, Version},
    event,
    id::{DirectoryUserId, GroupId},
    organization::Usage,
    seats::UserUpdate,
    setting::PlanGuard,
    time::Timestamp,
};

/// A user as a page of the listing has it. An absent part changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    pub user: DirectoryUserId,
    pub active: Option<bool>,
    pub profile: Option<Profile>,
    /// With group names where the page has them.
    pub groups: Option<Vec<(GroupId, Option<String>)>>,
    pub roles: Option<Vec<String>>,
    /// The attributes that are kept.
    pub attributes: Option<Attributes>,
    /// When the page was requested. An update that is newer than this is kept.
    pub asked_at: Timestamp,
}

/// What a plan does with one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Created,
    Updated,
    Reactivated,
    Deactivated,
    Removed,
}

/// One row of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    pub user: DirectoryUserId,
    pub change: Change,
    /// The state before the change; `None` for a user who is not known.
    pub from: Option<SeatState>,
    /// The placeholder that becomes this user.
    pub placeholder: Option<DirectoryUserId>,
}

impl Change {
    pub const ALL: [Self; 5] =
        [Self::Created, Self::Updated, Self::Reactivated, Self::Deactivated, Self::Removed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Reactivated => "reactivated",
            Self::Deactivated => "deactivated",
            Self::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == text)
    }

    /// Releases come first, so that a seat freed by a plan is available to the users it adds.
    pub fn is_release(self) -> bool {
        matches!(self, Self::Deactivated | Self::Removed)
    }
}

impl ListedUser {
    /// The update for the seat rules.
    pub fn update(&self) -> UserUpdate {
        UserUpdate {
            user: self.user.clone(),
            change: event::Change::Updated,
            active: self.active,
            profile: self.profile.clone(),
            groups: self
                .groups
                .as_ref()
                .map(|groups| groups.iter().map(|(group, _)| group.clone()).collect()),
            roles: self.roles.clone(),
            at: self.asked_at,
            event: 0,
        }
    }

    /// The id of the placeholder for this e-mail address.
    pub fn placeholder(&self) -> Option<DirectoryUserId> {
        self.profile.as_ref()?.email.as_deref().map(DirectoryUserId::by_email)
    }

    /// The version of what the page says.
    pub fn stamp(&self) -> Version {
        let weight =
            if self.active == Some(false) { Precedence::Inactive } else { Precedence::Active };
        Version { at: self.asked_at, weight, event: 0 }
    }

    /// Returns whether at least one part is newer than the stored one and differs from it.
    fn brings(&self, known: &DirectoryUser, attributes: Option<&(Attributes, Version)>) -> bool {
        let stamp = self.stamp();
        let profile = self.profile.as_ref().is_some_and(|profile| differs(profile, known, stamp));
        let roles = self
            .roles
            .as_ref()
            .is_some_and(|roles| stamp > known.roles_version && *roles != known.roles);
        let groups = self.groups.as_ref().is_some_and(|groups| {
            stamp > known.groups_version && !same(groups, known.groups.as_deref())
        });
        let attributes = self.attributes.as_ref().is_some_and(|listed| match attributes {
            Some((known, version)) => stamp > *version && listed != known,
            None => !listed.is_empty(),
        });
        profile || roles || groups || attributes
    }
}

/// Returns whether at least one listed profile field is newer than the stored one and differs from
/// it. A field that is not listed changes nothing.
fn differs(listed: &Profile, known: &DirectoryUser, stamp: Version) -> bool {
    let differs = |listed: &Option<String>, known: &Option<String>, known_at| {
        listed.is_some() && listed != known && stamp > known_at
    };
    differs(&listed.email, &known.profile.email, known.profile_versions.email)
        || differs(&listed.name, &known.profile.name, known.profile_versions.name)
        || differs(
            &listed.external_id,
            &known.profile.external_id,
            known.profile_versions.external_id,
        )
}

/// The update that deletes a user who is on no page. `at` is the time at which the listing began.
pub fn removal(user: DirectoryUserId, at: Timestamp) -> UserUpdate {
    UserUpdate {
        user,
        change: event::Change::Deleted,
        active: None,
        profile: None,
        groups: None,
        roles: None,
        at,
        event: 0,
    }
}

/// The attributes of users as stored, each with its version.
pub type KnownAttributes = BTreeMap<DirectoryUserId, (Attributes, Version)>;

/// Returns the changes that these pages make. `known` holds the stored users that the pages name,
/// by id or by placeholder id, with their groups, and their attributes. A user who was imported
/// stands there under the id of the listed user with the same external id.
pub fn plan(
    known: (&BTreeMap<DirectoryUserId, DirectoryUser>, &KnownAttributes),
    listed: &[ListedUser],
) -> Vec<PlannedChange> {
    listed.iter().filter_map(|listed| planned(known, listed)).collect()
}

fn planned(
    (known, attributes): (&BTreeMap<DirectoryUserId, DirectoryUser>, &KnownAttributes),
    listed: &ListedUser,
) -> Option<PlannedChange> {
    let user = listed.user.clone();
    let known_placeholder = || listed.placeholder().and_then(|id| known.get(&id));
    let person = known.get(&user).or_else(known_placeholder);
    let placeholder = person.filter(|person| person.id != user).map(|person| person.id.clone());
    let Some(person) = person else {
        return Some(PlannedChange { user, change: Change::Created, from: None, placeholder });
    };
    let wants =
        matches!(person.state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed);
    let change = match listed.active.filter(|_| listed.stamp() > person.activity_version) {
        Some(true) if !wants => Some(Change::Reactivated),
        Some(false) if wants => Some(Change::Deactivated),
        // The user is back in the directory, but deactivated.
        Some(false) if person.state == SeatState::Removed => Some(Change::Updated),
        _ => {
            let is_new = listed.brings(person, attributes.get(&person.id));
            (placeholder.is_some() || is_new).then_some(Change::Updated)
        }
    };
    change.map(|change| PlannedChange { user, change, from: Some(person.state), placeholder })
}

/// Returns the removals of the users that a complete listing, begun at `since`, does not contain. A
/// user with a newer activity is kept.
pub fn gone<'a>(
    unlisted: impl Iterator<Item = &'a DirectoryUser>,
    since: Timestamp,
) -> Vec<PlannedChange> {
    let stamp = Version { at: since, weight: Precedence::Deleted, event: 0 };
    let taken = |user: &&DirectoryUser| user.is_live() && stamp > user.activity_version;
    let planned = |user: &DirectoryUser| PlannedChange {
        user: user.id.clone(),
        change: Change::Removed,
        from: Some(user.state),
        placeholder: None,
    };
    unlisted.filter(taken).map(planned).collect()
}

fn same(listed: &[(GroupId, Option<String>)], known: Option<&[GroupId]>) -> bool {
    let mut listed: Vec<&GroupId> = listed.iter().map(|(group, _)| group).collect();
    listed.sort();
    listed.dedup();
    known.unwrap_or_default().iter().eq(listed)
}

/// Returns how many users that want a seat get one; `None` means all. `freed` is the number of
/// released seats, and `left_the_line` is the number of users who leave the waitlist. The waiting
/// users get free seats first; if the policy is by hand, no other user gets one while they wait.
pub fn room(usage: Usage, policy: &AdmissionPolicy, freed: i64, left_the_line: i64) -> Option<i64> {
    let waiting = usage.waiting - left_the_line;
    if !policy.is_automatic() && waiting > 0 {
        return Some(0);
    }
    usage.limit.free(usage.used - freed).map(|free| (free - waiting).max(0))
}

const DAY: Duration = Duration::from_hours(24);

/// Returns the start of the next nightly resync: two o'clock UTC plus `later`.
pub fn next_night(now: Timestamp, hour: u32, later: Duration) -> Timestamp {
    let tonight = at_hour(now, hour).plus(later);
    if tonight > now { tonight } else { tonight.plus(DAY) }
}

/// Returns the start of the nightly resync after the one that was due at `due`, whatever the clock
/// did since. A night that was missed is skipped.
pub fn night_after(due: Timestamp, now: Timestamp, hour: u32, later: Duration) -> Timestamp {
    // The window may reach past midnight, so the night of `due` may have begun the day before.
    let begun = at_hour(due, hour);
    let begun = if begun > due { begun.minus(DAY) } else { begun };
    let next = begun.plus(DAY);
    if next > now { next.plus(later) } else { at_hour(now, hour).plus(DAY).plus(later) }
}

/// This hour of a day, in UTC.
fn at_hour(day: Timestamp, hour: u32) -> Timestamp {
    let seconds = i64::try_from(DAY.as_secs()).unwrap_or(i64::MAX);
    let midnight = day.seconds().div_euclid(seconds).saturating_mul(seconds);
    Timestamp::from_seconds(midnight).plus(Duration::from_hours(hour.into()))
}

/// Why a person should check a plan before it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanWarning {
    /// A directory lists no users, but the plan removes users.
    Empty,
    /// The plan deactivates or removes more users than usual.
    RemovesMany,
    /// The plan adds more users than usual to an organization that has users.
    AddsMany,
}

impl PlanWarning {
    pub const ALL: [Self; 3] = [Self::Empty, Self::RemovesMany, Self::AddsMany];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::RemovesMany => "removes_many",
            Self::AddsMany => "adds_many",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|warning| warning.as_str() == text)
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "A directory lists no people at all.",
            Self::RemovesMany => "It takes away more people than usual.",
            Self::AddsMany => "It adds more people than usual.",
        }
    }
}

/// Checks a plan before it is applied. The plan deactivates or removes `takes_away` of `live`
/// users, adds `adds` users, and the directory lists `listed` users.
///
/// It gets a warning if it goes beyond the guard, or if the directory lists no user but the plan
/// takes users away.
pub fn trust(
    (takes_away, adds): (i64, i64),
    live: i64,
    listed: i64,
    guard: &PlanGuard,
) -> Result<(), PlanWarning> {
    if takes_away > 0 && listed == 0 {
        return Err(PlanWarning::Empty);
    }
    let is_above =
        |number: i64, percent: i64| number.saturating_mul(100) > live.saturating_mul(percent);
    let many_away = takes_away > guard.removed
        || (takes_away > 3 && is_above(takes_away, guard.removed_percent));
    let many_added = live > 0 && adds > guard.added && is_above(adds, guard.added_percent);
    match (many_away, many_added) {
        (true, _) => Err(PlanWarning::RemovesMany),
        (false, true) => Err(PlanWarning::AddsMany),
        (false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
