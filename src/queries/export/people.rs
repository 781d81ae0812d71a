//! The people of an organization.

use std::collections::{HashMap, HashSet};

use super::{List, Part, Positions};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        attribute::Attributes,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
    },
    queries::{
        people::{Found, find},
        roles::Roles,
    },
    store::{attributes, directory_users, groups, organizations},
    views::{PeopleQuery, PeopleSort, PersonKey},
};

/// The people of an organization.
#[derive(Debug)]
pub struct People {
    scope: OrganizationScope,
    query: PeopleQuery,
    /// How far the whole waitlist is read; `None`: the list is another one.
    positions: Option<Positions>,
}

/// The cells of one person, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCells {
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
    /// The position in the waitlist: 1 is next.
    pub position: Option<i64>,
    /// RFC 3339.
    pub since: String,
    /// The application roles.
    pub roles: Vec<String>,
    pub directory_roles: Vec<String>,
    pub groups: Vec<String>,
    pub has_duplicate_email: bool,
    /// The attributes that the installation keeps.
    pub attributes: Attributes,
}

impl People {
    pub fn new(scope: OrganizationScope, query: PeopleQuery) -> Self {
        let is_whole = query.order() == PeopleSort::Waitlist
            && query.search.trim().is_empty()
            && !query.is_narrowed();
        Self { scope, query, positions: is_whole.then(Positions::default) }
    }
}

impl List for People {
    type Row = PersonCells;
    type Key = PersonKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<PersonKey>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let (scope, query, is_first) = (&self.scope, &self.query, behind.is_none());
        organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        let roles = Roles::load(tx, scope).await?;
        let Found { rows, older, .. } =
            find(tx, (scope, &roles), query, most, behind.as_ref()).await?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let keys: Vec<String> = rows.iter().filter_map(|row| row.email_key.clone()).collect();
        let mut groups_of = groups_of(tx, scope, &ids).await?;
        let users: Vec<_> = rows
            .iter()
            .map(|row| (scope.id().clone(), DirectoryUserId::new(row.id.clone())))
            .collect();
        let mut attributes = attributes::of_users(tx, &users).await?;
        let shared: HashSet<String> =
            directory_users::duplicate_emails(tx, scope, &keys).await?.into_iter().collect();
        let places = rows.iter().filter_map(|row| row.waitlist_key.clone()).collect();
        let positions = match &mut self.positions {
            Some(positions) if positions.follow(is_first) => positions.of_next(places),
            _ => directory_users::positions(tx, scope, places, false).await?,
        };
        let mut cells = Vec::with_capacity(rows.len());
        for row in rows {
            let place = row.waitlist_key.as_ref();
            let position = place.and_then(|place| positions.get(&place.user).copied());
            let is_shared = row.email_key.as_ref().is_some_and(|key| shared.contains(key));
            let groups = groups_of.remove(&row.id).unwrap_or_default();
            let (groups, names): (Vec<GroupId>, Vec<String>) = groups.into_iter().unzip();
            let attributes = attributes.remove(&DirectoryUserId::new(row.id.clone()));
            cells.push(PersonCells {
                roles: roles.names(row.state, &groups),
                groups: names,
                attributes: attributes.map(|(attributes, _)| attributes).unwrap_or_default(),
                has_duplicate_email: is_shared && row.state != SeatState::Removed,
                user: row.id,
                name: row.name,
                email: row.email,
                state: row.state,
                position,
                since: row.since.rfc3339(),
                directory_roles: row.roles,
            });
        }
        Ok((cells, older))
    }
}

/// The names of the groups of these users, by the user's id.
pub(super) async fn names_of_groups(
    tx: &mut Tx,
    scope: &OrganizationScope,
    ids: &[String],
) -> sqlx::Result<HashMap<String, Vec<String>>> {
    let groups = groups_of(tx, scope, ids).await?;
    let names = |(user, groups): (String, Vec<(GroupId, String)>)| {
        (user, groups.into_iter().map(|(_, name)| name).collect())
    };
    Ok(groups.into_iter().map(names).collect())
}

/// The groups of these users with their names, by the user's id.
async fn groups_of(
    tx: &mut Tx,
    scope: &OrganizationScope,
    ids: &[String],
) -> sqlx::Result<HashMap<String, Vec<(GroupId, String)>>> {
    let mut groups: HashMap<String, Vec<(GroupId, String)>> = HashMap::new();
    for (user, group, name) in groups::of_people(tx, scope, ids).await? {
        groups.entry(user).or_default().push((group, name));
    }
    Ok(groups)
}
