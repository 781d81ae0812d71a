//! A roster with only the users that the commands name and the head of the waitlist decides like
//! the complete roster.

use std::collections::BTreeSet;

use proptest::{prelude::any, proptest};

use super::{
    random::{commands_while_it_lives, limit, policy},
    story::{Story, UNLIMITED, at, created, deleted, groups_first, id, seats, updated},
};
use crate::{
    admission::AdmissionPolicy,
    decision::Reason,
    directory_user::{DirectoryUser, Precedence, SeatState, Version},
    id::{DirectoryUserId, GroupId},
    organization::SeatLimit,
    property::cases,
    roster::{Counts, LoadedWaitlist, Roster},
    seats::{Command, decide},
    waitlist::{Place, WaitlistDemand},
};

fn named(command: &Command) -> Vec<&DirectoryUserId> {
    match command {
        Command::UserUpdate(update) => vec![&update.user],
        Command::GroupMembers(said) => said.members.keys().collect(),
        Command::Admit(id)
        | Command::MoveToFront(id)
        | Command::MoveTo(id, _)
        | Command::Dismiss(id)
        | Command::UndoDismiss(id) => vec![id],
        Command::SetLimit(_)
        | Command::SetPolicy(_)
        | Command::GroupDeleted(..)
        | Command::OrganizationSeen(_)
        | Command::OrganizationDeleted(_)
        | Command::OrganizationArchived(_) => Vec::new(),
    }
}

/// Loads a roster as the store does: the counts, the users that the commands name, the waiting
/// members of a group that is deleted, and the first `head` users of the waitlist.
fn loaded(whole: &Roster, commands: &[Command], head: usize) -> Roster {
    let mut part = without_users(whole);
    let mut names: BTreeSet<_> = commands.iter().flat_map(named).cloned().collect();
    names.extend(leaving(whole, commands).map(|user| user.id.clone()));
    names.iter().filter_map(|id| whole.person(id)).for_each(|user| part.add(user.clone()));
    let is_anew = commands.iter().any(|command| matches!(command, Command::SetPolicy(_)));
    part.memberships =
        if is_anew { whole.memberships.clone() } else { whole.memberships.of(&names) };
    whole.line().take(head).for_each(|user| part.add(user.clone()));
    let known = whole.line().take(head).last().and_then(DirectoryUser::waitlist_key);
    part.waitlist_is_loaded(known.map_or(LoadedWaitlist::Nothing, LoadedWaitlist::UpTo));
    part
}

/// The waiting members of the groups that are deleted.
fn leaving<'a>(
    whole: &'a Roster,
    commands: &'a [Command],
) -> impl Iterator<Item = &'a DirectoryUser> {
    let is_deleted = |group: &GroupId| {
        commands
            .iter()
            .any(|command| matches!(command, Command::GroupDeleted(other, _) if other == group))
    };
    whole.line().filter(move |user| {
        let mut groups = whole.policy.groups().iter();
        groups.any(|group| is_deleted(group) && whole.memberships.is_in(user, group))
    })
}

/// What the commands need of this roster.
fn demand(whole: &Roster, commands: &[Command]) -> WaitlistDemand {
    let mut demand = WaitlistDemand::of(commands);
    demand.add_regrouped(i64::try_from(leaving(whole, commands).count()).unwrap());
    demand
}

/// The complete roster as it is read from the store, without changed users.
fn stored(roster: &Roster) -> Roster {
    let mut whole = without_users(roster);
    for user in roster.people() {
        for group in user.groups.iter().flatten() {
            whole.memberships.add_stored(user.id.clone(), group.clone());
        }
        whole.add(DirectoryUser { groups: None, ..user.clone() });
    }
    whole.waitlist_is_loaded(LoadedWaitlist::All);
    whole
}

