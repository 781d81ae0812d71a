//! The seat rules for three people and two groups, carried out on paper: no code of the rules.

/// What happens. Each act is later than all before it. People and groups are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Present and active; with a list of groups, if there is one.
    Active(usize, Option<&'static [usize]>),
    Inactive(usize),
    Deleted(usize),
    Joins(usize, usize),
    Leaves(usize, usize),
    GroupDeleted(usize),
    Admit(usize),
    Move(usize, usize), // to the position, counted from 1
    Dismiss(usize),
    UndoDismiss(usize),
    Limit(usize),
    Policy(Policy),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Policy {
    FirstCome,
    /// Group 0, then group 1, then the people in neither.
    GroupsFirst,
    ByHand,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    #[default]
    Unknown,
    Provisioned,
    Blocked,
    Dismissed,
    Inactive,
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Paper {
    pub(super) limit: usize,
    pub(super) policy: Policy,
    pub(super) states: [State; 3],
    /// Who is in which group.
    pub(super) groups: [[bool; 2]; 3],
    /// The waiting people in the order of arrival, with the rank that an admin gave.
    pub(super) line: Vec<(usize, Option<usize>)>,
}

impl Paper {
    pub(super) fn new(limit: usize, policy: Policy) -> Self {
        Self { limit, policy, states: Default::default(), groups: Default::default(), line: vec![] }
    }

    /// Returns false if the act is refused.
    pub(super) fn does(&mut self, act: Act) -> bool {
        use State::{Blocked, Dismissed, Inactive, Provisioned, Removed, Unknown};
        let state = |who: usize| self.states[who];
        match act {
            Act::Active(who, list) => {
                if let Some(list) = list {
                    self.groups[who] = [list.contains(&0), list.contains(&1)];
                }
                if matches!(state(who), Unknown | Inactive | Removed) {
                    self.claims(who);
                }
            }
            Act::Inactive(who) => self.becomes(who, Inactive),
            Act::Deleted(who) => {
                self.groups[who] = [false, false];
                self.becomes(who, Removed);
            }
            Act::Joins(who, group) => self.groups[who][group] = true,
            Act::Leaves(who, group) => self.groups[who][group] = false,
            Act::GroupDeleted(group) => self.groups.iter_mut().for_each(|of| of[group] = false),
            Act::Admit(who) if matches!(state(who), Blocked | Dismissed) && self.is_seat_free() => {
                self.becomes(who, Provisioned);
            }
            Act::Move(who, position) if state(who) == Blocked && position <= self.line.len() => {
                self.moves(who, position);
            }
            Act::Dismiss(who) if matches!(state(who), Blocked | Provisioned) => {
                self.becomes(who, Dismissed);
            }
            Act::UndoDismiss(who) if state(who) == Dismissed => self.claims(who),
            Act::Admit(_) | Act::Move(..) | Act::Dismiss(_) | Act::UndoDismiss(_) => return false,
            Act::Limit(limit) => self.limit = limit,
            Act::Policy(policy) => {
                if policy != self.policy {
                    self.policy = policy;
                    // only who is at the front stays where an admin wanted them
                    let front = |rank: Option<usize>| rank.filter(|rank| *rank == 0);
                    self.line.iter_mut().for_each(|(_, rank)| *rank = front(*rank));
                }
            }
        }
        while self.policy != Policy::ByHand && self.is_seat_free() && !self.line.is_empty() {
            self.becomes(self.waitlist()[0], Provisioned);
        }
        true
    }

    pub(super) fn used(&self) -> usize {
        self.states.iter().filter(|state| **state == State::Provisioned).count()
    }

    pub(super) fn waitlist(&self) -> Vec<usize> {
        let mut line = self.line.clone();
        line.sort_by_key(|turn| self.rank(*turn));
        line.into_iter().map(|(who, _)| who).collect()
    }

    fn rank(&self, (who, by_hand): (usize, Option<usize>)) -> usize {
        let by_groups = match (self.policy, self.groups[who]) {
            (Policy::GroupsFirst, [false, true]) => 2,
            (Policy::GroupsFirst, [false, false]) => 3,
            _ => 1,
        };
        by_hand.unwrap_or(by_groups)
    }

    fn is_seat_free(&self) -> bool {
        self.used() < self.limit
    }

    /// A seat if one is free and no person waits, or else the end of the waitlist.
    fn claims(&mut self, who: usize) {
        let seat = self.is_seat_free() && self.line.is_empty();
        self.becomes(who, if seat { State::Provisioned } else { State::Blocked });
    }

    fn becomes(&mut self, who: usize, state: State) {
        self.states[who] = state;
        self.line.retain(|(other, _)| *other != who);
        if state == State::Blocked {
            self.line.push((who, None));
        }
    }

    fn moves(&mut self, who: usize, position: usize) {
        self.line.retain(|(other, _)| *other != who);
        let ahead = position.checked_sub(2).map(|n| self.waitlist()[n]);
        let at = self.line.iter().position(|(other, _)| Some(*other) == ahead);
        let rank = at.map_or(0, |at| self.rank(self.line[at]));
        self.line.insert(at.map_or(0, |at| at + 1), (who, Some(rank)));
    }
}
