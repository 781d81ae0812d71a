//! The ways on which messages leave Seatkeeper.

pub mod address;
pub mod email;
pub mod slack;
pub mod webhook;

use std::time::Duration;

/// Why a message was not sent. The reason is for the outbox row and may quote the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server is unavailable, busy or set up wrongly: the same message may be sent later.
    #[error("{0}")]
    Later(String),
    /// The server asks for this pause.
    #[error("{0}")]
    After(String, Duration),
    /// This message to this address will be refused each time.
    #[error("{0}")]
    Never(String),
}

impl SendError {
    pub fn why(&self) -> &str {
        match self {
            Self::Later(why) | Self::After(why, _) | Self::Never(why) => why,
        }
    }
}
