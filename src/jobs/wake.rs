//! Ends the pause of a job when something is committed that gives it work.

use std::time::Duration;

use tokio::sync::{
    Mutex,
    broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
};

use crate::{db::Announcement, state::AppState};

/// What a job listens to between two turns. It listens from its making on, so that it misses
/// nothing that is announced during a turn.
#[derive(Debug)]
pub struct Wake {
    heard: Mutex<Receiver<Announcement>>,
    is_reason: fn(&Announcement) -> bool,
    /// What is announced within this time leads to one turn.
    together: Duration,
}

impl Wake {
    pub fn on(state: &AppState, is_reason: fn(&Announcement) -> bool, together: Duration) -> Self {
        Self { heard: Mutex::new(state.db.announcements()), is_reason, together }
    }

    /// Waits until there is a reason for a turn.
    pub async fn reason(&self) {
        let mut heard = self.heard.lock().await;
        loop {
            match heard.recv().await {
                Ok(announcement) if (self.is_reason)(&announcement) => break,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => break,
                // the process ends
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
        tokio::time::sleep(self.together).await;
        // the turn sees what these tell of
        while !matches!(heard.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    }
}
