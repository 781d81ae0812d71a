//! Works on a resync from its current state to its end. The worker renews its lease every few
//! seconds, and stops when the run was cancelled or another worker has taken it over.

use std::time::Duration;

use tracing::{info, warn};

use super::{
    super::{Error, alerts, seat_transaction::SeatTransaction},
    apply, fetch, imported,
    pauses::Pauses,
    plan,
};
use crate::{
    clock::Monotonic,
    db::{Tx, is_transient},
    domain::{
        alert::AlertKind,
        id::{OrganizationId, ResyncId},
        refusal::Refusal,
        resync::{Resync, ResyncState, WaitCause, WaitingFor},
        time::Timestamp,
    },
    scalekit::client::{self, Client},
    state::AppState,
    store::{
        Run,
        lease::{LeaseError, LeaseLost, LeaseRow},
        organizations,
        resyncs::{self, Candidate, Claimed},
    },
};

/// How long a run pauses after a transient database error.
const TROUBLED: Duration = Duration::from_secs(30);
/// How long a run pauses when Scalekit stops answering after it made progress with this worker.
const AWAY: Duration = Duration::from_mins(2);
/// How many leased runs are checked together.
const MOST_HELD: i64 = 1_000;
/// How often a worker renews its lease while it waits for Scalekit.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How many attempts in a row may make no progress before the run fails.
const MOST_FRUITLESS: i64 = 6;
/// How often open pages are notified of the progress.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);

/// Why a run stopped before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Abort {
    /// The run was cancelled, or another worker took it over.
    #[error(transparent)]
    Lost(#[from] LeaseLost),
    #[error(transparent)]
    Scalekit(#[from] client::Error),
    /// Seatkeeper stops the run itself, as (code, sentence).
    #[error("{1}")]
    Stopped(&'static str, String),
    /// The same, but the run ends without an alert.
    #[error("{1}")]
    Quiet(&'static str, String),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<LeaseError> for Abort {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Lost(lost) => Self::Lost(lost),
            LeaseError::Database(error) => error.into(),
        }
    }
}

/// Which run to work on.
#[derive(Clone, Debug)]
pub enum Turn {
    /// The run that has waited longest.
    Next,
    This(OrganizationId, ResyncId),
}

/// Claims a run and works on it until it ends, pauses or waits for a confirmation, or until another
/// worker takes it over. False: no run could be claimed. An import needs no Scalekit.
pub async fn work_on(state: &AppState, turn: &Turn) -> Result<bool, Error> {
    let client = state.scalekit.as_ref().map(Client::counting);
    let Some(claimed) = claim(state, turn).await? else { return Ok(false) };
    let before = claimed.resync.calls;
    let (announced_at, pauses) = (state.clock.monotonic(), Pauses::new(state));
    let mut job = Job { state, client, claimed, before, announced_at, pauses };
    let organization = job.organization().clone();
    let worked = match job.resume().await {
        Ok(()) => {
            info!(%organization, calls = job.claimed.resync.calls, "a resync has ended");
            Ok(())
        }
        Err(halt) => job.fail(halt).await,
    };
    match worked {
        Err(Error::LeaseLost(lost)) => {
            info!(%lost, "a resync was cancelled, or another process continues it");
            Ok(true)
        }
        worked => worked.map(|()| true),
    }
}

async fn claim(state: &AppState, turn: &Turn) -> Result<Option<Claimed>, Error> {
    let Some(candidate) = find(state, turn).await? else { return Ok(None) };
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let claimed = resyncs::claim(&mut tx, &candidate).await?;
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        state.leases.note(&claimed.lease, state.clock.monotonic());
        // This is a separate transaction: the lock order is organization, then resync, and the
        // organization was not known before the claim.
        let mut tx = state.db.write().await?;
        organizations::touch(&mut tx, &claimed.resync.organization, now).await?;
        tx.commit().await?;
    }
    Ok(claimed)
}

/// The oldest run that has no lease, or whose lease has expired because its holder sent no
/// heartbeat for the whole duration of the lease.
async fn find(state: &AppState, turn: &Turn) -> Result<Option<Candidate>, Error> {
    let mut tx = state.db.read().await?;
    let only_imports = state.scalekit.is_none();
    let (held, free) = match turn {
        Turn::Next => (
            resyncs::held(&mut tx, only_imports, MOST_HELD).await?,
            resyncs::next_free(&mut tx, only_imports).await?,
        ),
        Turn::This(organization, id) => {
            let candidate = resyncs::candidate(&mut tx, organization, id, only_imports).await?;
            (candidate.into_iter().collect(), None)
        }
    };
    let is_over =
        |run: &Candidate| state.leases.is_free(&run.work(), run.lease, state.clock.monotonic());
    // The filter runs over every run, so that this process observes every lease.
    let over: Vec<Candidate> = held.into_iter().filter(is_over).collect();
    let oldest = |a: &Candidate, b: &Candidate| (a.created_at, &a.id).cmp(&(b.created_at, &b.id));
    Ok(over.into_iter().chain(free).min_by(oldest))
}