fn without_users(roster: &Roster) -> Roster {
    let mut copy = Roster::new(roster.limit, roster.policy.clone(), roster.counts());
    copy.memberships = roster.memberships.clone();
    (copy.limit_at, copy.archived, copy.version) =
        (roster.limit_at, roster.archived, roster.version);
    (copy.deleted, copy.revived) = (roster.deleted, roster.revived);
    copy
}

fn assert_same_end(part: &Roster, whole: &Roster) {
    assert_eq!(
        (part.limit, &part.policy, part.counts()),
        (whole.limit, &whole.policy, whole.counts())
    );
    assert!(part.touched().eq(whole.touched()), "the same rows to write");
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn with_the_head_it_needs_a_part_decides_as_the_whole(
        limit in limit(),
        policy in policy(),
        was_deleted in any::<bool>(),
        past in commands_while_it_lives(40),
        batch in commands_while_it_lives(8),
    ) {
        let past: Vec<_> =
            if was_deleted { restored(limit).into_iter().chain(past).collect() } else { past };
        let mut whole = after(limit, policy, &past);
        let mut demand = demand(&whole, &batch);
        if was_deleted {
            demand.may_end_users();
        }
        let head = demand.head_needed(&whole.usage(), &whole.policy);
        let mut part = loaded(&whole, &batch, usize::try_from(head).unwrap());

        for (command, second) in batch.iter().zip(500..) {
            let decided = decide(&mut part, command, at(second));

            assert_eq!(decided, decide(&mut whole, command, at(second)), "{command:?}");
            assert!(!part.is_short());
        }

        assert_same_end(&part, &whole);
    }

    /// The head can have any length. The part decides like the complete roster, or it reports that
    /// it is short at the command whose next user it does not know, or at a move or a new policy.
    #[test]
    fn a_part_is_short_exactly_when_a_user_it_does_not_know_is_next(
        limit in limit(),
        policy in policy(),
        past in commands_while_it_lives(40),
        batch in commands_while_it_lives(8),
        head in 0..4_usize,
    ) {
        let mut whole = after(limit, policy, &past);
        let mut part = loaded(&whole, &batch, head);
        let head: BTreeSet<_> = whole.line().take(head).map(|user| user.id.clone()).collect();

        for (command, second) in batch.iter().zip(500..) {
            let decision = decide(&mut whole, command, at(second));
            let decided = decide(&mut part, command, at(second));

            let steps = decision.iter().flat_map(|decision| &decision.transitions);
            let mut next = steps.filter(|step| step.reason == Reason::NextOnWaitlist);
            if part.is_short() {
                let may_need_others =
                    matches!(command, Command::MoveTo(..) | Command::SetPolicy(_));
                assert!(
                    may_need_others || next.any(|step| !head.contains(&step.user)),
                    "{command:?} needed no other user"
                );
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

fn after(limit: SeatLimit, policy: AdmissionPolicy, past: &[Command]) -> Roster {
    let mut whole = Roster::new(limit, policy, Counts::default());
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

fn needed(commands: &[Command], policy: &AdmissionPolicy) -> i64 {
    let story = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]);
    WaitlistDemand::of(commands).head_needed(&story.usage(), policy)
}

#[test]
fn after_a_deletion_of_the_organization_any_update_may_need_one_from_the_head() {
    let stays = [updated("ada").at(5_000).into(), updated("bob").active().at(5_000).into()];
    let usage = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]).usage();
    let mut demand = WaitlistDemand::of(&stays);
    assert_eq!(demand.head_needed(&usage, &AdmissionPolicy::FirstCome), 0);
    assert_eq!(demand.head_needed(&usage, &groups_first(&["pilots"])), 2, "ranks may change");

    demand.may_end_users();

    assert_eq!(demand.head_needed(&usage, &AdmissionPolicy::FirstCome), 2);
}

fn gone(name: &str) -> Command {
    deleted(name).at(5_000).into()
}

#[test]
fn one_command_needs_one_from_the_head_and_a_raise_needs_as_many_as_it_frees() {
    let needed = |commands: &[Command]| needed(commands, &AdmissionPolicy::FirstCome);
    assert_eq!(needed(&[gone("ada")]), 1);
    assert_eq!(needed(&[Command::SetLimit(seats(2))]), 2);
    assert_eq!(needed(&[gone("ada"), gone("bob")]), 2);
    assert_eq!(needed(&[Command::SetLimit(UNLIMITED)]), 3);
    assert_eq!(needed(&[Command::SetLimit(seats(99)), gone("ada")]), 3);
}

#[test]
fn by_hand_no_user_is_needed_but_for_a_move_or_a_new_policy() {
    let needed = |commands: &[Command]| needed(commands, &AdmissionPolicy::ByHand);
    let policy = Command::SetPolicy(AdmissionPolicy::FirstCome);
    assert_eq!(needed(&[gone("ada"), Command::SetLimit(UNLIMITED)]), 0);
    assert_eq!(needed(&[Command::MoveToFront(id("dan"))]), 0);
    assert_eq!(needed(&[Command::MoveTo(id("dan"), 2)]), 3);
    assert_eq!(needed(&[Command::SetLimit(seats(2)), policy]), 3);
}

#[test]
fn the_end_of_an_organization_needs_every_user_and_says_so() {
    let end = Command::OrganizationDeleted(Version {
        at: at(5_000),
        weight: Precedence::Deleted,
        event: 1,
    });
    assert_eq!(needed(std::slice::from_ref(&end), &AdmissionPolicy::ByHand), 3);
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

/// One seat, which Ada holds. A hundred users wait; the groups come first.
fn crowd() -> Roster {
    let mut story = Story::under(groups_first(&["pilots", "crew"]), seats(1)).joined(&["ada"]);
    for n in 0..100 {
        let group = ["pilots", "crew", "others", "none"][n % 4];
        story.hears(created(&format!("p{n:02}")).active().in_groups(&[group]));
    }
    stored(&story.roster)
}

/// The gap behind one user is halved by each move to the same spot, until it is used up: then the
/// users who were moved there are spread over it, and no other user changes.
#[test]
fn a_move_to_the_middle_writes_one_row_and_rarely_those_that_were_moved_there() {
    let (mut whole, mut most, mut second) = (crowd(), 0, 5_000);
    for n in 0..60 {
        let who = id(&format!("p{:02}", 99 - n));
        for command in [Command::MoveTo(who.clone(), 30), Command::MoveTo(who, 31)] {
            let needed = demand(&whole, std::slice::from_ref(&command));
            let head = needed.head_needed(&whole.usage(), &whole.policy);
            let mut part =
                loaded(&whole, std::slice::from_ref(&command), usize::try_from(head).unwrap());
            second += 1;

            decide(&mut part, &command, at(second)).unwrap();
            decide(&mut whole, &command, at(second)).unwrap();

            assert!(!part.is_short());
            assert_same_end(&part, &whole);
            let moved = part.touched().filter(|user| {
                user.waitlist_place.is_some_and(|place| place.position % Place::GAP != 0)
            });
            assert_eq!(moved.count(), part.touched().count(), "only those who were moved");
            most = most.max(part.touched().count());
            whole = stored(&whole);
        }
    }
    assert!(most > 1, "no gap was used up");
    assert!(whole.line().map(DirectoryUser::waitlist_key).is_sorted());
}

#[test]
fn a_move_or_a_new_policy_that_does_not_know_the_users_around_is_short() {
    let whole = crowd();
    let policy = Command::SetPolicy(AdmissionPolicy::FirstCome);
    for (command, head) in
        [(Command::MoveTo(id("p03"), 30), 29), (Command::MoveTo(id("p03"), 2), 1), (policy, 99)]
    {
        let mut part = loaded(&whole, std::slice::from_ref(&command), head);

        decide(&mut part, &command, at(5_000)).unwrap();

        assert!(part.is_short(), "{command:?}");
    }
}
