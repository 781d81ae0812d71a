//! The audit log in parts, newest first, filtered. A part reads a bounded number of rows.

use sqlx::FromRow;

use super::{Keyed, Stored, Text};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        id::{ActorId, AuditEntryId, OrganizationId},
        time::Timestamp,
    },
};

/// Which entries; empty means any.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// A complete account id, or the complete name that an entry has.
    pub actor: &'a str,
    pub action: Option<AuditAction>,
    /// A complete id, or the complete name that an entry has.
    pub target: &'a str,
    /// Also entries about the notes of staff.
    pub for_staff: bool,
    /// Entries from this time on.
    pub from: Timestamp,
    /// Entries before this time.
    pub until: Timestamp,
}

/// One entry as it is stored.
#[derive(Clone, Debug)]
pub struct AuditRow {
    pub id: AuditEntryId,
    /// `None`: about the installation.
    pub organization: Option<(OrganizationId, Option<String>)>,
    pub actor: String,
    pub actor_id: Option<ActorId>,
    /// The actor's account is not one of staff.
    pub by_tenant: bool,
    pub action: AuditAction,
    pub target_id: Option<String>,
    pub target: Option<String>,
    pub refused: bool,
    pub before: Option<String>,
    pub after: Option<String>,
    pub reason: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    organization_name: Option<String>,
    id: String,
    actor: String,
    actor_id: Option<String>,
    by_tenant: bool,
    action: Text<AuditAction>,
    target_id: Option<String>,
    target: Option<String>,
    is_refused: bool,
    before_value: Option<String>,
    after_value: Option<String>,
    reason: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
    at: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "audit_log";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        let name = row.organization_name;
        Self {
            id: AuditEntryId::new(row.id),
            organization: (!row.organization_id.is_empty())
                .then(|| (OrganizationId::new(row.organization_id), name)),
            actor: row.actor,
            actor_id: row.actor_id.map(ActorId::new),
            by_tenant: row.by_tenant,
            action: row.action.0,
            target_id: row.target_id,
            target: row.target,
            refused: row.is_refused,
            before: row.before_value,
            after: row.after_value,
            reason: row.reason,
            address: row.address,
            request_id: row.request_id,
            at: Timestamp::from_nanos(row.at),
        }
    }
}

/// The entries of one organization that one request has added at this time, in order.
pub async fn of_request(
    tx: &mut Tx,
    organization: &OrganizationScope,
    at: Timestamp,
    request_id: &str,
) -> sqlx::Result<Vec<AuditRow>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, cast(null as text) as organization_name, id, actor, actor_id,
          action, target_id, target, outcome = 'refused' as is_refused, before_value, after_value,
          reason, address, request_id, at, false as by_tenant
        from audit_log
        where organization_id = $1 and at = $2 and request_id = $3
        order by id
        ",
        organization.id().as_str(),
        at.nanos(),
        request_id,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Some entries, and where the next ones begin.
#[derive(Clone, Debug)]
pub struct Part {
    pub rows: Vec<AuditRow>,
    /// The last entry that was looked at, if there may be older ones.
    pub older: Option<(Timestamp, AuditEntryId)>,
}

