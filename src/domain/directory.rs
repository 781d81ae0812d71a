//! A full comparison with the directory: what a listing would change of what is known, and which plans a person has to
//! look at first. Only the seat rules change anything; a plan says beforehand what they will be told.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    directory_user::{DirectoryUser, Profile, SeatState, Stamp, Weight},
    event,
    id::{DirectoryUserId, GroupId},
    organization::Usage,
    seats::News,
    time::Timestamp,
};

/// A person as a page of the listing has them. An absent part says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub user: DirectoryUserId,
    pub active: Option<bool>,
    pub profile: Option<Profile>,
    /// With names where they came along.
    pub groups: Option<Vec<(GroupId, Option<String>)>>,
    pub roles: Option<Vec<String>>,
    /// When the page was asked for: whatever is newer than this has the last word.
    pub asked_at: Timestamp,
}

/// What becomes of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Created,
    Updated,
    Reactivated,
    Deactivated,
    Removed,
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub user: DirectoryUserId,
    pub change: Change,
    /// The state they were in; `None`: nobody knew them.
    pub from: Option<SeatState>,
    /// The stand-in that this real id takes over from.
    pub adopts: Option<DirectoryUserId>,
}

impl Change {
    pub const ALL: [Self; 5] = [Self::Created, Self::Updated, Self::Reactivated, Self::Deactivated, Self::Removed];

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

    /// Releases come before claims, so that nobody is blocked by a seat that the same plan frees.
    pub fn is_release(self) -> bool {
        matches!(self, Self::Deactivated | Self::Removed)
    }
}

impl Listed {
    /// What the seat rules are told.
    pub fn news(&self) -> News {
        News {
            user: self.user.clone(),
            change: event::Change::Updated,
            active: self.active,
            profile: self.profile.clone(),
            groups: self.groups.as_ref().map(|groups| groups.iter().map(|(group, _)| group.clone()).collect()),
            roles: self.roles.clone(),
            at: self.asked_at,
            event: 0,
        }
    }

    /// Whoever was known by this address alone.
    pub fn stand_in(&self) -> Option<DirectoryUserId> {
        self.profile.as_ref()?.email.as_deref().map(DirectoryUserId::by_email)
    }

    fn stamp(&self) -> Stamp {
        let weight = if self.active == Some(false) { Weight::Inactive } else { Weight::Active };
        Stamp { at: self.asked_at, weight, event: 0 }
    }

    /// Whether a part that differs would be taken over.
    fn brings(&self, known: &DirectoryUser) -> bool {
        let stamp = self.stamp();
        let profile = self.profile.as_ref().is_some_and(|profile| differs(profile, known, stamp));
        let roles = self.roles.as_ref().is_some_and(|roles| stamp > known.roles_news && *roles != known.roles);
        let groups = self.groups.as_ref().is_some_and(|groups| stamp > known.groups_news && !same(groups, known.groups.as_deref()));
        profile || roles || groups
    }
}

/// Whether one of these facts is newer than what is known, and another. A fact that is not listed says nothing.
fn differs(listed: &Profile, known: &DirectoryUser, stamp: Stamp) -> bool {
    let differs = |listed: &Option<String>, known: &Option<String>, news| listed.is_some() && listed != known && stamp > news;
    differs(&listed.email, &known.profile.email, known.profile_news.email)
        || differs(&listed.name, &known.profile.name, known.profile_news.name)
        || differs(&listed.external_id, &known.profile.external_id, known.profile_news.external_id)
}

/// The removal of somebody no page has: told as of the moment before the first page was asked for.
pub fn removal(user: DirectoryUserId, at: Timestamp) -> News {
    News { user, change: event::Change::Deleted, active: None, profile: None, groups: None, roles: None, at, event: 0 }
}

/// What these pages change. `known` holds whoever they name, by id or by stand-in, with their groups.
pub fn plan(known: &BTreeMap<DirectoryUserId, DirectoryUser>, listed: &[Listed]) -> Vec<Planned> {
    listed.iter().filter_map(|listed| planned(known, listed)).collect()
}

