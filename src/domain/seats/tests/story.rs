//! Helpers to write examples: an organization, what its directory reports, what its admins do, and
//! the state of each user.

use std::ops::{Deref, DerefMut};

use crate::{
    admission::{AdmissionPolicy, GroupOrder},
    decision::Outcome,
    directory_user::{Precedence, Profile, SeatState, Version},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::{SeatLimit, Usage},
    refusal::Refusal,
    roster::{Counts, Roster},
    seats::{Command, GroupMembers, SeatOutcome, UserUpdate, decide},
    time::Timestamp,
};

pub(super) const NOT_SET: SeatLimit = SeatLimit::NotSet;
pub(super) const UNLIMITED: SeatLimit = SeatLimit::Unlimited;

pub(super) fn seats(number: i64) -> SeatLimit {
    SeatLimit::Seats(number)
}

/// The policy *groups first* with these groups.
pub(super) fn groups_first(groups: &[&str]) -> AdmissionPolicy {
    let groups = groups.iter().map(|group| GroupId::new(*group)).collect();
    AdmissionPolicy::GroupsFirst(GroupOrder::new(groups).expect("a list of groups"))
}

pub(super) fn id(name: &str) -> DirectoryUserId {
    DirectoryUserId::new(name)
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

/// A builder for a `UserUpdate`. If no time or event number is set, the story sets them: they are
/// later than all before.
#[derive(Clone)]
pub(super) struct Said(UserUpdate);

const UNTOLD: Timestamp = Timestamp::NEVER;

/// A creation that does not state the activity.
pub(super) fn created(name: &str) -> Said {
    said(name, Change::Created)
}

/// An update without any fields.
pub(super) fn updated(name: &str) -> Said {
    said(name, Change::Updated)
}

pub(super) fn deleted(name: &str) -> Said {
    said(name, Change::Deleted)
}

fn said(name: &str, change: Change) -> Said {
    let update = UserUpdate {
        user: id(name),
        change,
        active: None,
        profile: None,
        groups: None,
        roles: None,
        at: UNTOLD,
        event: 0,
    };
    Said(update)
}

pub(super) fn profile(name: &str) -> Profile {
    Profile {
        email: Some(format!("{name}@acme.test")),
        name: Some(name.to_owned()),
        external_id: None,
    }
}

impl Said {
    pub(super) fn active(mut self) -> Self {
        self.0.active = Some(true);
        self
    }

    pub(super) fn inactive(mut self) -> Self {
        self.0.active = Some(false);
        self
    }

    pub(super) fn named(mut self, name: &str) -> Self {
        self.0.profile = Some(profile(name));
        self
    }

    pub(super) fn in_groups(mut self, groups: &[&str]) -> Self {
        self.0.groups = Some(groups.iter().map(|group| GroupId::new(*group)).collect());
        self
    }

    pub(super) fn with_roles(mut self, roles: &[&str]) -> Self {
        self.0.roles = Some(roles.iter().map(ToString::to_string).collect());
        self
    }

    pub(super) fn at(mut self, second: i64) -> Self {
        self.0.at = at(second);
        self
    }

    /// Moves the time later, or earlier if the number is negative.
    pub(super) fn later(mut self, nanos: i64) -> Self {
        self.0.at = Timestamp::from_nanos(self.0.at.nanos() + nanos);
        self
    }

    /// With an empty profile.
    pub(super) fn emptied(mut self) -> Self {
        self.0.profile = Some(Profile::default());
        self
    }

    pub(super) fn event(mut self, number: u64) -> Self {
        self.0.event = number;
        self
    }
}

impl From<Said> for Command {
    fn from(Said(update): Said) -> Self {
        Self::UserUpdate(update)
    }
}

/// An organization and the current time of its story.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) roster: Roster,
    moment: i64,
}

impl Story {
    pub(super) fn with(limit: SeatLimit) -> Self {
        Self::under(AdmissionPolicy::FirstCome, limit)
    }

    pub(super) fn by_hand(limit: SeatLimit) -> Self {
        Self::under(AdmissionPolicy::ByHand, limit)
    }

    pub(super) fn under(policy: AdmissionPolicy, limit: SeatLimit) -> Self {
        Self { roster: Roster::new(limit, policy, Counts::default()), moment: 1_000 }
    }

    /// Our clock, in seconds.
    pub(super) fn now(&self) -> i64 {
        self.moment
    }

    pub(super) fn passes(&mut self, seconds: i64) {
        self.moment += seconds;
    }

    pub(super) fn does(&mut self, command: &Command) -> Result<SeatOutcome, Refusal> {
        self.moment += 1;
        decide(&mut self.roster, command, at(self.moment))
    }

    pub(super) fn hears(&mut self, said: Said) -> SeatOutcome {
        let Said(mut update) = said;
        if update.at == UNTOLD {
            update.at = at(self.moment + 1);
        }
        if update.event == 0 {
            update.event = self.moment.unsigned_abs();
        }
        self.does(&Command::UserUpdate(update)).expect("an update is never refused")
    }

    pub(super) fn outcome(&mut self, said: Said) -> Outcome {
        self.hears(said).outcome
    }

