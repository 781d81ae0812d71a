//! The list of groups as cells for a CSV, part by part, as the list of people is exported.

use super::{GroupsQuery, find, key};
use crate::{
    commands::Error,
    domain::{access::OrganizationScope, group::MemberCounts},
    state::AppState,
    store::{groups::ListedGroup, organizations},
    views::groups::GroupKey,
};

/// How many groups are read at once.
const PART: i64 = 500;

/// An export that runs. It holds no connection between two parts.
#[derive(Debug)]
pub struct GroupsExport {
    state: AppState,
    scope: OrganizationScope,
    query: GroupsQuery,
    behind: Option<GroupKey>,
    is_over: bool,
}

/// The cells of one group, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCells {
    pub group: String,
    pub name: Option<String>,
    pub directory: Option<String>,
    pub deleted: bool,
    pub counts: MemberCounts,
}

impl GroupsExport {
    /// The whole list from its first page on, with the search and the order of the query.
    pub fn new(state: AppState, scope: OrganizationScope, query: GroupsQuery) -> Self {
        Self { state, scope, query, behind: None, is_over: false }
    }

    /// The next groups; `None` after the last part. `Missing` if there is no such organization.
    pub async fn part(&mut self) -> Result<Option<Vec<GroupCells>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let (scope, query) = (&self.scope, &self.query);
        let mut tx = self.state.db.read_for_page().await?;
        organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
        let found = find(&mut tx, scope, query, self.behind.as_ref(), PART).await?;
        self.is_over = i64::try_from(found.len()).is_ok_and(|found| found < PART);
        self.behind = found.last().map(|group| key(query, group));
        let cells = |group: ListedGroup| GroupCells {
            group: group.id.into(),
            name: group.name,
            directory: group.directory.map(String::from),
            deleted: group.deleted,
            counts: group.counts,
        };
        Ok(Some(found.into_iter().map(cells).collect()))
    }
}