/// At most `rows` entries older than `before`, from at most `most` entries that are looked at.
/// Without a scope the entries of all organizations and of the installation.
pub async fn part(
    tx: &mut Tx,
    scope: Option<&OrganizationScope>,
    filter: &Filter<'_>,
    before: Option<&(Timestamp, AuditEntryId)>,
    (rows, most): (i64, i64),
) -> sqlx::Result<Part> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()));
    let (from, until) = (filter.from.nanos(), filter.until.nanos());
    let action = filter.action.map_or("", AuditAction::as_str);
    let (actor, target) = (filter.actor, filter.target);
    let found: Vec<Keyed<Row>> = match scope {
        Some(scope) => sql!(
            all(tx),
            r"
            select a.organization_id, o.name as organization_name, a.id, a.actor, a.actor_id,
              a.action, a.target_id, a.target, a.outcome = 'refused' as is_refused, a.before_value,
              a.after_value, a.reason, a.address, a.request_id, a.at,
              coalesce(c.role in ('tenant-admin', 'tenant-viewer'), false) as by_tenant
            from (
              select *
              from audit_log
              where organization_id = $1 and (at, id) < ($2, $3) and at >= $4 and at < $5
              order by at desc, id desc
              limit $6
            ) a
            left join organizations o on o.id = a.organization_id
            left join accounts c on c.id = a.actor_id
            where ($7 = '' or a.actor_id = $7 or a.actor = $7) and ($8 = '' or a.action = $8)
              and ($9 = '' or a.target_id = $9 or a.target = $9)
              and ($10 or a.action not in ('set_notes', 'propose_limit', 'reject_proposal',
                'withdraw_proposal', 'expire_proposal', 'skip_approval'))
            order by a.at desc, a.id desc
            limit $11
            ",
            scope.id().as_str(),
            at,
            id,
            from,
            until,
            most,
            actor,
            action,
            target,
            filter.for_staff,
            rows + 1,
        )?,
        None => sql!(
            all(tx),
            r"
            select a.organization_id, o.name as organization_name, a.id, a.actor, a.actor_id,
              a.action, a.target_id, a.target, a.outcome = 'refused' as is_refused, a.before_value,
              a.after_value, a.reason, a.address, a.request_id, a.at,
              coalesce(c.role in ('tenant-admin', 'tenant-viewer'), false) as by_tenant
            from (
              select *
              from audit_log
              where (at, id) < ($1, $2) and at >= $3 and at < $4
              order by at desc, id desc
              limit $5
            ) a
            left join organizations o on o.id = a.organization_id
            left join accounts c on c.id = a.actor_id
            where ($6 = '' or a.actor_id = $6 or a.actor = $6) and ($7 = '' or a.action = $7)
              and ($8 = '' or a.target_id = $8 or a.target = $8)
            order by a.at desc, a.id desc
            limit $9
            ",
            at,
            id,
            from,
            until,
            most,
            actor,
            action,
            target,
            rows + 1,
        )?,
    };
    let mut found: Vec<AuditRow> = found.into_iter().map(|Keyed(row)| row.into()).collect();
    if i64::try_from(found.len()).is_ok_and(|n| n > rows) {
        found.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        let older = found.last().map(|row| (row.at, row.id.clone()));
        return Ok(Part { rows: found, older });
    }
    let older = last_looked_at(tx, scope, (at, id), (from, until), most).await?;
    Ok(Part { rows: found, older })
}

/// The entry at which a part stopped because it had looked at `most` entries; `None` if it has seen
/// them all.
async fn last_looked_at(
    tx: &mut Tx,
    scope: Option<&OrganizationScope>,
    (at, id): (i64, &str),
    (from, until): (i64, i64),
    most: i64,
) -> sqlx::Result<Option<(Timestamp, AuditEntryId)>> {
    let last: Option<(i64, String)> = match scope {
        Some(scope) => sql!(
            optional(tx),
            r"
            select at, id
            from audit_log
            where organization_id = $1 and (at, id) < ($2, $3) and at >= $4 and at < $5
            order by at desc, id desc
            limit 1 offset $6
            ",
            scope.id().as_str(),
            at,
            id,
            from,
            until,
            most - 1,
        )?,
        None => sql!(
            optional(tx),
            r"
            select at, id
            from audit_log
            where (at, id) < ($1, $2) and at >= $3 and at < $4
            order by at desc, id desc
            limit 1 offset $5
            ",
            at,
            id,
            from,
            until,
            most - 1,
        )?,
    };
    Ok(last.map(|(at, id)| (Timestamp::from_nanos(at), AuditEntryId::new(id))))
}

/// The entries about one target, newest first, before a point in time.
pub async fn about_target(
    tx: &mut Tx,
    organization: &OrganizationScope,
    target: &str,
    (at, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Vec<AuditRow>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select a.organization_id, o.name as organization_name, a.id, a.actor, a.actor_id,
          a.action, a.target_id, a.target, a.outcome = 'refused' as is_refused, a.before_value,
          a.after_value, a.reason, a.address, a.request_id, a.at,
          coalesce(c.role in ('tenant-admin', 'tenant-viewer'), false) as by_tenant
        from audit_log a
        left join organizations o on o.id = a.organization_id
        left join accounts c on c.id = a.actor_id
        where a.organization_id = $1 and a.target_id = $2 and (a.at, a.id) < ($3, $4)
        order by a.at desc, a.id desc
        limit $5
        ",
        organization.id().as_str(),
        target,
        at,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}
