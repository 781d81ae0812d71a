//! Updates, and events about the organization, arrive in any order and any number of times, and the
//! users, their states, the counts and the limit end the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::any, proptest};

use super::{
    facts::{Activity, Facts, counts_from, ended, facts},
    random::{all_updates, all_updates_and_lives, limit},
    story::{Said, Story, at, created, deleted, updated},
};
use crate::{
    admission::AdmissionPolicy,
    directory_user::{DirectoryUser, SeatState},
    id::DirectoryUserId,
    organization::SeatLimit,
    property::cases,
    roster::{Counts, Roster},
    seats::{Command, UserUpdate, decide},
};

/// A user without the values that depend on the order of arrival: `since` and the position.
type Fact = (bool, SeatState, Facts);

/// The limit, whether the organization is archived, the counts and the users.
type End = (SeatLimit, bool, Counts, BTreeMap<DirectoryUserId, Fact>);

/// Applies all commands and returns the result. It does not distinguish users with a seat from
/// waiting users, because the last seats depend on the order.
fn delivered<'a>(limit: SeatLimit, commands: impl Iterator<Item = &'a Command>) -> End {
    let mut roster = Roster::new(limit, AdmissionPolicy::FirstCome, Counts::default());
    for (command, second) in commands.zip(100..) {
        decide(&mut roster, command, at(second)).unwrap();
    }
    let fact = |user: &DirectoryUser| {
        let wants = matches!(user.state, SeatState::Provisioned | SeatState::Blocked);
        let state = if wants { SeatState::Provisioned } else { user.state };
        let (profile, groups, roles) =
            (user.profile.clone(), user.groups.clone(), user.roles.clone());
        (wants, state, Facts { activity: None, profile, groups, roles })
    };
    let Counts { used, waiting, .. } = roster.counts();
    let facts = roster.people().map(|user| (user.id.clone(), fact(user))).collect();
    (roster.limit, roster.archived, Counts { used, waiting, ..Counts::default() }, facts)
}

/// The expected result, computed from the set of all commands.
fn expected(limit: SeatLimit, all: &[Command]) -> End {
    let deleted = all.iter().filter_map(Command::deletion).max();
    let seen = all.iter().filter_map(|command| {
        if let Command::OrganizationSeen(stamp) = command { Some(stamp.at) } else { None }
    });
    let revived = deleted.and_then(|deletion| seen.filter(|at| *at > deletion.at).min());
    let (archived, limit) = (
        deleted.is_some() && revived.is_none(),
        if deleted.is_some() { SeatLimit::NotSet } else { limit },
    );
    let mut people: BTreeMap<DirectoryUserId, Vec<UserUpdate>> = BTreeMap::new();
    for command in all {
        if let Command::UserUpdate(update) = command {
            people.entry(update.user.clone()).or_default().push(update.clone());
        }
    }
    let fact = |mut heard: Vec<UserUpdate>| {
        heard.extend(deleted.and_then(|deletion| ended(&heard, deletion)));
        let facts = facts(&heard, deleted);
        let state = match facts.activity {
            _ if archived || revived.is_some_and(|revived| counts_from(&heard) < revived) => {
                SeatState::Removed
            }
            None | Some(Activity::Active) => SeatState::Provisioned,
            Some(Activity::Inactive) => SeatState::Inactive,
            Some(Activity::Deleted) => SeatState::Removed,
        };
        (state == SeatState::Provisioned, state, Facts { activity: None, ..facts })
    };
    let facts: BTreeMap<_, _> = people.into_iter().map(|(id, heard)| (id, fact(heard))).collect();
    let wanted: i64 = facts.values().filter(|(wants, ..)| *wants).map(|_| 1).sum();
    let used = limit.free(0).map_or(wanted, |seats| seats.min(wanted));
    (limit, archived, Counts { used, waiting: wanted - used, ..Counts::default() }, facts)
}

fn updates<'a>(all: impl IntoIterator<Item = &'a UserUpdate>) -> Vec<Command> {
    all.into_iter().cloned().map(Command::UserUpdate).collect()
}

/// Every order of this many things, by Heap's algorithm.
fn orders(length: usize) -> Vec<Vec<usize>> {
    fn swap_on(length: usize, order: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
        if length <= 1 {
            orders.push(order.clone());
            return;
        }
        for i in 0..length {
            swap_on(length - 1, order, orders);
            order.swap(if length.is_multiple_of(2) { i } else { 0 }, length - 1);
        }
    }
    let mut all = Vec::new();
    swap_on(length, &mut (0..length).collect(), &mut all);
    all
}

