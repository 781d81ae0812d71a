//! Sends the messages in the outbox. A message is claimed with a lease, composed, sent without a
//! lock, and then marked as sent: it is sent at least once, and the Message-ID of an e-mail
//! identifies a second copy.

mod turn;

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use lettre::message::Mailbox;
use tracing::{info, warn};

use super::{AtStop, Job, JobContext, Progress, Silence};
use crate::{
    channels::{
        SendError,
        email::{
            mailer::Mailer,
            templates::{Audience, Email},
        },
        slack::{SlackPost, SlackPoster, SlackWebhook},
    },
    commands::{
        self, Composed, Try, compose, compose_account_message, compose_invitation,
        is_still_covered, note_try,
    },
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{Channel, Message, Notice, Recipient, SlackRecipient},
        directory_user::email_key,
        preference::Topic,
        time::Timestamp,
    },
    health::WorkerHealth,
    state::AppState,
    store::{
        alerts, extra_recipients,
        failing_channels::{self, Receiver},
        organizations,
        outbox::{self, QueuedMessage},
        preferences, system_alerts,
    },
};

/// How e-mails are sent, and the sender address.
#[derive(Clone, Debug)]
pub struct Mail {
    pub mailer: Mailer,
    pub from: Mailbox,
}

/// The way on which messages leave. Each has a job of its own, so that a slow one delays no other.
#[derive(Clone, Debug)]
pub enum Way {
    Email(Mail),
    Slack(SlackPoster),
}

impl Way {
    fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Slack(_) => Channel::Slack,
        }
    }

    /// How many messages are sent at the same time. A Slack channel takes one at a time and may be
    /// slow, but there are as many as customers; all e-mails go to one server.
    fn at_once(&self) -> usize {
        match self {
            Self::Email(_) => 8,
            Self::Slack(_) => 32,
        }
    }
}

/// How long the sending of one message may take.
const LONGEST_SEND: Duration = Duration::from_secs(30);
/// How long it takes at most to see a message that becomes due while others are on their way.
const INTERVAL: Duration = Duration::from_millis(500);
/// For how long a post is tried.
const POSTED_FOR: Duration = Duration::from_hours(24);
/// The first pause after a failure; it doubles up to `LONGEST`.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(4);
/// No pause between attempts is longer than this, including up to a fifth of random delay.
const FURTHEST: Duration = Duration::from_mins(6);

/// Sends what is due in each turn. A shutdown ends the turn when the messages on their way have
/// left.
#[derive(Debug)]
pub(super) struct SendMessages {
    pub way: Way,
}

impl Job for SendMessages {
    fn name(&self) -> &'static str {
        match self.way {
            Way::Email(_) => WorkerHealth::OUTBOX,
            Way::Slack(_) => "slack",
        }
    }

    fn interval(&self) -> Duration {
        INTERVAL
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
            turn::send_due(context.state, &self.way, Some(context)).await?;
            Ok(Progress::Done)
        }
        .boxed()
    }
}

/// Sends every e-mail that is due now; gives the number of sent ones.
pub async fn work_off(state: &AppState, mail: &Mail) -> Result<usize, commands::Error> {
    work_off_all(state, &Way::Email(mail.clone())).await
}

/// Sends every message of this way that is due now; gives the number of sent ones.
pub async fn work_off_all(state: &AppState, way: &Way) -> Result<usize, commands::Error> {
    turn::send_due(state, way, None).await
}

/// `/readyz` watches the e-mails.
fn worked(state: &AppState, way: &Way) {
    if let Way::Email(_) = way {
        state.health.outbox_worked(state.clock.monotonic());
    }
}

