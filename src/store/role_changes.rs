//! Changes of the default role and of the roles of groups whose people are still to be told.

use std::collections::BTreeSet;

use sqlx::FromRow;

use super::{
    columns, exactly_one,
    rows::{FromText, Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{DirectoryUserId, GroupId, OrganizationId},
        role::{RoleName, RoleSource, RulesChange},
    },
};

type User = (OrganizationId, DirectoryUserId);

/// A change, and how far its people were told.
#[derive(Clone, Debug)]
pub struct Untold {
    pub number: i64,
    pub change: RulesChange,
    /// The last person who was looked at, as (organization, user).
    pub told: (String, String),
}

#[derive(Clone, Debug)]
struct Json(BTreeSet<RoleName>);

impl FromText for Json {
    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }
}

fn json(roles: &BTreeSet<RoleName>) -> String {
    serde_json::to_string(roles).unwrap_or_default()
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    number: i64,
    group_id: String,
    roles_before: Text<Json>,
    roles_after: Text<Json>,
    told_organization: String,
    told_user: String,
}

impl Stored for Row {
    const TABLE: &'static str = "role_changes";
    const KEY: &'static [&'static str] = &["organization_id", "group_id"];
}

impl From<Row> for Untold {
    fn from(row: Row) -> Self {
        let organization = columns::organization(row.organization_id);
        let source = match organization {
            Some(_) => RoleSource::Group(GroupId::new(row.group_id)),
            None => RoleSource::Default,
        };
        let (before, after) = (row.roles_before.0.0, row.roles_after.0.0);
        let change = RulesChange { organization, source, before, after };
        Self { number: row.number, change, told: (row.told_organization, row.told_user) }
    }
}

/// Adds a change behind all others. The caller has locked the setting of the application roles, so
/// that the numbers are in the order of the commits.
pub async fn add(tx: &mut Tx, change: &RulesChange) -> sqlx::Result<()> {
    let group = match &change.source {
        RoleSource::Group(group) => group.as_str(),
        RoleSource::Default => "",
    };
    sql!(
        execute(tx),
        r"
        insert into role_changes (organization_id, number, group_id, roles_before, roles_after)
        select $1, coalesce(max(number), 0) + 1, $2, $3, $4
        from role_changes
        ",
        columns::from_organization(change.organization.as_ref()),
        group,
        json(&change.before),
        json(&change.after),
    )
    .and_then(exactly_one)
}

/// The first change whose people are still to be told.
pub async fn first(tx: &mut Tx) -> sqlx::Result<Option<Untold>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, number, group_id, roles_before, roles_after, told_organization,
          told_user
        from role_changes
        order by number
        limit 1
        ",
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The changes behind this one that concern an organization, in order.
pub async fn later(
    tx: &mut Tx,
    number: i64,
    organization: &OrganizationId,
) -> sqlx::Result<Vec<RulesChange>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, number, group_id, roles_before, roles_after, told_organization,
          told_user
        from role_changes
        where organization_id in ('', $2) and number > $1
        order by number
        ",
        number,
        organization.as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| Untold::from(row).change).collect())
}

/// The next people that a change may concern, in order: the members of its group, or all who are
/// not removed.
pub async fn next_people(tx: &mut Tx, untold: &Untold, most: i64) -> sqlx::Result<Vec<User>> {
    let (organization, user) = &untold.told;
    let rows: Vec<(String, String)> = match (&untold.change.organization, &untold.change.source) {
        (Some(id), RoleSource::Group(group)) => sql!(
            all(tx),
            r"
            select organization_id, user_id
            from memberships
            where organization_id = $1 and group_id = $2 and user_id > $3
            order by user_id
            limit $4
            ",
            id.as_str(),
            group.as_str(),
            user,
            most,
        )?,
        _ => sql!(
            all(tx),
            r"
            select organization_id, id
            from directory_users
            where (organization_id, id) > ($1, $2) and state <> 'removed'
            order by organization_id, id
            limit $3
            ",
            organization,
            user,
            most,
        )?,
    };
    let of_row = |(id, user)| (OrganizationId::new(id), DirectoryUserId::new(user));
    Ok(rows.into_iter().map(|row: (String, String)| of_row(row)).collect())
}

/// Notes the last person who was looked at.
pub async fn note_told(tx: &mut Tx, number: i64, told: &User) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update role_changes
        set told_organization = $2, told_user = $3
        where number = $1
        ",
        number,
        told.0.as_str(),
        told.1.as_str(),
    )
    .and_then(exactly_one)
}

/// Removes a change whose people were told.
pub async fn remove(tx: &mut Tx, number: i64) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from role_changes
        where number = $1
        ",
        number,
    )
    .and_then(exactly_one)
}
