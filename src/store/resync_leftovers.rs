//! Cleanup after resyncs that are over: listings that are no longer needed, and plans that are too
//! old.

use sqlx::FromRow;

use super::columns::Run;
use crate::{
    db::{Tx, sql},
    domain::{
        id::{OrganizationId, ResyncId},
        time::Timestamp,
    },
};

/// A resync with data to delete.
#[derive(Clone, Debug)]
pub struct Leftover {
    pub organization: OrganizationId,
    pub id: ResyncId,
    /// The resync reached a plan.
    pub planned: bool,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    planned: bool,
}

impl From<Row> for Leftover {
    fn from(row: Row) -> Self {
        Self {
            organization: OrganizationId::new(row.organization_id),
            id: ResyncId::new(row.id),
            planned: row.planned,
        }
    }
}

impl Leftover {
    pub fn run(&self) -> Run<'_> {
        Run { organization: &self.organization, id: &self.id }
    }
}

/// The oldest resync that ended by `over_before` and whose listing was not deleted.
pub async fn with_listing(tx: &mut Tx, over_before: Timestamp) -> sqlx::Result<Option<Leftover>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select organization_id, id, planned_at is not null as planned
        from resyncs
        where not listing_removed and finished_at <= $1
          and state in ('done', 'cancelled', 'failed')
        order by finished_at, organization_id, id
        limit 1
        ",
        over_before.nanos(),
    )?;
    Ok(row.map(Into::into))
}

/// Marks the oldest resync that ended by `over_before` and whose plan was not deleted. From now on
/// its plan cannot be applied.
pub async fn close_plan(tx: &mut Tx, over_before: Timestamp) -> sqlx::Result<Option<Leftover>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        update resyncs
        set plan_removal = 1
        where (organization_id, id) = (
            select organization_id, id
            from resyncs
            where plan_removal < 2 and finished_at <= $1
              and state in ('done', 'cancelled', 'failed')
            order by finished_at, organization_id, id
            limit 1
          )
          and state in ('done', 'cancelled', 'failed')
        returning organization_id, id, planned_at is not null as planned
        ",
        over_before.nanos(),
    )?;
    Ok(row.map(Into::into))
}

/// Removes the attributes of all listed users. A plan that waits is applied without them; the next
/// resync brings them.
pub async fn remove_attributes(tx: &mut Tx) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update resync_people
        set attributes = null
        where attributes is not null
        ",
    )
}

/// Deletes all users in a range of ids, planned or not.
pub async fn remove_people(
    tx: &mut Tx,
    run: Run<'_>,
    (after, until): (&str, &str),
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from resync_people
        where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )
}

/// Deletes at most `most` groups of a resync: any group, or only those without a planned change.
pub async fn remove_groups(
    tx: &mut Tx,
    run: Run<'_>,
    planned_too: bool,
    most: i64,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from resync_groups
        where organization_id = $1 and resync_id = $2
          and id in (
            select id
            from resync_groups
            where organization_id = $1 and resync_id = $2 and ($3 or change = 'listed')
            order by id
            limit $4
          )
        ",
        run.organization.as_str(),
        run.id.as_str(),
        planned_too,
        most,
    )
}

/// Records that the listing is deleted. Without a plan the list of directories is deleted too.
pub async fn listing_is_gone(tx: &mut Tx, run: Run<'_>, planned: bool) -> sqlx::Result<()> {
    if !planned {
        sql!(
            execute(tx),
            r"
            delete from resync_directories
            where organization_id = $1 and resync_id = $2
            ",
            run.organization.as_str(),
            run.id.as_str(),
        )?;
    }
    sql!(
        execute(tx),
        r"
        update resyncs
        set listing_removed = true
        where organization_id = $1 and id = $2
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )
    .and_then(super::exactly_one)
}

pub async fn plan_is_gone(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from resync_set_aside
        where organization_id = $1 and resync_id = $2
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set plan_removal = 2
        where organization_id = $1 and id = $2 and plan_removal = 1
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )
    .and_then(super::exactly_one)
}
