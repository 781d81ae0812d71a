//! The limits that end at a moment, and what applies then.

use sqlx::FromRow;

use super::{
    columns::{self, Limit},
    exactly_one,
    rows::{Keyed, Stored},
};
use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, id::OrganizationId, limit_end::LimitEnd, time::Timestamp},
};

#[derive(FromRow)]
struct Row {
    ends_at: i64,
    #[sqlx(flatten)]
    limit: Limit,
}

impl Stored for Row {
    const TABLE: &'static str = "limit_ends";
    const KEY: &'static [&'static str] = &["organization_id"];
}

/// When the limit with this version ends; `None`: it does not end.
pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationScope,
    limit_version: i64,
) -> sqlx::Result<Option<LimitEnd>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, ends_at, limit_kind, limit_seats
        from limit_ends
        where organization_id = $1 and limit_version = $2
        ",
        organization.id().as_str(),
        limit_version,
    )?;
    Ok(row.map(|Keyed(row)| LimitEnd { at: Timestamp::from_nanos(row.ends_at), then: row.limit.0 }))
}

/// Sets when the limit with this version ends.
pub async fn set(
    tx: &mut Tx,
    organization: &OrganizationScope,
    limit_version: i64,
    end: LimitEnd,
) -> sqlx::Result<()> {
    let (kind, seats): (&str, Option<i64>) = columns::from_limit(end.then);
    sql!(
        execute(tx),
        r"
        insert into limit_ends (organization_id, limit_version, ends_at, limit_kind, limit_seats)
        values ($1, $2, $3, $4, $5)
        on conflict (organization_id) do update
        set limit_version = excluded.limit_version, ends_at = excluded.ends_at,
          limit_kind = excluded.limit_kind, limit_seats = excluded.limit_seats
        ",
        organization.id().as_str(),
        limit_version,
        end.at.nanos(),
        kind,
        seats,
    )
    .and_then(exactly_one)
}

/// The limit of the organization does not end any more. False: it did not end.
pub async fn remove(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<bool> {
    let removed = sql!(
        execute(tx),
        r"
        delete from limit_ends
        where organization_id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(removed > 0)
}

/// Organizations whose limit has ended, the first end first.
pub async fn due(tx: &mut Tx, now: Timestamp, most: i64) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select organization_id
        from limit_ends
        where ends_at <= $1
        order by ends_at, organization_id
        limit $2
        ",
        now.nanos(),
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}
