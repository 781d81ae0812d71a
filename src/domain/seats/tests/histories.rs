//! What is true after every command of every history.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use proptest::proptest;

use super::{
    model::Model,
    random::{commands, limit, policy},
    story::at,
};
use crate::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason, Transition},
    directory_user::{
        SeatState::{Blocked, Dismissed, Provisioned},
        Version,
    },
    id::DirectoryUserId,
    organization::SeatLimit,
    property::cases,
    refusal::Refusal,
    roster::{Counts, Roster},
    seats::{Command, SeatOutcome, decide},
    waitlist::{Place, PlaceKey},
};

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn every_history_keeps_the_counts_the_line_and_the_limit(
        limit in limit(),
        policy in policy(),
        history in commands(40),
    ) {
        let mut roster = Roster::new(limit, policy, Counts::default());
        for (command, second) in history.iter().zip(100..) {
            let before = roster.clone();

            let decided = decide(&mut roster, command, at(second));

            counts_are_what_is_there(&roster);
            the_line_is_in_order(&roster);
            ranks_are_those_of_the_groups(&roster);
            no_seat_is_free_while_a_user_waits(&roster);
            match decided {
                Ok(decision) => {
                    a_decision_explains_the_change(&before, &roster, command, &decision);
                }
                Err(_) => assert_eq!(roster, before, "refused"),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn every_history_comes_out_as_the_rules_are_told(
        limit in limit(),
        policy in policy(),
        history in commands(40),
    ) {
        let mut roster = Roster::new(limit, policy, Counts::default());
        let mut model = Model::of(&roster);
        for (command, second) in history.iter().zip(100..) {
            let told = model.does(command);

            let decided = decide(&mut roster, command, at(second)).map(|decision| decision.outcome);

            assert_eq!(decided, told, "{command:?}");
            model.assert_same(&roster);
        }
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn an_update_that_was_taken_changes_nothing_when_it_comes_again(
        limit in limit(),
        history in commands(25),
    ) {
        let mut roster = Roster::new(limit, AdmissionPolicy::FirstCome, Counts::default());
        let mut taken = Vec::new();
        for (command, second) in history.iter().zip(100..) {
            let decided = decide(&mut roster, command, at(second));
            if is_update(command) && decided.is_ok() {
                taken.push(command);
            }

            for again in &taken {
                let before = roster.clone();
                let decision = decide(&mut roster, again, at(1_000)).unwrap();
                let is_update = matches!(again, Command::UserUpdate(_));
                let nothing =
                    if roster.archived && is_update { Outcome::Archived } else { Outcome::Stale };
                let [after, before] = [&roster, &before].map(Roster::without_history);
                let decided = (decision.outcome, decision.transitions, after);
                assert_eq!(decided, (nothing, vec![], before), "{again:?}");
            }
        }
    }
}

fn is_update(command: &Command) -> bool {
    let is_about_life = matches!(command, Command::OrganizationSeen(_));
    matches!(command, Command::UserUpdate(_)) || is_about_life || command.deletion().is_some()
}

fn counts_are_what_is_there(roster: &Roster) {
    let count = |state| roster.people().filter(|user| user.state == state).map(|_| 1).sum::<i64>();
    assert_eq!(roster.usage().used, count(Provisioned));
    assert_eq!(roster.usage().waiting, count(Blocked));
}

/// Each waiting user has a different place, no other user has one, and all positions belong to
/// arrivals from the first to the last.
fn the_line_is_in_order(roster: &Roster) {
    let line: Vec<_> = roster.line().map(|user| user.waitlist_key().expect("a place")).collect();
    assert!(line.is_sorted_by(|a, b| a < b), "{line:?}");
    assert_eq!(line.len(), roster.people().filter(|user| user.waitlist_place.is_some()).count());
    assert!(roster.line().all(|user| user.state == Blocked));
    assert!(
        roster
            .people()
            .filter(|user| user.state == Blocked)
            .all(|user| user.waitlist_place.is_some())
    );
    let Counts { first_position, last_position, .. } = roster.counts();
    let arrival = |key: &PlaceKey| Place::arrival(key.position);
    assert!(line.iter().all(|key| (first_position..=last_position).contains(&arrival(key))));
}

/// A rank follows the groups, unless an admin moved the user.
fn ranks_are_those_of_the_groups(roster: &Roster) {
    for user in roster.line() {
        let place = user.waitlist_place.expect("a place");
        assert!(place.by_hand || place.rank == roster.rank(user), "{user:?}");
        assert!(place.rank != Place::FRONT || place.by_hand, "{user:?}");
    }
}

fn no_seat_is_free_while_a_user_waits(roster: &Roster) {
    let usage = roster.usage();
    let lets_in = roster.policy.is_automatic() && usage.free() != Some(0);
    assert!(!(lets_in && usage.waiting > 0), "{usage:?}");
    assert!(!roster.is_short());
}

/// Follows the transitions from the state before: each one is legal at its point, and together they
/// are the change.
fn a_decision_explains_the_change(
    before: &Roster,
    after: &Roster,
    command: &Command,
    decision: &SeatOutcome,
) {
    if decision.outcome == Outcome::Archived {
        assert_eq!(
            (&decision.transitions, before.counts()),
            (&vec![], after.counts()),
            "only facts are kept"
        );
    }
    if decision.outcome == Outcome::Stale {
        let [before, after] =
            [before, after].map(|roster| without_groups(roster.without_history()));
        assert_eq!(
            before, after,
            "nothing changes but where people were found before, and the groups of the deleted"
        );
    }
    let mut used = before.usage().used;
    let mut waiting: BTreeSet<_> = before.line().map(|user| user.id.clone()).collect();
    for step in &decision.transitions {
        assert_eq!(
            (step.used, step.limit),
            (used, seen_limit(after, (command, step), before)),
            "what the move saw"
        );
        assert_eq!(step.from == Some(Blocked), waiting.contains(&step.user));
        if step.to == Provisioned {
            assert!(step.limit.has_room(used), "over the limit no user gets in");
            used += 1;
        }
        if step.from == Some(Provisioned) {
            used -= 1;
        }
        if step.reason == Reason::SeatFree {
            assert!(waiting.is_empty(), "{waiting:?} were overtaken by {}", step.user);
        }
        waiting.remove(&step.user);
        if step.to == Blocked {
            waiting.insert(step.user.clone());
        }
    }
    assert_eq!(used, after.usage().used);
    assert_eq!(after.line().map(|user| user.id.clone()).collect::<BTreeSet<_>>(), waiting);
    no_user_is_overtaken(before, after, decision);
    the_others_keep_their_order(before, after, command, decision);
    a_release_is_for_who_held_a_seat(command, decision);
    only_movers_moved(before, after, &decision.transitions);
}

/// A deletion that was outlived still ends older groups, and a rank follows them.
fn without_groups(mut roster: Roster) -> Roster {
    for user in roster.people.values_mut() {
        (user.groups, user.groups_version) = (None, Version::NEVER);
        user.waitlist_place = None;
    }
    roster.line.clear();
    roster
}

fn seen_limit(
    after: &Roster,
    (command, step): (&Command, &Transition),
    before: &Roster,
) -> SeatLimit {
    let is_new =
        matches!(command, Command::SetLimit(_)) || step.reason == Reason::OrganizationRestored;
    if is_new { after.limit } else { before.limit }
}

/// A user who got a seat from the waitlist came before every user who still waits: by a higher
/// group, or in the same group by arrival. A user who was moved is where the admin wants it.
fn no_user_is_overtaken(before: &Roster, after: &Roster, decision: &SeatOutcome) {
    let arrival = |place: Place| Place::arrival(place.position);
    let place = |roster: &Roster, user| roster.person(user).and_then(|user| user.waitlist_place);
    for step in &decision.transitions {
        let Some(user) = after.person(&step.user).filter(|user| user.state == Provisioned) else {
            continue;
        };
        let old = place(before, &step.user);
        if step.reason != Reason::NextOnWaitlist || old.is_some_and(|place| place.by_hand) {
            continue;
        }
        for other in after.line() {
            let (Some(since), Some(now)) = (place(before, &other.id), other.waitlist_place) else {
                continue;
            };
            let comes_first = match after.rank(user).cmp(&after.rank(other)) {
                Ordering::Equal => old.is_some_and(|old| arrival(old) <= arrival(since)),
                order => order == Ordering::Less,
            };
            assert!(now.by_hand || comes_first, "{user:?} overtook {other:?}");
        }
    }
}

/// Users who wait before and after, and are not moved, keep their order. A move leads exactly to
/// its position.
fn the_others_keep_their_order(
    before: &Roster,
    after: &Roster,
    command: &Command,
    decision: &SeatOutcome,
) {
    let moved: BTreeSet<_> = decision.transitions.iter().map(|step| &step.user).collect();
    let others = |roster: &Roster| -> Vec<_> {
        roster.line().map(|user| user.id.clone()).filter(|user| !moved.contains(user)).collect()
    };
    if !matches!(command, Command::SetPolicy(_)) {
        assert_eq!(others(before), others(after));
    }
    let position = |id: &DirectoryUserId| {
        after.line().zip(1..).find(|(user, _)| user.id == *id).map(|(_, n)| n)
    };
    match command {
        Command::MoveToFront(id) => assert_eq!(position(id), Some(1)),
        Command::MoveTo(id, number) => assert_eq!(position(id), Some(*number)),
        _ => {}
    }
}

/// An update releases at most one seat, and only one that was held. Only the deletion of an
/// organization releases more.
fn a_release_is_for_who_held_a_seat(command: &Command, decision: &SeatOutcome) {
    let released =
        decision.transitions.iter().filter(|step| step.from == Some(Provisioned)).count();
    match command {
        Command::UserUpdate(_) | Command::Dismiss(_) => assert!(released <= 1),
        Command::OrganizationDeleted(_) | Command::OrganizationArchived(_) => {}
        _ => assert_eq!(released, 0),
    }
    assert_eq!(
        decision.outcome == Outcome::Released,
        released == 1 && decision.outcome != Outcome::Removed
    );
}

/// A user who wants a seat and has no transition keeps the state. The transitions of a user lead
/// from the state before to the state after.
fn only_movers_moved(before: &Roster, after: &Roster, transitions: &[Transition]) {
    let last: BTreeMap<_, _> = transitions.iter().map(|step| (&step.user, step.to)).collect();
    for step in transitions {
        let first = transitions.iter().find(|other| other.user == step.user).expect("itself");
        assert_eq!(first.from, before.person(&step.user).map(|user| user.state));
    }
    for user in after.people() {
        let then = before.person(&user.id).map(|user| user.state);
        match last.get(&user.id) {
            Some(to) => assert_eq!(user.state, *to),
            None if matches!(user.state, Provisioned | Blocked | Dismissed) => {
                assert_eq!(Some(user.state), then);
            }
            None => assert!(!matches!(then, Some(Provisioned | Blocked | Dismissed))),
        }
    }
}

#[test]
fn a_refusal_has_a_sentence() {
    for refusal in [
        Refusal::NoFreeSeat,
        Refusal::NotWaiting,
        Refusal::NotDismissed,
        Refusal::WantsNoSeat,
        Refusal::WaitlistPosition(3),
        Refusal::PolicyGroups,
        Refusal::Archived,
    ] {
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}