/// A run that this worker has claimed.
pub(super) struct Job<'a> {
    pub state: &'a AppState,
    /// An import has none where there are no credentials.
    client: Option<Client>,
    pub claimed: Claimed,
    /// The number of API calls that earlier attempts made.
    before: i64,
    announced_at: Monotonic,
    pub pauses: Pauses,
}

impl Job<'_> {
    pub fn organization(&self) -> &OrganizationId {
        &self.claimed.resync.organization
    }

    pub fn run(&self) -> Run<'_> {
        Run { organization: &self.claimed.resync.organization, id: &self.claimed.resync.id }
    }

    /// The client of Scalekit's API, for a run that is no import.
    pub fn client(&self) -> Result<Client, Abort> {
        let none = || Abort::Ours(Refusal::NoDirectoryApi.into());
        self.client.clone().ok_or_else(none)
    }

    /// The number of API calls of all attempts.
    fn calls(&self) -> i64 {
        self.before + self.client.as_ref().map_or(0, Client::calls)
    }

    async fn resume(&mut self) -> Result<(), Abort> {
        if self.claimed.stalled_attempts > MOST_FRUITLESS {
            let why = format!(
                "The resync was started {MOST_FRUITLESS} times without progress and was given up. The log may say why."
            );
            return Err(Abort::Stopped("NO_PROGRESS", why));
        }
        if self.claimed.resync.state == ResyncState::Listing {
            if self.claimed.resync.is_import() {
                imported::list(self).await?;
            } else {
                fetch::list(self).await?;
            }
            plan::plan(self).await?;
        }
        if self.claimed.resync.state == ResyncState::Applying {
            apply::apply(self).await?;
        }
        Ok(())
    }

    /// Renews the lease. Each transaction of the run calls it, so that a worker that has lost the
    /// run writes nothing.
    pub async fn keep(&mut self, tx: &mut Tx) -> Result<(), Abort> {
        self.claimed.resync.calls = self.calls();
        let waits = self.client.as_ref().and_then(|client| *client.waiting().borrow());
        self.claimed.resync.waits = waits;
        let row = resyncs::renew(tx, &self.claimed).await?;
        self.note_heartbeat(row);
        Ok(())
    }

    fn note_heartbeat(&self, row: LeaseRow) {
        let now = self.state.clock.monotonic();
        self.state.leases.note_heartbeat(&self.claimed.lease.work, row, now);
    }

    /// Renews the lease as [`Self::keep`] does and records progress: a later attempt goes on from
    /// the result of this transaction.
    pub async fn record_progress(&mut self, tx: &mut Tx) -> Result<(), Abort> {
        self.claimed.made_progress = true;
        self.keep(tx).await
    }

    /// Lets other writers have their turn after a transaction that began then.
    pub async fn yield_to_writers(&mut self, began: Timestamp) {
        let took = self.state.clock.now().since(began);
        self.pauses.after(self.state, took).await;
    }

    /// Notifies open pages of the progress, at most once per `ANNOUNCE_EVERY`. Call it before the
    /// run's own row is written: a cancellation locks the organization first, too.
    pub async fn announce_progress(&mut self, tx: &mut Tx) -> Result<(), Abort> {
        let now = self.state.clock.monotonic();
        if now.since(self.announced_at) >= ANNOUNCE_EVERY {
            self.announced_at = now;
            organizations::touch(tx, self.organization(), self.state.clock.now()).await?;
        }
        Ok(())
    }

    /// Waits for Scalekit without a lock, and renews the lease meanwhile.
    pub async fn with_heartbeat<T>(
        &mut self,
        call: impl Future<Output = Result<T, client::Error>>,
    ) -> Result<T, Abort> {
        let mut call = std::pin::pin!(call);
        let mut waiting = self.client()?.waiting();
        if waiting.borrow().is_some() {
            waiting.mark_changed();
        }
        loop {
            let waits = tokio::select! {
                biased;
                Ok(()) = waiting.changed() => true,
                answer = &mut call => return Ok(answer?),
                () = tokio::time::sleep(HEARTBEAT) => false,
            };
            let mut tx = self.state.db.write().await?;
            if waits {
                // open pages show the wait
                organizations::touch(&mut tx, self.organization(), self.state.clock.now()).await?;
            }
            self.keep(&mut tx).await?;
            tx.commit().await.map_err(Error::from)?;
        }
    }

    /// Records why the run ended. A transient database error does not end it: a later attempt goes
    /// on.
    async fn fail(&mut self, halt: Abort) -> Result<(), Error> {
        let (code, message) = match halt {
            Abort::Ours(Error::Database(error)) if is_transient(&error) => {
                warn!(%error, organization = %self.organization(), "a resync had a passing database error; it continues later");
                return self.release_lease(TROUBLED, None).await;
            }
            // Scalekit answered earlier in this attempt and the results are stored, so a later
            // attempt goes on from there.
            Abort::Scalekit(error) if error.is_outage() && self.claimed.made_progress => {
                warn!(%error, organization = %self.organization(), "a resync continues when Scalekit answers again");
                return self.release_lease(AWAY, Some(WaitCause::Unavailable)).await;
            }
            Abort::Quiet(code, message) => return self.end_quietly(code, message).await,
            Abort::Ours(error) => {
                warn!(%error, organization = %self.organization(), "a resync failed because of an internal error");
                ("INTERNAL".to_owned(), "Seatkeeper itself failed; the log says why.".to_owned())
            }
            Abort::Scalekit(error) => (error.code().to_owned(), error.to_string()),
            Abort::Stopped(code, message) => (code.to_owned(), message),
            Abort::Lost(lost) => return Err(lost.into()),
        };
        warn!(organization = %self.organization(), code, message, "a resync failed");
        let mut tx = self.state.db.write().await?;
        let now = self.state.clock.now();
        let Some(locked) = organizations::lock(&mut tx, self.organization()).await? else {
            return Ok(());
        };
        // The stored run, because a transaction that failed applied nothing of what it counted.
        let Some(stored) = resyncs::one(&mut tx, &locked.scope, &self.claimed.resync.id).await?
        else {
            return Ok(());
        };
        if !matches!(stored.state, ResyncState::Listing | ResyncState::Applying) {
            // The plan is made; only the tidying up after it failed.
            self.claimed.lease.release(&mut tx).await?;
            return Ok(tx.commit().await?);
        }
        self.claimed.resync =
            Resync { calls: self.calls(), error: Some((code, message)), ..stored };
        resyncs::end(&mut tx, &self.claimed, ResyncState::Failed, now).await?;
        if !self.claimed.resync.is_import() {
            alerts::open(&mut tx, self.state, &locked.scope, AlertKind::ResyncFailed, now).await?;
        }
        organizations::touch(&mut tx, self.organization(), now).await?;
        Ok(tx.commit().await?)
    }

    /// Releases the lease; a worker may claim the run after `rest`.
    pub async fn release_lease(
        &mut self,
        rest: Duration,
        cause: Option<WaitCause>,
    ) -> Result<(), Error> {
        let mut tx = self.state.db.write().await?;
        let now = self.state.clock.now();
        self.claimed.resync.calls = self.calls();
        self.claimed.resync.waits = cause.map(|cause| WaitingFor { cause, until: now.plus(rest) });
        if cause.is_some() {
            organizations::touch(&mut tx, self.organization(), now).await?;
        }
        let row = resyncs::pause(&mut tx, &self.claimed, rest).await?;
        tx.commit().await?;
        self.note_heartbeat(row);
        Ok(())
    }

    /// Ends a run that has nothing to compare, without an alert: no person has to do anything.
    async fn end_quietly(&mut self, code: &str, message: String) -> Result<(), Error> {
        info!(organization = %self.organization(), code, message, "a resync ended without comparing anything");
        let mut seats = match SeatTransaction::begin(self.state, self.organization()).await {
            Err(Error::Missing) => return Ok(()),
            begun => begun?,
        };
        let now = seats.now();
        self.claimed.resync.calls = self.calls();
        self.claimed.resync.error = Some((code.to_owned(), message));
        resyncs::end(seats.tx(), &self.claimed, ResyncState::Cancelled, now).await?;
        self.fulfil(&mut seats).await?;
        seats.commit().await
    }

    /// The run did what it could. The resync request that existed at its start is fulfilled; a
    /// newer one is not, whatever the clock says. An import fulfils none.
    pub async fn fulfil(&self, seats: &mut SeatTransaction<'_>) -> Result<(), Error> {
        if self.claimed.resync.is_import() {
            seats.edit(self.organization())?;
            return Ok(());
        }
        let (scope, now) = (seats.scope(self.organization())?, seats.now());
        let wanted = seats.edit(self.organization())?.resync_wanted_at;
        *wanted = wanted.filter(|wanted| Some(*wanted) != self.claimed.wanted_at);
        seats.note_directories(self.organization());
        alerts::resolve(seats.tx(), &scope, AlertKind::ResyncFailed, now).await
    }

    pub fn resync(&mut self) -> &mut Resync {
        &mut self.claimed.resync
    }
}
