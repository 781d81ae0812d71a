//! A tenant admin or staff change the roles that the members of a group get. The people's
//! application roles follow at once, because they are never stored; dashboard roles follow in the
//! same transaction. The product is told of each person soon afterwards (`tell_role_changes`).

use super::{Actor, Error, seat_transaction::SeatTransaction};
use crate::{
    domain::{
        audit::AuditAction,
        id::{GroupId, OrganizationId},
        refusal::Refusal,
        role::{GroupRoles, RoleMapping},
        setting::SettingName,
    },
    state::AppState,
    store::{audit_log::Entry, groups, role_mappings, settings},
};

const ACTION: AuditAction = AuditAction::SetGroupRoles;

/// The requested change.
#[derive(Clone, Debug)]
pub struct NewGroupRoles {
    pub organization: OrganizationId,
    pub group: GroupId,
    /// All roles of the group from now on.
    pub roles: GroupRoles,
    /// The version of the mapping that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// `Missing` if there is no such organization, or no such group.
pub async fn set_group_roles(
    state: &AppState,
    actor: &Actor,
    new: &NewGroupRoles,
) -> Result<(), Error> {
    let id = &new.organization;
    let mut seats = SeatTransaction::begin(state, id).await?;
    let scope = seats.scope(id)?;
    let locked = seats.organization(id)?;
    if locked.roster.archived {
        return Err(Refusal::Archived.into());
    }
    let version = locked.roles_version;
    let group = groups::one(seats.tx(), &scope, &new.group).await?.ok_or(Error::Missing)?;
    if new.expected_version.is_some_and(|expected| expected != version) {
        return Err(Refusal::RolesChangedMeanwhile.into());
    }
    settings::hold(seats.tx(), SettingName::ApplicationRoles).await?;
    let known = settings::values(seats.tx(), &state.settings.fixed).await?.application_roles;
    let mut mapping = role_mappings::of(seats.tx(), &scope).await?;
    let before = mapping.of(&new.group);
    before.may_become(&new.roles, &known)?;
    mapping.set(new.group.clone(), new.roles.clone());
    if mapping.len() > RoleMapping::MOST {
        return Err(Refusal::TooManyRoles.into());
    }
    seats.set_group_roles(id, &new.group, (&before, &new.roles)).await?;
    let (before, after) = (before.to_string(), new.roles.to_string());
    let entry = Entry {
        target_id: Some(new.group.as_str()),
        target: Some(group.name.as_deref().unwrap_or(new.group.as_str())),
        before: Some(&before),
        after: Some(&after),
        ..actor.entry(ACTION)
    };
    seats.audit(id, entry).await?;
    seats.commit().await
}
