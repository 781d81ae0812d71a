//! Whether the receivers of messages (the mail server, and each Slack channel) take what they get.

use super::{AppState, Error};
use crate::{
    db::Tx,
    domain::time::Timestamp,
    store::{
        failing_channels::{self, Receiver},
        organizations,
    },
};

/// How a receiver answered a try.
#[derive(Clone, Copy, Debug)]
pub enum Try<'a> {
    Taken,
    /// It failed for this reason; the next try is not before this time.
    Failed(&'a str, Timestamp),
}

/// Notes how a try ended. Call it before the row of the message is written, because it locks the
/// organization.
pub async fn note_try(
    tx: &mut Tx,
    state: &AppState,
    receiver: &Receiver,
    result: Try<'_>,
) -> Result<(), Error> {
    let now = state.clock.now();
    // most of the time nothing fails, and no organization has to be locked
    let is_failing = failing_channels::find(tx, receiver).await?.is_some();
    if !is_failing && matches!(result, Try::Taken) {
        return Ok(());
    }
    if let Some(organization) = &receiver.organization {
        organizations::lock(tx, organization).await?;
    }
    match result {
        Try::Taken => failing_channels::remove(tx, receiver).await?,
        Try::Failed(why, retry_at) => {
            failing_channels::fail(tx, receiver, why, (now, retry_at)).await?;
        }
    }
    Ok(())
}
