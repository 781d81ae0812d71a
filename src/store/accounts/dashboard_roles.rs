//! The dashboard roles of the accounts of an organization, and the groups that they follow.

use std::collections::BTreeSet;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::{OrganizationScope, Role},
        id::{AccountId, GroupId, OrganizationId},
        role::DashboardMember,
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE, exactly_one,
        rows::{Keyed, Stored, Text},
    },
};

/// A tenant's account in an organization.
#[derive(Clone, Debug)]
pub struct Member {
    pub organization: OrganizationId,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub last_used_at: Option<Timestamp>,
    pub access: DashboardMember,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    account_id: String,
    name: String,
    email: String,
    email_key: String,
    last_used_at: Option<i64>,
    own_role: Text<Role>,
    role: Text<Role>,
    granted_at: i64,
    is_disabled: bool,
    by_group: bool,
    group_id: Option<String>,
}

impl Stored for Row {
    const TABLE: &'static str = "account_organizations";
    const KEY: &'static [&'static str] = &["organization_id", "account_id"];
}

/// The tenants' accounts of these organizations, in order of organization and account, each with
/// the groups of its directory user.
pub async fn dashboard_members(
    tx: &mut Tx,
    organizations: &[OrganizationId],
) -> sqlx::Result<Vec<Member>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        organizations,
        KEYS_AT_ONCE,
        r"
        select o.organization_id, o.account_id, a.name, a.email, a.email_key, a.last_used_at,
          o.given_role as own_role, o.role, o.granted_at,
          a.disabled_at is not null as is_disabled, o.by_group, m.group_id
        from account_organizations o
        join accounts a on a.id = o.account_id
        left join memberships m on m.organization_id = o.organization_id
          and m.user_id = coalesce(
            o.user_id,
            (
              select min(u.id)
              from directory_users u
              where u.organization_id = o.organization_id and u.email_key = a.email_key
                and u.state not in ('inactive', 'removed')
              having count(*) = 1
            )
          )
        where o.organization_id in ({keys}) and a.role in ('tenant-admin', 'tenant-viewer')
        order by o.organization_id, o.account_id, m.group_id
        ",
        |id| [id.as_str()],
    );
    let mut members: Vec<Member> = Vec::new();
    for Keyed(row) in rows {
        let group = row.group_id.map(GroupId::new);
        let account = AccountId::new(row.account_id);
        match members.last_mut() {
            Some(last)
                if last.organization.as_str() == row.organization_id
                    && last.access.account == account =>
            {
                last.access.groups.extend(group);
            }
            _ => members.push(Member {
                organization: OrganizationId::new(row.organization_id),
                name: row.name,
                email: row.email,
                email_key: row.email_key,
                last_used_at: row.last_used_at.map(Timestamp::from_nanos),
                access: DashboardMember {
                    account,
                    own: row.own_role.0,
                    role: row.role.0,
                    granted_at: Timestamp::from_nanos(row.granted_at),
                    is_disabled: row.is_disabled,
                    by_group: row.by_group,
                    groups: group.into_iter().collect::<BTreeSet<_>>(),
                },
            }),
        }
    }
    Ok(members)
}

/// Gives an account another role in an organization, because of its groups.
pub async fn set_dashboard_role(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
    role: Role,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update account_organizations
        set role = $3
        where organization_id = $1 and account_id = $2
        ",
        organization.id().as_str(),
        account.as_str(),
        role.as_str(),
    )
    .and_then(exactly_one)
}

/// A person gives an account another role in an organization.
pub async fn set_given_role(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
    role: Role,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update account_organizations
        set given_role = $3, role = $3, by_group = false
        where organization_id = $1 and account_id = $2
        ",
        organization.id().as_str(),
        account.as_str(),
        role.as_str(),
    )
    .and_then(exactly_one)
}

/// Only a group gives this membership from now on.
pub async fn set_by_group(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update account_organizations
        set by_group = true
        where organization_id = $1 and account_id = $2
        ",
        organization.id().as_str(),
        account.as_str(),
    )
    .and_then(exactly_one)
}
