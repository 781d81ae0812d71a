//! A placeholder, known by its e-mail address alone, turns out to be a person who is known by id: two rows become one.

use super::{is_outlived, join_line, leave_line, shift};
use crate::domain::{
    decision::{Move, Outcome, Reason},
    directory_user::{DirectoryUser, SeatState, Weight},
    id::DirectoryUserId,
    organization::Usage,
    roster::Roster,
    seats::Decision,
    time::Timestamp,
};

/// Makes one person of both. Of each fact the newer news counts. Where both want a seat, a dismissal counts most, because a
/// person decided it; then a seat counts more than a place in the line, and the earlier place more than the later one. A seat
/// that one of them held too many is free afterwards; the next command fills it.
///
/// `None`: one of them is not known. Else the placeholder is forgotten; its row is for the store to merge.
pub fn merge_placeholder(roster: &mut Roster, placeholder: &DirectoryUserId, id: &DirectoryUserId, now: Timestamp) -> Option<Decision> {
    let known = roster.person(id)?.clone();
    let mut by_email = roster.forget(placeholder)?;
    let was_newly_blocked = roster.blocked.contains(placeholder) || roster.blocked.contains(id);
    let is_deletion = by_email.activity_news.weight == Weight::Deleted;
    let wants_resync = is_deletion && is_outlived(&known, by_email.activity_news);
    let (state, place) = (merged_state(&by_email, &known), by_email.place);
    let since = [&by_email, &known].into_iter().filter(|one| one.state == state).map(|one| one.since).min().unwrap_or(now);
    let mut moves = Vec::new();
    if wants_a_seat(by_email.state) {
        moves.push(shift(roster, &mut by_email, SeatState::Removed, Reason::Merged, now));
    }

    let mut person = known.clone();
    take_newer_facts(&mut person, &by_email);
    person.activity_news = person.activity_news.max(by_email.activity_news);
    if person.state != state {
        moves.push(shift(roster, &mut person, state, Reason::Merged, now));
    } else if !moves.is_empty() {
        // the history of both is one from now on, and ends with what is true
        let Usage { limit, used, .. } = roster.usage();
        let user = id.clone();
        moves.push(Move { user, from: Some(state), to: state, reason: Reason::Merged, limit, used });
    }
    person.since = since;
    roster.learn_former_address(known.email_key(), known.profile_news.email.at, &person);
    roster.learn_former_address(by_email.email_key(), by_email.profile_news.email.at, &person);
    roster.put(person);
    if let Some(place) = place {
        take_place(roster, id, place);
    }
    if !was_newly_blocked {
        roster.blocked.remove(id);
    }
    Some(Decision { outcome: Outcome::Updated, moves, wants_resync })
}

fn wants_a_seat(state: SeatState) -> bool {
    matches!(state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed)
}

/// What the directory said last decides whether they want a seat; what they had decides which.
fn merged_state(by_email: &DirectoryUser, known: &DirectoryUser) -> SeatState {
    let (newer, older) = if by_email.activity_news > known.activity_news { (by_email, known) } else { (known, by_email) };
    if !wants_a_seat(newer.state) {
        return newer.state;
    }
    let had = [newer.state, older.state];
    let best_first = [SeatState::Dismissed, SeatState::Provisioned, SeatState::Blocked];
    best_first.into_iter().find(|state| had.contains(state)).unwrap_or(newer.state)
}

/// Groups that are not loaded stay as stored; the store compares them in the same way.
fn take_newer_facts(user: &mut DirectoryUser, by_email: &DirectoryUser) {
    let (known, said) = (user.profile_news, by_email.profile_news);
    if said.email > known.email {
        user.profile.email.clone_from(&by_email.profile.email);
        user.profile_news.email = said.email;
    }
    if said.name > known.name {
        user.profile.name.clone_from(&by_email.profile.name);
        user.profile_news.name = said.name;
    }
    if said.external_id > known.external_id {
        user.profile.external_id.clone_from(&by_email.profile.external_id);
        user.profile_news.external_id = said.external_id;
    }
    if by_email.roles_news > user.roles_news {
        user.roles.clone_from(&by_email.roles);
        user.roles_news = by_email.roles_news;
    }
    if by_email.groups_news > user.groups_news {
        user.groups.clone_from(&by_email.groups);
        user.groups_news = by_email.groups_news;
    }
}

/// The earlier place is theirs, if they wait.
fn take_place(roster: &mut Roster, id: &DirectoryUserId, place: i64) {
    let Some(mut user) = roster.people.get(id).filter(|user| user.place.is_some_and(|own| place < own)).cloned() else { return };
    leave_line(roster, &mut user);
    join_line(roster, &mut user, place);
    roster.put(user);
}
