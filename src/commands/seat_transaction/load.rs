//! Loads what the seat rules need before they can decide: the users that the commands name, and as
//! many from the head of the waitlist as the commands may take.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Error, SeatTransaction,
    load_groups::{GroupNeeds, load_leaving, load_members, load_named},
};
use crate::{
    db::Tx,
    domain::{
        directory_user::DirectoryUser,
        event::Change,
        id::{DirectoryUserId, GroupId, OrganizationId},
        roster::LoadedWaitlist,
        seats::Command,
        time::Timestamp,
        waitlist::WaitlistDemand,
    },
    store::{directory_users, former_addresses, organization_seen, organizations::Locked},
};

/// What the commands of a transaction need.
#[derive(Debug, Default)]
pub struct Needs {
    users: BTreeSet<(OrganizationId, DirectoryUserId)>,
    /// Addresses (`email_key`) that may identify a user.
    addresses: BTreeSet<(OrganizationId, String)>,
    /// External ids that may identify a user, unless the user with this id is known.
    external_ids: BTreeSet<(OrganizationId, String, Option<DirectoryUserId>)>,
    waitlists: BTreeMap<OrganizationId, WaitlistDemand>,
    /// Organizations that are deleted: every user is needed, and every time at which they existed.
    deleted: BTreeSet<OrganizationId>,
    /// Organizations that are created or changed, with the time of the oldest event.
    seen: BTreeMap<OrganizationId, Timestamp>,
    groups: GroupNeeds,
}

impl Needs {
    pub fn of(organization: &OrganizationId, commands: &[Command]) -> Self {
        let mut needs = Self::default();
        for command in commands {
            needs.command(organization, command);
        }
        needs
    }

    pub fn command(&mut self, organization: &OrganizationId, command: &Command) {
        match command {
            Command::UserUpdate(update) => self.user(organization, &update.user),
            Command::Admit(id)
            | Command::MoveToFront(id)
            | Command::MoveTo(id, _)
            | Command::Dismiss(id)
            | Command::UndoDismiss(id) => {
                self.user(organization, id);
            }
            Command::GroupMembers(said) => {
                said.members.keys().for_each(|user| self.user(organization, user));
            }
            Command::GroupDeleted(group, _) => self.group_deleted(organization, group),
            Command::SetPolicy(policy) => {
                let groups = self.groups.new_policies.entry(organization.clone()).or_default();
                groups.extend(policy.groups().iter().cloned());
            }
            Command::OrganizationDeleted(_) | Command::OrganizationArchived(_) => {
                self.organization_deleted(organization);
            }
            Command::OrganizationSeen(version) => self.organization_seen(organization, version.at),
            Command::SetLimit(_) => {}
        }
        self.waitlist(organization).add(command);
    }

    pub fn user(&mut self, organization: &OrganizationId, user: &DirectoryUserId) {
        self.users.insert((organization.clone(), user.clone()));
    }

    /// An address that may identify a user, as an `email_key`.
    pub fn address(&mut self, organization: &OrganizationId, email_key: String) {
        self.addresses.insert((organization.clone(), email_key));
    }

    /// An external id that may identify a user, unless the user `of` is known.
    pub fn external_id(
        &mut self,
        organization: &OrganizationId,
        external_id: &str,
        of: Option<&DirectoryUserId>,
    ) {
        self.external_ids.insert((organization.clone(), external_id.to_owned(), of.cloned()));
    }

    /// An update of a user who is named otherwise.
    pub fn update(&mut self, organization: &OrganizationId, change: Change, active: Option<bool>) {
        self.waitlist(organization).add_update(change, active);
    }

    /// Users join or leave a group.
    pub fn group_members<'u>(
        &mut self,
        organization: &OrganizationId,
        users: impl Iterator<Item = &'u DirectoryUserId>,
    ) {
        let mut changed = 0;
        for user in users {
            self.user(organization, user);
            changed += 1;
        }
        self.waitlist(organization).add_regrouped(changed);
    }

    /// A group is deleted: the waiting users in it are needed.
    pub fn group_deleted(&mut self, organization: &OrganizationId, group: &GroupId) {
        self.groups.deleted.entry(organization.clone()).or_default().insert(group.clone());
    }

    pub fn organization_deleted(&mut self, organization: &OrganizationId) {
        self.deleted.insert(organization.clone());
    }

    /// The organization existed at this time.
    pub fn organization_seen(&mut self, organization: &OrganizationId, at: Timestamp) {
        let oldest = self.seen.entry(organization.clone()).or_insert(at);
        *oldest = at.min(*oldest);
    }

    fn waitlist(&mut self, organization: &OrganizationId) -> &mut WaitlistDemand {
        self.waitlists.entry(organization.clone()).or_default()
    }
}

