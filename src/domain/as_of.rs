//! An organization as it was at a moment, computed from its decisions alone.
//!
//! Each change of a seat or of a place in the waitlist is a decision, and each change of the limit
//! is a limit decision. Both are numbered by the organization's revision, and all decisions of one
//! revision were committed together. So the state at a moment is the state after a revision: the
//! last decision of each person up to it says who held a seat and who waited where.
//!
//! A moment stands for the last revision whose decisions have that time or an earlier one. If the
//! clock was set back, the same times come twice, and the later revisions count. They contain what
//! was decided before the clock was set back. Every answer is a state that was committed.

use std::{collections::BTreeMap, time::Duration};

use super::{
    directory_user::SeatState, id::DirectoryUserId, organization::SeatLimit, time::Timestamp,
};

/// A decision about a person, as far as it says what was true after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub revision: i64,
    pub ordinal: i64,
    /// The person's present id.
    pub user: DirectoryUserId,
    pub placeholder: Option<Placeholder>,
    pub to: SeatState,
    /// The used seats after the decision.
    pub used: i64,
    /// The rank and the position in the waitlist after the decision. `None` also for a person who
    /// waited before places were part of decisions.
    pub place: Option<(i64, i64)>,
}

/// The id that a person had before the directory's id was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    pub id: DirectoryUserId,
    /// The first revision in which the person had the present id.
    pub until: i64,
}

/// The limit of an organization, and whether the organization was deleted, from a revision on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitDecided {
    pub revision: i64,
    pub ordinal: i64,
    pub limit: SeatLimit,
    pub archived: bool,
    /// The used seats after the decision.
    pub used: i64,
    /// The clock was set back before this revision. The limit may be the same as before.
    pub clock_was_set_back: bool,
    pub at: Timestamp,
}

/// A person, under the id that the person had at the moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    pub id: DirectoryUserId,
    /// The present id. It is another one if the person was a placeholder at the moment.
    pub user: DirectoryUserId,
}

/// An organization after one of its revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf {
    pub revision: i64,
    pub limit: SeatLimit,
    pub archived: bool,
    pub used: i64,
    /// In the order of the waitlist.
    pub waiting: Vec<Person>,
    /// In the order of their ids.
    pub holders: Vec<Person>,
}

impl AsOf {
    /// The state after a revision, under the limit that held then. The decisions may come in any
    /// order; of each person at least the last one up to the revision is among them.
    pub fn after(
        revision: i64,
        limit: &LimitDecided,
        decisions: impl IntoIterator<Item = Decided>,
    ) -> Self {
        let mut used = (limit.revision, limit.ordinal, limit.used);
        let mut last: BTreeMap<DirectoryUserId, Decided> = BTreeMap::new();
        for decided in decisions.into_iter().filter(|decided| decided.revision <= revision) {
            used = used.max((decided.revision, decided.ordinal, decided.used));
            let id = decided.id_at(revision).clone();
            if last.get(&id).is_none_or(|known| known.number() < decided.number()) {
                last.insert(id, decided);
            }
        }
        let mut waiting = Vec::new();
        let mut holders = Vec::new();
        for (id, decided) in last {
            let person = Person { id, user: decided.user.clone() };
            match decided.to {
                SeatState::Provisioned => holders.push(person),
                SeatState::Blocked => waiting.push((decided.order(), person)),
                SeatState::Dismissed | SeatState::Inactive | SeatState::Removed => {}
            }
        }
        waiting.sort();
        Self {
            revision,
            limit: limit.limit,
            archived: limit.archived,
            used: used.2,
            waiting: waiting.into_iter().map(|(_, person)| person).collect(),
            holders,
        }
    }
}

impl Decided {
    fn number(&self) -> (i64, i64) {
        (self.revision, self.ordinal)
    }

    /// The person's id after a revision.
    fn id_at(&self, revision: i64) -> &DirectoryUserId {
        let former = self.placeholder.as_ref().filter(|placeholder| revision < placeholder.until);
        former.map_or(&self.user, |placeholder| &placeholder.id)
    }

    /// Sorts the waitlist. People without a stored place came before all others, in the order of
    /// their decisions.
    fn order(&self) -> (bool, (i64, i64)) {
        (self.place.is_some(), self.place.unwrap_or_else(|| self.number()))
    }
}

/// The limit that held after a revision; `None` if the organization was not known yet. The limit
/// decisions are in order.
pub fn limit_after(limits: &[LimitDecided], revision: i64) -> Option<&LimitDecided> {
    limits.iter().rfind(|limit| limit.revision <= revision)
}

/// The clocks of two processes may differ by this much.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// The time of the decisions of a revision, `now` by the clock, after a revision of the time
/// `last`; and whether the clock was set back. If the clock is only a little behind, as that of
/// another process may be, the decisions have the time of the last ones.
pub fn time_after(last: Timestamp, now: Timestamp) -> (Timestamp, bool) {
    let behind = last.since(now);
    if behind <= CLOCKS_DIFFER { (now.max(last), false) } else { (now, true) }
}