    /// Creates these users as active, one after the other.
    pub(super) fn joined(mut self, names: &[&str]) -> Self {
        for name in names {
            self.hears(created(name).active().named(name));
        }
        self
    }

    pub(super) fn set(&mut self, limit: SeatLimit) -> SeatOutcome {
        self.does(&Command::SetLimit(limit)).expect("a limit can be set")
    }

    pub(super) fn admit(&mut self, name: &str) -> Result<SeatOutcome, Refusal> {
        self.does(&Command::Admit(id(name)))
    }

    pub(super) fn dismiss(&mut self, name: &str) -> Result<SeatOutcome, Refusal> {
        self.does(&Command::Dismiss(id(name)))
    }

    pub(super) fn undo_dismiss(&mut self, name: &str) -> Result<SeatOutcome, Refusal> {
        self.does(&Command::UndoDismiss(id(name)))
    }

    pub(super) fn move_to_front(&mut self, name: &str) -> Result<SeatOutcome, Refusal> {
        self.does(&Command::MoveToFront(id(name)))
    }

    pub(super) fn move_to(&mut self, name: &str, position: i64) -> Result<SeatOutcome, Refusal> {
        self.does(&Command::MoveTo(id(name), position))
    }

    pub(super) fn policy(&mut self, policy: AdmissionPolicy) -> SeatOutcome {
        self.does(&Command::SetPolicy(policy)).expect("a policy can be set")
    }

    /// These users join (true) or leave a group.
    pub(super) fn group(&mut self, group: &str, members: &[(&str, bool)]) -> SeatOutcome {
        let version = Version { at: at(self.moment + 1), weight: Precedence::Active, event: 1 };
        let members = members.iter().map(|(name, joined)| (id(name), *joined)).collect();
        self.does(&Command::GroupMembers(GroupMembers {
            group: GroupId::new(group),
            members,
            version,
        }))
        .expect("an event is never refused")
    }

    pub(super) fn group_deleted(&mut self, group: &str) -> SeatOutcome {
        let version = Version { at: at(self.moment + 1), weight: Precedence::Deleted, event: 1 };
        self.does(&Command::GroupDeleted(GroupId::new(group), version))
            .expect("an event is never refused")
    }

    pub(super) fn organization_seen(&mut self, second: i64) -> SeatOutcome {
        let stamp = Version { at: at(second), weight: Precedence::Active, event: 1 };
        self.does(&Command::OrganizationSeen(stamp)).expect("an update is never refused")
    }

    pub(super) fn organization_deleted(&mut self, second: i64) -> SeatOutcome {
        let stamp = Version { at: at(second), weight: Precedence::Deleted, event: 1 };
        self.does(&Command::OrganizationDeleted(stamp)).expect("an update is never refused")
    }

    pub(super) fn organization_archived(&mut self, second: i64) -> SeatOutcome {
        let stamp = Version { at: at(second), weight: Precedence::Deleted, event: 0 };
        self.does(&Command::OrganizationArchived(stamp)).expect("an update is never refused")
    }

    pub(super) fn state(&self, name: &str) -> Option<SeatState> {
        self.roster.person(&id(name)).map(|user| user.state)
    }

    pub(super) fn profile(&self, name: &str) -> Profile {
        self.roster.person(&id(name)).map(|user| user.profile.clone()).unwrap_or_default()
    }

    pub(super) fn groups(&self, name: &str) -> Vec<&str> {
        let user = self.roster.person(&id(name)).expect("a person we know");
        user.groups.iter().flatten().map(GroupId::as_str).collect()
    }

    pub(super) fn roles(&self, name: &str) -> Vec<&str> {
        self.roster
            .person(&id(name))
            .expect("a person we know")
            .roles
            .iter()
            .map(String::as_str)
            .collect()
    }

    pub(super) fn seated(&self) -> Vec<&str> {
        self.roster
            .people()
            .filter(|user| user.state == SeatState::Provisioned)
            .map(|user| user.id.as_str())
            .collect()
    }

    pub(super) fn line(&self) -> Vec<&str> {
        self.roster.line().map(|user| user.id.as_str()).collect()
    }

    /// The used seats and the waiting users.
    pub(super) fn counts(&self) -> (i64, i64) {
        (self.usage().used, self.usage().waiting)
    }

    pub(super) fn usage(&self) -> Usage {
        self.roster.usage()
    }

    /// The story must not change anything from here on.
    pub(super) fn unchanged(&mut self) -> Unchanged<'_> {
        Unchanged { before: self.roster.clone(), story: self }
    }
}

/// A story that must not change any more.
pub(super) struct Unchanged<'a> {
    story: &'a mut Story,
    before: Roster,
}

impl Deref for Unchanged<'_> {
    type Target = Story;

    fn deref(&self) -> &Story {
        self.story
    }
}

impl DerefMut for Unchanged<'_> {
    fn deref_mut(&mut self) -> &mut Story {
        self.story
    }
}

impl Drop for Unchanged<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let [after, before] = [&self.story.roster, &self.before].map(Roster::without_history);
            assert_eq!(after, before, "nothing was to change");
        }
    }
}
