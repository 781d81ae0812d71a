//! A run from where it stands to its end. Whoever is at it says so every few seconds; whoever finds that it was cancelled, or
//! taken up by somebody else, lets go.

use std::time::Duration;

use tracing::{info, warn};

use super::{
    super::{Error, settle},
    LEASE, applying, listing, planning,
};
use crate::{
    db::{Tx, is_transient},
    desk::Desk,
    domain::{
        id::{OrganizationId, ResyncId},
        resync::{Resync, ResyncState},
        time::Timestamp,
    },
    scalekit::client::{self, Client},
    store::{Run, organizations, resyncs, resyncs::Claimed},
};

/// How long a run rests when the database was in trouble.
const TROUBLED: Duration = Duration::from_secs(30);
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
    let mut job = Job { desk, client, claimed, before, told: desk.clock.now() };
    let organization = job.organization().clone();
    match job.carry_on().await {
        Ok(()) => info!(%organization, calls = job.claimed.resync.calls, "a resync has ended"),
        Err(Halt::Lost) => info!(%organization, "a resync was cancelled or is somebody else's now"),
        Err(halt) => job.fail(halt).await?,
    }
    Ok(true)
}

async fn claim(desk: &Desk, turn: &Turn) -> Result<Option<Claimed>, Error> {
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let until = now.plus(LEASE);
    let claimed = match turn {
        Turn::Next => resyncs::claim(&mut tx, now, until).await?,
        Turn::This(organization, id) => resyncs::claim_one(&mut tx, organization, id, (now, until)).await?,
    };
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        // for itself: the organization comes before its runs, and nobody knew which one it is
        let mut tx = desk.db.write().await?;
        organizations::touch(&mut tx, &claimed.resync.organization, now).await?;
        tx.commit().await?;
    }
    Ok(claimed)
}

/// A run in our hands.
pub(super) struct Job<'a> {
    pub desk: &'a Desk,
    pub client: Client,
    pub claimed: Claimed,
    /// Calls that others made before us.
    before: i64,
    told: Timestamp,
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
        if !resyncs::renew(tx, &self.claimed, now.plus(LEASE)).await? {
            return Err(Halt::Lost);
        }
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
        let now = self.desk.clock.now();
        if now >= self.told.plus(TOLD) {
            self.told = now;
            organizations::touch(tx, self.organization(), now).await?;
        }
        Ok(())
    }

    /// Waits for Scalekit with nothing locked, and keeps the lease meanwhile.
    pub async fn patiently<T>(&mut self, call: impl Future<Output = Result<T, client::Error>>) -> Result<T, Halt> {
        let mut call = std::pin::pin!(call);
        loop {
            tokio::select! {
                answer = &mut call => return Ok(answer?),
                () = tokio::time::sleep(HEARTBEAT) => {}
            }
            let mut tx = self.desk.db.write().await?;
            self.keep(&mut tx).await?;
            tx.commit().await.map_err(Error::from)?;
        }
    }

    /// Writes down why it ended. A trouble of our own database that passes is none: the next one goes on.
    async fn fail(&mut self, halt: Halt) -> Result<(), Error> {
        let (code, message) = match halt {
            Halt::Ours(Error::Database(error)) if is_transient(&error) => return self.let_go(&error).await,
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

    async fn let_go(&self, error: &sqlx::Error) -> Result<(), Error> {
        warn!(%error, organization = %self.organization(), "a resync met a passing trouble of the database; it goes on later");
        let mut tx = self.desk.db.write().await?;
        resyncs::release(&mut tx, &self.claimed, self.desk.clock.now().plus(TROUBLED)).await?;
        tx.commit().await?;
        Ok(())
    }

    pub fn resync(&mut self) -> &mut Resync {
        &mut self.claimed.resync
    }
}
