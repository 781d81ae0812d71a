//! Whether the receivers of messages (the mail server, and each Slack channel) take what they get,
//! and the alerts about those that do not.

use std::time::Duration;

use super::{AppState, Error, open, resolve, system};
use crate::{
    db::Tx,
    domain::{
        alert::{AlertKind, Channel, SystemAlert},
        time::Timestamp,
    },
    store::{
        failing_channels::{self, Failing, Receiver},
        organizations::{self, Locked},
        system_alerts,
    },
};

/// The alert opens when a receiver has taken nothing for this long …
const FAILS_FOR: Duration = Duration::from_mins(15);
/// … in so many tries.
const TRIES: i64 = 3;

/// How a receiver answered a try.
#[derive(Clone, Copy, Debug)]
pub enum Try<'a> {
    Taken,
    /// It failed for this reason; the next try is not before this time.
    Failed(&'a str, Timestamp),
    /// The same, and the receiver will refuse each message.
    Refused(&'a str, Timestamp),
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
    let (why, retry_at) = match result {
        Try::Taken if !is_failing => return Ok(()),
        Try::Taken => return works_again(tx, receiver, now).await,
        Try::Failed(why, retry_at) | Try::Refused(why, retry_at) => (why, retry_at),
    };
    let locked = lock(tx, receiver).await?;
    failing_channels::fail(tx, receiver, why, (now, retry_at)).await?;
    let failing = failing_channels::find(tx, receiver).await?;
    let is_due =
        matches!(result, Try::Refused(..)) || failing.is_some_and(|it| has_ended(&it, now));
    match alert_of(receiver) {
        _ if !is_due => {}
        Some(alert) => system::open(tx, state, alert, now).await?,
        None => {
            let Some(locked) = locked.filter(|locked| !locked.roster.archived) else {
                return Ok(());
            };
            open(tx, state, &locked.scope, AlertKind::ChannelFailing, now).await?;
            organizations::touch(tx, locked.id(), now).await?;
        }
    }
    Ok(())
}

/// Whether the patience with a receiver has ended.
fn has_ended(failing: &Failing, now: Timestamp) -> bool {
    failing.tries >= TRIES && now.since(failing.since) >= FAILS_FOR
}

async fn lock(tx: &mut Tx, receiver: &Receiver) -> sqlx::Result<Option<Locked>> {
    match &receiver.organization {
        Some(organization) => organizations::lock(tx, organization).await,
        None => Ok(None),
    }
}

async fn works_again(tx: &mut Tx, receiver: &Receiver, now: Timestamp) -> Result<(), Error> {
    let locked = lock(tx, receiver).await?;
    forget_failures(tx, receiver, locked.as_ref(), now).await?;
    if let Some(locked) = locked {
        organizations::touch(tx, locked.id(), now).await?;
    }
    Ok(())
}

/// Forgets that a receiver failed, and resolves its alert. An organization is locked.
pub(in crate::commands) async fn forget_failures(
    tx: &mut Tx,
    receiver: &Receiver,
    locked: Option<&Locked>,
    now: Timestamp,
) -> Result<(), Error> {
    failing_channels::remove(tx, receiver).await?;
    match (alert_of(receiver), locked) {
        (Some(alert), _) => Ok(system_alerts::resolve(tx, alert, now).await?),
        (None, Some(locked)) => resolve(tx, &locked.scope, AlertKind::ChannelFailing, now).await,
        (None, None) => Ok(()),
    }
}

/// Forgets the failures of a mail server or a Slack channel of staff that the environment names no
/// more: nothing is sent to them, so none of them would ever work again.
pub async fn forget_unset(state: &AppState) -> Result<(), Error> {
    let operations = &state.settings.operations;
    let unset = [
        (SystemAlert::EmailFailing, operations.mail_server.is_none()),
        (SystemAlert::StaffSlackFailing, operations.slack.is_none()),
    ];
    for receiver in unset.iter().filter(|(_, is_unset)| *is_unset).map(|(alert, _)| *alert) {
        let Some(receiver) = receiver_of(receiver) else { continue };
        let is_known = failing_channels::find(&mut state.db.read().await?, &receiver).await?;
        if is_known.is_some() {
            let mut tx = state.db.write().await?;
            forget_failures(&mut tx, &receiver, None, state.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The alert about a receiver that belongs to the installation.
fn alert_of(receiver: &Receiver) -> Option<SystemAlert> {
    match (&receiver.organization, receiver.channel) {
        (Some(_), _) => None,
        (None, Channel::Email) => Some(SystemAlert::EmailFailing),
        (None, Channel::Slack) => Some(SystemAlert::StaffSlackFailing),
    }
}

/// The receiver that an alert is about.
pub(super) fn receiver_of(alert: SystemAlert) -> Option<Receiver> {
    Channel::ALL
        .into_iter()
        .map(|channel| Receiver { organization: None, channel })
        .find(|receiver| alert_of(receiver) == Some(alert))
}
