//! Updates arrive in any order and any number of times, and the users, their states and the counts
//! end the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::any, proptest};

use super::{
    model::{Activity, Facts, facts},
    random::{all_news, cases, limit},
    story::{Said, Story, at, created, deleted, updated},
};
use crate::domain::{
    directory_user::{DirectoryUser, SeatState},
    id::DirectoryUserId,
    organization::SeatLimit,
    roster::{Counts, Roster},
    seats::{Command, UserUpdate, decide},
};

/// A user without the values that depend on the order of arrival: `since` and the position.
type Fact = (bool, SeatState, Facts);

/// Applies all updates and returns the result. It does not distinguish users with a seat from
/// waiting users, because the last seats depend on the order.
fn delivered<'a>(limit: SeatLimit, news: impl Iterator<Item = &'a UserUpdate>) -> (Counts, BTreeMap<DirectoryUserId, Fact>) {
    let mut roster = Roster::new(limit, true, Counts::default());
    for (news, second) in news.zip(100..) {
        decide(&mut roster, &Command::UserUpdate(news.clone()), at(second)).unwrap();
    }
    let fact = |user: &DirectoryUser| {
        let wants = matches!(user.state, SeatState::Provisioned | SeatState::Blocked);
        let state = if wants { SeatState::Provisioned } else { user.state };
        let (profile, groups, roles) = (user.profile.clone(), user.groups.clone(), user.roles.clone());
        (wants, state, Facts { activity: None, profile, groups, roles })
    };
    let Counts { used, waiting, .. } = roster.counts();
    let facts = roster.people().map(|user| (user.id.clone(), fact(user))).collect();
    (Counts { used, waiting, ..Counts::default() }, facts)
}

/// The expected result, computed from the set of all updates.
fn expected(limit: SeatLimit, all: &[UserUpdate]) -> (Counts, BTreeMap<DirectoryUserId, Fact>) {
    let people: BTreeSet<_> = all.iter().map(|news| &news.user).collect();
    let fact = |id: &DirectoryUserId| {
        let heard: Vec<_> = all.iter().filter(|news| news.user == *id).cloned().collect();
        let facts = facts(&heard);
        let state = match facts.activity {
            None | Some(Activity::Active) => SeatState::Provisioned,
            Some(Activity::Inactive) => SeatState::Inactive,
            Some(Activity::Deleted) => SeatState::Removed,
        };
        (state == SeatState::Provisioned, state, Facts { activity: None, ..facts })
    };
    let facts: BTreeMap<_, _> = people.into_iter().map(|id| (id.clone(), fact(id))).collect();
    let wanted: i64 = facts.values().filter(|(wants, ..)| *wants).map(|_| 1).sum();
    let used = limit.free(0).map_or(wanted, |seats| seats.min(wanted));
    (Counts { used, waiting: wanted - used, ..Counts::default() }, facts)
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
    fn news_in_any_order_and_any_number_ends_in_the_same_facts_and_counts(
        limit in limit(),
        news in all_news(30),
        keys in vec(any::<u64>(), 30),
        again in vec(any::<proptest::sample::Index>(), 0..20),
    ) {
        let mut in_order: Vec<_> = news.iter().collect();
        in_order.sort_by_key(|news| (news.at, news.event));
        let mut shuffled: Vec<_> = news.iter().chain(again.iter().map(|index| index.get(&news))).collect();
        shuffled.sort_by_key(|news| keys[usize::try_from(news.event).unwrap() % keys.len()]);
        let again: Vec<_> = again.iter().map(|index| index.get(&news)).collect();

        let end = delivered(limit, in_order.into_iter());

        assert_eq!(end, expected(limit, &news));
        assert_eq!(end, delivered(limit, news.iter()), "as it came");
        assert_eq!(end, delivered(limit, shuffled.into_iter().chain(again)), "shuffled");
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// Up to five updates of one user, in each of their orders.
    #[test]
    fn every_single_order_ends_in_the_same_facts_and_counts(limit in limit(), mut news in all_news(5)) {
        for piece in &mut news {
            piece.user = super::story::id("ada");
        }
        let end = expected(limit, &news);

        for order in orders(news.len()) {
            assert_eq!(delivered(limit, order.iter().map(|index| &news[*index])), end, "{order:?}");
        }
    }
}

#[test]
fn the_sentences_about_late_news_hold_in_every_order() {
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

    let ends_removed = story(vec![created("ada").active().at(1), deleted("ada").at(2), updated("ada").named("ada").at(3)]);
    let ends_inside = story(vec![created("ada").active().at(1), deleted("ada").at(2), created("ada").at(3), updated("ada").at(4)]);
    let ends_inactive = story(vec![created("ada").at(1), updated("ada").inactive().at(2), updated("ada").active().at(2)]);

    assert_eq!(ends_removed, BTreeSet::from([Some(SeatState::Removed)]));
    assert_eq!(ends_inside, BTreeSet::from([Some(SeatState::Provisioned)]));
    assert_eq!(ends_inactive, BTreeSet::from([Some(SeatState::Inactive)]));
}
