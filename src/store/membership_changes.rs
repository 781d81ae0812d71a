//! The changes of memberships: who joined a group or left it, and when. A group's changes are read
//! newest first, in the order of (time, revision, ordinal).

use sqlx::FromRow;

use super::{
    ROWS_AT_ONCE, exactly,
    groups::MembershipChange,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
        time::Timestamp,
    },
};

/// A change with its number among the changes of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    pub change: &'a MembershipChange,
    pub revision: i64,
    pub ordinal: i64,
    pub at: Timestamp,
}

pub async fn add(tx: &mut Tx, rows: &[Recorded<'_>]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into membership_changes (
          organization_id, group_id, joined, at, revision, ordinal, user_id, recorded_at
        )
        {rows}
        ",
        |row| [
            row.change.organization.as_str(),
            row.change.group.as_str(),
            row.change.joined,
            row.change.at.nanos(),
            row.revision,
            row.ordinal,
            row.change.user.as_str(),
            row.at.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// The changes of a placeholder that gets its real id.
pub async fn rename(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update membership_changes
        set user_id = $3
        where organization_id = $1 and user_id = $2
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )
}

/// Removes the changes of a placeholder that is merged into a user, whose own changes tell what was
/// true.
pub async fn forget(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from membership_changes
        where organization_id = $1 and user_id = $2
        ",
        organization.id().as_str(),
        placeholder.as_str(),
    )
}

/// The place of a change in the order: time, revision, ordinal.
pub type Place = (i64, i64, i64);

/// A change of one group.
#[derive(Clone, Debug)]
pub struct OfGroup {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
    pub joined: bool,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    pub revision: i64,
    pub ordinal: i64,
}

#[derive(FromRow)]
struct OfGroupRow {
    user_id: String,
    name: Option<String>,
    email: Option<String>,
    state: Text<SeatState>,
    joined: bool,
    at: i64,
    recorded_at: i64,
    revision: i64,
    ordinal: i64,
}

impl Stored for OfGroupRow {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

impl From<OfGroupRow> for OfGroup {
    fn from(row: OfGroupRow) -> Self {
        Self {
            user: DirectoryUserId::new(row.user_id),
            name: row.name,
            email: row.email,
            state: row.state.0,
            joined: row.joined,
            at: Timestamp::from_nanos(row.at),
            recorded_at: Timestamp::from_nanos(row.recorded_at),
            revision: row.revision,
            ordinal: row.ordinal,
        }
    }
}

/// Who joined the group, or who left it, from a time on and before a place.
pub async fn of_group(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (group, joined): (&GroupId, bool),
    (since, before): (i64, Place),
    most: i64,
) -> sqlx::Result<Vec<OfGroup>> {
    let (at, revision, ordinal) = before;
    let rows: Vec<Keyed<OfGroupRow>> = sql!(
        all(tx),
        r"
        select c.organization_id, c.user_id, u.name, u.email, u.state, c.joined, c.at,
          c.recorded_at, c.revision, c.ordinal
        from membership_changes c
        join directory_users u on u.organization_id = c.organization_id and u.id = c.user_id
        where c.organization_id = $1 and c.group_id = $2 and c.joined = $3 and c.at >= $4
          and (c.at, c.revision, c.ordinal) < ($5, $6, $7)
        order by c.at desc, c.revision desc, c.ordinal desc
        limit $8
        ",
        organization.id().as_str(),
        group.as_str(),
        joined,
        since,
        at,
        revision,
        ordinal,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// A change of one user.
#[derive(Clone, Debug, FromRow)]
pub struct OfUser {
    pub group_id: String,
    pub name: Option<String>,
    pub joined: bool,
    pub at: i64,
    pub revision: i64,
    pub ordinal: i64,
}

/// The groups that the user joined or left, before a place.
pub async fn of_user(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    (at, revision, ordinal): Place,
    most: i64,
) -> sqlx::Result<Vec<OfUser>> {
    sql!(
        all(tx),
        r"
        select c.group_id, g.name, c.joined, c.at, c.revision, c.ordinal
        from membership_changes c
        left join directory_groups g on g.organization_id = c.organization_id and g.id = c.group_id
        where c.organization_id = $1 and c.user_id = $2
          and (c.at, c.revision, c.ordinal) < ($3, $4, $5)
        order by c.at desc, c.revision desc, c.ordinal desc
        limit $6
        ",
        organization.id().as_str(),
        user.as_str(),
        at,
        revision,
        ordinal,
        most,
    )
}
