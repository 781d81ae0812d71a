//! Every sequence of up to five acts over three people, two groups, the limits 0 to 2 and all
//! policies has the result of the reference model.

use std::collections::BTreeMap;

use super::{
    reference::{Act, Paper, Policy, State},
    story::{Story, created, deleted, groups_first, id, seats, updated},
};
use crate::{
    admission::AdmissionPolicy,
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId},
    organization::grouped,
    seats::Command,
};

const NAMES: [&str; 3] = ["ada", "bob", "cat"];
const GROUPS: [&str; 2] = ["pilots", "crew"];
const LIMITS: [usize; 3] = [0, 1, 2];
const POLICIES: [Policy; 3] = [Policy::FirstCome, Policy::GroupsFirst, Policy::ByHand];
const LENGTH: usize = 5;

/// All acts.
fn alphabet() -> Vec<Act> {
    let of_person = |who| {
        [
            Act::Active(who, None),
            Act::Active(who, Some(&[0])),
            Act::Inactive(who),
            Act::Deleted(who),
            Act::Joins(who, 0),
            Act::Joins(who, 1),
            Act::Leaves(who, 0),
            Act::Admit(who),
            Act::Move(who, 1),
            Act::Move(who, 2),
            Act::Dismiss(who),
            Act::UndoDismiss(who),
        ]
    };
    let of_all = LIMITS.map(Act::Limit).into_iter().chain(POLICIES.map(Act::Policy));
    (0..3).flat_map(of_person).chain(of_all).chain([Act::GroupDeleted(0)]).collect()
}

fn policy(policy: Policy) -> AdmissionPolicy {
    match policy {
        Policy::FirstCome => AdmissionPolicy::FirstCome,
        Policy::GroupsFirst => groups_first(&GROUPS),
        Policy::ByHand => AdmissionPolicy::ByHand,
    }
}

fn limit(limit: usize) -> crate::organization::SeatLimit {
    seats(i64::try_from(limit).unwrap())
}

/// Lets the rules decide the act. False: they refuse it.
fn decided(story: &mut Story, act: Act) -> bool {
    let heard = |story: &mut Story, said| {
        story.hears(said);
        true
    };
    let done = |story: &mut Story, command| story.does(&command).is_ok();
    match act {
        Act::Active(who, None) => heard(story, created(NAMES[who]).active()),
        Act::Active(who, Some(list)) => {
            let groups: Vec<_> = list.iter().map(|group| GROUPS[*group]).collect();
            heard(story, updated(NAMES[who]).active().in_groups(&groups))
        }
        Act::Inactive(who) => heard(story, updated(NAMES[who]).inactive()),
        Act::Deleted(who) => heard(story, deleted(NAMES[who])),
        Act::Joins(who, group) => {
            story.group(GROUPS[group], &[(NAMES[who], true)]);
            true
        }
        Act::Leaves(who, group) => {
            story.group(GROUPS[group], &[(NAMES[who], false)]);
            true
        }
        Act::GroupDeleted(group) => {
            story.group_deleted(GROUPS[group]);
            true
        }
        Act::Admit(who) => done(story, Command::Admit(id(NAMES[who]))),
        Act::Move(who, 1) => done(story, Command::MoveToFront(id(NAMES[who]))),
        Act::Move(who, number) => {
            done(story, Command::MoveTo(id(NAMES[who]), i64::try_from(number).unwrap()))
        }
        Act::Dismiss(who) => done(story, Command::Dismiss(id(NAMES[who]))),
        Act::UndoDismiss(who) => done(story, Command::UndoDismiss(id(NAMES[who]))),
        Act::Limit(number) => done(story, Command::SetLimit(limit(number))),
        Act::Policy(new) => done(story, Command::SetPolicy(policy(new))),
    }
}

fn state(story: &Story, name: &str) -> State {
    match story.state(name) {
        None => State::Unknown,
        Some(SeatState::Provisioned) => State::Provisioned,
        Some(SeatState::Blocked) => State::Blocked,
        Some(SeatState::Dismissed) => State::Dismissed,
        Some(SeatState::Inactive) => State::Inactive,
        Some(SeatState::Removed) => State::Removed,
    }
}

