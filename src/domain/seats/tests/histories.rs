//! What is true after every command of every history.

use std::collections::BTreeMap;

use proptest::{prelude::any, proptest};

use super::{
    model::Model,
    random::{commands, limit},
    story::at,
};
use crate::{
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
};

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn every_history_keeps_the_counts_the_line_and_the_limit(
        limit in limit(),
        automatic in any::<bool>(),
        history in commands(40),
    ) {
        let mut roster = Roster::new(limit, automatic, Counts::default());
        for (command, second) in history.iter().zip(100..) {
            let before = roster.clone();

            let decided = decide(&mut roster, command, at(second));

            counts_are_what_is_there(&roster);
            the_line_is_in_order(&roster);
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
        automatic in any::<bool>(),
        history in commands(40),
    ) {
        let mut roster = Roster::new(limit, automatic, Counts::default());
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
        let mut roster = Roster::new(limit, true, Counts::default());
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
    matches!(
        command,
        Command::UserUpdate(_) | Command::OrganizationSeen(_) | Command::OrganizationDeleted(_)
    )
}

fn counts_are_what_is_there(roster: &Roster) {
    let count = |state| roster.people().filter(|user| user.state == state).map(|_| 1).sum::<i64>();
    assert_eq!(roster.usage().used, count(Provisioned));
    assert_eq!(roster.usage().waiting, count(Blocked));
}

/// Each waiting user has a different position, no other user has one, and all positions are between
/// the first and the last.
fn the_line_is_in_order(roster: &Roster) {
    let line: Vec<_> =
        roster.line().map(|user| user.waitlist_position.expect("a position")).collect();
    assert!(line.is_sorted_by(|a, b| a < b), "{line:?}");
    assert_eq!(line.len(), roster.people().filter(|user| user.waitlist_position.is_some()).count());
    assert!(roster.line().all(|user| user.state == Blocked));
    assert!(
        roster
            .people()
            .filter(|user| user.state == Blocked)
            .all(|user| user.waitlist_position.is_some())
    );
    let Counts { first_position, last_position, .. } = roster.counts();
    assert!(line.iter().all(|position| (first_position..=last_position).contains(position)));
}

fn no_seat_is_free_while_a_user_waits(roster: &Roster) {
    let usage = roster.usage();
    let lets_in = roster.automatic && usage.free() != Some(0);
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
    let mut line: Vec<_> = before.line().map(|user| user.id.clone()).collect();
    for step in &decision.transitions {
        assert_eq!(
            (step.used, step.limit),
            (used, seen_limit(after, (command, step), before)),
            "what the move saw"
        );
        assert_eq!(step.from == Some(Blocked), line.contains(&step.user));
        if step.to == Provisioned {
            assert!(step.limit.has_room(used), "over the limit no user gets in");
            used += 1;
        }
        if step.from == Some(Provisioned) {
            used -= 1;
        }
        no_user_is_overtaken(before, &line, step);
        walk(&mut line, step);
    }
    assert_eq!(used, after.usage().used);
    assert!(line.iter().eq(after.line().map(|user| &user.id)), "{line:?}");
    a_release_is_for_who_held_a_seat(command, decision);
    only_movers_moved(before, after, &decision.transitions);
}

/// A deletion that was outlived still ends older groups.
fn without_groups(mut roster: Roster) -> Roster {
    for user in roster.people.values_mut() {
        (user.groups, user.groups_version) = (None, Version::NEVER);
    }
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

fn no_user_is_overtaken(roster: &Roster, line: &[DirectoryUserId], step: &Transition) {
    match step.reason {
        Reason::NextOnWaitlist => assert_eq!(line.first(), Some(&step.user)),
        Reason::SeatFree if roster.automatic => {
            assert!(line.is_empty(), "{line:?} were overtaken by {}", step.user);
        }
        _ => {}
    }
}

fn walk(line: &mut Vec<DirectoryUserId>, step: &Transition) {
    line.retain(|id| *id != step.user);
    match (step.to, step.reason) {
        (Blocked, Reason::MovedToFront) => line.insert(0, step.user.clone()),
        (Blocked, _) => line.push(step.user.clone()),
        _ => {}
    }
}

/// An update releases at most one seat, and only one that was held. Only the deletion of an
/// organization releases more.
fn a_release_is_for_who_held_a_seat(command: &Command, decision: &SeatOutcome) {
    let released =
        decision.transitions.iter().filter(|step| step.from == Some(Provisioned)).count();
    match command {
        Command::UserUpdate(_) => assert!(released <= 1),
        Command::OrganizationDeleted(_) => {}
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
    for refusal in
        [Refusal::NoFreeSeat, Refusal::NotWaiting, Refusal::NotDismissed, Refusal::Archived]
    {
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}
