//! Somebody known by their address alone turns out to be somebody known by id: one person, and one seat. Whatever was said of
//! either counts by its own time; of two seats, or places in the line, the better one is kept.

use super::{Decision, shift, wants};
use crate::domain::{
    decision::{Move, Outcome, Reason},
    directory_user::{DirectoryUser, SeatState},
    id::DirectoryUserId,
    roster::Roster,
    time::Timestamp,
};

pub(super) fn same_person(roster: &mut Roster, stand_in: &DirectoryUserId, id: &DirectoryUserId, now: Timestamp) -> Decision {
    let mut decision = Decision::only(Outcome::Updated);
    let Some(mut user) = roster.person(id).cloned() else { return decision };
    let Some(mut other) = roster.take_out(stand_in) else { return decision };
    learn(&mut user, &other);
    let newest = if other.activity_news > user.activity_news { other.state } else { user.state };
    user.activity_news = user.activity_news.max(other.activity_news);
    let moves = &mut decision.moves;
    if wants(newest) {
        if rank(&other) < rank(&user) {
            exchange(roster, &mut user, &mut other);
        }
        give_up(roster, &mut other, SeatState::Removed, (id, moves), now);
    } else {
        give_up(roster, &mut other, newest, (id, moves), now);
        give_up(roster, &mut user, newest, (id, moves), now);
        user.state = newest;
    }
    roster.put(user);
    decision
}

fn learn(user: &mut DirectoryUser, other: &DirectoryUser) {
    if other.profile_news > user.profile_news {
        user.profile = other.profile.clone();
        user.profile_news = other.profile_news;
    }
    if other.groups_news > user.groups_news {
        user.groups.clone_from(&other.groups);
        user.groups_news = other.groups_news;
    }
    if other.roles_news > user.roles_news {
        user.roles.clone_from(&other.roles);
        user.roles_news = other.roles_news;
    }
}

/// Smaller is nearer to a seat.
fn rank(user: &DirectoryUser) -> (u8, Option<i64>) {
    match user.state {
        SeatState::Provisioned => (0, None),
        SeatState::Blocked => (1, user.place),
        SeatState::Dismissed => (2, None),
        SeatState::Inactive | SeatState::Removed => (3, None),
    }
}

/// The person takes the stand-in's seat or place, and the other way round.
fn exchange(roster: &mut Roster, user: &mut DirectoryUser, other: &mut DirectoryUser) {
    std::mem::swap(&mut user.state, &mut other.state);
    std::mem::swap(&mut user.place, &mut other.place);
    std::mem::swap(&mut user.since, &mut other.since);
    if let Some(place) = user.place {
        roster.line.insert(place, user.id.clone());
    }
}

fn give_up(roster: &mut Roster, one: &mut DirectoryUser, to: SeatState, (id, moves): (&DirectoryUserId, &mut Vec<Move>), now: Timestamp) {
    if wants(one.state) {
        let step = shift(roster, one, to, Reason::SamePerson, now);
        moves.push(Move { user: id.clone(), ..step });
    }
}
