//! The stored numbers of members of each group, by state. They are equal to the rows at every
//! commit, so that a list of ten thousand groups can be ordered by them.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        group::MemberCounts,
        id::{DirectoryUserId, GroupId, OrganizationId},
    },
    store::{
        ROWS_AT_ONCE,
        rows::{Keyed, Stored, Text},
    },
};

/// By how much the numbers of groups change.
#[derive(Debug, Default)]
pub(super) struct Changes<'a>(BTreeMap<(&'a OrganizationId, &'a GroupId), MemberCounts>);

impl<'a> Changes<'a> {
    pub fn add(
        &mut self,
        group: (&'a OrganizationId, &'a GroupId),
        state: SeatState,
        members: i64,
    ) {
        self.0.entry(group).or_default().add(state, members);
    }
}

/// Adds the changes to the stored numbers.
pub(super) async fn change(tx: &mut Tx, changes: &Changes<'_>) -> sqlx::Result<()> {
    let changes = changes.0.iter().filter(|(_, counts)| **counts != MemberCounts::default());
    let changes: Vec<_> = changes.collect();
    bulk!(
        tx,
        changes,
        ROWS_AT_ONCE,
        r"
        with said (organization_id, id, provisioned, blocked, dismissed, inactive) as ({rows})
        update directory_groups
        set provisioned = directory_groups.provisioned + said.provisioned,
          blocked = directory_groups.blocked + said.blocked,
          dismissed = directory_groups.dismissed + said.dismissed,
          inactive = directory_groups.inactive + said.inactive
        from said
        where directory_groups.organization_id = said.organization_id
          and directory_groups.id = said.id
        ",
        |row| [
            row.0.0.as_str(),
            row.0.1.as_str(),
            row.1.provisioned,
            row.1.blocked,
            row.1.dismissed,
            row.1.inactive,
        ],
    );
    Ok(())
}

/// Counts the members of one group again, after many of them have left.
pub(super) async fn recount(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update directory_groups
        set provisioned = counted.provisioned, blocked = counted.blocked,
          dismissed = counted.dismissed, inactive = counted.inactive
        from (
          select coalesce(sum(case when u.state = 'provisioned' then 1 else 0 end), 0) as provisioned,
            coalesce(sum(case when u.state = 'blocked' then 1 else 0 end), 0) as blocked,
            coalesce(sum(case when u.state = 'dismissed' then 1 else 0 end), 0) as dismissed,
            coalesce(sum(case when u.state = 'inactive' then 1 else 0 end), 0) as inactive
          from memberships m
          join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id
          where m.organization_id = $1 and m.group_id = $2
        ) counted
        where directory_groups.organization_id = $1 and directory_groups.id = $2
        ",
        organization.id().as_str(),
        group.as_str(),
    )
}

#[derive(FromRow)]
struct Row {
    group_id: String,
    state: Text<SeatState>,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

/// The groups of one user, with the state in which the user counts there.
pub(super) async fn of_user(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
) -> sqlx::Result<BTreeMap<GroupId, SeatState>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select m.organization_id, m.user_id, m.group_id, u.state
        from memberships m
        join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id
        where m.organization_id = $1 and m.user_id = $2
        order by m.group_id
        ",
        organization.id().as_str(),
        user.as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (GroupId::new(row.group_id), row.state.0)).collect())
}
