//! Another program kills the database while Seatkeeper keeps running. Seatkeeper answers 503
//! meanwhile, and in the end every delivery is stored.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use seatkeeper::{clock::Stopwatch, config::Config};
use simulator::load::drill::Drill;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use super::{
    CliError, everything_is_there, look, senders,
    served::{LOOK, serve},
};

pub(super) async fn run(
    config: &Config,
    drill: &Arc<Drill>,
    connections: u32,
) -> Result<(), CliError> {
    let mut serving = serve(config).await?;
    let (stop, senders) = senders(drill, connections);
    eprintln!("sending until standard input ends");
    let ended = spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    let silence = longest_silence(drill, ended).await?;
    let _ = stop.send(true); // the senders live as long as `senders`
    senders.join_all().await;
    drill.send_the_rest().await;

    if !matches!(serving.try_wait(), Ok(None)) {
        return Err(CliError::failed("The Seatkeeper that was served ended by itself."));
    }
    serving.kill().await.map_err(CliError::failed)?;
    let counts = drill.counts();
    if counts.unanswered > 0 {
        return Err(CliError::failed(format!(
            "Senders that cannot be served must be answered 503, and these were not: {counts:?}"
        )));
    }
    let inbox = look(config, drill).await?;
    everything_is_there(config, drill, inbox).await?;
    println!(
        "{} deliveries, {} answers, {} times 503, at most {:.1} s without an acknowledgement: \
         every acknowledged delivery is stored, none twice, every count is right.",
        inbox.originals,
        counts.answers,
        counts.put_off,
        silence.as_secs_f64()
    );
    if counts.put_off == 0 {
        return Err(CliError::failed("No sender was answered 503: the database was never away."));
    }
    Ok(())
}

/// The longest time without an acknowledgement until standard input ends.
async fn longest_silence(
    drill: &Drill,
    ended: JoinHandle<io::Result<usize>>,
) -> Result<Duration, CliError> {
    let (mut answers, mut since, mut longest) =
        (drill.counts().answers, Stopwatch::start(), Duration::ZERO);
    while !ended.is_finished() {
        sleep(LOOK).await;
        longest = longest.max(since.elapsed());
        if drill.counts().answers > answers {
            (answers, since) = (drill.counts().answers, Stopwatch::start());
        }
    }
    ended.await.map_err(CliError::failed)?.map_err(CliError::failed)?;
    Ok(longest)
}
