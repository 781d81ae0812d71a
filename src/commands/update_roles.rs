//! What follows from changed memberships in organizations whose groups have roles: entries in the
//! audit log about the people whose application roles changed, and the new dashboard roles of
//! accounts. Application roles are never stored: they are read from the memberships.

use std::collections::{BTreeMap, BTreeSet};

use tracing::info;

use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        audit::AuditAction,
        directory_user::{DirectoryUser, SeatState},
        id::{AccountId, AuditEntryId, DirectoryUserId, GroupId, OrganizationId},
        role::{
            DashboardChange, DashboardMember, RoleMapping, RoleName, dashboard_changes,
            ended_memberships, joined,
        },
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, Member},
        audit_log::{self, Entry},
        directory_users,
        groups::{self, MembershipChange},
        organizations::Locked,
        role_mappings, sessions, settings,
    },
};

/// The actors of changes that no person makes: people join and leave groups in the directory, and
/// groups give roles.
const DIRECTORY: &str = "directory";
const ROLE_MAPPING: &str = "role mapping";

/// If more people of an organization change their roles at once, one entry says so.
const MOST_ENTRIES: usize = 1_000;

type User = (OrganizationId, DirectoryUserId);

fn with_roles<'a>(organizations: &[&'a Locked]) -> Vec<&'a Locked> {
    organizations.iter().copied().filter(|locked| locked.roles_version > 0).collect()
}

fn ids(organizations: &[&Locked]) -> Vec<OrganizationId> {
    organizations.iter().map(|locked| locked.id().clone()).collect()
}

/// A person whose application roles changed.
pub(super) struct RolesChanged {
    pub organization: OrganizationId,
    /// `None`: those of many people may have changed.
    pub user: Option<DirectoryUserId>,
    /// The roles before and after, in order of name.
    pub roles: Option<(Vec<String>, Vec<String>)>,
}

impl RolesChanged {
    pub fn of_many(organization: &OrganizationId) -> Self {
        Self { organization: organization.clone(), user: None, roles: None }
    }
}

/// Records the people whose application roles changed with these memberships, which are written.
/// Gives them.
pub(super) async fn record_role_changes(
    tx: &mut Tx,
    state: &AppState,
    organizations: &[&Locked],
    changes: &[MembershipChange],
    now: Timestamp,
) -> sqlx::Result<Vec<RolesChanged>> {
    let organizations = with_roles(organizations);
    if organizations.is_empty() || changes.is_empty() {
        return Ok(Vec::new());
    }
    let mappings = role_mappings::of_organizations(tx, &ids(&organizations)).await?;
    let mut by_user: BTreeMap<User, Vec<&MembershipChange>> = BTreeMap::new();
    for change in changes {
        let mapping = mappings.get(&change.organization);
        if mapping.is_some_and(|mapping| !mapping.of(&change.group).application.is_empty()) {
            let user = (change.organization.clone(), change.user.clone());
            by_user.entry(user).or_default().push(change);
        }
    }
    if by_user.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for locked in &organizations {
        let is_here = |(id, _): &User| id == locked.id();
        let people = by_user.keys().filter(|user| is_here(user)).count();
        if people > MOST_ENTRIES {
            by_user.retain(|user, _| !is_here(user));
            record_many(tx, state, locked, people, now).await?;
            found.push(RolesChanged::of_many(locked.id()));
        }
    }
    let default = settings::values(tx, &state.settings.fixed).await?.default_role;
    let users: Vec<User> = by_user.keys().cloned().collect();
    let mut groups: BTreeMap<User, BTreeSet<GroupId>> = BTreeMap::new();
    for (organization, user, group) in groups::of_users(tx, &users).await? {
        groups.entry((organization, user)).or_default().insert(group);
    }
    let people: BTreeMap<User, DirectoryUser> = directory_users::with_ids(tx, &users)
        .await?
        .into_iter()
        .map(|(organization, user)| ((organization, user.id.clone()), user))
        .collect();
    for locked in &organizations {
        let Some(mapping) = mappings.get(locked.id()) else { continue };
        let stored: BTreeMap<&DirectoryUserId, Option<SeatState>> = locked
            .roster
            .touched_with_stored_state()
            .map(|(user, stored)| (&user.id, stored))
            .collect();
        let of_organization = by_user.iter().filter(|((id, _), _)| id == locked.id());
        let of_person = of_organization.filter_map(|(user, changes)| {
            let person = people.get(user)?;
            let now = groups.get(user).cloned().unwrap_or_default();
            let was = stored.get(&user.1).copied().unwrap_or(Some(person.state));
            let had_roles = was.is_some_and(|was| was != SeatState::Removed);
            RoleChange::of((mapping, default.as_ref()), (person, had_roles), &now, changes)
        });
        let of_people: Vec<RoleChange<'_>> = of_person.collect();
        let entries: Vec<Entry<'_>> = of_people.iter().map(RoleChange::entry).collect();
        let ids: Vec<_> = entries.iter().map(|_| AuditEntryId::generate(&state.clock)).collect();
        audit_log::add_all(tx, &locked.scope, &ids, &entries, now).await?;
        found.extend(of_people.into_iter().map(|change| change.told(locked.id())));
    }
    Ok(found)
}

