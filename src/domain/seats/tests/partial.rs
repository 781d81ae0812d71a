//! A roster with only the users that the commands name and the head of the waitlist decides like
//! the complete roster.

use std::collections::BTreeSet;

use proptest::{prelude::any, proptest};

use super::{
    random::{commands_while_it_lives, limit},
    story::{Story, UNLIMITED, at, created, deleted, id, seats, updated},
};
use crate::{
    decision::Reason,
    directory_user::{Precedence, SeatState, Version},
    id::DirectoryUserId,
    organization::SeatLimit,
    property::cases,
    roster::{Counts, LoadedWaitlist, Roster},
    seats::{Command, decide},
    waitlist::WaitlistDemand,
};

fn named(command: &Command) -> Option<&DirectoryUserId> {
    match command {
        Command::UserUpdate(update) => Some(&update.user),
        Command::Admit(id)
        | Command::MoveToFront(id)
        | Command::Dismiss(id)
        | Command::UndoDismiss(id) => Some(id),
        Command::SetLimit(_)
        | Command::SetAutomatic(_)
        | Command::OrganizationSeen(_)
        | Command::OrganizationDeleted(_) => None,
    }
}

/// Loads a roster as the store does: the counts, the users that the commands name, and the first
/// `head` users of the waitlist.
fn loaded(whole: &Roster, commands: &[Command], head: usize) -> Roster {
    let mut part = without_users(whole);
    let names: BTreeSet<_> = commands.iter().filter_map(named).collect();
    names.into_iter().filter_map(|id| whole.person(id)).for_each(|user| part.add(user.clone()));
    whole.line().take(head).for_each(|user| part.add(user.clone()));
    let known = match whole.line().take(head).last().and_then(|user| user.waitlist_position) {
        Some(position) => LoadedWaitlist::UpTo(position),
        None => LoadedWaitlist::UpTo(i64::MIN),
    };
    part.waitlist_is_loaded(known);
    part
}

/// The complete roster as it is read from the store, without changed users.
fn stored(roster: &Roster) -> Roster {
    let mut whole = without_users(roster);
    roster.people().for_each(|user| whole.add(user.clone()));
    whole.waitlist_is_loaded(LoadedWaitlist::All);
    whole
}

fn without_users(roster: &Roster) -> Roster {
    let mut copy = Roster::new(roster.limit, roster.automatic, roster.counts());
    (copy.limit_at, copy.archived, copy.version) =
        (roster.limit_at, roster.archived, roster.version);
    (copy.deleted, copy.revived) = (roster.deleted, roster.revived);
    copy
}

fn assert_same_end(part: &Roster, whole: &Roster) {
    assert_eq!(
        (part.limit, part.automatic, part.counts()),
        (whole.limit, whole.automatic, whole.counts())
    );
    assert!(part.touched().eq(whole.touched()), "the same rows to write");
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn with_the_head_it_needs_a_part_decides_as_the_whole(
        limit in limit(),
        automatic in any::<bool>(),
        was_deleted in any::<bool>(),
        past in commands_while_it_lives(40),
        batch in commands_while_it_lives(8),
    ) {
        let past: Vec<_> =
            if was_deleted { restored(limit).into_iter().chain(past).collect() } else { past };
        let mut whole = after(limit, automatic, &past);
        let mut demand = WaitlistDemand::of(&batch);
        if was_deleted {
            demand.may_end_users();
        }
        let head = demand.head_needed(&whole.usage(), whole.automatic);
        let mut part = loaded(&whole, &batch, usize::try_from(head).unwrap());

        for (command, second) in batch.iter().zip(500..) {
            let decided = decide(&mut part, command, at(second));

            assert_eq!(decided, decide(&mut whole, command, at(second)), "{command:?}");
            assert!(!part.is_short());
        }

        assert_same_end(&part, &whole);
    }

    /// The head can have any length. The part decides like the complete roster, or it reports that
    /// it is short at the command whose next user it does not know.
    #[test]
    fn a_part_is_short_exactly_when_a_user_it_does_not_know_is_next(
        limit in limit(),
        past in commands_while_it_lives(40),
        batch in commands_while_it_lives(8),
        head in 0..4_usize,
    ) {
        let mut whole = after(limit, true, &past);
        let mut part = loaded(&whole, &batch, head);
        let head: BTreeSet<_> = whole.line().take(head).map(|user| user.id.clone()).collect();

        for (command, second) in batch.iter().zip(500..) {
            let decision = decide(&mut whole, command, at(second));
            let decided = decide(&mut part, command, at(second));

            let steps = decision.iter().flat_map(|decision| &decision.transitions);
            let mut next = steps.filter(|step| step.reason == Reason::NextOnWaitlist);
            if part.is_short() {
                assert!(next.any(|step| !head.contains(&step.user)), "{command:?} needed no other user");
                return Ok(());
            }
            assert_eq!(decided, decision);
        }

        assert_same_end(&part, &whole);
    }
}

