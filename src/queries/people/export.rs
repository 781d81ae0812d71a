//! The list of people as cells for a CSV, part by part. Each part is read on its own, so that an
//! export of any length needs little memory and holds up no delivery. A person who changes
//! meanwhile may be on two parts or on none, as in a list that is read page by page.

use std::collections::{HashMap, HashSet};

use super::find::{Found, find};
use crate::{
    commands::Error,
    domain::{access::OrganizationScope, directory_user::SeatState},
    state::AppState,
    store::{directory_users, groups, organizations},
    views::{PeopleQuery, PeopleSort, PersonKey},
};

/// How many people are read at once.
const PART: i64 = 500;

/// An export that runs. It holds no connection between two parts.
#[derive(Debug)]
pub struct Export {
    state: AppState,
    scope: OrganizationScope,
    query: PeopleQuery,
    behind: Option<PersonKey>,
    /// The position of the last person who waits, while the whole waitlist is read.
    position: Option<i64>,
    is_over: bool,
}

/// The cells of one person, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCells {
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
    /// The rank in the waitlist: 1 is next.
    pub position: Option<i64>,
    /// RFC 3339.
    pub since: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    pub has_duplicate_email: bool,
}

impl Export {
    /// The whole list from its first page on, with the filters and the order of the query.
    pub fn new(state: AppState, scope: OrganizationScope, query: PeopleQuery) -> Self {
        Self { state, scope, query, behind: None, position: None, is_over: false }
    }

    /// The next people; `None` after the last part. A part may be empty. `Missing` if there is no
    /// such organization.
    pub async fn part(&mut self) -> Result<Option<Vec<PersonCells>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let (scope, query) = (&self.scope, &self.query);
        let mut tx = self.state.db.read_for_page().await?;
        organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
        let behind = self.behind.as_ref();
        let Found { rows, older, .. } = find(&mut tx, scope, query, PART, behind).await?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let keys: Vec<String> = rows.iter().filter_map(|row| row.email_key.clone()).collect();
        let mut groups_of: HashMap<String, Vec<String>> = HashMap::new();
        for (user, _, name) in groups::of_people(&mut tx, scope, &ids).await? {
            groups_of.entry(user).or_default().push(name);
        }
        let shared: HashSet<String> =
            directory_users::duplicate_emails(&mut tx, scope, &keys).await?.into_iter().collect();
        let follows = query.order() == PeopleSort::Waitlist
            && query.search.trim().is_empty()
            && !query.is_narrowed();
        let mut cells = Vec::with_capacity(rows.len());
        for row in rows {
            let position = match (&row.waitlist_key, self.position.filter(|_| follows)) {
                (None, _) => None,
                (Some(_), Some(last)) => Some(last + 1),
                (Some(place), None) => {
                    Some(directory_users::position(&mut tx, scope, place).await?)
                }
            };
            self.position = position;
            let is_shared = row.email_key.as_ref().is_some_and(|key| shared.contains(key));
            cells.push(PersonCells {
                groups: groups_of.remove(&row.id).unwrap_or_default(),
                has_duplicate_email: is_shared && row.state != SeatState::Removed,
                user: row.id,
                name: row.name,
                email: row.email,
                state: row.state,
                position,
                since: row.since.rfc3339(),
                roles: row.roles,
            });
        }
        self.is_over = older.is_none();
        self.behind = older;
        Ok(Some(cells))
    }
}