/// One entry for the people of a large group that was deleted, or of a directory that is new.
async fn record_many(
    tx: &mut Tx,
    state: &AppState,
    locked: &Locked,
    people: usize,
    now: Timestamp,
) -> sqlx::Result<()> {
    let reason = format!("{people} people joined or left groups with roles.");
    let entry = Entry {
        actor: DIRECTORY.into(),
        reason: Some(&reason),
        ..Entry::of(AuditAction::ChangeRoles)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(tx, &locked.scope, &id, &entry, now).await
}

/// A person whose application roles changed.
struct RoleChange<'a> {
    person: &'a DirectoryUser,
    before: String,
    after: String,
    roles: (Vec<RoleName>, Vec<RoleName>),
}

impl<'a> RoleChange<'a> {
    /// `changes` led to the groups of now. A new person, and one who comes back, had no role.
    /// `None`: they give the same roles as before.
    fn of(
        (mapping, default): (&RoleMapping, Option<&RoleName>),
        (person, had_roles): (&'a DirectoryUser, bool),
        now: &BTreeSet<GroupId>,
        changes: &[&MembershipChange],
    ) -> Option<Self> {
        let mut before = now.clone();
        for change in changes.iter().rev() {
            if change.joined {
                before.remove(&change.group);
            } else {
                before.insert(change.group.clone());
            }
        }
        let roles = |groups: &BTreeSet<GroupId>| {
            mapping.application(groups.iter(), default).into_keys().collect::<Vec<_>>()
        };
        let is_removed = person.state == SeatState::Removed;
        let before = if had_roles { roles(&before) } else { vec![] };
        let after = if is_removed { vec![] } else { roles(now) };
        let words = |roles: &[RoleName]| match roles {
            [] => "none".to_owned(),
            roles => joined(roles.iter()),
        };
        (before != after).then(|| Self {
            person,
            before: words(&before),
            after: words(&after),
            roles: (before, after),
        })
    }

    fn told(self, organization: &OrganizationId) -> RolesChanged {
        let names = |roles: Vec<RoleName>| roles.iter().map(ToString::to_string).collect();
        let (before, after) = self.roles;
        RolesChanged {
            organization: organization.clone(),
            user: Some(self.person.id.clone()),
            roles: Some((names(before), names(after))),
        }
    }

    fn entry(&self) -> Entry<'_> {
        let profile = &self.person.profile;
        let called = profile.name.as_deref().or(profile.email.as_deref());
        Entry {
            actor: DIRECTORY.into(),
            target_id: Some(self.person.id.as_str()),
            target: Some(called.unwrap_or(self.person.id.as_str())),
            before: Some(&self.before),
            after: Some(&self.after),
            ..Entry::of(AuditAction::ChangeRoles)
        }
    }
}