/// The organization is deleted and exists again, among the times of the updates.
fn restored(limit: SeatLimit) -> [Command; 3] {
    let version = |second, weight| Version { at: at(second), weight, event: 1 };
    [
        Command::OrganizationDeleted(version(4, Precedence::Deleted)),
        Command::OrganizationSeen(version(6, Precedence::Active)),
        Command::SetLimit(limit),
    ]
}

fn after(limit: SeatLimit, automatic: bool, past: &[Command]) -> Roster {
    let mut whole = Roster::new(limit, automatic, Counts::default());
    for (command, second) in past.iter().zip(100..) {
        let _ = decide(&mut whole, command, at(second));
    }
    stored(&whole)
}

/// One seat: Ada holds it; Bob, Cat and Dan wait. The roster is loaded as the store does, with the
/// first `head` users of the waitlist.
fn part_of_four(commands: &[Command], head: usize) -> Roster {
    let story = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]);
    loaded(&stored(&story.roster), commands, head)
}

fn needed(commands: &[Command], automatic: bool) -> i64 {
    let story = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]);
    WaitlistDemand::of(commands).head_needed(&story.usage(), automatic)
}

#[test]
fn after_a_deletion_of_the_organization_any_update_may_need_one_from_the_head() {
    let stays = [updated("ada").at(5_000).into(), updated("bob").active().at(5_000).into()];
    let usage = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]).usage();
    let mut demand = WaitlistDemand::of(&stays);
    assert_eq!(demand.head_needed(&usage, true), 0);

    demand.may_end_users();

    assert_eq!(demand.head_needed(&usage, true), 2);
}

fn gone(name: &str) -> Command {
    deleted(name).at(5_000).into()
}

#[test]
fn one_command_needs_one_from_the_head_and_a_raise_needs_as_many_as_it_frees() {
    assert_eq!(needed(&[gone("ada")], true), 1);
    assert_eq!(needed(&[Command::SetLimit(seats(2))], true), 2);
    assert_eq!(needed(&[gone("ada"), gone("bob")], true), 2);
    assert_eq!(needed(&[Command::SetLimit(UNLIMITED)], true), 3);
    assert_eq!(needed(&[Command::SetLimit(seats(99)), gone("ada")], true), 3);
}

#[test]
fn by_hand_no_user_is_needed_until_the_switch_is_turned_on() {
    assert_eq!(needed(&[gone("ada"), Command::SetLimit(UNLIMITED)], false), 0);
    assert_eq!(needed(&[Command::SetLimit(seats(2)), Command::SetAutomatic(true)], false), 3);
}

#[test]
fn the_end_of_an_organization_needs_every_user_and_says_so() {
    let end = Command::OrganizationDeleted(Version {
        at: at(5_000),
        weight: Precedence::Deleted,
        event: 1,
    });
    assert_eq!(needed(std::slice::from_ref(&end), false), 3);
    let without_ada = part_of_four(&[], 3);
    let without_dan = part_of_four(&[gone("ada")], 2);
    let all_users = part_of_four(&[gone("ada")], 3);

    for (mut part, is_short) in [(without_ada, true), (without_dan, true), (all_users, false)] {
        decide(&mut part, &end, at(5_000)).unwrap();
        assert_eq!(part.is_short(), is_short);
    }
}

#[test]
fn a_free_seat_with_no_user_loaded_to_take_it_is_short() {
    let batch = [gone("ada")];
    let mut part = part_of_four(&batch, 0);
    assert!(!part.is_short());

    decide(&mut part, &batch[0], at(5_000)).unwrap();

    assert!(part.is_short());
}

#[test]
fn what_was_short_once_stays_short_though_the_seat_was_taken_by_a_newcomer() {
    let batch = [gone("ada"), created("new").at(5_001).into()];
    let mut part = part_of_four(&batch, 0);

    for command in &batch {
        decide(&mut part, command, at(5_000)).unwrap();
    }

    assert!(part.is_short());
}

#[test]
fn a_user_who_was_moved_to_the_front_is_known_to_be_next() {
    let batch = [Command::MoveToFront(id("dan")), gone("ada")];
    let mut part = part_of_four(&batch, 0);

    for command in &batch {
        decide(&mut part, command, at(5_000)).unwrap();
    }

    assert!(!part.is_short());
    assert_eq!(part.person(&id("dan")).map(|user| user.state), Some(SeatState::Provisioned));
}

#[test]
fn a_user_who_stands_further_back_is_loaded_but_not_next() {
    let batch = [updated("dan").named("renamed").into(), gone("ada")];
    let mut part = part_of_four(&batch, 1);

    for command in &batch {
        decide(&mut part, command, at(5_000)).unwrap();
    }

    assert_eq!(part.person(&id("bob")).map(|user| user.state), Some(SeatState::Provisioned));
    assert_eq!(part.person(&id("dan")).map(|user| user.state), Some(SeatState::Blocked));
}
