//! One group for scripts: everything as it is stored.

use std::cmp::Reverse;

use serde::Serialize;

use super::{OfGroup, membership_changes};
use crate::{
    commands::Error,
    domain::{
        access::OrganizationScope,
        group::MemberCounts,
        id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
        time::Timestamp,
    },
    state::AppState,
    store::{groups, organizations},
};

/// One group for scripts, as stored.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRecord {
    pub organization_id: OrganizationId,
    pub group_id: GroupId,
    pub name: Option<String>,
    pub directory_id: Option<DirectoryId>,
    /// When the group was deleted, RFC 3339; `null`: it exists.
    pub deleted_at: Option<String>,
    pub members: i64,
    /// The members in each state.
    #[serde(flatten)]
    pub counts: MemberCounts,
    /// The place among the groups of the admission policy; `null`: the policy does not rank it.
    pub rank: Option<usize>,
    /// Who joined and who left, the newest change first.
    pub changes: Vec<ChangeRecord>,
}

/// One change of a membership for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRecord {
    /// RFC 3339.
    pub at: String,
    pub user_id: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    /// False: the person left.
    pub joined: bool,
    /// When Seatkeeper heard of it, RFC 3339.
    pub recorded_at: String,
}

/// A group for the command line, with all changes. `Missing` if there is no such organization;
/// `None` if there is no such group.
pub async fn group_record(
    state: &AppState,
    scope: &OrganizationScope,
    group: &GroupId,
) -> Result<Option<GroupRecord>, Error> {
    let mut tx = state.db.read().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let Some(found) = groups::one(&mut tx, scope, group).await? else { return Ok(None) };
    let mut changes: Vec<OfGroup> = Vec::new();
    let whole = (i64::MIN, (i64::MAX, i64::MAX, i64::MAX));
    for joined in [true, false] {
        let which = (group, joined);
        changes.extend(membership_changes::of_group(&mut tx, scope, which, whole, i64::MAX).await?);
    }
    changes.sort_by_key(|change| Reverse((change.at, change.revision, change.ordinal)));
    let rank = card.policy.groups().iter().position(|ranked| ranked == group);
    let deleted_at = found.deleted_at.filter(|_| found.deleted);
    Ok(Some(GroupRecord {
        organization_id: scope.id().clone(),
        group_id: found.id,
        name: found.name,
        directory_id: found.directory,
        deleted_at: deleted_at.map(Timestamp::rfc3339),
        members: found.counts.members(),
        counts: found.counts,
        rank: rank.map(|rank| rank + 1),
        changes: changes.into_iter().map(change_record).collect(),
    }))
}

fn change_record(change: OfGroup) -> ChangeRecord {
    ChangeRecord {
        at: change.at.rfc3339(),
        user_id: change.user,
        name: change.name,
        email: change.email,
        joined: change.joined,
        recorded_at: change.recorded_at.rfc3339(),
    }
}
