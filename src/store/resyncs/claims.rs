//! Which run a worker may work on.

use std::time::Duration;

use sqlx::FromRow;

use super::{
    super::lease::{self, Lease, LeaseRow, Work},
    history,
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{OrganizationId, ResyncId},
        resync::Resync,
        time::Timestamp,
    },
};

/// How long the holder of a run may send no heartbeat before another worker takes the run over.
const LEASE: Duration = Duration::from_secs(45);

/// A run that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub resync: Resync,
    pub lease: Lease,
    /// The organization's request for a resync that this run fulfils.
    pub wanted_at: Option<Timestamp>,
    /// How often the run was claimed, this time included, since it last made progress.
    pub stalled_attempts: i64,
    /// The run has made progress, so the next worker resumes further on.
    pub made_progress: bool,
}

/// A run to work on, and its lease.
#[derive(Clone, Debug, FromRow)]
pub struct Candidate {
    organization_id: String,
    pub id: String,
    pub created_at: i64,
    #[sqlx(flatten)]
    pub lease: LeaseRow,
}

impl Candidate {
    pub fn work(&self) -> Work {
        Work::Resync(OrganizationId::new(&self.organization_id), ResyncId::new(&self.id))
    }
}

/// The runs that a worker holds or held, oldest first; without Scalekit only imports.
pub async fn held(tx: &mut Tx, only_imports: bool, most: i64) -> sqlx::Result<Vec<Candidate>> {
    sql!(
        all(tx),
        r"
        select organization_id, id, created_at, claim, heartbeats, lease_millis
        from resyncs
        where state in ('queued', 'listing', 'applying') and lease_millis <> 0
          and (not $1 or cause = 'import')
        order by created_at, id
        limit $2
        ",
        only_imports,
        most,
    )
}

/// The free run that has waited longest; without Scalekit only an import.
pub async fn next_free(tx: &mut Tx, only_imports: bool) -> sqlx::Result<Option<Candidate>> {
    sql!(
        optional(tx),
        r"
        select organization_id, id, created_at, claim, heartbeats, lease_millis
        from resyncs
        where state in ('queued', 'listing', 'applying') and lease_millis = 0
          and (not $1 or cause = 'import')
        order by created_at, id
        limit 1
        ",
        only_imports,
    )
}

/// This run, if it still has to be worked on.
pub async fn candidate(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ResyncId,
    only_imports: bool,
) -> sqlx::Result<Option<Candidate>> {
    sql!(
        optional(tx),
        r"
        select organization_id, id, created_at, claim, heartbeats, lease_millis
        from resyncs
        where organization_id = $1 and id = $2 and state in ('queued', 'listing', 'applying')
          and (not $3 or cause = 'import')
        ",
        organization.as_str(),
        id.as_str(),
        only_imports,
    )
}

/// Claims a run, unless its holder sent a heartbeat in the meantime, or another worker or a
/// cancellation was quicker.
pub async fn claim(tx: &mut Tx, run: &Candidate) -> sqlx::Result<Option<Claimed>> {
    let Some(lease) = lease::take(tx, run.work(), run.lease, LEASE).await? else {
        return Ok(None);
    };
    let (stalled_attempts, wanted_at): (i64, Option<i64>) = sql!(
        one(tx),
        r"
        update resyncs
        set stalled_attempts = stalled_attempts + 1, waits_until = null, waits_for = null,
            state = case when state = 'queued' then 'listing' else state end
        where organization_id = $1 and id = $2
        returning stalled_attempts, wanted_at
        ",
        run.organization_id.as_str(),
        run.id.as_str(),
    )?;
    let resync = history::claimed(tx, &run.organization_id, &run.id).await?;
    Ok(Some(Claimed {
        resync,
        lease,
        wanted_at: wanted_at.map(Timestamp::from_nanos),
        stalled_attempts,
        made_progress: false,
    }))
}

/// Takes a run away from its worker and makes it free at once.
pub async fn free(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update resyncs
        set claim = claim + 1, lease_millis = 0
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        id.as_str(),
    )
}
