//! `seatkeeper replay`: one dead letter, or many with progress. Those begun here go on in `serve`, should this be ended.

use std::{io::Write, time::Duration};

use clap::Args;
use seatkeeper::{
    acts::{self, Error, Letters, Many, Replaying},
    desk::Desk,
    domain::{
        decision::Outcome,
        event,
        id::{DeliveryId, OrganizationId, ReplayId},
        page::deliveries::{ReplayRow, ReplayState},
        refusal::Refusal,
    },
    reads, work,
};
use tokio::sync::watch;

use super::{End, serve::stop_signal};

#[derive(Debug, Args)]
#[command(
    override_usage = "seatkeeper replay <DELIVERY> [--with-letters]\n       seatkeeper replay --all [--organization <ID>] [--type <TYPE>] [--with-letters]"
)]
pub struct Replay {
    /// One dead letter, dlv_…
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    delivery: Option<String>,
    /// All dead letters there are
    #[arg(long)]
    all: bool,
    /// Of all, those of one organization
    #[arg(long, value_name = "ID", requires = "all")]
    organization: Option<String>,
    /// Of all, those of one type of event
    #[arg(long = "type", value_name = "TYPE", requires = "all")]
    kind: Option<String>,
    /// Send the letters this causes; without it nobody hears of what is old
    #[arg(long)]
    with_letters: bool,
}

/// Between two lines of progress.
const PAUSE: Duration = Duration::from_millis(250);

impl Replay {
    pub async fn run(self) -> Result<(), End> {
        let letters = if self.with_letters { Letters::Sent } else { Letters::Withheld };
        match &self.delivery {
            Some(id) => one(&super::open().await?, id, letters).await,
            None => self.many(letters).await,
        }
    }

    async fn many(self, letters: Letters) -> Result<(), End> {
        let parse = |id: String| OrganizationId::parse(&id).ok_or_else(|| End::refused(Refusal::OrganizationId(id)));
        let organization = self.organization.map(parse).transpose()?;
        let desk = super::open().await?;
        let many = Many { organization, kind: self.kind, letters };
        let id = match acts::start_replay(&desk, &super::operator(), &many).await {
            Ok(id) => id,
            // a script that repeats itself has what it wants
            Err(Error::Refused(Refusal::NoDeadLetters)) if many.kind.as_deref().is_some_and(|kind| !event::is_known(kind)) => {
                let (kind, known) = (many.kind.unwrap_or_default(), event::KINDS.join("\n  "));
                return Err(End::refused(format!("There is no type “{kind}”, and no dead letter of it. The types are:\n  {known}")));
            }
            Err(Error::Refused(no @ Refusal::NoDeadLetters)) => {
                eprintln!("{no}");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        ended(&followed(&desk, &id).await?)
    }
}

async fn one(desk: &Desk, id: &str, letters: Letters) -> Result<(), End> {
    let missing = || End::refused(format!("There is no delivery {id}. Its page in the dashboard shows its id, dlv_…"));
    let delivery = DeliveryId::parse(id).ok_or_else(missing)?;
    match acts::replay(desk, &Replaying::by(&super::operator(), letters), &delivery).await {
        Ok(Outcome::Dead) => Err(End::failed(format!("{delivery} is still dead. Its page in the dashboard says why."))),
        Ok(outcome) => {
            eprintln!("{delivery} went through: {}.", outcome.word().to_lowercase());
            Ok(())
        }
        Err(Error::Missing) => Err(missing()),
        Err(error) => Err(error.into()),
    }
}

/// Works it off, or looks on while `serve` does, until it has ended.
async fn followed(desk: &Desk, id: &ReplayId) -> Result<ReplayRow, End> {
    let (stop, stopping) = watch::channel(false);
    let work = || {
        let (desk, stopping) = (desk.clone(), stopping.clone());
        tokio::spawn(async move { work::replay::work_off(&desk, &stopping).await })
    };
    let mut working = work();
    let mut stopped = std::pin::pin!(stop_signal());
    loop {
        let row = reads::replay_progress(desk, id).await?;
        eprint!("\r{} of {} replayed, {} still dead ", row.done(), row.total, row.still_dead);
        let _ = std::io::stderr().flush(); // progress nobody sees is no reason to stop
        if row.state != ReplayState::Running {
            eprintln!();
            working.await.map_err(End::failed)??;
            return Ok(row);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {
                if working.is_finished() {
                    working.await.map_err(End::failed)??;
                    working = work();
                }
            }
            () = &mut stopped => {
                let _ = stop.send(true); // whoever listened has ended already
                working.await.map_err(End::failed)??;
                return Err(End::failed("stopped. `serve` goes on with it; its page in the dashboard cancels it."));
            }
        }
    }
}

fn ended(row: &ReplayRow) -> Result<(), End> {
    match (row.state, row.still_dead) {
        (ReplayState::Cancelled, _) => Err(End::failed("It was cancelled.")),
        (_, 0) => Ok(()),
        (_, 1) => Err(End::failed("1 is still dead. Its page in the dashboard says why.")),
        (_, still) => Err(End::failed(format!("{still} are still dead. Their pages in the dashboard say why."))),
    }
}
