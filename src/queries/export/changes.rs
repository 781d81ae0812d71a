//! Who joined a group and who left it.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::OrganizationScope, directory_user::SeatState, id::GroupId},
    queries::groups::{change_key, changes},
    store::{groups, membership_changes::OfGroup},
    views::groups::{ChangeCursor, GroupQuery},
};

/// The changes of a group's memberships, the newest first.
#[derive(Debug)]
pub struct Changes {
    scope: OrganizationScope,
    group: GroupId,
    query: GroupQuery,
}

/// The cells of one change, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeCells {
    /// When it happened in the directory, RFC 3339.
    pub at: String,
    /// False: the person left.
    pub joined: bool,
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// The person's state now.
    pub state: SeatState,
    /// When Seatkeeper heard of it, RFC 3339.
    pub recorded_at: String,
}

impl Changes {
    pub fn new(scope: OrganizationScope, group: GroupId, query: GroupQuery) -> Self {
        Self { scope, group, query }
    }
}

impl List for Changes {
    type Row = ChangeCells;
    type Key = ChangeCursor;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<ChangeCursor>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let (scope, group) = (&self.scope, &self.group);
        groups::one(tx, scope, group).await?.ok_or(Error::Missing)?;
        self.query.change = behind;
        let found = changes(tx, scope, group, &self.query, most).await?;
        let next = next(&found, most, change_key);
        Ok((found.into_iter().map(cells).collect(), next))
    }
}

fn cells(change: OfGroup) -> ChangeCells {
    ChangeCells {
        at: change.at.rfc3339(),
        joined: change.joined,
        user: change.user.into(),
        name: change.name,
        email: change.email,
        state: change.state,
        recorded_at: change.recorded_at.rfc3339(),
    }
}
