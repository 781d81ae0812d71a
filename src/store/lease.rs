//! The lease on a row: the right of one worker to work on it, until another worker takes it over.
//! Six tables have the same three columns for it:
//!
//! - `claim`: how often the row was taken, or taken away from its holder. The holder knows the
//!   number that it got.
//! - `heartbeats`: how many heartbeats all holders sent. Each write of a holder is one.
//! - `lease_millis`: for how many milliseconds after a heartbeat the row is held; 0: it is free.
//!
//! There is one rule against a holder that has lost its lease: each transaction of a holder renews
//! or releases the lease, and that fails if the row's `claim` is not the holder's any more. An
//! error ends the transaction, so that the holder writes nothing. `crate::lease` judges when a row
//! may be taken.

use std::{fmt, time::Duration};

use sqlx::FromRow;

use super::columns;
use crate::{
    db::{Tx, sql},
    domain::id::{MessageId, OrganizationId, ReplayId, ResyncId, WebhookEndpointId},
};

/// A row that one worker at a time works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    BulkReplay(ReplayId),
    /// Without an organization the message is about Seatkeeper itself.
    Message(Option<OrganizationId>, MessageId),
    EventLog,
    Job(&'static str),
    Resync(OrganizationId, ResyncId),
    WebhookEndpoint(WebhookEndpointId),
}

impl fmt::Display for Work {
    /// The table and the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BulkReplay(id) => write!(f, "bulk_replays {id}"),
            Self::Message(_, id) => write!(f, "outbox {id}"),
            Self::EventLog => write!(f, "event_log"),
            Self::Job(name) => write!(f, "jobs {name}"),
            Self::Resync(organization, id) => write!(f, "resyncs {organization} {id}"),
            Self::WebhookEndpoint(id) => write!(f, "webhook_endpoints {id}"),
        }
    }
}

/// What the columns of a lease say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct LeaseRow {
    pub claim: i64,
    pub heartbeats: i64,
    pub lease_millis: i64,
}

impl LeaseRow {
    /// For how long after a heartbeat the row is held. Zero: it is free.
    pub fn lasts(self) -> Duration {
        Duration::from_millis(u64::try_from(self.lease_millis).unwrap_or(0))
    }
}

/// The lease of a worker on a row.
#[derive(Clone, Debug)]
pub struct Lease {
    pub work: Work,
    /// The columns as the worker took the row.
    pub taken: LeaseRow,
}

/// Another worker has taken the row over, or the row was taken away, for example because a person
/// cancelled the work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lease on {0} is lost")]
pub struct LeaseLost(pub Work);