/// Revisions, from the first to the last, between which no clock was set back: later revisions
/// have later times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub first: i64,
    pub last: i64,
}

/// The stretches of an organization whose newest revision is `last`, the newest first. The limit
/// decisions are in order.
pub fn stretches(limits: &[LimitDecided], last: i64) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut end = last;
    for limit in limits.iter().rev().filter(|limit| limit.clock_was_set_back) {
        found.push(Stretch { first: limit.revision, last: end });
        end = limit.revision - 1;
    }
    found.push(Stretch { first: 0, last: end });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(revision: i64, limit: SeatLimit) -> LimitDecided {
        LimitDecided {
            revision,
            ordinal: 0,
            limit,
            archived: false,
            used: 0,
            clock_was_set_back: false,
            at: Timestamp::from_seconds(revision),
        }
    }

    fn decided(revision: i64, user: &str, to: SeatState, place: Option<(i64, i64)>) -> Decided {
        let user = DirectoryUserId::new(user);
        Decided { revision, ordinal: 0, user, placeholder: None, to, used: revision, place }
    }

    fn ids(people: &[Person]) -> Vec<&str> {
        people.iter().map(|person| person.id.as_str()).collect()
    }

    #[test]
    fn the_last_decision_of_each_person_counts() {
        let decisions = [
            decided(1, "ada", SeatState::Provisioned, None),
            decided(2, "bob", SeatState::Blocked, Some((1, 1))),
            decided(3, "cleo", SeatState::Blocked, Some((1, 2))),
            decided(4, "cleo", SeatState::Blocked, Some((0, -1))),
            decided(5, "ada", SeatState::Inactive, None),
            decided(5, "cleo", SeatState::Provisioned, None),
        ];
        let state = |revision| {
            AsOf::after(revision, &limit(0, SeatLimit::Seats(1)), decisions.iter().rev().cloned())
        };

        assert_eq!(
            (ids(&state(3).holders), ids(&state(3).waiting)),
            (vec!["ada"], vec!["bob", "cleo"])
        );
        assert_eq!(ids(&state(4).waiting), ["cleo", "bob"]);
        assert_eq!((ids(&state(5).holders), ids(&state(5).waiting)), (vec!["cleo"], vec!["bob"]));
        assert_eq!((state(0).used, state(4).used), (0, 4));
    }

    #[test]
    fn a_person_has_the_id_of_the_moment() {
        let mut by_email = decided(1, "ada", SeatState::Provisioned, None);
        by_email.placeholder =
            Some(Placeholder { id: DirectoryUserId::new("email:ada"), until: 3 });
        let twice = decided(2, "ada", SeatState::Provisioned, None);
        let decisions = [by_email, twice];
        let holders = |revision| {
            AsOf::after(revision, &limit(0, SeatLimit::Unlimited), decisions.clone()).holders
        };

        assert_eq!(ids(&holders(1)), ["email:ada"]);
        assert_eq!(ids(&holders(2)), ["ada", "email:ada"]);
        assert_eq!(ids(&holders(3)), ["ada"]);
        assert!(holders(2).iter().all(|person| person.user.as_str() == "ada"));
    }

    #[test]
    fn people_who_waited_before_places_were_kept_come_first() {
        let decisions = [
            decided(1, "bob", SeatState::Blocked, None),
            decided(2, "ada", SeatState::Blocked, None),
            decided(3, "cleo", SeatState::Blocked, Some((0, 0))),
        ];

        let state = AsOf::after(3, &limit(0, SeatLimit::NotSet), decisions);

        assert_eq!(ids(&state.waiting), ["bob", "ada", "cleo"]);
    }

    #[test]
    fn a_clock_that_is_a_little_behind_was_not_set_back() {
        let at = Timestamp::from_seconds;

        assert_eq!(time_after(at(100), at(101)), (at(101), false));
        assert_eq!(time_after(at(100), at(40)), (at(100), false));
        assert_eq!(time_after(at(100), at(39)), (at(39), true));
    }

    #[test]
    fn a_clock_that_was_set_back_begins_a_new_stretch() {
        let back = |revision| LimitDecided {
            clock_was_set_back: true,
            ..limit(revision, SeatLimit::Seats(1))
        };
        let limits = [limit(0, SeatLimit::Seats(1)), back(4), limit(5, SeatLimit::NotSet), back(9)];

        let found: Vec<_> =
            stretches(&limits, 12).iter().map(|one| (one.first, one.last)).collect();

        assert_eq!(found, [(9, 12), (4, 8), (0, 3)]);
        assert_eq!(limit_after(&limits, 6).map(|limit| limit.limit), Some(SeatLimit::NotSet));
        assert_eq!(limit_after(&limits[1..], 3), None);
    }
}