impl SeatTransaction<'_> {
    /// Loads what a batch of commands needs, with one statement for each kind of row. Without it,
    /// [`Self::decide`] loads what its own command needs.
    pub async fn load(&mut self, needs: Needs) -> sqlx::Result<()> {
        self.is_loaded = true;
        self.add(needs).await
    }

    /// Loads the whole waitlist of an organization.
    pub async fn load_whole_waitlist(&mut self, id: &OrganizationId) -> Result<(), Error> {
        let locked = self.organizations.get_mut(id).ok_or(Error::Missing)?;
        let all = directory_users::waiting(&mut self.tx, &locked.scope, i64::MAX).await?;
        locked.roster.waitlist_is_loaded(LoadedWaitlist::All);
        for user in all {
            locked.roster.add(user);
        }
        Ok(())
    }

    pub(super) async fn add(&mut self, needs: Needs) -> sqlx::Result<()> {
        let Self { tx, organizations, .. } = self;
        let Needs { users, addresses, external_ids, mut waitlists, deleted, seen, groups } = needs;
        let (users, addresses): (Vec<_>, Vec<_>) =
            (users.into_iter().collect(), addresses.into_iter().collect());
        let named = directory_users::with_ids(tx, &users).await?;
        let known: BTreeSet<_> = named.iter().map(|(of, user)| (of, &user.id)).collect();
        let external_ids: Vec<_> = external_ids
            .into_iter()
            .filter(|(of, _, id)| id.as_ref().is_none_or(|id| !known.contains(&(of, id))))
            .map(|(of, external_id, _)| (of, external_id))
            .collect();
        let by_address = directory_users::ever_with_emails(tx, &addresses).await?;
        let former = former_addresses::with_emails(tx, &addresses).await?;
        let had: Vec<_> = former
            .iter()
            .map(|(organization, former)| (organization.clone(), former.user.clone()))
            .collect();
        let by_former = directory_users::with_ids(tx, &had).await?;
        let by_external_id = directory_users::with_external_ids(tx, &external_ids).await?;
        let others = by_address.into_iter().chain(by_former).chain(by_external_id);
        for (organization, user) in named.into_iter().chain(others) {
            if let Some(locked) = organizations.get_mut(&organization) {
                locked.roster.add(user);
            }
        }
        for (organization, former) in former {
            if let Some(locked) = organizations.get_mut(&organization) {
                locked.roster.add_former_address(former);
            }
        }
        for (id, at) in &seen {
            if let Some(locked) = organizations.get_mut(id)
                && locked.may_restore_users(*at)
                && !deleted.contains(id)
            {
                load_restorable_users(tx, locked).await?;
            }
        }
        load_named(tx, organizations, &groups, &users).await?;
        for id in groups.deleted.keys() {
            let leaving = load_leaving(tx, organizations, &groups, id).await?;
            waitlists.entry(id.clone()).or_default().add_regrouped(leaving);
        }
        for locked in organizations.values_mut() {
            if deleted.contains(locked.id()) {
                load_everything(tx, locked).await?;
                load_members(tx, locked, &groups, true).await?;
            } else {
                if groups.new_policies.contains_key(locked.id()) {
                    load_members(tx, locked, &groups, false).await?;
                }
                load_waitlist(tx, locked, waitlists.remove(locked.id()).unwrap_or_default())
                    .await?;
            }
        }
        Ok(())
    }
}

/// Loads every user, and every time at which an event showed that the organization exists.
async fn load_everything(tx: &mut Tx, locked: &mut Locked) -> sqlx::Result<()> {
    for user in directory_users::all_users(tx, &locked.scope).await? {
        locked.roster.add(user);
    }
    locked.roster.waitlist_is_loaded(LoadedWaitlist::All);
    for at in organization_seen::times(tx, &locked.scope).await? {
        locked.roster.add_seen(at);
    }
    Ok(())
}

/// Loads the users who may be back because the organization exists again.
async fn load_restorable_users(tx: &mut Tx, locked: &mut Locked) -> sqlx::Result<()> {
    for user in directory_users::removed_but_in_directory(tx, &locked.scope).await? {
        locked.roster.add(user);
    }
    Ok(())
}

/// Loads as much of the waitlist as the commands may take from its head. No other code loads it.
async fn load_waitlist(
    tx: &mut Tx,
    locked: &mut Locked,
    mut demand: WaitlistDemand,
) -> sqlx::Result<()> {
    let placeholders = locked.roster.people().filter(|user| user.id.is_by_email()).count();
    demand.add_merges(i64::try_from(placeholders).unwrap_or(i64::MAX));
    if locked.roster.deleted.is_some() {
        demand.may_end_users();
    }
    let usage = locked.roster.usage();
    let needed = demand.head_needed(&usage, &locked.roster.policy);
    if needed <= 0 {
        return Ok(());
    }
    // A changed user may still be in the stored waitlist.
    let changed = i64::try_from(locked.roster.touched().count()).unwrap_or(i64::MAX);
    let head = directory_users::waiting(tx, &locked.scope, needed.saturating_add(changed)).await?;
    let last = head.last().and_then(DirectoryUser::waitlist_key);
    locked.roster.waitlist_is_loaded(if needed == usage.waiting {
        LoadedWaitlist::All
    } else {
        last.map_or(LoadedWaitlist::Nothing, LoadedWaitlist::UpTo)
    });
    for user in head {
        locked.roster.add(user);
    }
    Ok(())
}