/// Why a holder could not write.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    #[error(transparent)]
    Lost(#[from] LeaseLost),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes a row, unless its columns have changed since they were `seen`: its holder sent a heartbeat
/// or another worker was quicker. Then the result is `None`.
pub async fn take(
    tx: &mut Tx,
    work: Work,
    seen: LeaseRow,
    lasts: Duration,
) -> sqlx::Result<Option<Lease>> {
    let (claim, heartbeats, lasts) = (seen.claim, seen.heartbeats, millis(lasts));
    let taken: Option<LeaseRow> = match &work {
        Work::BulkReplay(id) => sql!(
            optional(tx),
            r"
            update bulk_replays
            set claim = claim + 1, lease_millis = $4
            where id = $1 and claim = $2 and heartbeats = $3
            returning claim, heartbeats, lease_millis
            ",
            id.as_str(),
            claim,
            heartbeats,
            lasts,
        ),
        Work::Message(organization, id) => sql!(
            optional(tx),
            r"
            update outbox
            set claim = claim + 1, lease_millis = $5
            where organization_id = $1 and id = $2 and claim = $3 and heartbeats = $4
            returning claim, heartbeats, lease_millis
            ",
            columns::from_organization(organization.as_ref()),
            id.as_str(),
            claim,
            heartbeats,
            lasts,
        ),
        Work::EventLog => sql!(
            optional(tx),
            r"
            update event_log
            set claim = claim + 1, lease_millis = $3
            where id = 'event_log' and claim = $1 and heartbeats = $2
            returning claim, heartbeats, lease_millis
            ",
            claim,
            heartbeats,
            lasts,
        ),
        Work::Job(name) => sql!(
            optional(tx),
            r"
            update jobs
            set claim = claim + 1, lease_millis = $4
            where name = $1 and claim = $2 and heartbeats = $3
            returning claim, heartbeats, lease_millis
            ",
            *name,
            claim,
            heartbeats,
            lasts,
        ),
        Work::Resync(organization, id) => sql!(
            optional(tx),
            r"
            update resyncs
            set claim = claim + 1, lease_millis = $5
            where organization_id = $1 and id = $2 and claim = $3 and heartbeats = $4
            returning claim, heartbeats, lease_millis
            ",
            organization.as_str(),
            id.as_str(),
            claim,
            heartbeats,
            lasts,
        ),
        Work::WebhookEndpoint(id) => sql!(
            optional(tx),
            r"
            update webhook_endpoints
            set claim = claim + 1, lease_millis = $4
            where id = $1 and claim = $2 and heartbeats = $3
            returning claim, heartbeats, lease_millis
            ",
            id.as_str(),
            claim,
            heartbeats,
            lasts,
        ),
    }?;
    Ok(taken.map(|taken| Lease { work, taken }))
}

impl Lease {
    /// Sends a heartbeat. Returns the columns as they are now.
    pub async fn renew(&self, tx: &mut Tx) -> Result<LeaseRow, LeaseError> {
        self.keep(tx, self.taken.lasts()).await
    }

    /// Makes the row free.
    pub async fn release(&self, tx: &mut Tx) -> Result<LeaseRow, LeaseError> {
        self.keep(tx, Duration::ZERO).await
    }

    /// Makes the row free after `rest`. Returns the columns as they are now.
    pub async fn pause(&self, tx: &mut Tx, rest: Duration) -> Result<LeaseRow, LeaseError> {
        self.keep(tx, rest).await
    }

    async fn keep(&self, tx: &mut Tx, lasts: Duration) -> Result<LeaseRow, LeaseError> {
        let (claim, lasts) = (self.taken.claim, millis(lasts));
        let kept: Option<LeaseRow> = match &self.work {
            Work::BulkReplay(id) => sql!(
                optional(tx),
                r"
                update bulk_replays
                set heartbeats = heartbeats + 1, lease_millis = $3
                where id = $1 and claim = $2
                returning claim, heartbeats, lease_millis
                ",
                id.as_str(),
                claim,
                lasts,
            ),
            Work::Message(organization, id) => sql!(
                optional(tx),
                r"
                update outbox
                set heartbeats = heartbeats + 1, lease_millis = $4
                where organization_id = $1 and id = $2 and claim = $3
                returning claim, heartbeats, lease_millis
                ",
                columns::from_organization(organization.as_ref()),
                id.as_str(),
                claim,
                lasts,
            ),
            Work::EventLog => sql!(
                optional(tx),
                r"
                update event_log
                set heartbeats = heartbeats + 1, lease_millis = $2
                where id = 'event_log' and claim = $1
                returning claim, heartbeats, lease_millis
                ",
                claim,
                lasts,
            ),
            Work::Job(name) => sql!(
                optional(tx),
                r"
                update jobs
                set heartbeats = heartbeats + 1, lease_millis = $3
                where name = $1 and claim = $2
                returning claim, heartbeats, lease_millis
                ",
                *name,
                claim,
                lasts,
            ),
            Work::Resync(organization, id) => sql!(
                optional(tx),
                r"
                update resyncs
                set heartbeats = heartbeats + 1, lease_millis = $4
                where organization_id = $1 and id = $2 and claim = $3
                returning claim, heartbeats, lease_millis
                ",
                organization.as_str(),
                id.as_str(),
                claim,
                lasts,
            ),
            Work::WebhookEndpoint(id) => sql!(
                optional(tx),
                r"
                update webhook_endpoints
                set heartbeats = heartbeats + 1, lease_millis = $3
                where id = $1 and claim = $2
                returning claim, heartbeats, lease_millis
                ",
                id.as_str(),
                claim,
                lasts,
            ),
        }?;
        kept.ok_or_else(|| LeaseLost(self.work.clone()).into())
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
