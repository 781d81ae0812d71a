//! `seatkeeper replay`: replays one dead letter, or many with progress. If this process ends early,
//! `serve` finishes a bulk replay.

use std::{io::Write, time::Duration};

use clap::Args;
use domain::{
    decision::Outcome,
    delivery::ReplayState,
    event::KINDS,
    id::{DeliveryId, OrganizationId, ReplayId},
    refusal::Refusal,
};
use seatkeeper::{
    commands::{self, BulkReplay, Error, Notify, ReplayContext},
    jobs, queries,
    scalekit::payload,
    state::AppState,
};
use tokio::sync::watch;
use views::deliveries::ReplayRow;

use super::{CliError, serve::shutdown_signal};

#[derive(Debug, Args)]
#[command(
    override_usage = "seatkeeper replay <DELIVERY> [--with-emails]\n       seatkeeper replay --all [--organization <ID>] [--type <TYPE>] [--with-emails]"
)]
pub struct Replay {
    /// One dead letter, dlv_…
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    delivery: Option<String>,
    /// All dead letters
    #[arg(long)]
    all: bool,
    /// With --all: only those of one organization
    #[arg(long, value_name = "ID", requires = "all")]
    organization: Option<String>,
    /// With --all: only those of one event type
    #[arg(long = "type", value_name = "TYPE", requires = "all")]
    kind: Option<String>,
    /// Send the e-mails that this causes; without it no e-mail is sent about old events
    #[arg(long)]
    with_emails: bool,
}

/// The time between two updates of the progress line.
const PAUSE: Duration = Duration::from_millis(250);

impl Replay {
    pub async fn run(self) -> Result<(), CliError> {
        let notify = if self.with_emails { Notify::Sent } else { Notify::Suppressed };
        match &self.delivery {
            Some(id) => one(&super::open().await?, id, notify).await,
            None => self.many(notify).await,
        }
    }

    async fn many(self, notify: Notify) -> Result<(), CliError> {
        let parse = |id: String| {
            OrganizationId::parse(&id).ok_or_else(|| CliError::refused(Refusal::OrganizationId(id)))
        };
        let organization = self.organization.map(parse).transpose()?;
        let state = super::open().await?;
        let many = BulkReplay { organization, kind: self.kind, notify };
        let id = match commands::start_replay(&state, &super::operator(), &many).await {
            Ok(id) => id,
            // a script may run twice, so no dead letters is no error unless the type is unknown
            Err(Error::Refused(Refusal::NoDeadLetters))
                if many.kind.as_deref().is_some_and(|kind| !payload::is_known(kind)) =>
            {
                let (kind, known) = (many.kind.unwrap_or_default(), KINDS.join("\n  "));
                return Err(CliError::refused(format!(
                    "There is no type “{kind}”, and no dead letter of it. The types are:\n  {known}"
                )));
            }
            Err(Error::Refused(no @ Refusal::NoDeadLetters)) => {
                eprintln!("{no}");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        ended(&followed(&state, &id).await?)
    }
}

async fn one(state: &AppState, id: &str, notify: Notify) -> Result<(), CliError> {
    let missing = || {
        CliError::refused(format!(
            "There is no delivery {id}. Its page in the dashboard shows its id, dlv_…"
        ))
    };
    let delivery = DeliveryId::parse(id).ok_or_else(missing)?;
    match commands::replay(state, &ReplayContext::by(&super::operator(), notify), &delivery).await {
        Ok(Outcome::Dead) => Err(CliError::failed(format!(
            "{delivery} is still dead. Its page in the dashboard says why."
        ))),
        Ok(outcome) => {
            eprintln!("{delivery} went through: {}.", outcome.word().to_lowercase());
            Ok(())
        }
        Err(Error::Missing) => Err(missing()),
        Err(error) => Err(error.into()),
    }
}

/// Runs the bulk replay, or watches it while `serve` runs it, until it has ended.
async fn followed(state: &AppState, id: &ReplayId) -> Result<ReplayRow, CliError> {
    let (stop, stopping) = watch::channel(false);
    let work = || {
        let (state, stopping) = (state.clone(), stopping.clone());
        tokio::spawn(async move { jobs::bulk_replay::work_off(&state, &stopping).await })
    };
    let mut working = work();
    let mut stopped = std::pin::pin!(shutdown_signal());
    loop {
        let row = queries::replay_progress(state, id).await?;
        eprint!("\r{} of {} replayed, {} still dead ", row.done(), row.total, row.still_dead);
        // The replay goes on even if the progress cannot be shown
        let _ = std::io::stderr().flush();
        if row.state != ReplayState::Running {
            eprintln!();
            working.await.map_err(CliError::failed)??;
            return Ok(row);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {
                if working.is_finished() {
                    working.await.map_err(CliError::failed)??;
                    working = work();
                }
            }
            () = &mut stopped => {
                let _ = stop.send(true); // the receiver may have ended already
                working.await.map_err(CliError::failed)??;
                return Err(CliError::failed("stopped. `serve` continues the replay; its page in the dashboard cancels it."));
            }
        }
    }
}

fn ended(row: &ReplayRow) -> Result<(), CliError> {
    match (row.state, row.still_dead) {
        (ReplayState::Cancelled, _) => Err(CliError::failed("It was cancelled.")),
        (_, 0) => Ok(()),
        (_, 1) => Err(CliError::failed("1 is still dead. Its page in the dashboard says why.")),
        (_, still) => Err(CliError::failed(format!(
            "{still} are still dead. Their pages in the dashboard say why."
        ))),
    }
}
