//! Ctrl-C and similar signals. Each started program has its own process group, so that one signal
//! reaches all its children. This tool passes its signals on to those groups and then returns
//! through the ordinary error path, where guards stop what still runs.

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::{consts, iterator::Signals};
use std::{
    collections::BTreeSet,
    process::{Child, exit},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

pub fn listen() -> Result<()> {
    let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM, consts::SIGHUP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if REQUESTED.swap(true, Ordering::SeqCst) {
                exit(130); // the second signal ends this tool at once
            }
            let signal = if signal == consts::SIGINT { Signal::INT } else { Signal::TERM };
            for group in RUNNING
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .copied()
                .filter_map(Pid::from_raw)
            {
                let _ = kill_process_group(group, signal);
            }
        }
    });
    Ok(())
}

pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

pub fn check() -> Result<()> {
    if requested() {
        bail!("interrupted");
    }
    Ok(())
}

/// Until it is dropped, signals are passed on to the process group of this child.
pub struct PassedOn(i32);

impl PassedOn {
    pub fn to(child: &Child) -> Self {
        let group = child.id().cast_signed();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(group);
        if requested()
            && let Some(group) = Pid::from_raw(group)
        {
            let _ = kill_process_group(group, Signal::TERM);
        }
        Self(group)
    }
}

impl Drop for PassedOn {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}