proptest! {
    #![proptest_config(cases(3_000))]

    /// In a random order, with repetitions.
    #[test]
    fn updates_in_any_order_and_any_number_end_in_the_same_facts_and_counts(
        limit in limit(),
        all in all_updates(30),
        keys in vec(any::<u64>(), 30),
        again in vec(any::<proptest::sample::Index>(), 0..20),
    ) {
        let mut in_order: Vec<_> = all.iter().collect();
        in_order.sort_by_key(|update| (update.at, update.event));
        let again: Vec<_> = again.iter().map(|index| index.get(&all)).collect();
        let mut shuffled: Vec<_> = all.iter().chain(again.iter().copied()).collect();
        shuffled.sort_by_key(|update| keys[usize::try_from(update.event).unwrap() % keys.len()]);

        let end = delivered(limit, updates(in_order).iter());

        assert_eq!(end, expected(limit, &updates(&all)));
        assert_eq!(end, delivered(limit, updates(&all).iter()), "as it came");
        assert_eq!(end, delivered(limit, updates(shuffled.into_iter().chain(again)).iter()), "shuffled");
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// Up to five updates of one user, in each of their orders.
    #[test]
    fn every_single_order_ends_in_the_same_facts_and_counts(
        limit in limit(),
        mut all in all_updates(5),
    ) {
        for piece in &mut all {
            piece.user = super::story::id("ada");
        }
        let commands = updates(&all);
        let end = expected(limit, &commands);

        for order in orders(commands.len()) {
            assert_eq!(delivered(limit, order.iter().map(|index| &commands[*index])), end, "{order:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    /// An organization is created, deleted and created again, any number of times, while its users
    /// come and go.
    #[test]
    fn lives_of_an_organization_in_any_order_end_in_the_same_facts_counts_and_limit(
        limit in limit(),
        commands in all_updates_and_lives(20),
        keys in vec(any::<u64>(), 20),
        again in vec(any::<proptest::sample::Index>(), 0..10),
    ) {
        let mut shuffled: Vec<_> = keys.iter().zip(&commands).collect();
        shuffled.sort_by_key(|(key, _)| **key);
        let again = again.iter().map(|index| index.get(&commands));

        let end = expected(limit, &commands);

        assert_eq!(delivered(limit, commands.iter()), end, "as it came");
        let shuffled = shuffled.into_iter().map(|(_, command)| command).chain(again);
        assert_eq!(delivered(limit, shuffled), end, "shuffled");
    }
}

proptest! {
    #![proptest_config(cases(500))]

    /// Up to five events, in each of their orders.
    #[test]
    fn every_single_order_of_lives_ends_in_the_same_facts_counts_and_limit(
        limit in limit(),
        commands in all_updates_and_lives(5),
    ) {
        let end = expected(limit, &commands);

        for order in orders(commands.len()) {
            assert_eq!(delivered(limit, order.iter().map(|index| &commands[*index])), end, "{order:?}");
        }
    }
}

#[test]
fn the_sentences_about_late_updates_hold_in_every_order() {
    let story = |said: Vec<Said>| {
        let end = |order: &Vec<usize>| {
            let mut story = Story::with(SeatLimit::Unlimited);
            for index in order {
                story.hears(said[*index].clone());
            }
            story.state("ada")
        };
        orders(said.len()).iter().map(end).collect::<BTreeSet<_>>()
    };

    let ends_removed = story(vec![
        created("ada").active().at(1),
        deleted("ada").at(2),
        updated("ada").named("ada").at(3),
    ]);
    let ends_inside = story(vec![
        created("ada").active().at(1),
        deleted("ada").at(2),
        created("ada").at(3),
        updated("ada").at(4),
    ]);
    let ends_inactive = story(vec![
        created("ada").at(1),
        updated("ada").inactive().at(2),
        updated("ada").active().at(2),
    ]);

    assert_eq!(ends_removed, BTreeSet::from([Some(SeatState::Removed)]));
    assert_eq!(ends_inside, BTreeSet::from([Some(SeatState::Provisioned)]));
    assert_eq!(ends_inactive, BTreeSet::from([Some(SeatState::Inactive)]));
}
