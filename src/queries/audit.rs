//! The audit log: all of it for staff, and an organization's own entries for its tenants.

use serde::Serialize;

use super::organization;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        audit::AuditAction,
        id::{ActorId, AuditEntryId, OrganizationId},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit_log::{self, Filter},
        organizations,
    },
    views::{
        audit::{AuditCursor, AuditPage, AuditQuery, AuditRow},
        pagination::KeysetPage,
    },
};

/// `Missing` for a tenant who does not ask for one of their own organizations.
pub async fn audit(
    state: &AppState,
    viewer: &Viewer,
    query: &AuditQuery,
) -> Result<AuditPage, Error> {
    let is_staff = viewer.role.is_staff();
    let scope = query.organization.as_ref().map(|id| viewer.scope(id).ok_or(Error::Missing));
    let scope = scope.transpose()?;
    if scope.is_none() && !is_staff {
        return Err(Error::Missing);
    }
    let mut tx = state.db.read_for_page(Reach::of(scope.as_ref())).await?;
    let organization = match &scope {
        Some(scope) => {
            let revision = organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
            Some((organization::name(&mut tx, scope).await?, revision))
        }
        None => None,
    };
    let size = (AuditPage::ROWS, AuditPage::LOOKED_AT);
    let part = part(&mut tx, (scope.as_ref(), is_staff), query, size).await?;
    Ok(AuditPage {
        rows: part.rows.into_iter().map(|row| shown(row, is_staff)).collect(),
        page: KeysetPage {
            before: query.before.clone(),
            older: part.older.map(|(at, id)| AuditCursor { at, id }),
        },
        organization,
        now: state.clock.now(),
    })
}

/// One entry for scripts, exactly as it is stored.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    /// RFC 3339.
    pub at: String,
    /// `null`: about the installation.
    pub organization_id: Option<OrganizationId>,
    pub actor: String,
    pub actor_id: Option<ActorId>,
    pub action: AuditAction,
    pub target_id: Option<String>,
    pub target: Option<String>,
    /// `done` or `refused`.
    pub outcome: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
    pub reason: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// Some entries for the command line, newest first, and where the next ones begin. Without a scope
/// the whole log.
pub async fn audit_entries(
    state: &AppState,
    scope: Option<&OrganizationScope>,
    before: Option<AuditCursor>,
) -> Result<(Vec<AuditEntry>, Option<AuditCursor>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    if let Some(scope) = scope {
        organization::name(&mut tx, scope).await?;
    }
    let query = AuditQuery { before, ..AuditQuery::default() };
    let part = part(&mut tx, (scope, true), &query, (PART, PART + 1)).await?;
    let older = part.older.map(|(at, id)| AuditCursor { at, id });
    Ok((part.rows.into_iter().map(entry).collect(), older))
}

pub(super) fn entry(row: audit_log::AuditRow) -> AuditEntry {
    AuditEntry {
        id: row.id,
        at: row.at.rfc3339(),
        organization_id: row.organization.map(|(id, _)| id),
        actor: row.actor,
        actor_id: row.actor_id,
        action: row.action,
        target_id: row.target_id,
        target: row.target,
        outcome: if row.refused { "refused" } else { "done" },
        before: row.before,
        after: row.after,
        reason: row.reason,
        address: row.address,
        request_id: row.request_id,
    }
}

pub(super) async fn part(
    tx: &mut Tx,
    (scope, is_staff): (Option<&OrganizationScope>, bool),
    query: &AuditQuery,
    size: (i64, i64),
) -> sqlx::Result<audit_log::Part> {
    let filter = Filter {
        actor: &query.actor,
        action: query.action,
        target: &query.target,
        for_staff: is_staff,
        from: query.from.unwrap_or(Timestamp::from_nanos(i64::MIN)),
        until: query.until.unwrap_or(Timestamp::from_nanos(i64::MAX)),
    };
    let before = query.before.clone().map(|cursor| (cursor.at, cursor.id));
    audit_log::part(tx, scope, &filter, before.as_ref(), size).await
}

/// What the viewer may read of the entry. A tenant reads what was done, when, and by which name;
/// where staff work, and what they note about a customer, is for staff.
pub(super) fn redacted(row: audit_log::AuditRow, is_staff: bool) -> audit_log::AuditRow {
    if is_staff || row.by_tenant {
        return row;
    }
    let is_told = row.refused || row.action == AuditAction::EndMembership;
    audit_log::AuditRow {
        actor_id: None,
        reason: row.reason.filter(|_| is_told),
        address: None,
        request_id: None,
        ..row
    }
}

/// The entry as the page shows it to the viewer.
pub(super) fn shown(row: audit_log::AuditRow, is_staff: bool) -> AuditRow {
    let text = |text: Option<String>| text.as_deref().map(ExternalText::new);
    let row = redacted(row, is_staff);
    AuditRow {
        id: row.id,
        at: row.at,
        organization: row.organization.map(|(id, name)| {
            let name = ExternalText::or_id(name.as_deref().unwrap_or_default(), id.as_str());
            (id, name)
        }),
        actor: ExternalText::new(&row.actor),
        actor_id: row.actor_id,
        action: row.action,
        target_id: text(row.target_id),
        target: text(row.target),
        refused: row.refused,
        before: text(row.before),
        after: text(row.after),
        reason: row.reason.as_deref().map(ExternalText::sentence),
        address: text(row.address),
        request_id: text(row.request_id),
    }
}
