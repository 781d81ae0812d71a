//! Composes a message when it leaves, from the facts of that moment: the numbers, the names, and
//! whether its alert is still open.

use super::{
    BURST_AT_MOST, BURST_PAUSE, Error, channels, digests::digest, limit_changed::limit_changed,
    may_burst, proposals::about_proposal, requests::about_request,
};
use crate::{
    channels::email::templates::{
        Audience, ChannelFailing, DeadLetters, DirectoryDisabled, Drift, Email, EndpointDisabled,
        EnforcementSilent, FailingReceiver, LimitNotSet, OverLimit, ResyncFailed,
        ResyncNeedsConfirmation, SeatLimitReached, SeatUsageHigh, SeatsFree, WaitingPerson,
    },
    channels::{address::AllowedAddresses, webhook::WebhookUrl},
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{AlertKind, Channel, Message, Notice, SystemAlert, UsageAlert},
        directory_user::DirectoryUser,
        id::{AlertId, DirectoryUserId, OrganizationId},
        invariant::Finding,
        organization::Usage,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        alerts::{self, OpenAlert},
        dead_letters, decisions, directories, directory_users,
        failing_channels::{self, Receiver},
        invariants,
        organizations::{self, Locked},
        outbox::{self, QueuedMessage},
        resyncs, settings, system_alerts, webhook_endpoints,
    },
};

/// How many findings one e-mail counts.
const FINDINGS: i64 = 1_000;

