//! The groups of an organization.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::OrganizationScope, group::MemberCounts, role::GroupRoles},
    queries::groups::{find, key},
    store::{groups::ListedGroup, organizations, role_mappings},
    views::groups::{GroupKey, GroupsQuery},
};

/// The groups of an organization.
#[derive(Debug)]
pub struct Groups {
    scope: OrganizationScope,
    query: GroupsQuery,
}

/// The cells of one group, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCells {
    pub group: String,
    pub name: Option<String>,
    pub directory: Option<String>,
    pub deleted: bool,
    pub counts: MemberCounts,
    /// What its members may do.
    pub roles: GroupRoles,
}

impl Groups {
    pub fn new(scope: OrganizationScope, query: GroupsQuery) -> Self {
        Self { scope, query }
    }
}

impl List for Groups {
    type Row = GroupCells;
    type Key = GroupKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<GroupKey>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let (scope, query) = (&self.scope, &self.query);
        organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        let found = find(tx, scope, query, behind.as_ref(), most).await?;
        let next = next(&found, most, |group| key(query, group));
        let mapping = role_mappings::of(tx, scope).await?;
        let cells = |group: ListedGroup| GroupCells {
            roles: mapping.of(&group.id),
            group: group.id.into(),
            name: group.name,
            directory: group.directory.map(String::from),
            deleted: group.deleted,
            counts: group.counts,
        };
        Ok((found.into_iter().map(cells).collect(), next))
    }
}