/// Composes and sends one message. Gives whether it was sent.
async fn send(
    state: &AppState,
    way: &Way,
    claimed: &outbox::Claimed,
) -> Result<bool, commands::Error> {
    let queued = &claimed.queued;
    let email = match prepare(state, queued).await? {
        Composed::Email(email) => email,
        Composed::Forgotten => {
            let mut tx = state.db.write().await?;
            outbox::forget(&mut tx, claimed).await?;
            tx.commit().await?;
            return Ok(false);
        }
        Composed::Dropped(why) => {
            drop_message(state, claimed, why, None).await?;
            return Ok(false);
        }
        Composed::Refused(why) => {
            drop_message(state, claimed, why, Some(Notice::Owed)).await?;
            return Ok(false);
        }
        Composed::Covered(why) => {
            drop_message(state, claimed, why, Some(Notice::Covered)).await?;
            return Ok(false);
        }
        Composed::WaitsUntil(due) => {
            let mut tx = state.db.write().await?;
            outbox::wait(&mut tx, claimed, due).await?;
            tx.commit().await?;
            return Ok(false);
        }
    };
    let result = match way {
        Way::Email(mail) => {
            mail.mailer.send(&mail.from, &queued.recipient, &email, &queued.id).await
        }
        Way::Slack(poster) => {
            let Some(webhook) = slack_webhook(state, queued).await? else {
                drop_message(state, claimed, NO_SLACK, Some(Notice::Owed)).await?;
                return Ok(false);
            };
            poster.post(&webhook, &SlackPost::of(&email)).await
        }
    };
    worked(state, way);
    record(state, claimed, (&result, &email)).await?;
    Ok(result.is_ok())
}

const NO_SLACK: &str = "No Slack address is set any more.";

/// The address that a post goes to, as it is now.
async fn slack_webhook(
    state: &AppState,
    queued: &QueuedMessage,
) -> Result<Option<SlackWebhook>, commands::Error> {
    let operations = &state.settings.operations;
    let organization = match SlackRecipient::parse(&queued.recipient) {
        Some(SlackRecipient::Staff) => return Ok(operations.slack.clone()),
        Some(SlackRecipient::Organization) => queued.organization.clone(),
        None => None,
    };
    let Some(organization) = organization else { return Ok(None) };
    let scope = OrganizationScope::of_message(organization);
    let stored = organizations::slack_webhook(&mut state.db.read().await?, &scope).await?;
    Ok(stored.and_then(|text| SlackWebhook::parse(&text, operations.allowed_addresses)))
}

/// Checks whether the recipient may still get the message, because it may have waited for an hour,
/// and composes it.
async fn prepare(state: &AppState, queued: &QueuedMessage) -> Result<Composed, commands::Error> {
    if let Message::Account(message) = queued.message {
        return compose_account_message(state, queued, message).await;
    }
    if queued.message == Message::Invitation {
        return compose_invitation(state, queued).await;
    }
    let mut tx = state.db.read().await?;
    let audience = match queued.channel {
        Channel::Slack => match SlackRecipient::parse(&queued.recipient) {
            Some(SlackRecipient::Staff) => Audience::Staff,
            Some(SlackRecipient::Organization) | None => Audience::TenantAdmins,
        },
        Channel::Email => match reader(&mut tx, queued).await? {
            Ok(audience) => audience,
            Err(refused) => return Ok(refused),
        },
    };
    compose(&mut tx, state, queued, audience).await
}

/// Who reads an e-mail, from the account that has the address now; or why it is not sent to them.
async fn reader(
    tx: &mut Tx,
    queued: &QueuedMessage,
) -> Result<Result<Audience, Composed>, commands::Error> {
    let key = email_key(&queued.recipient);
    let recipient = outbox::recipient(tx, queued, &key).await?;
    let refused = match &recipient {
        Some(recipient) => recipient.refusal(queued.message),
        None => Some(Recipient::GONE),
    };
    // it may be the address of an account that has nothing to do with the organization
    let is_extra = match &queued.organization {
        Some(id) if queued.message.audience().has_tenants() => {
            let scope = OrganizationScope::of_message(id.clone());
            extra_recipients::has(tx, &scope, &key).await?
        }
        _ => false,
    };
    let is_by_right = |recipient: &Recipient| recipient.is_member || !is_extra;
    let Some(recipient) = recipient.filter(|one| refused.is_none() && is_by_right(one)) else {
        let why = refused.unwrap_or(Recipient::GONE);
        return Ok(if is_extra {
            Ok(Audience::ExtraRecipients)
        } else {
            Err(Composed::Refused(why))
        });
    };
    if let Some(topic) = Topic::of(queued.message) {
        let chosen = preferences::of_address(tx, &key, topic).await?;
        if let Some(why) = chosen.refusal() {
            return Ok(Err(Composed::Dropped(why)));
        }
    }
    let is_staff = recipient.role.is_staff();
    Ok(Ok(if is_staff { Audience::Staff } else { Audience::TenantAdmins }))
}

