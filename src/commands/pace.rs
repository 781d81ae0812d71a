//! Bounds how often the admins of an organization do what sends messages to other people.

use std::time::Duration;

use super::{Actor, Error};
use crate::{
    db::Tx,
    domain::{access::OrganizationScope, audit::AuditAction, refusal::Refusal, time::Timestamp},
    store::audit_log,
};

/// How often in which span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub most: i64,
    pub span: Duration,
}

/// Settings about who is notified, and when.
pub(super) const SETTINGS: Pace = Pace { most: 20, span: Duration::from_hours(1) };
/// Requests that staff are notified of.
pub(super) const REQUESTS: Pace = Pace { most: 10, span: Duration::from_hours(24) };

/// Refuses what an organization's own admin has done too often; the audit log counts it. Staff may
/// do it at any time.
pub(super) async fn keep_pace(
    tx: &mut Tx,
    actor: &Actor,
    organization: &OrganizationScope,
    (action, pace): (AuditAction, Pace),
    now: Timestamp,
) -> Result<(), Error> {
    if actor.is_staff() {
        return Ok(());
    }
    let since = now.minus(pace.span);
    let done = audit_log::count_since(tx, organization, action, since, pace.most).await?;
    if done >= pace.most { Err(Refusal::TooOften.into()) } else { Ok(()) }
}
