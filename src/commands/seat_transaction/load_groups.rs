//! Loads the memberships that ranks depend on. Only organizations whose policy is *groups first*
//! have any; for the others this reads nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Organizations;
use crate::{
    db::Tx,
    domain::id::{DirectoryUserId, GroupId, OrganizationId},
    store::{
        directory_users,
        groups::{self, MembershipUpdate},
        organizations::Locked,
    },
};

/// The groups of new policies, and the groups that are deleted.
#[derive(Debug, Default)]
pub struct GroupNeeds {
    pub new_policies: BTreeMap<OrganizationId, BTreeSet<GroupId>>,
    pub deleted: BTreeMap<OrganizationId, BTreeSet<GroupId>>,
}

impl GroupNeeds {
    /// The groups that ranks of this organization depend on, before or after the commands.
    fn listed(&self, locked: &Locked) -> BTreeSet<GroupId> {
        let now = locked.roster.policy.groups();
        now.iter()
            .chain(self.new_policies.get(locked.id()).into_iter().flatten())
            .cloned()
            .collect()
    }
}

/// Loads the groups of the users that the commands name and of those loaded so far.
pub(super) async fn load_named(
    tx: &mut Tx,
    organizations: &mut Organizations,
    needs: &GroupNeeds,
    named: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<()> {
    let listed: BTreeMap<OrganizationId, BTreeSet<GroupId>> = organizations
        .values()
        .map(|locked| (locked.id().clone(), needs.listed(locked)))
        .filter(|(_, groups)| !groups.is_empty())
        .collect();
    if listed.is_empty() {
        return Ok(());
    }
    let mut users: BTreeSet<_> = named
        .iter()
        .filter(|(organization, _)| listed.contains_key(organization))
        .cloned()
        .collect();
    for locked in organizations.values().filter(|locked| listed.contains_key(locked.id())) {
        users.extend(locked.roster.people().map(|user| (locked.id().clone(), user.id.clone())));
    }
    let users: Vec<_> = users.into_iter().collect();
    let deletable: Vec<_> = listed
        .iter()
        .flat_map(|(id, groups)| groups.iter().map(|group| (id.clone(), group.clone())))
        .collect();
    for (organization, group, version) in groups::deletions(tx, &deletable).await? {
        if let Some(locked) = organizations.get_mut(&organization) {
            locked.roster.memberships.add_deletion(group, version);
        }
    }
    for (organization, user, group) in groups::of_users(tx, &users).await? {
        if let Some(locked) = organizations.get_mut(&organization) {
            locked.roster.memberships.add_stored(user, group);
        }
    }
    let with_updates: Vec<_> = users
        .into_iter()
        .filter(|(id, _)| organizations.get(id).is_some_and(|locked| locked.has_membership_updates))
        .collect();
    for update in groups::updates_of_users(tx, &with_updates).await? {
        if let Some(locked) = organizations.get_mut(&update.organization) {
            add_update(locked, update);
        }
    }
    Ok(())
}

/// Loads the waiting users in the groups that are deleted, with their groups. Gives their number.
pub(super) async fn load_leaving(
    tx: &mut Tx,
    organizations: &mut Organizations,
    needs: &GroupNeeds,
    id: &OrganizationId,
) -> sqlx::Result<i64> {
    let Some(locked) = organizations.get_mut(id) else { return Ok(0) };
    let listed = needs.listed(locked);
    let mut leaving = BTreeSet::new();
    for group in needs.deleted.get(id).into_iter().flatten().filter(|group| listed.contains(group))
    {
        let members = groups::members(tx, &locked.scope, group, false).await?;
        leaving.extend(members.into_iter().map(|user| (id.clone(), user)));
    }
    let leaving: Vec<_> = leaving.into_iter().collect();
    for (_, user) in directory_users::with_ids(tx, &leaving).await? {
        locked.roster.add(user);
    }
    load_named(tx, organizations, needs, &leaving).await?;
    Ok(i64::try_from(leaving.len()).unwrap_or(i64::MAX))
}

/// Loads who is in the groups of the policies: every user, or every waiting one.
pub(super) async fn load_members(
    tx: &mut Tx,
    locked: &mut Locked,
    needs: &GroupNeeds,
    all: bool,
) -> sqlx::Result<()> {
    for group in needs.listed(locked) {
        for user in groups::members(tx, &locked.scope, &group, all).await? {
            locked.roster.memberships.add_stored(user, group.clone());
        }
    }
    if all && locked.has_membership_updates {
        for update in groups::updates_of_all_users(tx, &locked.scope).await? {
            add_update(locked, update);
        }
    }
    Ok(())
}

fn add_update(locked: &mut Locked, update: MembershipUpdate) {
    let MembershipUpdate { user, group, joined, stamp, .. } = update;
    locked.roster.memberships.add_update(user, group, (stamp, joined));
}
