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
        id::{AuditEntryId, DirectoryUserId, GroupId, OrganizationId},
        role::{DashboardMember, RoleMapping, RoleName, dashboard_changes, joined},
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

type User = (OrganizationId, DirectoryUserId);

fn with_roles<'a>(organizations: &[&'a Locked]) -> Vec<&'a Locked> {
    organizations.iter().copied().filter(|locked| locked.roles_version > 0).collect()
}

fn ids(organizations: &[&Locked]) -> Vec<OrganizationId> {
    organizations.iter().map(|locked| locked.id().clone()).collect()
}

/// Records the people whose application roles changed with these memberships, which are written.
pub(super) async fn record_role_changes(
    tx: &mut Tx,
    state: &AppState,
    organizations: &[&Locked],
    changes: &[MembershipChange],
    now: Timestamp,
) -> sqlx::Result<()> {
    let organizations = with_roles(organizations);
    if organizations.is_empty() || changes.is_empty() {
        return Ok(());
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
        return Ok(());
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
        let of_organization = by_user.iter().filter(|((id, _), _)| id == locked.id());
        let changed = of_organization.filter_map(|(user, changes)| {
            let person = people.get(user)?;
            let now = groups.get(user).cloned().unwrap_or_default();
            RoleChange::of((mapping, default.as_ref()), person, now, changes)
        });
        let changed: Vec<RoleChange<'_>> = changed.collect();
        let entries: Vec<Entry<'_>> = changed.iter().map(RoleChange::entry).collect();
        let ids: Vec<_> = entries.iter().map(|_| AuditEntryId::generate(&state.clock)).collect();
        audit_log::add_all(tx, &locked.scope, &ids, &entries, now).await?;
    }
    Ok(())
}

/// A person whose application roles changed.
struct RoleChange<'a> {
    person: &'a DirectoryUser,
    before: String,
    after: String,
}

impl<'a> RoleChange<'a> {
    /// `changes` led to the groups of now. `None`: they give the same roles as before.
    fn of(
        (mapping, default): (&RoleMapping, Option<&RoleName>),
        person: &'a DirectoryUser,
        now: BTreeSet<GroupId>,
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
        let (before, after) = (roles(&before), if is_removed { vec![] } else { roles(&now) });
        let words = |roles: &[RoleName]| match roles {
            [] => "none".to_owned(),
            roles => joined(roles.iter()),
        };
        (before != after).then(|| Self { person, before: words(&before), after: words(&after) })
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

/// Gives the accounts of these organizations the dashboard roles that follow from their groups. An
/// account with another role is signed out: a session is valid for one set of rights.
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
    let members = accounts::dashboard_members(tx, &ids(&organizations)).await?;
    if members.is_empty() {
        return Ok(());
    }
    let mappings = role_mappings::of_organizations(tx, &ids(&organizations)).await?;
    for locked in organizations {
        let here: Vec<&Member> =
            members.iter().filter(|member| member.organization == *locked.id()).collect();
        let rules: Vec<DashboardMember> = here.iter().map(|member| member.member.clone()).collect();
        let mapping = mappings.get(locked.id()).cloned().unwrap_or_default();
        let (changes, _) = dashboard_changes(&rules, &mapping);
        for change in changes {
            accounts::set_dashboard_role(tx, &locked.scope, &change.account, change.after).await?;
            sessions::end_all(tx, &change.account, now).await?;
            let account = here.iter().find(|member| member.member.account == change.account);
            let entry = Entry {
                actor: ROLE_MAPPING.into(),
                target_id: Some(change.account.as_str()),
                target: account.map(|member| member.email.as_str()),
                before: Some(change.before.as_str()),
                after: Some(change.after.as_str()),
                ..Entry::of(AuditAction::ChangeDashboardRole)
            };
            let id = AuditEntryId::generate(&state.clock);
            audit_log::add(tx, &locked.scope, &id, &entry, now).await?;
            let role = change.after.as_str();
            info!(
                organization = %locked.id(), account = %change.account, role,
                "an account has another role with its groups"
            );
        }
    }
    Ok(())
}
