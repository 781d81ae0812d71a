//! Sends what the outbox holds. A letter is claimed with a lease, sent with nothing locked, then noted: sent at least
//! once, and recognisable by its Message-ID should it ever leave twice.

use std::time::Duration;

use lettre::message::Mailbox;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    desk::Desk,
    domain::{
        alert::Recipient,
        directory_user::email_key,
        id::{EpisodeId, LetterId},
    },
    notify::{
        letters::Letter,
        mailer::{Mailer, SendError},
    },
    pulse::Pulse,
    store::{alert_episodes, outbox},
};

/// How letters leave, and as whose.
#[derive(Clone, Debug)]
pub struct Mail {
    pub mailer: Mailer,
    pub from: Mailbox,
}

const PAUSE: Duration = Duration::from_millis(500);
/// How long one letter may keep the others waiting.
const LONGEST_LETTER: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_mins(2);
/// So many e-mails that other workers are at are looked at.
const HELD: i64 = 32;
/// The first pause after a failure; it doubles up to `LONGEST`.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(5);
/// No e-mail waits for longer than that, with its chance of a fifth more.
const FURTHEST: Duration = Duration::from_mins(7);

/// Sends whatever is due, until told to stop.
pub async fn run(desk: Desk, mail: Mail, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        desk.pulse.beat(Pulse::OUTBOX, desk.clock.monotonic(), PAUSE + LONGEST_LETTER);
        // One letter at a time, so that a stop finds none half sent.
        match send_next(&desk, &mail).await {
            Ok(Some(_)) => continue,
            Ok(None) => desk.pulse.outbox_worked(desk.clock.monotonic()),
            Err(error) => warn!(%error, "the outbox could not be read; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Sends everything that is due now; gives how many left.
pub async fn work_off(desk: &Desk, mail: &Mail) -> sqlx::Result<usize> {
    let mut left = 0;
    while let Some(sent) = send_next(desk, mail).await? {
        left += usize::from(sent);
    }
    Ok(left)
}

/// Sends the letter that is due, if there is one; whether it left.
async fn send_next(desk: &Desk, mail: &Mail) -> sqlx::Result<Option<bool>> {
    let claimed = match claim(desk).await? {
        None => return Ok(None),
        Some(Claim::Dropped) => return Ok(Some(false)),
        Some(Claim::ToSend(claimed)) => claimed,
    };
    let id = LetterId::new(&claimed.id);
    let letter = Letter { subject: claimed.subject, text: claimed.text_body, html: claimed.html_body };
    let result = mail.mailer.send(&mail.from, &claimed.recipient, &letter, &id).await;
    let now = desk.clock.now();
    desk.pulse.outbox_worked(desk.clock.monotonic());
    let mut tx = desk.db.write().await?;
    match &result {
        Ok(()) => {
            outbox::sent(&mut tx, id.as_str(), now).await?;
            info!(letter = %id, "sent");
        }
        // Why is kept beside the letter and not in the log: it may quote an address.
        Err(SendError::Later(why)) => {
            let due = now.plus(desk.clock.jittered(pause(claimed.attempts)));
            outbox::postpone(&mut tx, id.as_str(), due, why).await?;
            warn!(letter = %id, again_at = due.rfc3339(), "not sent yet");
        }
        Err(SendError::Never(why)) => {
            outbox::give_up(&mut tx, id.as_str(), now, why).await?;
            warn!(letter = %id, "given up");
        }
    }
    tx.commit().await?;
    Ok(Some(result.is_ok()))
}

enum Claim {
    ToSend(outbox::Claimed),
    /// Its recipient may no longer receive it.
    Dropped,
}

/// Takes the next e-mail, and looks once more whether its recipient may receive it: it may have waited for an hour.
async fn claim(desk: &Desk) -> sqlx::Result<Option<Claim>> {
    let now = desk.clock.now();
    let mut tx = desk.db.write().await?;
    let due = outbox::due(&mut tx, (now, now.plus(FURTHEST)), HELD).await?;
    let Some(due) = due.into_iter().find(|due| is_free(desk, due)) else { return Ok(None) };
    let Some(claimed) = outbox::claim(&mut tx, &due, now).await? else { return Ok(None) };
    let recipient = outbox::recipient(&mut tx, &claimed, &email_key(&claimed.recipient)).await?;
    let refusal = recipient.map_or(Some(Recipient::GONE), |recipient| recipient.refusal());
    if let Some(why) = refusal {
        outbox::drop(&mut tx, &claimed.id, now, why).await?;
        if let Some(organization) = &claimed.organization_id {
            alert_episodes::owe_unless_notified(&mut tx, organization, &EpisodeId::new(&claimed.episode_id), now).await?;
        }
        info!(letter = claimed.id, why, "dropped");
    }
    tx.commit().await?;
    desk.pulse.outbox_worked(desk.clock.monotonic());
    Ok(Some(if refusal.is_some() { Claim::Dropped } else { Claim::ToSend(claimed) }))
}

/// No worker is at it, or the one that was has died: it has given no sign for as long as a lease lasts.
fn is_free(desk: &Desk, due: &outbox::Due) -> bool {
    !due.is_held || desk.leases.unchanged(&due.id, (due.claim, 0), desk.clock.monotonic()) >= LEASE
}

fn pause(attempts: i64) -> Duration {
    let doubled = u32::try_from(attempts.clamp(0, 16)).unwrap_or(16);
    (SHORTEST * 2_u32.pow(doubled)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        assert_eq!(pause(0), Duration::from_secs(5));
        assert_eq!(pause(3), Duration::from_secs(40));
        assert_eq!(pause(40), LONGEST);
    }
}
