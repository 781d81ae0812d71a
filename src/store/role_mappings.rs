//! The roles of the members of groups.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, SHORT_ROWS_AT_ONCE, exactly, exactly_one,
    rows::{InconsistentRow, Keyed, Stored},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::{OrganizationScope, Role},
        id::{DirectoryUserId, GroupId, OrganizationId},
        role::{GroupRoles, RoleMapping, RoleName},
    },
};

const APPLICATION: &str = "application";
const DASHBOARD: &str = "dashboard";

#[derive(FromRow)]
struct Row {
    organization_id: String,
    group_id: String,
    kind: String,
    role: String,
}

impl Stored for Row {
    const TABLE: &'static str = "role_mappings";
    const KEY: &'static [&'static str] = &["organization_id", "group_id", "kind", "role"];
}

/// The mapping of one organization.
pub async fn of(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<RoleMapping> {
    let id = organization.id().clone();
    Ok(of_organizations(tx, std::slice::from_ref(&id)).await?.remove(&id).unwrap_or_default())
}

/// The mappings of these organizations; one without a mapping is left out.
pub async fn of_organizations(
    tx: &mut Tx,
    organizations: &[OrganizationId],
) -> sqlx::Result<BTreeMap<OrganizationId, RoleMapping>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        organizations,
        KEYS_AT_ONCE,
        r"
        select organization_id, group_id, kind, role
        from role_mappings
        where organization_id in ({keys})
        ",
        |id| [id.as_str()],
    );
    let mut groups: BTreeMap<OrganizationId, BTreeMap<GroupId, GroupRoles>> = BTreeMap::new();
    for Keyed(row) in rows {
        let wrong = || InconsistentRow {
            table: Row::TABLE,
            column: "role".to_owned(),
            key: format!("{} {}", row.organization_id, row.group_id),
        };
        let of_organization = groups.entry(OrganizationId::new(&row.organization_id)).or_default();
        let roles = of_organization.entry(GroupId::new(&row.group_id)).or_default();
        if row.kind == DASHBOARD {
            roles.dashboard = Some(Role::parse(&row.role).ok_or_else(wrong)?);
        } else {
            roles.application.insert(RoleName::parse(&row.role).ok_or_else(wrong)?);
        }
    }
    let mapping = |groups: BTreeMap<GroupId, GroupRoles>| {
        let mut mapping = RoleMapping::default();
        for (group, roles) in groups {
            mapping.set(group, roles);
        }
        mapping
    };
    Ok(groups.into_iter().map(|(id, groups)| (id, mapping(groups))).collect())
}

/// Sets the roles of a group of a locked organization, whose mapping gets another version.
pub async fn set(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
    roles: &GroupRoles,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from role_mappings
        where organization_id = $1 and group_id = $2
        ",
        organization.id().as_str(),
        group.as_str(),
    )?;
    let application = roles.application.iter().map(|role| (APPLICATION, role.as_str()));
    let dashboard = roles.dashboard.iter().map(|role| (DASHBOARD, role.as_str()));
    let rows: Vec<(&str, &str)> = application.chain(dashboard).collect();
    let hit = bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into role_mappings (organization_id, group_id, kind, role)
        {rows}
        ",
        |row| [organization.id().as_str(), group.as_str(), row.0, row.1],
    );
    exactly(rows.len() as u64, hit)?;
    sql!(
        execute(tx),
        r"
        update organizations
        set roles_version = roles_version + 1
        where id = $1
        ",
        organization.id().as_str(),
    )
    .and_then(exactly_one)
}

/// Whether a group of any organization that is not archived gives this application role.
pub async fn gives(tx: &mut Tx, role: &RoleName) -> sqlx::Result<bool> {
    sql!(
        value(tx),
        r"
        select exists (
          select 1
          from role_mappings m
          join organizations o on o.id = m.organization_id and not o.archived
          where m.kind = 'application' and m.role = $1
        )
        ",
        role.as_str(),
    )
}

/// The memberships, in this group and in groups with roles, of the members of the group, as
/// (user, group) in order.
pub async fn of_members(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
) -> sqlx::Result<Vec<(DirectoryUserId, GroupId)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select m.user_id, m.group_id
        from memberships t
        join memberships m on m.organization_id = t.organization_id and m.user_id = t.user_id
        where t.organization_id = $1 and t.group_id = $2
          and (
            m.group_id = $2
            or m.group_id in (select r.group_id from role_mappings r where r.organization_id = $1)
          )
        order by m.user_id, m.group_id
        ",
        organization.id().as_str(),
        group.as_str(),
    )?;
    let of_user = |(user, group)| (DirectoryUserId::new(user), GroupId::new(group));
    Ok(rows.into_iter().map(|(user, group): (String, String)| of_user((user, group))).collect())
}
