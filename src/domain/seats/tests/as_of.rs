//! What the decisions say about the past is what was true then.

use proptest::{collection::vec, prelude::any, proptest};

use super::{
    random::{commands, limit, policy},
    story::{at, id},
};
use crate::{
    as_of::{AsOf, Decided, LimitDecided, Person, Placeholder, limit_after},
    decision::Transition,
    directory_user::{DirectoryUser, SeatState},
    id::DirectoryUserId,
    organization::SeatLimit,
    property::cases,
    roster::{Counts, Roster},
    seats::{decide, identify_placeholder, merge_placeholder},
    time::Timestamp,
};

/// An organization, and what it keeps of each command, as the store does.
struct Kept {
    roster: Roster,
    revision: i64,
    decisions: Vec<Decided>,
    limits: Vec<LimitDecided>,
}

impl Kept {
    fn of(roster: Roster) -> Self {
        let mut kept = Self { roster, revision: 0, decisions: Vec::new(), limits: Vec::new() };
        kept.keep_limit();
        kept
    }

    fn keep_limit(&mut self) {
        self.limits.push(LimitDecided {
            revision: self.revision,
            ordinal: 0,
            limit: self.roster.limit,
            archived: self.roster.archived,
            used: self.roster.usage().used,
            clock_was_set_back: false,
            at: at(self.revision),
        });
    }

    fn keep(&mut self, transitions: &[Transition]) {
        let first = 1 + self.decisions.len();
        for (ordinal, step) in (first..).zip(transitions) {
            self.decisions.push(Decided {
                revision: self.revision,
                ordinal: i64::try_from(ordinal).expect("a small number"),
                user: step.user.clone(),
                placeholder: None,
                to: step.to,
                used: step.used_after(),
                place: step.place.map(|place| (place.rank, place.position)),
            });
        }
        let last = self.limits.last().expect("the first one");
        if (last.limit, last.archived) != (self.roster.limit, self.roster.archived) {
            self.keep_limit();
        }
    }

    /// A person turns out to be another one, known or not.
    fn rename(&mut self, placeholder: &DirectoryUserId, user: &DirectoryUserId, now: Timestamp) {
        if let Some(identified) = identify_placeholder(&mut self.roster, placeholder, user) {
            self.assign(placeholder, user);
            self.keep(&identified);
        } else if let Some(merged) = merge_placeholder(&mut self.roster, placeholder, user, now) {
            self.assign(placeholder, user);
            let renamed = |mut step: Transition| {
                if step.user == *placeholder {
                    step.user = user.clone();
                }
                step
            };
            let transitions: Vec<_> = merged.transitions.into_iter().map(renamed).collect();
            self.keep(&transitions);
        }
    }

    fn assign(&mut self, placeholder: &DirectoryUserId, user: &DirectoryUserId) {
        for decided in self.decisions.iter_mut().filter(|decided| decided.user == *placeholder) {
            decided.user = user.clone();
            decided.placeholder =
                Some(Placeholder { id: placeholder.clone(), until: self.revision });
        }
    }

    fn state(&self) -> State {
        let line = self.roster.line().map(|user| user.id.clone()).collect();
        let holds = |user: &&DirectoryUser| user.state == SeatState::Provisioned;
        let holders = self.roster.people().filter(holds).map(|user| user.id.clone()).collect();
        let usage = self.roster.usage();
        (usage.used, usage.limit, self.roster.archived, line, holders)
    }

    fn told(&self, revision: i64) -> State {
        let limit = limit_after(&self.limits, revision).expect("the first one");
        let AsOf { limit, archived, used, waiting, holders, .. } =
            AsOf::after(revision, limit, self.decisions.iter().cloned());
        let ids = |people: Vec<Person>| people.into_iter().map(|person| person.id).collect();
        (used, limit, archived, ids(waiting), ids(holders))
    }
}

/// Used seats, limit, whether it is deleted, waitlist, seat holders.
type State = (i64, SeatLimit, bool, Vec<DirectoryUserId>, Vec<DirectoryUserId>);

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn the_decisions_of_every_history_tell_each_state_that_there_was(
        limit in limit(),
        policy in policy(),
        history in commands(60),
        renames in vec(any::<(u8, u8, u8)>(), 60),
    ) {
        let mut kept = Kept::of(Roster::new(limit, policy, Counts::default()));
        let mut states = vec![kept.state()];
        for ((command, second), (who, whose, often)) in history.iter().zip(100..).zip(renames) {
            kept.revision += 1;
            if often < 32 {
                // A placeholder is no directory user: it never takes the place of another one.
                let person = |number: u8| id(&format!("person-{number}"));
                kept.rename(&person(who % 3), &person(3 + whose % 6), at(second));
            }

            if let Ok(decided) = decide(&mut kept.roster, command, at(second)) {
                kept.keep(&decided.transitions);
            }
            states.push(kept.state());
        }

        for (revision, state) in (0..).zip(states) {
            assert_eq!(kept.told(revision), state, "after revision {revision}");
        }
    }
}
