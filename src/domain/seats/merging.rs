//! A placeholder, known by its e-mail address alone, turns out to be a person who is known by id: two rows become one.

use super::{News, hear, join_line, leave_line, shift};
use crate::domain::{
    decision::{Move, Reason},
    directory_user::{DirectoryUser, SeatState, Stamp},
    event::Change,
    id::DirectoryUserId,
    roster::Roster,
    time::Timestamp,
};

/// Makes one person of both. Of each fact the newer news counts. Where both want a seat the person keeps the better of what
/// they had: a seat before a place in the line, the earlier place before the later one. A seat that one of them held too many
/// is free afterwards; the next command fills it.
///
/// Nothing happens unless both are known. The placeholder is forgotten; its row is for the store to merge.
pub fn merge_placeholder(roster: &mut Roster, placeholder: &DirectoryUserId, id: &DirectoryUserId, now: Timestamp) -> Vec<Move> {
    if roster.person(id).is_none() {
        return Vec::new();
    }
    let Some(mut by_email) = roster.forget(placeholder) else { return Vec::new() };
    let (state, place) = (by_email.state, by_email.place);
    let wish = wish_of(&by_email, id);
    let was_newly_blocked = roster.blocked.contains(placeholder) || roster.blocked.contains(id);
    let mut moves = Vec::new();
    if matches!(state, SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed) {
        moves.push(shift(roster, &mut by_email, SeatState::Removed, Reason::Merged, now));
    }
    if let Some(mut user) = roster.people.get(id).cloned() {
        if state == SeatState::Provisioned && matches!(user.state, SeatState::Blocked | SeatState::Dismissed) {
            moves.push(shift(roster, &mut user, SeatState::Provisioned, Reason::Merged, now));
        }
        let had = (user.email_key(), user.profile_news.email.at);
        take_newer_facts(&mut user, &by_email);
        roster.learn_former_address(had.0, had.1, &user);
        roster.learn_former_address(by_email.email_key(), by_email.profile_news.email.at, &user);
        roster.put(user);
    }
    if let Some(wish) = wish {
        let told = hear(roster, &wish, now).moves;
        moves.extend(told.into_iter().map(|step| Move { reason: Reason::Merged, ..step }));
    }
    if let Some(place) = place {
        take_place(roster, id, place);
    }
    if !was_newly_blocked {
        roster.blocked.remove(id);
    }
    moves
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

/// What the directory wants for the placeholder, as news of the person; nothing, where that was only a guess.
fn wish_of(by_email: &DirectoryUser, id: &DirectoryUserId) -> Option<News> {
    let Stamp { at, event, .. } = by_email.activity_news;
    let (change, active) = match by_email.state {
        SeatState::Removed => (Change::Deleted, None),
        SeatState::Inactive => (Change::Updated, Some(false)),
        SeatState::Provisioned | SeatState::Blocked | SeatState::Dismissed => (Change::Updated, Some(true)),
    };
    let news = News { user: id.clone(), change, active, profile: None, groups: None, roles: None, at, event };
    (by_email.activity_news != Stamp::NEVER).then_some(news)
}