fn planned(known: &BTreeMap<DirectoryUserId, DirectoryUser>, listed: &Listed) -> Option<Planned> {
    let user = listed.user.clone();
    let stand_in = || listed.stand_in().and_then(|id| known.get(&id));
    let (person, adopts) = match known.get(&user) {
        Some(person) => (Some(person), None),
        None => stand_in().map_or((None, None), |person| (Some(person), Some(person.id.clone()))),
    };
    let Some(person) = person else { return Some(Planned { user, change: Change::Created, from: None, adopts }) };
    let wants = matches!(person.state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed);
    let change = match listed.active.filter(|_| listed.stamp() > person.activity_news) {
        Some(true) if !wants => Some(Change::Reactivated),
        Some(false) if wants => Some(Change::Deactivated),
        // back, though switched off
        Some(false) if person.state == SeatState::Removed => Some(Change::Updated),
        _ => (adopts.is_some() || listed.brings(person)).then_some(Change::Updated),
    };
    change.map(|change| Planned { user, change, from: Some(person.state), adopts })
}

/// Whom a whole listing that began at `since` does not have.
pub fn gone<'a>(unlisted: impl Iterator<Item = &'a DirectoryUser>, since: Timestamp) -> Vec<Planned> {
    let stamp = Stamp { at: since, weight: Weight::Deleted, event: 0 };
    let taken = |user: &&DirectoryUser| user.is_live() && stamp > user.activity_news;
    let planned = |user: &DirectoryUser| Planned { user: user.id.clone(), change: Change::Removed, from: Some(user.state), adopts: None };
    unlisted.filter(taken).map(planned).collect()
}

fn same(listed: &[(GroupId, Option<String>)], known: Option<&[GroupId]>) -> bool {
    let mut listed: Vec<&GroupId> = listed.iter().map(|(group, _)| group).collect();
    listed.sort();
    listed.dedup();
    known.unwrap_or_default().iter().eq(listed)
}

/// How many of a plan's claims find a seat; `None`: all of them. The line gets what the releases free first.
pub fn room(usage: Usage, automatic: bool, freed: i64, left_the_line: i64) -> Option<i64> {
    let waiting = if automatic { usage.waiting - left_the_line } else { 0 };
    usage.limit.free(usage.used - freed).map(|free| (free - waiting).max(0))
}

const DAY: Duration = Duration::from_hours(24);

/// When the next night's runs begin, in UTC, `later` into it: from two o'clock on.
pub fn next_night(now: Timestamp, later: Duration) -> Timestamp {
    let tonight = two_o_clock(now).plus(later);
    if tonight > now { tonight } else { tonight.plus(DAY) }
}

/// The night after the one that a run was due in, whatever the clock did since. A night that has passed is not made up for.
pub fn night_after(due: Timestamp, now: Timestamp, later: Duration) -> Timestamp {
    let next = two_o_clock(due).plus(DAY);
    if next > now { next.plus(later) } else { two_o_clock(now).plus(DAY).plus(later) }
}

fn two_o_clock(day: Timestamp) -> Timestamp {
    let seconds = i64::try_from(DAY.as_secs()).unwrap_or(i64::MAX);
    let midnight = day.seconds().div_euclid(seconds).saturating_mul(seconds);
    Timestamp::from_seconds(midnight).plus(Duration::from_hours(2))
}

/// Why a person should look at a plan before it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The directory says it has nobody.
    Empty,
    /// It takes away more people than usual.
    TakesManyAway,
    /// It adds more people than usual to those that there are.
    AddsMany,
}

impl Doubt {
    pub const ALL: [Self; 3] = [Self::Empty, Self::TakesManyAway, Self::AddsMany];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TakesManyAway => "takes_many_away",
            Self::AddsMany => "adds_many",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doubt| doubt.as_str() == text)
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "A directory lists nobody at all.",
            Self::TakesManyAway => "It takes away more people than usual.",
            Self::AddsMany => "It adds more people than usual.",
        }
    }
}

/// So many may be added to those that there are without a question, whatever the share.
const MOST_ADDED: i64 = 50;

/// The plan guard: of `live` people known, a plan takes away and adds so many; `most` may go without a question.
pub fn trust((takes_away, adds): (i64, i64), live: i64, listed: i64, most: i64) -> Result<(), Doubt> {
    if takes_away > 0 && listed == 0 {
        return Err(Doubt::Empty);
    }
    let many_away = takes_away > most || (takes_away > 3 && takes_away.saturating_mul(10) > live);
    let many_added = live > 0 && adds > MOST_ADDED && adds.saturating_mul(2) > live;
    match (many_away, many_added) {
        (true, _) => Err(Doubt::TakesManyAway),
        (false, true) => Err(Doubt::AddsMany),
        (false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
