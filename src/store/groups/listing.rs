//! The list of an organization's groups, in parts. An organization has some thousand groups at
//! most, and their numbers are stored: a part reads the rows of all of them, and no member.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        group::MemberCounts,
        id::{DirectoryId, GroupId},
        time::Timestamp,
    },
    store::KEYS_AT_ONCE,
};

/// A group in a list.
#[derive(Clone, Debug)]
pub struct ListedGroup {
    pub id: GroupId,
    pub name: Option<String>,
    pub directory: Option<DirectoryId>,
    pub deleted: bool,
    /// The newest deletion, also if the group exists again.
    pub deleted_at: Option<Timestamp>,
    pub counts: MemberCounts,
    pub search_key: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: Option<String>,
    directory_id: Option<String>,
    deleted: bool,
    deleted_at: Option<i64>,
    provisioned: i64,
    blocked: i64,
    dismissed: i64,
    inactive: i64,
    search_key: String,
}

impl From<Row> for ListedGroup {
    fn from(row: Row) -> Self {
        Self {
            id: GroupId::new(row.id),
            name: row.name,
            directory: row.directory_id.map(DirectoryId::new),
            deleted: row.deleted,
            deleted_at: row.deleted_at.map(Timestamp::from_nanos),
            counts: MemberCounts {
                provisioned: row.provisioned,
                blocked: row.blocked,
                dismissed: row.dismissed,
                inactive: row.inactive,
            },
            search_key: row.search_key,
        }
    }
}

/// An order in which deleted groups come last: each number is multiplied by its factor, and the
/// sums ascend; groups with the same sum are in the order of their names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order {
    pub members: i64,
    pub waiting: i64,
}

/// A row of the list, as it was when it was listed: a part begins behind it.
#[derive(Clone, Copy, Debug)]
pub struct Behind<'a> {
    pub deleted: bool,
    /// The sum of the order; by name it is not compared.
    pub number: i64,
    /// The search key.
    pub key: &'a str,
    pub id: &'a str,
}

/// The groups behind one in this order; `pattern` is for `like`, with `\` before a literal `%`.
pub async fn in_order(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (pattern, order): (&str, Order),
    behind: Option<Behind<'_>>,
    most: i64,
) -> sqlx::Result<Vec<ListedGroup>> {
    let first = Behind { deleted: false, number: i64::MIN, key: "", id: "" };
    let Behind { deleted, number, key, id } = behind.unwrap_or(first);
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select id, name, directory_id, deleted, deleted_at, provisioned, blocked, dismissed, inactive,
          search_key
        from (
          select id, name, directory_id, deleted, deleted_at, provisioned, blocked, dismissed,
            inactive, search_key,
            $3 * (provisioned + blocked + dismissed + inactive) + $4 * blocked as number
          from directory_groups
          where organization_id = $1 and search_key like $2 escape '\'
        ) listed
        where (deleted, number, search_key, id) > ($5, $6, $7, $8)
        order by deleted, number, search_key, id
        limit $9
        ",
        organization.id().as_str(),
        pattern,
        order.members,
        order.waiting,
        deleted,
        number,
        key,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// These groups, in order of id; one that is not known is left out.
pub async fn with_ids(
    tx: &mut Tx,
    organization: &OrganizationScope,
    ids: &[&GroupId],
) -> sqlx::Result<Vec<ListedGroup>> {
    let keys: Vec<(&str, &str)> =
        ids.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select id, name, directory_id, deleted, deleted_at, provisioned, blocked, dismissed, inactive,
          search_key
        from directory_groups
        where (organization_id, id) in ({keys})
        order by id
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The groups behind one in the opposite order of their names; deleted groups come last, too.
pub async fn by_name_descending(
    tx: &mut Tx,
    organization: &OrganizationScope,
    pattern: &str,
    behind: Option<Behind<'_>>,
    most: i64,
) -> sqlx::Result<Vec<ListedGroup>> {
    let (is_first, deleted, key, id) =
        behind.map_or((true, false, "", ""), |row| (false, row.deleted, row.key, row.id));
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select id, name, directory_id, deleted, deleted_at, provisioned, blocked, dismissed, inactive,
          search_key
        from directory_groups
        where organization_id = $1 and search_key like $2 escape '\'
          and ($3 or deleted > $4 or (deleted = $4 and (search_key, id) < ($5, $6)))
        order by deleted, search_key desc, id desc
        limit $7
        ",
        organization.id().as_str(),
        pattern,
        is_first,
        deleted,
        key,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many groups a search matches, and how many of them were deleted.
pub async fn count(
    tx: &mut Tx,
    organization: &OrganizationScope,
    pattern: &str,
) -> sqlx::Result<(i64, i64)> {
    sql!(
        one(tx),
        r"
        select count(*), coalesce(sum(case when deleted then 1 else 0 end), 0)
        from directory_groups
        where organization_id = $1 and search_key like $2 escape '\'
        ",
        organization.id().as_str(),
        pattern,
    )
}

/// A group, also a deleted one.
pub async fn one(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
) -> sqlx::Result<Option<ListedGroup>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select id, name, directory_id, deleted, deleted_at, provisioned, blocked, dismissed, inactive,
          search_key
        from directory_groups
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        group.as_str(),
    )?;
    Ok(row.map(Into::into))
}