/// What becomes of a message that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    Email(Box<Email>),
    /// It goes to no account, and is deleted.
    Forgotten,
    /// It has nothing to say any more, for this reason.
    Dropped(&'static str),
    /// Its recipient may not receive it any more.
    Refused(&'static str),
    /// An alert that counts more notifies instead.
    Covered(&'static str),
    /// Its numbers are still changing.
    WaitsUntil(Timestamp),
}

impl Composed {
    pub(in crate::commands) fn of(email: Email) -> Self {
        Self::Email(Box::new(email))
    }
}

const RESOLVED: Composed = Composed::Dropped("The alert was resolved before the message left.");
const COVERED: Composed =
    Composed::Covered("The message about a more urgent alert was sent instead.");
const UNTOLD: Composed = Composed::Dropped("The recipient was not notified that people waited.");
const WAITING_AGAIN: Composed = Composed::Dropped("People wait again.");

/// Composes a message for staff or for the organization's own admins.
pub async fn compose(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
    audience: Audience,
) -> Result<Composed, Error> {
    let now = state.clock.now();
    let url = &state.settings.public_url;
    let organization = match (&queued.organization, queued.message) {
        (None, Message::System(kind)) => {
            if !system_alerts::is_this_open(tx, &queued.alert()).await? {
                return Ok(RESOLVED);
            }
            return Ok(system(tx, kind, url).await?.map_or(RESOLVED, Composed::of));
        }
        (Some(organization), _) => organization,
        (None, Message::Digest(_)) => return digest(tx, state, queued).await,
        (None, _) => return Ok(RESOLVED),
    };
    let scope = OrganizationScope::of_message(organization.clone());
    let Some(locked) = organizations::unlocked(tx, &scope).await? else { return Ok(RESOLVED) };
    if queued.message == Message::LimitChanged {
        return limit_changed(tx, state, queued, &locked, audience).await;
    }
    if let Message::Proposal(message) = queued.message {
        return about_proposal(tx, state, queued, (&locked, message)).await;
    }
    if let Message::Request(message) = queued.message {
        return about_request(tx, state, queued, (&locked, message), audience).await;
    }
    let Some((alert, resolved_at)) = alerts::find(tx, &scope, &queued.alert()).await? else {
        return Ok(RESOLVED);
    };
    let times = (resolved_at.unwrap_or(alert.opened_at), locked.changed_at);
    if let Some(until) = still_changing(times, now).filter(|_| may_burst(queued.message)) {
        return Ok(Composed::WaitsUntil(until));
    }
    match (queued.message, resolved_at) {
        (Message::SeatsFree, Some(resolved_at)) => {
            seats_free(tx, state, queued, (&locked, &alert, resolved_at), audience).await
        }
        (Message::Opened(kind), None) => opened(tx, state, (&locked, &alert, kind), audience).await,
        (
            Message::Opened(_)
            | Message::SeatsFree
            | Message::LimitChanged
            | Message::Invitation
            | Message::Request(_)
            | Message::Proposal(_)
            | Message::Digest(_)
            | Message::Account(_)
            | Message::System(_),
            _,
        ) => Ok(RESOLVED),
    }
}

/// Until when the message waits, because the organization has just changed. Times in the future
/// were written before the clock was set back: they are passed.
fn still_changing((began, changed): (Timestamp, Timestamp), now: Timestamp) -> Option<Timestamp> {
    let until = changed.plus(BURST_PAUSE).min(began.plus(BURST_AT_MOST));
    (began <= now && changed <= now && now < until).then_some(until)
}

async fn opened(
    tx: &mut Tx,
    state: &AppState,
    (locked, alert, kind): (&Locked, &OpenAlert, AlertKind),
    audience: Audience,
) -> Result<Composed, Error> {
    let url = &state.settings.public_url;
    let (organization, name) = (locked.id().clone(), locked.details.name.clone());
    let usage = locked.roster.usage();
    let email = match kind {
        AlertKind::SeatLimitReached => {
            let first = waiting(tx, &locked.scope).await?;
            let policy = locked.roster.policy.clone();
            let has_admins = !accounts::tenant_admins(tx, &locked.scope).await?.is_empty();
            let facts =
                SeatLimitReached { organization, name, usage, first, policy, audience, has_admins };
            facts.email(url)
        }
        AlertKind::SeatUsageHigh => {
            if is_covered(tx, locked.id(), alert, &usage).await? {
                return Ok(COVERED);
            }
            SeatUsageHigh { organization, name, usage, audience }.email(url)
        }
        AlertKind::OverLimit => OverLimit { organization, name, usage, audience }.email(url),
        AlertKind::LimitNotSet => {
            LimitNotSet { organization, name, waiting: usage.waiting }.email(url)
        }
        AlertKind::DirectoryDisabled => {
            let off = directories::switched_off(tx, &locked.scope).await?;
            let Some(directory) = off.into_iter().next() else { return Ok(RESOLVED) };
            let (provider, state) = (directory.provider, directory.state);
            DirectoryDisabled { organization, name, provider, state, usage, audience }.email(url)
        }
        AlertKind::ResyncFailed => {
            let nightly = settings::values(tx, &state.settings.fixed).await?.resync_nightly;
            match resyncs::last_failed(tx, &locked.scope).await? {
                Some(run) => ResyncFailed { name, run, nightly }.email(url),
                None => return Ok(RESOLVED),
            }
        }
        AlertKind::ResyncNeedsConfirmation => match resyncs::waiting(tx, &locked.scope).await? {
            Some(run) => ResyncNeedsConfirmation { name, run }.email(url),
            None => return Ok(RESOLVED),
        },
        AlertKind::ChannelFailing => {
            let receiver = FailingReceiver::SlackOf { organization: organization.clone(), name };
            match failing(tx, &Receiver::slack_of(&organization), receiver).await? {
                Some(failing) => failing.email(url),
                None => return Ok(RESOLVED),
            }
        }
    };
    Ok(Composed::of(email))
}

/// Whether an open alert still covers this one. The organization is locked, so that it stays so
/// until the transaction ends.
pub async fn is_still_covered(
    tx: &mut Tx,
    organization: &OrganizationId,
    alert: &AlertId,
) -> Result<bool, Error> {
    let Some(locked) = organizations::lock(tx, organization).await? else { return Ok(false) };
    match alerts::find(tx, &locked.scope, alert).await? {
        Some((alert, None)) => is_covered(tx, organization, &alert, &locked.roster.usage()).await,
        Some((_, Some(_))) | None => Ok(false),
    }
}

/// Whether an alert that counts more was opened while the message waited.
async fn is_covered(
    tx: &mut Tx,
    organization: &OrganizationId,
    alert: &OpenAlert,
    usage: &Usage,
) -> Result<bool, Error> {
    let Some(this) = UsageAlert::of(alert.kind, &alert.target) else { return Ok(false) };
    let open = alerts::open(tx, &[organization]).await?;
    // an alert that notifies no one itself covers nothing
    let notifying = open.iter().filter(|alert| alert.notice == Notice::Sent);
    let notifying: Vec<UsageAlert> =
        notifying.filter_map(|alert| UsageAlert::of(alert.kind, &alert.target)).collect();
    Ok(this.is_covered(&notifying, usage))
}

async fn seats_free(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
    (locked, alert, resolved_at): (&Locked, &OpenAlert, Timestamp),
    audience: Audience,
) -> Result<Composed, Error> {
    let reached = Message::Opened(AlertKind::SeatLimitReached);
    match outbox::fate_of(tx, queued, reached).await? {
        outbox::Fate::Sent => {}
        outbox::Fate::Waits => {
            return Ok(Composed::WaitsUntil(state.clock.now().plus(BURST_PAUSE)));
        }
        outbox::Fate::NotSent => return Ok(UNTOLD),
    }
    let usage = locked.roster.usage();
    if usage.waiting > 0 {
        return Ok(WAITING_AGAIN);
    }
    let span = (alert.opened_at, resolved_at);
    let most = i64::try_from(SeatsFree::NAMES).unwrap_or(i64::MAX);
    let (admitted, first) = decisions::admitted_between(tx, &locked.scope, span, most).await?;
    let (organization, name) = (locked.id().clone(), locked.details.name.clone());
    let keys: Vec<_> = first.iter().map(|user| (organization.clone(), user.clone())).collect();
    let known = directory_users::with_ids(tx, &keys).await?;
    // in the order in which they got in
    let user = |id: &DirectoryUserId| {
        known.iter().find(|(_, user)| user.id == *id).map(|(_, user)| user.clone())
    };
    let first = first.iter().filter_map(user).map(person).collect();
    let facts = SeatsFree { organization, name, usage, waited: span, admitted, first, audience };
    Ok(Composed::of(facts.email(&state.settings.public_url)))
}

/// The head of the waitlist.
async fn waiting(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> Result<Vec<WaitingPerson>, Error> {
    let most = i64::try_from(SeatLimitReached::NAMES).unwrap_or(i64::MAX);
    let line = directory_users::waiting(tx, organization, most).await?;
    Ok(line.into_iter().map(person).collect())
}

fn person(user: DirectoryUser) -> WaitingPerson {
    WaitingPerson { id: user.id, name: user.profile.name, email: user.profile.email }
}

/// The e-mail of a system alert; `None`: there is nothing to say any more.
async fn system(tx: &mut Tx, alert: SystemAlert, url: &str) -> Result<Option<Email>, Error> {
    if alert == SystemAlert::DeadLetters {
        let newest = dead_letters::newest_facts(tx).await?;
        return Ok(newest.map(|(kind, organization, why)| {
            let organization = organization.map(|organization| organization.to_string());
            DeadLetters { kind, organization, why: why.unwrap_or_default() }.email(url)
        }));
    }
    if alert == SystemAlert::WebhookEndpointDisabled {
        return Ok(endpoint_disabled(tx).await?.map(|disabled| disabled.email(url)));
    }
    if let Some(receiver) = channels::receiver_of(alert) {
        let called = match receiver.channel {
            Channel::Email => FailingReceiver::MailServer,
            Channel::Slack => FailingReceiver::SlackOfStaff,
        };
        let failing = failing(tx, &receiver, called).await?;
        return Ok(failing.map(|failing| failing.email(url)));
    }
    let open = invariants::open(tx, FINDINGS).await?;
    let of_alert = |finding: &Finding| finding.invariant.alert() == Some(alert);
    let found: Vec<Finding> =
        open.into_iter().map(|violation| violation.finding).filter(of_alert).collect();
    if found.is_empty() {
        return Ok(None);
    }
    Ok(match alert {
        SystemAlert::Drift => Some(Drift { found }.email(url)),
        SystemAlert::EnforcementSilent => Some(EnforcementSilent { found }.email(url)),
        SystemAlert::DeadLetters
        | SystemAlert::EmailFailing
        | SystemAlert::StaffSlackFailing
        | SystemAlert::WebhookEndpointDisabled => None,
    })
}

/// The endpoint that was disabled last; `None`: none is disabled any more.
async fn endpoint_disabled(tx: &mut Tx) -> sqlx::Result<Option<EndpointDisabled>> {
    let all = webhook_endpoints::all(tx).await?;
    let mut broken: Vec<_> = all.into_iter().filter(|one| one.state.is_broken()).collect();
    broken.sort_by_key(|one| one.state_since);
    Ok(broken.pop().map(|last| EndpointDisabled {
        id: last.id.clone(),
        // what is stored was an address when it was entered
        host: WebhookUrl::parse(&last.url, AllowedAddresses::Private)
            .map_or_else(|| last.id.to_string(), |url| url.shown()),
        state: last.state,
        since: last.state_since,
        others: broken.len(),
    }))
}

/// The facts about a receiver that fails; `None`: it works again.
async fn failing(
    tx: &mut Tx,
    receiver: &Receiver,
    called: FailingReceiver,
) -> sqlx::Result<Option<ChannelFailing>> {
    let failing = failing_channels::find(tx, receiver).await?;
    Ok(failing.map(|failing| ChannelFailing {
        receiver: called,
        since: failing.since,
        tries: failing.tries,
        last_error: failing.last_error,
    }))
}
