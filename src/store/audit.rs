//! The audit log: who changed what, and why.

use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, page::LimitChange, time::Timestamp},
};

/// One line of the log. Values as a person reads them.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub id: &'a str,
    pub actor: &'a str,
    pub action: &'a str,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
    pub reason: Option<&'a str>,
}

pub async fn add(tx: &mut Tx, organization: &OrganizationScope, entry: &Entry<'_>, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "insert into audit (organization_id, id, actor, action, before_value, after_value, reason, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization.id().as_str(),
        entry.id,
        entry.actor,
        entry.action,
        entry.before,
        entry.after,
        entry.reason,
        now.nanos(),
    )
    .map(|_| ())
}

/// The last changes of the seat limit, the newest first. Ids sort by time.
pub async fn limit_changes(tx: &mut Tx, organization: &OrganizationScope, most: i64) -> sqlx::Result<Vec<LimitChange>> {
    let rows: Vec<(String, String, String, String, i64)> = sql!(
        all(tx),
        "select actor, coalesce(before_value, ''), coalesce(after_value, ''), coalesce(reason, ''), at from audit where organization_id = $1 and action = 'set_seat_limit' \
         order by id desc limit $2",
        organization.id().as_str(),
        most,
    )?;
    let change = |(by, from, to, reason, at)| LimitChange { by, from, to, reason, at: Timestamp::from_nanos(at) };
    Ok(rows.into_iter().map(change).collect())
}

/// What people did to something, by what came of it, as (who, act, when), oldest first.
pub async fn of(tx: &mut Tx, organization: &OrganizationScope, after: &str, most: i64) -> sqlx::Result<Vec<(String, String, Timestamp)>> {
    let rows: Vec<(String, String, i64)> = sql!(
        all(tx),
        "select actor, action, at from audit where organization_id = $1 and after_value = $2 order by at, id limit $3",
        organization.id().as_str(),
        after,
        most,
    )?;
    Ok(rows.into_iter().map(|(actor, action, at)| (actor, action, Timestamp::from_nanos(at))).collect())
}
