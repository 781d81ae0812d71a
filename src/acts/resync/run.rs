//! A run from where it stands to its end. Whoever is at it says so every few seconds; whoever finds that it was cancelled, or
//! taken up by somebody else, lets go.

use std::time::Duration;

use tracing::{info, warn};

use super::{
    super::{Error, settle},
    applying, listing, planning,
};
use crate::{
    clock::Monotonic,
    db::{Tx, is_transient},
    desk::Desk,
    domain::{
        id::{OrganizationId, ResyncId},
        resync::{Resync, ResyncState, WaitCause, WaitingFor},
        time::Timestamp,
    },
    scalekit::client::{self, Client},
    store::{
        Run, organizations,
        resyncs::{self, Candidate, Claimed, LEASE},
    },
};

/// How long a run rests when the database was in trouble.
const TROUBLED: Duration = Duration::from_secs(30);
/// How long a run rests when Scalekit does not answer any more, though it did since the run was taken up.
const AWAY: Duration = Duration::from_mins(2);
/// Runs that somebody has, looked at together.
const MOST_HELD: i64 = 1_000;
/// How often whoever waits for Scalekit says that they are still at it.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The longest pause between two parts.
const BREATH: Duration = Duration::from_millis(30);
/// How often a run is taken up without getting any further before it is given up.
const MOST_FRUITLESS: i64 = 6;
/// How often open pages are told how far it has come.
const TOLD: Duration = Duration::from_secs(1);

