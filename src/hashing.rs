//! Where passwords are hashed. A hash takes a core for some tens of milliseconds, so that many
//! sign-ins at once would leave none for deliveries: these threads give way to all others of the
//! process, and one core is never theirs.

use std::{
    sync::LazyLock,
    thread::{self, available_parallelism},
};

use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinHandle, spawn_blocking},
};

/// At most so many passwords are hashed at once: each takes 19 MiB.
const MOST: usize = 4;
/// How much nicer than the others a thread is. A thread that is nicer by 10 gets a tenth of what
/// another one gets, if both want the same core.
const NICER: i32 = 10;
const NICEST: i32 = 19;

/// Only its threads for blocking work are used.
static THREADS: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let threads = Builder::new_current_thread()
        .thread_name("passwords")
        .max_blocking_threads(at_once())
        .on_thread_start(give_way)
        .build();
    threads.inspect_err(|error| tracing::warn!(%error, "passwords have no threads")).ok()
});

/// How many passwords are hashed at once.
pub(crate) fn at_once() -> usize {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    cores.saturating_sub(1).clamp(1, MOST)
}

/// Runs the work on a thread that gives way to others.
pub(crate) fn beside_all_else<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    match &*THREADS {
        Some(threads) => threads.spawn_blocking(work),
        None => spawn_blocking(work),
    }
}

fn give_way() {
    use rustix::process::{getpriority_process, setpriority_process};

    // on Linux this is the priority of the thread, not of its process
    let nicer = getpriority_process(None).map(|now| (now + NICER).min(NICEST));
    if let Err(error) = nicer.and_then(|nicer| setpriority_process(None, nicer)) {
        let thread = thread::current();
        tracing::warn!(%error, thread = thread.name(), "a thread cannot give way to others");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn hashing_gives_way_to_the_rest_of_the_process() {
        let here = getpriority_process(None).unwrap();

        let there = beside_all_else(|| getpriority_process(None).unwrap()).await.unwrap();

        assert_eq!(there, (here + NICER).min(NICEST));
        assert_eq!(getpriority_process(None).unwrap(), here, "only that thread is nicer");
        assert!((1..=MOST).contains(&at_once()));
    }
}
