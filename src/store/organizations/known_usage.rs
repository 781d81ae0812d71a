//! What is known about the usage signals of an organization.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, reclaim::KnownUsage, time::Timestamp},
    store::exactly_one,
};

#[derive(FromRow)]
struct Row {
    usage_known_since: Option<i64>,
    usage_heard_at: Option<i64>,
}

/// `None`: no signal ever came, or there is no such organization.
pub async fn known_usage(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<KnownUsage>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select usage_known_since, usage_heard_at
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    let times = row.and_then(|row| row.usage_known_since.zip(row.usage_heard_at));
    Ok(times.map(|(since, heard_at)| KnownUsage {
        since: Timestamp::from_nanos(since),
        heard_at: Timestamp::from_nanos(heard_at),
    }))
}

/// Signals came now; the earliest of them tells of `first`.
pub async fn note_usage(
    tx: &mut Tx,
    organization: &OrganizationScope,
    first: Timestamp,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update organizations
        set usage_known_since = case when usage_known_since < $2 then usage_known_since else $2 end,
          usage_heard_at = case when usage_heard_at > $3 then usage_heard_at else $3 end
        where id = $1
        ",
        organization.id().as_str(),
        first.nanos(),
        now.nanos(),
    )
    .and_then(exactly_one)
}
