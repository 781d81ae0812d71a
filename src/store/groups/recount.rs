//! Counts the members of all groups again, for the check of the stored numbers.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{directory_user::SeatState, group::MemberCounts, id::OrganizationId},
    store::rows::{Keyed, Stored, Text},
};

/// The numbers of members in all groups of an organization together.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecountedGroups {
    pub stored: MemberCounts,
    pub counted: MemberCounts,
}

#[derive(FromRow)]
struct Sums {
    organization_id: String,
    provisioned: i64,
    blocked: i64,
    dismissed: i64,
    inactive: i64,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    state: Text<SeatState>,
    members: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id"];
}

/// The organizations after `after` and up to `last`. Who holds a seat is not read: these members
/// are what the others leave of all memberships, which an index counts.
pub async fn recounted(
    tx: &mut Tx,
    after: &str,
    last: &OrganizationId,
) -> sqlx::Result<BTreeMap<OrganizationId, RecountedGroups>> {
    let mut groups: BTreeMap<OrganizationId, RecountedGroups> = BTreeMap::new();
    let sums: Vec<Sums> = sql!(
        all(tx),
        r"
        select organization_id, cast(sum(provisioned) as bigint) as provisioned,
          cast(sum(blocked) as bigint) as blocked, cast(sum(dismissed) as bigint) as dismissed,
          cast(sum(inactive) as bigint) as inactive
        from directory_groups
        where organization_id > $1 and organization_id <= $2
        group by organization_id
        order by organization_id
        ",
        after,
        last.as_str(),
    )?;
    for Sums { organization_id, provisioned, blocked, dismissed, inactive } in sums {
        let organization = OrganizationId::new(organization_id);
        groups.entry(organization).or_default().stored =
            MemberCounts { provisioned, blocked, dismissed, inactive };
    }
    let all: Vec<(String, i64)> = sql!(
        all(tx),
        r"
        select organization_id, count(*)
        from memberships
        where organization_id > $1 and organization_id <= $2
        group by organization_id
        order by organization_id
        ",
        after,
        last.as_str(),
    )?;
    for (organization, members) in all {
        let groups = groups.entry(OrganizationId::new(organization)).or_default();
        groups.counted.add(SeatState::Provisioned, members);
    }
    let without_seat: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select u.organization_id, u.state, count(*) as members
        from directory_users u
        join memberships m on m.organization_id = u.organization_id and m.user_id = u.id
        where u.organization_id > $1 and u.organization_id <= $2 and u.state <> 'provisioned'
        group by u.organization_id, u.state
        order by u.organization_id, u.state
        ",
        after,
        last.as_str(),
    )?;
    for Keyed(Row { organization_id, state, members }) in without_seat {
        let groups = groups.entry(OrganizationId::new(organization_id)).or_default();
        groups.counted.add(SeatState::Provisioned, -members);
        groups.counted.add(state.0, members);
    }
    Ok(groups)
}
