//! Sends the e-mails in the outbox. An e-mail is claimed with a lease, sent without a lock, and
//! then marked as sent: it is sent at least once, and its Message-ID identifies a second copy.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use lettre::message::Mailbox;
use tracing::{info, warn};

use super::{AtStop, Job, JobContext, Progress, Silence};
use crate::{
    commands,
    domain::{
        alert::Recipient,
        directory_user::email_key,
        id::{AlertId, EmailId},
    },
    health::WorkerHealth,
    notify::{
        emails::Email,
        mailer::{Mailer, SendError},
    },
    state::AppState,
    store::{alerts, outbox, system_alerts},
};

/// How e-mails are sent, and the sender address.
#[derive(Clone, Debug)]
pub struct Mail {
    pub mailer: Mailer,
    pub from: Mailbox,
}

/// How long the sending of one e-mail may take.
const LONGEST_SEND: Duration = Duration::from_secs(30);
/// How many e-mails with a lease are checked for an expired one.
const HELD: i64 = 32;
/// The first pause after a failure; it doubles up to `LONGEST`.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(5);
/// No pause between attempts is longer than this, including up to a fifth of random delay.
const FURTHEST: Duration = Duration::from_mins(7);

/// Sends one e-mail in each turn, so that a shutdown interrupts none.
#[derive(Debug)]
pub(super) struct SendEmails {
    pub mail: Mail,
}

impl Job for SendEmails {
    fn name(&self) -> &'static str {
        WorkerHealth::OUTBOX
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(500)
    }

    fn silence(&self) -> Silence {
        Silence::AtMost(LONGEST_SEND)
    }

    fn at_stop(&self) -> AtStop {
        AtStop::FinishTurn
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            if send_next(context.state, &self.mail).await?.is_some() {
                return Ok(Progress::More);
            }
            context.state.health.outbox_worked(context.state.clock.monotonic());
            Ok(Progress::Done)
        }
        .boxed()
    }
}

/// Sends every e-mail that is due now; gives the number of sent ones.
pub async fn work_off(state: &AppState, mail: &Mail) -> Result<usize, commands::Error> {
    let mut left = 0;
    while let Some(sent) = send_next(state, mail).await? {
        left += usize::from(sent);
    }
    Ok(left)
}

/// Sends the next due e-mail, if there is one. Gives whether it was sent.
async fn send_next(state: &AppState, mail: &Mail) -> Result<Option<bool>, commands::Error> {
    let claimed = match claim(state).await? {
        None => return Ok(None),
        Some(Claim::Dropped) => return Ok(Some(false)),
        Some(Claim::ToSend(claimed)) => claimed,
    };
    let queued = &claimed.email;
    let id = EmailId::new(&queued.id);
    let email = Email {
        subject: queued.subject.clone(),
        text: queued.text_body.clone(),
        html: queued.html_body.clone(),
    };
    let result = mail.mailer.send(&mail.from, &queued.recipient, &email, &id).await;
    let now = state.clock.now();
    state.health.outbox_worked(state.clock.monotonic());
    let mut tx = state.db.write().await?;
    match &result {
        Ok(()) => {
            outbox::sent(&mut tx, &claimed, now).await?;
            info!(email = %id, "sent");
        }
        // The reason is stored with the e-mail and not in the log, because it may contain an
        // address.
        Err(SendError::Later(why)) => {
            let due = now.plus(state.clock.jittered(pause(queued.attempts)));
            outbox::postpone(&mut tx, &claimed, due, why).await?;
            warn!(email = %id, again_at = due.rfc3339(), "not sent yet");
        }
        Err(SendError::Never(why)) => {
            outbox::give_up(&mut tx, &claimed, now, why).await?;
            warn!(email = %id, "given up");
        }
    }
    tx.commit().await?;
    Ok(Some(result.is_ok()))
}

enum Claim {
    ToSend(Box<outbox::Claimed>),
    /// Its recipient may no longer receive it.
    Dropped,
}

/// Claims the next e-mail, and checks again whether its recipient may still get it: it may have
/// waited for an hour.
async fn claim(state: &AppState) -> Result<Option<Claim>, commands::Error> {
    let now = state.clock.now();
    let mut tx = state.db.write().await?;
    let due = outbox::due(&mut tx, (now, now.plus(FURTHEST)), HELD).await?;
    let is_free =
        |due: &outbox::Due| state.leases.is_free(&due.work(), due.lease, state.clock.monotonic());
    let Some(due) = due.into_iter().find(is_free) else { return Ok(None) };
    let Some(claimed) = outbox::claim(&mut tx, &due).await? else { return Ok(None) };
    let email = &claimed.email;
    let recipient = outbox::recipient(&mut tx, email, &email_key(&email.recipient)).await?;
    let refusal = recipient.map_or(Some(Recipient::GONE), |recipient| recipient.refusal());
    if let Some(why) = refusal {
        outbox::drop(&mut tx, &claimed, now, why).await?;
        let alert = AlertId::new(&email.alert_id);
        match email.organization_id.as_str() {
            "" => system_alerts::owe_unless_notified(&mut tx, &alert).await?,
            organization => alerts::owe_unless_notified(&mut tx, organization, &alert).await?,
        };
        info!(email = email.id, why, "dropped");
    }
    tx.commit().await?;
    state.health.outbox_worked(state.clock.monotonic());
    Ok(Some(if refusal.is_some() { Claim::Dropped } else { Claim::ToSend(Box::new(claimed)) }))
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