/// Why a run stopped before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halt {
    /// Cancelled, or somebody else took it up.
    #[error("lost")]
    Lost,
    #[error(transparent)]
    Scalekit(#[from] client::Error),
    /// Our own “no”, as (code, sentence).
    #[error("{1}")]
    Stopped(&'static str, String),
    /// The same, of which no person has to hear.
    #[error("{1}")]
    Quiet(&'static str, String),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<sqlx::Error> for Halt {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

/// Which run to work on.
#[derive(Clone, Debug)]
pub enum Turn {
    /// The one that has waited longest.
    Next,
    This(OrganizationId, ResyncId),
}

/// Takes up a run and works on it until it is over, waits for somebody, or is lost. False: there was none to take up.
pub async fn work_on(desk: &Desk, turn: &Turn) -> Result<bool, Error> {
    let Some(client) = desk.scalekit.as_ref().map(Client::counting) else { return Ok(false) };
    let Some(claimed) = claim(desk, turn).await? else { return Ok(false) };
    let before = claimed.resync.calls;
    let mut job = Job { desk, client, claimed, before, told: desk.clock.monotonic() };
    let organization = job.organization().clone();
    match job.carry_on().await {
        Ok(()) => info!(%organization, calls = job.claimed.resync.calls, "a resync has ended"),
        Err(Halt::Lost) => info!(%organization, "a resync was cancelled or is somebody else's now"),
        Err(halt) => job.fail(halt).await?,
    }
    Ok(true)
}

async fn claim(desk: &Desk, turn: &Turn) -> Result<Option<Claimed>, Error> {
    let Some(candidate) = find(desk, turn).await? else { return Ok(None) };
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let claimed = resyncs::take(&mut tx, &candidate, now.plus(LEASE)).await?;
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        sign(desk, claimed);
        // for itself: the organization comes before its runs, and nobody knew which one it is
        let mut tx = desk.db.write().await?;
        organizations::touch(&mut tx, &claimed.resync.organization, now).await?;
        tx.commit().await?;
    }
    Ok(claimed)
}

/// The oldest run that nobody has, or whose holder has given no sign of life for as long as the lease lasts.
async fn find(desk: &Desk, turn: &Turn) -> Result<Option<Candidate>, Error> {
    let mut tx = desk.db.read().await?;
    let (held, free) = match turn {
        Turn::Next => (resyncs::held(&mut tx, MOST_HELD).await?, resyncs::next_free(&mut tx).await?),
        Turn::This(organization, id) => {
            let candidate = resyncs::candidate(&mut tx, organization, id).await?;
            (candidate.into_iter().collect(), None)
        }
    };
    let is_over = |run: &Candidate| {
        let lease = Duration::from_millis(u64::try_from(run.held_millis).unwrap_or(0));
        let unchanged = desk.leases.unchanged(&name(&run.organization_id, &run.id), (run.claim, run.beat), desk.clock.monotonic());
        lease.is_zero() || unchanged >= lease
    };
    // all of them are looked at, so that all of them are watched
    let over: Vec<Candidate> = held.into_iter().filter(is_over).collect();
    let oldest = |a: &Candidate, b: &Candidate| (a.created_at, &a.id).cmp(&(b.created_at, &b.id));
    Ok(over.into_iter().chain(free).min_by(oldest))
}

/// What a run is watched under.
fn name(organization: &str, id: &str) -> String {
    format!("resync {organization} {id}")
}

/// A sign of life of our own.
fn sign(desk: &Desk, run: &Claimed) {
    let name = name(run.resync.organization.as_str(), run.resync.id.as_str());
    desk.leases.unchanged(&name, (run.claim, run.beat), desk.clock.monotonic());
}

/// A run in our hands.
pub(super) struct Job<'a> {
    pub desk: &'a Desk,
    pub client: Client,
    pub claimed: Claimed,
    /// Calls that others made before us.
    before: i64,
    told: Monotonic,
}

impl Job<'_> {
    pub fn organization(&self) -> &OrganizationId {
        &self.claimed.resync.organization
    }

    pub fn run(&self) -> Run<'_> {
        Run { organization: &self.claimed.resync.organization, id: &self.claimed.resync.id }
    }

    async fn carry_on(&mut self) -> Result<(), Halt> {
        if self.claimed.fruitless > MOST_FRUITLESS {
            let why = format!("It was taken up {MOST_FRUITLESS} times without getting any further, and given up; the log may say why.");
            return Err(Halt::Stopped("NO_PROGRESS", why));
        }
        if self.claimed.resync.state == ResyncState::Listing {
            listing::list(self).await?;
            planning::plan(self).await?;
        }
        if self.claimed.resync.state == ResyncState::Applying {
            applying::apply(self).await?;
        }
        Ok(())
    }

    /// Part of each transaction that brings the run forward: nothing is written by somebody who has lost it.
    pub async fn keep(&mut self, tx: &mut Tx) -> Result<(), Halt> {
        let now = self.desk.clock.now();
        self.claimed.resync.calls = self.before + self.client.calls();
        self.claimed.resync.waits = *self.client.waiting().borrow();
        if !resyncs::renew(tx, &mut self.claimed, now.plus(LEASE)).await? {
            return Err(Halt::Lost);
        }
        sign(self.desk, &self.claimed);
        Ok(())
    }

    /// As [`Self::keep`], in a transaction behind which nobody has to begin again.
    pub async fn keep_further(&mut self, tx: &mut Tx) -> Result<(), Halt> {
        self.claimed.got_further = true;
        self.keep(tx).await
    }

    /// Lets others write, for as long as the last part took: another process beside us on SQLite finds the lock free only by
    /// looking again and again.
    pub async fn breathe(&self, began: Timestamp) {
        tokio::time::sleep(self.desk.clock.now().since(began).min(BREATH)).await;
    }

    /// Tells open pages how far it has come, now and then. Before the run's own row is written: whoever cancels locks the
    /// organization first, too.
    pub async fn tell(&mut self, tx: &mut Tx) -> Result<(), Halt> {
        let now = self.desk.clock.monotonic();
        if now.since(self.told) >= TOLD {
            self.told = now;
            organizations::touch(tx, self.organization(), self.desk.clock.now()).await?;
        }
        Ok(())
    }

    /// Waits for Scalekit with nothing locked, and keeps the lease meanwhile.
    pub async fn patiently<T>(&mut self, call: impl Future<Output = Result<T, client::Error>>) -> Result<T, Halt> {
        let mut call = std::pin::pin!(call);
        let mut waiting = self.client.waiting();
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
            let mut tx = self.desk.db.write().await?;
            if waits {
                organizations::touch(&mut tx, self.organization(), self.desk.clock.now()).await?; // open pages say so
            }
            self.keep(&mut tx).await?;
            tx.commit().await.map_err(Error::from)?;
        }
    }

    /// Writes down why it ended. A trouble of our own database that passes is none: the next one goes on.
    async fn fail(&mut self, halt: Halt) -> Result<(), Error> {
        let (code, message) = match halt {
            Halt::Ours(Error::Database(error)) if is_transient(&error) => {
                warn!(%error, organization = %self.organization(), "a resync met a passing trouble of the database; it goes on later");
                return self.let_go(TROUBLED, None).await;
            }
            // it did answer, and what it answered is kept: the run goes on from there
            Halt::Scalekit(error) if error.is_outage() && self.claimed.got_further => {
                warn!(%error, organization = %self.organization(), "a resync goes on when Scalekit answers again");
                return self.let_go(AWAY, Some(WaitCause::Unavailable)).await;
            }
            Halt::Quiet(code, message) => return self.end_quietly(code, message).await,
            Halt::Ours(error) => {
                warn!(%error, organization = %self.organization(), "a resync failed for a reason of our own");
                ("INTERNAL".to_owned(), "Seatkeeper itself failed; the log says why.".to_owned())
            }
            Halt::Scalekit(error) => (error.code().to_owned(), error.to_string()),
            Halt::Stopped(code, message) => (code.to_owned(), message),
            Halt::Lost => return Ok(()),
        };
        warn!(organization = %self.organization(), code, message, "a resync failed");
        self.claimed.resync.calls = self.before + self.client.calls();
        let mut tx = self.desk.db.write().await?;
        let now = self.desk.clock.now();
        let Some(locked) = organizations::lock(&mut tx, self.organization()).await? else { return Ok(()) };
        self.claimed.resync.error = Some((code.clone(), message.clone()));
        if resyncs::end(&mut tx, &self.claimed, ResyncState::Failed, now).await? {
            settle::resync_failed(&mut tx, self.desk, &locked, (&code, &message), now).await?;
            organizations::touch(&mut tx, self.organization(), now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn let_go(&mut self, rest: Duration, cause: Option<WaitCause>) -> Result<(), Error> {
        let mut tx = self.desk.db.write().await?;
        let now = self.desk.clock.now();
        self.claimed.resync.calls = self.before + self.client.calls();
        self.claimed.resync.waits = cause.map(|cause| WaitingFor { cause, until: now.plus(rest) });
        if cause.is_some() {
            organizations::touch(&mut tx, self.organization(), now).await?;
        }
        resyncs::release(&mut tx, &mut self.claimed, now, rest).await?;
        tx.commit().await?;
        sign(self.desk, &self.claimed);
        Ok(())
    }

    /// There is nothing to compare, and no person has to do anything about it.
    async fn end_quietly(&mut self, code: &str, message: String) -> Result<(), Error> {
        info!(organization = %self.organization(), code, message, "a resync ended without comparing anything");
        let mut tx = self.desk.db.write().await?;
        let now = self.desk.clock.now();
        let Some(mut locked) = organizations::lock(&mut tx, self.organization()).await? else { return Ok(()) };
        self.claimed.resync.calls = self.before + self.client.calls();
        self.claimed.resync.error = Some((code.to_owned(), message));
        if resyncs::end(&mut tx, &self.claimed, ResyncState::Cancelled, now).await? {
            locked.resync_wanted_at = locked.resync_wanted_at.filter(|wanted| Some(*wanted) != self.claimed.wanted_at);
            settle::resync_worked(&mut tx, &locked, now).await?;
            organizations::save(&mut tx, &[&locked], now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub fn resync(&mut self) -> &mut Resync {
        &mut self.claimed.resync
    }
}
