//! Alerts of organizations and of Seatkeeper itself. An alert and its messages are written in the
//! transaction of the cause: a crash can neither lose nor repeat them. A message is
//! [composed](compose()) when it leaves.

mod channels;
mod compose;
mod digests;
mod directories;
mod limit_changed;
mod owed;
mod proposals;
mod requests;
pub(super) mod system;
mod usage;

use std::{collections::BTreeSet, time::Duration};

pub(super) use self::{
    channels::forget_failures, directories::update_directory_alert, limit_changed::notify_of_limit,
    proposals::notify_of_proposal, requests::notify_about_request, usage::update_alerts,
};
pub use self::{
    channels::{Try, forget_unset, note_try},
    compose::{Composed, compose, is_still_covered},
    digests::write_digests,
    owed::notify_owed,
};
use super::Error;
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{AlertKind, Audience, Channel, Message, Notice, SlackRecipient, SystemAlert},
        directory_user::email_key,
        id::{AboutId, AlertId, MessageId, OrganizationId},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        alerts::{self, OpenAlert},
        extra_recipients, organizations,
        outbox::{self, Outgoing},
        settings,
    },
};

/// Whether the recipients of an alert get messages. Without messages the alert opens and is
/// resolved, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    #[default]
    Suppressed,
    Sent,
}

/// The numbers of an organization often change in bursts. A message about them leaves when nothing
/// has changed for this long …
pub const BURST_PAUSE: Duration = Duration::from_secs(10);
/// … at the latest so long after its alert was opened.
pub const BURST_AT_MOST: Duration = Duration::from_mins(1);

/// Opens an alert that is not open, and notifies its recipients.
pub(super) async fn open(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    kind: AlertKind,
    now: Timestamp,
) -> Result<(), Error> {
    open_as(tx, state, organization, kind, (now, Notify::Sent)).await
}

/// The same, perhaps without messages; then the next time with messages sends them.
async fn open_as(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    kind: AlertKind,
    (now, messages): (Timestamp, Notify),
) -> Result<(), Error> {
    let known = alerts::open_of(tx, organization, kind).await?;
    let is_due = known.as_ref().is_none_or(|alert| alert.notice == Notice::Suppressed);
    if !is_due || (known.is_some() && messages == Notify::Suppressed) {
        return Ok(());
    }
    let id = match &known {
        Some(alert) => alert.id.clone(),
        None => AlertId::generate(&state.clock),
    };
    let notice = match messages {
        Notify::Suppressed => Notice::Suppressed,
        Notify::Sent => notify(tx, state, organization, (kind, &id), now).await?,
    };
    match known {
        Some(_) => alerts::note(tx, organization, &id, notice).await?,
        None => alerts::add(tx, organization, &id, (kind, "", notice), now).await?,
    }
    Ok(())
}

/// Resolves the alert, if it is open.
pub(super) async fn resolve(
    tx: &mut Tx,
    organization: &OrganizationScope,
    kind: AlertKind,
    now: Timestamp,
) -> Result<(), Error> {
    if let Some(alert) = alerts::open_of(tx, organization, kind).await? {
        alerts::resolve(tx, organization, &alert.id, now).await?;
    }
    Ok(())
}

/// Writes the messages of an alert to the outbox. Where no recipient is found, they are owed.
async fn notify(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    (kind, alert): (AlertKind, &AlertId),
    now: Timestamp,
) -> Result<Notice, Error> {
    let mut recipients = recipients(tx, state, organization, kind.audience()).await?;
    if kind.has_extra_recipients() {
        add_extra_recipients(tx, organization, &mut recipients).await?;
    }
    let notice = Notice::to(recipients.len());
    let about = (Some(organization.id()), alert.into(), Message::Opened(kind));
    enqueue(tx, state, about, recipients, now).await?;
    Ok(notice)
}

/// The waitlist is empty: those who were notified that people wait are notified of it.
async fn notify_of_free_seats(
    tx: &mut Tx,
    state: &AppState,
    alert: &OpenAlert,
    now: Timestamp,
) -> Result<(), Error> {
    let reached = Message::Opened(AlertKind::SeatLimitReached);
    let notified = outbox::notified(tx, &alert.organization, &alert.id, reached).await?;
    let about = (Some(&alert.organization), (&alert.id).into(), Message::SeatsFree);
    enqueue(tx, state, about, notified, now).await
}

