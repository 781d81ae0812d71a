//! The roles of an organization's groups, the preview of a change, and the roles of people.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Role},
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
        refusal::Refusal,
        role::{
            DashboardMember, GroupRoles, RoleEffect, RoleMapping, RoleName, RoleSource,
            dashboard_changes, role_effects,
        },
        setting::FixedSettings,
        text::{ExternalText, called},
    },
    state::AppState,
    store::{
        accounts::{self, Member},
        directory_users,
        groups::{self, ListedGroup},
        organizations::{self, Card},
        role_mappings, settings,
    },
    views::roles::{
        EffectRow, FirstPeople, PersonRole, RolesChange, RolesPage, RolesPreview, RolesQuery,
        RolesRow,
    },
};

/// What the roles of people follow from.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    pub mapping: RoleMapping,
    pub default: Option<RoleName>,
}

impl Roles {
    pub async fn load(tx: &mut Tx, scope: &OrganizationScope) -> sqlx::Result<Self> {
        // no variable of the environment fixes the default role
        let default = settings::values(tx, &FixedSettings::default()).await?.default_role;
        Ok(Self { mapping: role_mappings::of(tx, scope).await?, default })
    }

    /// The names of the roles of a person in these groups.
    pub fn names(&self, state: SeatState, groups: &[GroupId]) -> Vec<String> {
        if state == SeatState::Removed {
            return Vec::new();
        }
        let roles = self.mapping.application(groups.iter(), self.default.as_ref());
        roles.into_keys().map(String::from).collect()
    }

    /// The roles of a person in these groups, which have names.
    pub fn of(&self, state: SeatState, groups: &[(GroupId, ExternalText)]) -> Vec<PersonRole> {
        if state == SeatState::Removed {
            return Vec::new();
        }
        let ids = groups.iter().map(|(group, _)| group);
        let roles = self.mapping.application(ids, self.default.as_ref());
        let named = |source: RoleSource| match source {
            RoleSource::Group(id) => groups.iter().find(|(group, _)| *group == id).cloned(),
            RoleSource::Default => None,
        };
        let role = |(role, sources): (RoleName, Vec<RoleSource>)| PersonRole {
            role,
            groups: sources.into_iter().filter_map(named).collect(),
        };
        roles.into_iter().map(role).collect()
    }
}

/// The page, with the preview of the change that is asked for. `Missing` if there is no such
/// organization, or no such group.
pub async fn roles_page(
    state: &AppState,
    scope: &OrganizationScope,
    query: &RolesQuery,
) -> Result<RolesPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let values = settings::values(&mut tx, &state.settings.fixed).await?;
    let mapping = role_mappings::of(&mut tx, scope).await?;
    let rows = rows(&mut tx, scope, &mapping).await?;
    let groups = groups::to_choose_from(&mut tx, scope, RolesPage::GROUPS).await?;
    let groups = groups.into_iter().map(|(id, name)| (id, ExternalText::label(&name)));
    let members = accounts::dashboard_members(&mut tx, &[scope.id().clone()]).await?;
    let change = match &query.group {
        Some(group) => {
            let found = groups::one(&mut tx, scope, group).await?.ok_or(Error::Missing)?;
            let asked = Asked { scope, card: &card, known: &values.application_roles };
            let before = Before { mapping: &mapping, default: values.default_role.as_ref() };
            let preview = match &query.asked {
                Some(roles) => {
                    Some(preview(&mut tx, asked, before, &members, (group, roles)).await?)
                }
                None => None,
            };
            Some(RolesChange { row: row(found, &mapping), preview })
        }
        None => None,
    };
    Ok(RolesPage {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        roles_version: card.roles_version,
        archived: card.archived,
        known: values.application_roles,
        default_role: values.default_role,
        rows,
        groups: groups.collect(),
        last_admin: last_admin(&members, &mapping),
        change,
    })
}

/// The groups with roles, by name.
async fn rows(
    tx: &mut Tx,
    scope: &OrganizationScope,
    mapping: &RoleMapping,
) -> sqlx::Result<Vec<RolesRow>> {
    let ids: Vec<&GroupId> = mapping.groups().map(|(group, _)| group).collect();
    let found = groups::with_ids(tx, scope, &ids).await?;
    let mut rows: Vec<RolesRow> = found.into_iter().map(|group| row(group, mapping)).collect();
    rows.sort_by_cached_key(|row| (row.deleted, row.name.to_string(), row.group.clone()));
    Ok(rows)
}

fn row(group: ListedGroup, mapping: &RoleMapping) -> RolesRow {
    RolesRow {
        name: ExternalText::or_id(group.name.as_deref().unwrap_or_default(), group.id.as_str()),
        deleted: group.deleted,
        members: group.counts.members(),
        roles: mapping.of(&group.id),
        group: group.id,
    }
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    scope: &'a OrganizationScope,
    card: &'a Card,
    known: &'a [RoleName],
}

