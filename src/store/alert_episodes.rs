//! Alert episodes: when a condition began and when it ended.

use super::exactly_one;
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        alert::AlertKind,
        id::{EpisodeId, OrganizationId},
        time::Timestamp,
    },
};

/// The episodes under way, of several organizations.
pub async fn open(tx: &mut Tx, organizations: &[&OrganizationId]) -> sqlx::Result<Vec<(OrganizationId, AlertKind)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        organizations,
        1_024,
        "select organization_id, kind from alert_episodes where ended_at is null and organization_id in",
        |id| [id.as_str()],
        ""
    );
    Ok(rows.into_iter().filter_map(|(id, kind)| Some((OrganizationId::new(id), AlertKind::parse(&kind)?))).collect())
}

pub async fn begin(tx: &mut Tx, organization: &OrganizationScope, id: &EpisodeId, kind: AlertKind, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "insert into alert_episodes (organization_id, id, kind, began_at) values ($1, $2, $3, $4)",
        organization.id().as_str(),
        id.as_str(),
        kind.as_str(),
        now.nanos(),
    )
    .map(|_| ())
}

pub async fn end(tx: &mut Tx, organization: &OrganizationScope, kind: AlertKind, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update alert_episodes set ended_at = $3 where organization_id = $1 and kind = $2 and ended_at is null",
        organization.id().as_str(),
        kind.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// Since when the condition holds, if it does.
pub async fn open_since(tx: &mut Tx, organization: &OrganizationScope, kind: AlertKind) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        "select began_at from alert_episodes where organization_id = $1 and kind = $2 and ended_at is null",
        organization.id().as_str(),
        kind.as_str(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}
