//! Random histories: few users, few times and small plans, so that all combinations occur.

use proptest::{
    collection::vec,
    prelude::{Strategy, any},
};

use super::story::{at, id, profile};
use crate::{
    admission::{AdmissionPolicy, GroupOrder},
    directory_user::{Precedence, Profile, Version},
    event::Change,
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    seats::{Command, GroupMembers, UserUpdate},
    time::Timestamp,
};

/// Every command that an organization can get, mostly updates of its users.
pub(super) fn commands(most: usize) -> impl Strategy<Value = Vec<Command>> {
    rolled(most, |dice| match dice.roll(24) {
        0..12 => Command::UserUpdate(update(dice)),
        12..14 => group(dice),
        14..20 => by_hand(dice),
        20..23 => setting(dice),
        _ => organization(dice),
    })
}

/// The same without the creation and the deletion of the organization.
pub(super) fn commands_while_it_lives(most: usize) -> impl Strategy<Value = Vec<Command>> {
    rolled(most, |dice| match dice.roll(12) {
        0..6 => Command::UserUpdate(update(dice)),
        6 => group(dice),
        7..11 => by_hand(dice),
        _ => setting(dice),
    })
}

/// Only updates, each with a different event number.
pub(super) fn all_updates(most: usize) -> impl Strategy<Value = Vec<UserUpdate>> {
    rolled(most, |dice| Command::UserUpdate(update(dice))).prop_map(|commands| {
        let update =
            |command| if let Command::UserUpdate(update) = command { Some(update) } else { None };
        commands.into_iter().filter_map(update).collect()
    })
}

/// Updates, and creations and deletions of the organization among them.
pub(super) fn all_updates_and_lives(most: usize) -> impl Strategy<Value = Vec<Command>> {
    rolled(most, |dice| match dice.roll(5) {
        0..3 => Command::UserUpdate(update(dice)),
        _ => organization(dice),
    })
}

pub(super) fn limit() -> impl Strategy<Value = SeatLimit> {
    any::<u64>().prop_map(|number| a_limit(&mut Dice(number)))
}

pub(super) fn policy() -> impl Strategy<Value = AdmissionPolicy> {
    any::<u64>().prop_map(|number| a_policy(&mut Dice(number)))
}

/// A number that is used as a series of random draws. It is generated much faster than a tree of
/// strategies, and it still shrinks.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        let rolled = self.0 % sides;
        self.0 /= sides;
        rolled
    }

    /// True with a chance of one in `sides`.
    fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// A history of commands. The event numbers differ and are not in the order of arrival.
fn rolled(most: usize, command: fn(&mut Dice) -> Command) -> impl Strategy<Value = Vec<Command>> {
    vec(any::<u64>(), 1..=most).prop_map(move |numbers| {
        let mut commands: Vec<_> =
            numbers.into_iter().map(|number| command(&mut Dice(number))).collect();
        for (command, number) in commands.iter_mut().zip(1_u64..) {
            if let Command::UserUpdate(update) = command {
                update.event = number * 7_919 % 1_009;
            }
        }
        commands
    })
}

fn a_limit(dice: &mut Dice) -> SeatLimit {
    match dice.roll(8) {
        0 => SeatLimit::NotSet,
        1 => SeatLimit::Unlimited,
        _ => SeatLimit::Seats(i64::try_from(dice.roll(5)).unwrap()),
    }
}

fn by_hand(dice: &mut Dice) -> Command {
    let who = person(dice);
    match dice.roll(6) {
        0 => Command::Admit(who),
        1 => Command::MoveToFront(who),
        2..4 => Command::MoveTo(who, i64::try_from(dice.roll(5)).unwrap()),
        4 => Command::Dismiss(who),
        _ => Command::UndoDismiss(who),
    }
}

fn setting(dice: &mut Dice) -> Command {
    match dice.roll(5) {
        0..3 => Command::SetLimit(a_limit(dice)),
        _ => Command::SetPolicy(a_policy(dice)),
    }
}

fn a_policy(dice: &mut Dice) -> AdmissionPolicy {
    match dice.roll(6) {
        0 => AdmissionPolicy::FirstCome,
        1 => AdmissionPolicy::ByHand,
        _ => {
            let first = dice.roll(3);
            let groups = (first..=first + dice.roll(2)).map(|n| a_group(n % 3)).collect();
            AdmissionPolicy::GroupsFirst(GroupOrder::new(groups).unwrap())
        }
    }
}

fn a_group(number: u64) -> GroupId {
    GroupId::new(format!("group-{number}"))
}

/// A group event: users join or leave it, or it is deleted.
fn group(dice: &mut Dice) -> Command {
    let (group, at) = (a_group(dice.roll(3)), moment(dice, 12));
    if dice.once_in(4) {
        let version = Version { at, weight: Precedence::Deleted, event: dice.roll(5) };
        return Command::GroupDeleted(group, version);
    }
    let version = Version { at, weight: Precedence::Active, event: dice.roll(5) };
    let members = (0..=dice.roll(2)).map(|_| (person(dice), dice.once_in(2))).collect();
    Command::GroupMembers(GroupMembers { group, members, version })
}

fn organization(dice: &mut Dice) -> Command {
    let at = moment(dice, 20);
    let version = |weight, event| Version { at, weight, event };
    match dice.roll(4) {
        0 | 1 => Command::OrganizationSeen(version(Precedence::Active, 1)),
        2 => Command::OrganizationDeleted(version(Precedence::Deleted, 1)),
        _ => Command::OrganizationArchived(version(Precedence::Deleted, 0)),
    }
}

fn person(dice: &mut Dice) -> DirectoryUserId {
    id(&format!("person-{}", dice.roll(6)))
}

fn moment(dice: &mut Dice, seconds: u64) -> Timestamp {
    at(i64::try_from(dice.roll(seconds)).unwrap())
}

fn update(dice: &mut Dice) -> UserUpdate {
    let change = match dice.roll(9) {
        0..3 => Change::Created,
        3..7 => Change::Updated,
        _ => Change::Deleted,
    };
    let active = match dice.roll(10) {
        0..3 => None,
        3..7 => Some(true),
        _ => Some(false),
    };
    UserUpdate {
        user: person(dice),
        change,
        active,
        profile: dice.once_in(2).then(|| label(dice)),
        groups: dice.once_in(3).then(|| (0..dice.roll(3)).map(|_| a_group(dice.roll(3))).collect()),
        roles: dice
            .once_in(3)
            .then(|| (0..dice.roll(2)).map(|_| format!("role-{}", dice.roll(3))).collect()),
        at: moment(dice, 12),
        event: 0,
    }
}

fn label(dice: &mut Dice) -> Profile {
    match dice.roll(6) {
        0 => Profile::default(),
        number => profile(&format!("name-{number}")),
    }
}