#[derive(Clone, Copy)]
struct Before<'a> {
    mapping: &'a RoleMapping,
    default: Option<&'a RoleName>,
}

async fn preview(
    tx: &mut Tx,
    Asked { scope, card, known }: Asked<'_>,
    before: Before<'_>,
    members: &[Member],
    (group, roles): (&GroupId, &GroupRoles),
) -> Result<Result<RolesPreview, Refusal>, Error> {
    if card.archived {
        return Ok(Err(Refusal::Archived));
    }
    if let Err(refusal) = before.mapping.of(group).may_become(roles, known) {
        return Ok(Err(refusal));
    }
    let mut after = before.mapping.clone();
    after.set(group.clone(), roles.clone());
    let mut people: BTreeMap<DirectoryUserId, BTreeSet<GroupId>> = BTreeMap::new();
    for (user, group) in role_mappings::of_members(tx, scope, group).await? {
        people.entry(user).or_default().insert(group);
    }
    let effects = role_effects((before.mapping, &after), &people, before.default);
    let all = effects.values().flat_map(|effect| [&effect.gained, &effect.lost]);
    let first: BTreeSet<&DirectoryUserId> =
        all.flat_map(|users| users.iter().take(RolesPage::NAMES)).collect();
    let names = names(tx, scope, first).await?;
    let effects = effects.into_iter().map(|(role, RoleEffect { gained, lost })| EffectRow {
        role,
        gained: first_people(&gained, &names),
        lost: first_people(&lost, &names),
    });
    let (changes, _) = dashboard_changes(&as_rules(members), &after);
    let accounts = changes.into_iter().filter_map(|change| {
        let member = members.iter().find(|member| member.access.account == change.account)?;
        Some((account_name(member), change.after))
    });
    Ok(Ok(RolesPreview {
        roles: roles.clone(),
        effects: effects.collect(),
        accounts: accounts.collect(),
        last_admin: last_admin(members, &after),
    }))
}

fn as_rules(members: &[Member]) -> Vec<DashboardMember> {
    members.iter().map(|member| member.access.clone()).collect()
}

fn last_admin(members: &[Member], mapping: &RoleMapping) -> Option<ExternalText> {
    let (_, last) = dashboard_changes(&as_rules(members), mapping);
    let last = last?;
    members.iter().find(|member| member.access.account == last).map(account_name)
}

fn account_name(member: &Member) -> ExternalText {
    called(Some(&member.name), Some(&member.email), member.access.account.as_str())
}

async fn names(
    tx: &mut Tx,
    scope: &OrganizationScope,
    users: BTreeSet<&DirectoryUserId>,
) -> sqlx::Result<BTreeMap<DirectoryUserId, ExternalText>> {
    let ids: Vec<String> = users.into_iter().map(|user| user.as_str().to_owned()).collect();
    let named = |user: directory_users::Listed| {
        let name = called(user.name.as_deref(), user.email.as_deref(), &user.id);
        (DirectoryUserId::new(user.id), name)
    };
    Ok(directory_users::rows(tx, scope, &ids).await?.into_iter().map(named).collect())
}

fn first_people(
    users: &[DirectoryUserId],
    names: &BTreeMap<DirectoryUserId, ExternalText>,
) -> FirstPeople {
    let with_name = |user: &DirectoryUserId| Some((user.clone(), names.get(user)?.clone()));
    FirstPeople {
        count: i64::try_from(users.len()).unwrap_or(i64::MAX),
        first: users.iter().take(RolesPage::NAMES).filter_map(with_name).collect(),
    }
}

/// The roles of one group for scripts, as stored.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRolesRecord {
    pub group_id: GroupId,
    pub name: Option<String>,
    pub deleted: bool,
    pub members: i64,
    pub roles: BTreeSet<RoleName>,
    /// `null`: the group gives no role in the dashboard.
    pub dashboard_role: Option<&'static str>,
}

/// The groups with roles for scripts, by name. `Missing` if there is no such organization.
pub async fn role_records(
    state: &AppState,
    scope: &OrganizationScope,
) -> Result<Vec<GroupRolesRecord>, Error> {
    let mut tx = state.db.read().await?;
    organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let mapping = role_mappings::of(&mut tx, scope).await?;
    let ids: Vec<&GroupId> = mapping.groups().map(|(group, _)| group).collect();
    let record = |group: ListedGroup| {
        let roles = mapping.of(&group.id);
        GroupRolesRecord {
            group_id: group.id,
            name: group.name,
            deleted: group.deleted,
            members: group.counts.members(),
            roles: roles.application,
            dashboard_role: roles.dashboard.map(Role::as_str),
        }
    };
    let found = groups::with_ids(&mut tx, scope, &ids).await?;
    let mut records: Vec<GroupRolesRecord> = found.into_iter().map(record).collect();
    records.sort_by(|one, other| (&one.name, &one.group_id).cmp(&(&other.name, &other.group_id)));
    Ok(records)
}