/// Drops a message. If no recipient of its alert is left, `notice` is what becomes of the alert.
async fn drop_message(
    state: &AppState,
    claimed: &outbox::Claimed,
    why: &str,
    notice: Option<Notice>,
) -> Result<(), commands::Error> {
    let mut tx = state.db.write().await?;
    let alert = &claimed.queued.alert();
    let notice = match (&claimed.queued.organization, notice) {
        (Some(organization), Some(Notice::Covered))
            if !is_still_covered(&mut tx, organization, alert).await? =>
        {
            Some(Notice::Owed)
        }
        (_, notice) => notice,
    };
    outbox::drop(&mut tx, claimed, state.clock.now(), why).await?;
    match (&claimed.queued.organization, notice) {
        (Some(organization), Some(notice)) => {
            alerts::note_unless_notified(&mut tx, organization, alert, notice).await?;
        }
        (None, Some(Notice::Owed)) => system_alerts::owe_unless_notified(&mut tx, alert).await?,
        (_, None) | (None, Some(_)) => {}
    }
    tx.commit().await?;
    info!(message = %claimed.queued.id, why, "dropped");
    Ok(())
}

/// Records how an attempt ended. The reason is stored with the message and not in the log, because
/// it may contain an address.
async fn record(
    state: &AppState,
    claimed: &outbox::Claimed,
    (result, email): (&Result<(), SendError>, &Email),
) -> Result<(), commands::Error> {
    let (id, now) = (&claimed.queued.id, state.clock.now());
    let mut tx = state.db.write().await?;
    let receiver = Receiver::of_message(&claimed.queued);
    let due = next_try(&mut tx, state, (&receiver, claimed), result).await?;
    let noted = match result {
        Ok(()) => Try::Taken,
        // the server may refuse one recipient of an e-mail, but a Slack channel refuses all posts
        Err(SendError::Never(why)) if receiver.channel == Channel::Slack => Try::Refused(why, due),
        Err(error) => Try::Failed(error.why(), due),
    };
    note_try(&mut tx, state, &receiver, noted).await?;
    match result {
        Ok(()) => {
            outbox::sent(&mut tx, claimed, &email.subject, now).await?;
            info!(message = %id, "sent");
        }
        Err(SendError::Later(why) | SendError::After(why, _))
            if !is_too_old(&claimed.queued, now) || matches!(result, Err(SendError::After(..))) =>
        {
            outbox::postpone(&mut tx, claimed, due, why).await?;
            warn!(message = %id, again_at = due.rfc3339(), "not sent yet");
        }
        Err(error) => {
            outbox::give_up(&mut tx, claimed, now, error.why()).await?;
            warn!(message = %id, "given up");
        }
    }
    tx.commit().await?;
    Ok(())
}

/// When the next try is, if this one failed: not a moment before the server wants it, and otherwise
/// after a pause that grows. All posts to a Slack channel share its pauses; an e-mail has its own,
/// because the server may refuse one recipient alone.
async fn next_try(
    tx: &mut Tx,
    state: &AppState,
    (receiver, claimed): (&Receiver, &outbox::Claimed),
    result: &Result<(), SendError>,
) -> Result<Timestamp, commands::Error> {
    let now = state.clock.now();
    if let Err(SendError::After(_, wait)) = result {
        return Ok(now.plus(*wait));
    }
    let failed = match receiver.channel {
        Channel::Email => claimed.queued.attempts,
        Channel::Slack => {
            failing_channels::find(tx, receiver).await?.map_or(0, |failing| failing.tries)
        }
    };
    Ok(now.plus(state.clock.jittered(pause(failed))))
}

/// A post that a receiver has not taken for a day is given up: its receiver is one of many, and
/// perhaps gone for good. E-mails go to the one mail server, so they wait for it.
fn is_too_old(queued: &QueuedMessage, now: Timestamp) -> bool {
    queued.channel == Channel::Slack && now.since(queued.created_at) > POSTED_FOR
}

fn pause(attempts: i64) -> Duration {
    let doubled = u32::try_from(attempts.clamp(0, 16)).unwrap_or(16);
    (SHORTEST * 2_u32.pow(doubled)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_four_minutes() {
        assert_eq!(pause(0), Duration::from_secs(5));
        assert_eq!(pause(3), Duration::from_secs(40));
        assert_eq!(pause(40), LONGEST);
    }
}