/// Locks these accounts, and those that [`update_dashboard_roles`] may change afterwards, in the
/// order of their ids: two transactions that lock them in two orders could wait for each other.
pub(super) async fn lock_accounts(
    tx: &mut Tx,
    organizations: &[&Locked],
    mut accounts: BTreeSet<AccountId>,
) -> sqlx::Result<()> {
    let organizations = with_roles(organizations);
    if organizations.is_empty() {
        return Ok(());
    }
    let members = accounts::dashboard_members(tx, &ids(&organizations)).await?;
    accounts.extend(members.into_iter().map(|member| member.access.account));
    accounts::lock_all(tx, &accounts).await
}

/// Gives the accounts of these organizations the dashboard roles that follow from their groups, and
/// ends the memberships that no group gives any more. The sessions of an account with another role
/// go on with a new token. The accounts are changed in order of their ids, as all code does.
pub(super) async fn update_dashboard_roles(
    tx: &mut Tx,
    state: &AppState,
    organizations: &[&Locked],
    now: Timestamp,
) -> sqlx::Result<()> {
    let organizations = with_roles(organizations);
    if organizations.is_empty() {
        return Ok(());
    }
    let mappings = role_mappings::of_organizations(tx, &ids(&organizations)).await?;
    let members = accounts::dashboard_members(tx, &ids(&organizations)).await?;
    let mut changes: Vec<(&Locked, DashboardChange, bool)> = Vec::new();
    for locked in organizations {
        let here = members.iter().filter(|member| member.organization == *locked.id());
        let rules: Vec<DashboardMember> = here.map(|member| member.access.clone()).collect();
        let mapping = mappings.get(locked.id()).cloned().unwrap_or_default();
        let (of_organization, last) = dashboard_changes(&rules, &mapping);
        let ended = ended_memberships(&rules, &mapping, last.as_ref());
        let stays = |change: &DashboardChange| !ended.contains(&change.account);
        let others = of_organization.into_iter().filter(stays);
        changes.extend(others.map(|change| (locked, change, false)));
        let over = rules.iter().filter(|member| ended.contains(&member.account)).map(|member| {
            let (account, before) = (member.account.clone(), member.role);
            (locked, DashboardChange { account, before, after: before }, true)
        });
        changes.extend(over);
    }
    changes.sort_by(|(_, one, _), (_, other, _)| one.account.cmp(&other.account));
    for (locked, change, is_over) in changes {
        let DashboardChange { account, before, after } = &change;
        let is_it = |member: &&Member| member.access.account == *account;
        if is_over {
            let email = members.iter().find(is_it).map(|member| member.email.as_str());
            end_membership(tx, state, (locked, account, email), now).await?;
            continue;
        }
        sessions::renew_all(tx, account, now).await?;
        accounts::set_dashboard_role(tx, &locked.scope, account, *after).await?;
        let entry = Entry {
            actor: ROLE_MAPPING.into(),
            target_id: Some(account.as_str()),
            target: members.iter().find(is_it).map(|member| member.email.as_str()),
            before: Some(before.as_str()),
            after: Some(after.as_str()),
            ..Entry::of(AuditAction::ChangeDashboardRole)
        };
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add(tx, &locked.scope, &id, &entry, now).await?;
        let role = after.as_str();
        info!(organization = %locked.id(), %account, role, "an account has another role with its groups");
    }
    Ok(())
}

/// Ends a membership that only a group gave.
async fn end_membership(
    tx: &mut Tx,
    state: &AppState,
    (locked, account, email): (&Locked, &AccountId, Option<&str>),
    now: Timestamp,
) -> sqlx::Result<()> {
    sessions::end_all(tx, account, now).await?;
    accounts::revoke_membership(tx, &locked.scope, account).await?;
    let entry = Entry {
        actor: ROLE_MAPPING.into(),
        target_id: Some(account.as_str()),
        target: email,
        before: email,
        reason: Some("No group gives access any more"),
        ..Entry::of(AuditAction::EndMembership)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(tx, &locked.scope, &id, &entry, now).await?;
    info!(organization = %locked.id(), %account, "a membership ended with the groups that gave it");
    Ok(())
}