/// Whether the two have the same states, waitlist and counts.
fn is_same(story: &Story, paper: &Paper) -> bool {
    let waitlist: Vec<_> = paper.waitlist().into_iter().map(|who| NAMES[who]).collect();
    let counts = [paper.used(), waitlist.len()].map(|n| i64::try_from(n).unwrap());
    NAMES.map(|name| state(story, name)) == paper.states
        && story.line() == waitlist
        && <[i64; 2]>::from(story.counts()) == counts
}

/// What the rules can still depend on, without the times: each act is later than all before it, so
/// only the order counts. The people, in the order of `order`, have other names.
type Known = (Paper, Vec<(usize, i64, bool, usize)>, [[bool; 2]; 3]);

fn known(story: &Story, paper: &Paper, order: [usize; 3]) -> Known {
    let renamed = |who: usize| order.iter().position(|other| *other == who).unwrap();
    let named = |user: &DirectoryUserId| {
        renamed(NAMES.iter().position(|name| user.as_str() == *name).unwrap())
    };
    let mut line: Vec<_> = story.roster.line().collect();
    line.sort_by_key(|user| user.waitlist_place.map(|place| place.position));
    let arrivals: Vec<_> = line.iter().map(|user| user.waitlist_place.unwrap().position).collect();
    let place = |user: &&crate::directory_user::DirectoryUser| {
        let place = user.waitlist_place.unwrap();
        let arrival = arrivals.iter().position(|at| *at == place.position).unwrap();
        (named(&user.id), place.rank, place.by_hand, arrival)
    };
    let is_in = |who: usize| {
        let user = story.roster.person(&id(NAMES[who])).cloned();
        let user =
            user.unwrap_or_else(|| crate::directory_user::DirectoryUser::unknown(id(NAMES[who])));
        GROUPS.map(|group| story.roster.memberships.is_in(&user, &GroupId::new(group)))
    };
    let paper = Paper {
        states: order.map(|who| paper.states[who]),
        groups: order.map(|who| paper.groups[who]),
        line: paper.line.iter().map(|(who, rank)| (renamed(*who), *rank)).collect(),
        ..paper.clone()
    };
    (paper, line.iter().map(place).collect(), order.map(is_in))
}

/// The same for all names of the people: the rules treat all people alike.
fn canonical(story: &Story, paper: &Paper) -> Known {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    orders.into_iter().map(|order| known(story, paper, order)).min().unwrap()
}

/// Two sequences that lead to the same state, up to the names of the people and the times, are
/// continued once: whatever follows has the same result for both. So each act is decided once in
/// each state, and all sequences are covered.
#[test]
fn every_short_sequence_has_the_result_of_the_reference_model() {
    let alphabet = alphabet();
    let mut reached = BTreeMap::new();
    for (number, new) in LIMITS.into_iter().flat_map(|n| POLICIES.map(|policy| (n, policy))) {
        let start = (Story::under(policy(new), limit(number)), Paper::new(number, new));
        reached.insert(canonical(&start.0, &start.1), (start, 1_u64, Vec::new()));
    }
    let (mut sequences, mut decisions) = (0_u64, 0_u64);
    for _ in 0..LENGTH {
        let mut next = BTreeMap::new();
        for ((story, paper), ways, acts) in reached.into_values() {
            for act in &alphabet {
                let (mut story, mut paper) = (Story::clone(&story), Paper::clone(&paper));
                let mut acts: Vec<Act> = Vec::clone(&acts);
                acts.push(*act);

                let (is_done, was_told) = (decided(&mut story, *act), paper.does(*act));

                assert_eq!(is_done, was_told, "{acts:?}");
                assert!(is_same(&story, &paper), "{acts:?}\n{paper:?}\n{:?}", story.line());
                (sequences, decisions) = (sequences + ways, decisions + 1);
                let state = canonical(&story, &paper);
                next.entry(state).or_insert(((story, paper), 0, acts)).1 += ways;
            }
        }
        reached = next;
    }
    println!(
        "{} sequences of up to {LENGTH} acts, {} decisions",
        grouped(i64::try_from(sequences).unwrap()),
        grouped(i64::try_from(decisions).unwrap())
    );
}