/// Where a message goes: a channel, and the recipient on it.
type Destination = (Channel, String);

async fn recipients(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    audience: Audience,
) -> sqlx::Result<Vec<Destination>> {
    let has_tenants = audience.has_tenants();
    let mut accounts =
        if has_tenants { accounts::tenant_admins(tx, organization).await? } else { Vec::new() };
    let with_staff = match audience {
        Audience::Staff | Audience::TenantAdminsAndStaff => true,
        Audience::TenantAdminsAlone => false,
        Audience::TenantAdminsElseStaff if accounts.is_empty() => true,
        Audience::TenantAdminsElseStaff | Audience::TenantAdmins => {
            settings::values(tx, &state.settings.fixed).await?.notify_staff_of_usage
        }
    };
    if with_staff {
        accounts.extend(accounts::staff(tx).await?);
        accounts.sort();
        accounts.dedup();
    }
    let mut recipients: Vec<Destination> =
        accounts.into_iter().map(|account| (Channel::Email, account)).collect();
    if has_tenants && organizations::slack_webhook(tx, organization).await?.is_some() {
        recipients.push((Channel::Slack, SlackRecipient::Organization.as_str().to_owned()));
    }
    recipients.extend(staff_slack(state).filter(|_| with_staff));
    Ok(recipients)
}

/// Adds the addresses that the organization's admins entered, except those of recipients.
async fn add_extra_recipients(
    tx: &mut Tx,
    organization: &OrganizationScope,
    recipients: &mut Vec<Destination>,
) -> sqlx::Result<()> {
    let known: BTreeSet<String> = recipients.iter().map(|(_, email)| email_key(email)).collect();
    let emails = extra_recipients::of(tx, organization).await?;
    let others = emails.into_iter().filter(|email| !known.contains(&email_key(email)));
    recipients.extend(others.map(|email| (Channel::Email, email)));
    Ok(())
}

/// The accounts and the Slack channel of staff, as far as they are told of an alert.
async fn staff(
    tx: &mut Tx,
    state: &AppState,
    alert: SystemAlert,
) -> sqlx::Result<Vec<Destination>> {
    let accounts = if alert.is_for_staff_admins() {
        accounts::staff_admins(tx).await?
    } else {
        accounts::staff(tx).await?
    };
    let accounts = accounts.into_iter().map(|account| (Channel::Email, account));
    let all = accounts.chain(staff_slack(state));
    Ok(all.filter(|(channel, _)| alert.channels().contains(channel)).collect())
}

fn staff_slack(state: &AppState) -> Option<Destination> {
    let slack = state.settings.operations.slack.as_ref();
    slack.map(|_| (Channel::Slack, SlackRecipient::Staff.as_str().to_owned()))
}

/// Writes one message for each recipient to the outbox, in the transaction of the cause.
pub(super) async fn enqueue(
    tx: &mut Tx,
    state: &AppState,
    (organization, about, message): (Option<&OrganizationId>, AboutId, Message),
    recipients: Vec<Destination>,
    now: Timestamp,
) -> Result<(), Error> {
    let due_at = if may_burst(message) { now.plus(BURST_PAUSE) } else { now };
    let outgoing = |(channel, recipient): Destination| Outgoing {
        id: MessageId::generate(&state.clock),
        organization: organization.cloned(),
        about: about.clone(),
        message,
        channel,
        recipient,
        due_at,
    };
    let rows: Vec<Outgoing> = recipients.into_iter().map(outgoing).collect();
    outbox::add(tx, &rows, now).await?;
    Ok(())
}

/// Whether the numbers that the message tells may still be changing.
pub fn may_burst(message: Message) -> bool {
    match message {
        Message::Opened(
            AlertKind::SeatLimitReached
            | AlertKind::SeatUsageHigh
            | AlertKind::OverLimit
            | AlertKind::LimitNotSet,
        )
        | Message::SeatsFree
        | Message::LimitChanged => true,
        Message::Opened(
            AlertKind::DirectoryDisabled
            | AlertKind::ResyncFailed
            | AlertKind::ResyncNeedsConfirmation
            | AlertKind::ChannelFailing,
        )
        | Message::Request(_)
        | Message::Proposal(_)
        | Message::Invitation
        | Message::Digest(_)
        | Message::Account(_)
        | Message::System(_) => false,
    }
}
