//! One page of an organization's users.

use std::collections::HashMap;

use super::pattern;
use crate::{
    commands::Error,
    domain::{
        access::OrganizationScope, directory_user::SeatState, id::DirectoryUserId,
        text::ExternalText,
    },
    state::AppState,
    store::{
        directory_users::{self, Listed},
        groups, organizations,
    },
    views::{People, PeopleQuery, PersonRow, pagination::NumberedPage},
};

/// `Missing` if there is no such organization.
pub async fn people(
    state: &AppState,
    scope: &OrganizationScope,
    query: &PeopleQuery,
) -> Result<People, Error> {
    let (of_state, pattern) = (query.state.map_or("", SeatState::as_str), pattern(&query.search));
    let mut tx = state.db.read_for_page().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let matching = directory_users::count(&mut tx, scope, of_state, &pattern).await?;
    let page = NumberedPage::nearest(query.page, matching, People::ROWS);
    let listed =
        directory_users::page(&mut tx, scope, of_state, &pattern, (page.skipped(), page.rows))
            .await?;
    let ids: Vec<String> = listed.iter().map(|user| user.id.clone()).collect();
    let keys: Vec<String> = listed.iter().filter_map(|user| user.email_key.clone()).collect();
    let mut groups_of: HashMap<String, Vec<String>> = HashMap::new();
    for (user, group) in groups::of_people(&mut tx, scope, &ids).await? {
        groups_of.entry(user).or_default().push(group);
    }
    let duplicate_emails = directory_users::duplicate_emails(&mut tx, scope, &keys).await?;
    let first = listed.iter().find_map(|user| user.waitlist_key.as_ref());
    let ahead = match first {
        Some(place) => directory_users::position(&mut tx, scope, place).await? - 1,
        None => 0,
    };
    let is_whole_line = query.search.trim().is_empty();
    let mut position = ahead;
    let mut rows = Vec::with_capacity(listed.len());
    for user in listed {
        let position = match &user.waitlist_key {
            Some(_) if is_whole_line => {
                position += 1;
                Some(position)
            }
            // A search leaves gaps in the waitlist, so each position is queried.
            Some(place) => Some(directory_users::position(&mut tx, scope, place).await?),
            None => None,
        };
        rows.push(row(user, position, &mut groups_of, &duplicate_emails));
    }
    Ok(People {
        organization: scope.id().clone(),
        usage: card.usage,
        organization_name: card.called(scope),
        rows,
        page,
        states: directory_users::states(&mut tx, scope).await?,
        now: state.clock.now(),
    })
}

fn row(
    user: Listed,
    position: Option<i64>,
    groups_of: &mut HashMap<String, Vec<String>>,
    duplicate_emails: &[String],
) -> PersonRow {
    let seen = |text: &Option<String>| text.as_deref().and_then(ExternalText::seen);
    let words = |texts: Vec<String>| texts.iter().map(|text| ExternalText::label(text)).collect();
    PersonRow {
        state: user.state,
        roles: words(user.roles),
        groups: words(groups_of.remove(&user.id).unwrap_or_default()),
        position,
        since: user.since,
        has_duplicate_email: user
            .email_key
            .as_ref()
            .is_some_and(|key| duplicate_emails.contains(key))
            && user.state != SeatState::Removed,
        name: seen(&user.name),
        email: seen(&user.email),
        user: DirectoryUserId::new(user.id),
    }
}
