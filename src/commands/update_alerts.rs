//! The last step of every command that changes seats: it opens and resolves alerts and writes their
//! e-mails to the outbox, in the same transaction.

use super::Error;
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{AlertKind, Notice, Turn, UsageAlert, turns},
        directory_user::DirectoryUser,
        id::{AlertId, EmailId, OrganizationId},
        resync::Resync,
        time::Timestamp,
    },
    notify::emails::{Audience, Email, LimitNotSet, ResyncFailed, SeatLimitReached, WaitingPerson},
    state::AppState,
    store::{
        accounts,
        alerts::{self, OpenAlert},
        directory_users,
        organizations::Locked,
        outbox::{self, Outgoing},
        settings,
    },
};

/// Whether the recipients of an alert get e-mails. Without e-mails the alert opens and is resolved,
/// too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    #[default]
    Suppressed,
    Sent,
}

/// Updates the alerts of these organizations, with or without e-mails: after a replay of old
/// deliveries, the e-mails may be unwanted. Call it after the users and the organizations are
/// saved: it reads the waitlist from the database.
pub(super) async fn update_alerts<'a>(
    tx: &mut Tx,
    state: &AppState,
    organizations: impl Iterator<Item = &'a Locked>,
    (now, emails): (Timestamp, Notify),
) -> Result<(), Error> {
    // A usage alert is open only while a user waits.
    let organizations: Vec<&Locked> =
        organizations.filter(|o| o.waited || o.roster.usage().waiting > 0).collect();
    let ids: Vec<&OrganizationId> = organizations.iter().map(|o| o.id()).collect();
    let open = alerts::open(tx, &ids).await?;
    for organization in organizations {
        let open: Vec<&OpenAlert> =
            open.iter().filter(|alert| alert.organization == *organization.id()).collect();
        let open: Vec<(UsageAlert, &OpenAlert)> = open
            .into_iter()
            .filter_map(|alert| Some((UsageAlert::of(alert.kind)?, alert)))
            .collect();
        let kinds: Vec<UsageAlert> = open.iter().map(|(kind, _)| *kind).collect();
        for turn in turns(&kinds, &organization.roster.usage()) {
            match turn {
                Turn::Opens(kind) => {
                    open_usage_alert(tx, state, organization, kind, (now, emails)).await?;
                }
                Turn::Resolves(kind) => {
                    alerts::resolve(tx, &organization.scope, kind.into(), now).await?;
                }
            }
        }
        let blocked = organization.roster.has_newly_blocked();
        let is_due = |alert: &OpenAlert| emails == Notify::Sent && alert.notice.is_due(blocked);
        let usage = organization.roster.usage();
        for (kind, alert) in
            open.into_iter().filter(|(kind, alert)| kind.holds(&usage) && is_due(alert))
        {
            let notice = notify(tx, state, organization, (kind, &alert.id), now).await?;
            alerts::note(tx, &organization.scope, &alert.id, notice).await?;
        }
    }
    Ok(())
}

async fn open_usage_alert(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    kind: UsageAlert,
    (now, emails): (Timestamp, Notify),
) -> Result<(), Error> {
    let id = AlertId::generate(&state.clock);
    let notice = match emails {
        Notify::Suppressed => Notice::Suppressed,
        Notify::Sent => notify(tx, state, organization, (kind, &id), now).await?,
    };
    alerts::add(tx, &organization.scope, (&id, kind.into(), notice), now).await?;
    Ok(())
}

/// Writes the e-mails of an alert to the outbox. Where no recipient is found, they are owed.
pub(super) async fn notify(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    (kind, alert): (UsageAlert, &AlertId),
    now: Timestamp,
) -> Result<Notice, Error> {
    let admins = match kind {
        UsageAlert::SeatLimitReached => accounts::tenant_admins(tx, &organization.scope).await?,
        UsageAlert::LimitNotSet => Vec::new(),
    };
    let audience = if admins.is_empty() { Audience::StaffFallback } else { Audience::TenantAdmins };
    let recipients = if admins.is_empty() { accounts::staff(tx).await? } else { admins };
    if recipients.is_empty() {
        return Ok(Notice::Owed);
    }
    let email = email(tx, state, organization, kind, audience).await?;
    enqueue_emails(tx, state, (Some(organization.id()), alert), (recipients, &email), now).await?;
    Ok(Notice::Sent)
}

/// A resync failed: opens the alert and sends an e-mail to staff, once until a resync works again.
pub async fn resync_failed(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    run: &Resync,
    now: Timestamp,
) -> Result<(), Error> {
    let kind = AlertKind::ResyncFailed;
    if alerts::open_since(tx, &organization.scope, kind).await?.is_some() {
        return Ok(());
    }
    let facts = ResyncFailed {
        name: organization.details.name.clone(),
        run: run.clone(),
        nightly: settings::values(tx, &state.settings.fixed).await?.resync_nightly,
    };
    let email = facts.email(&state.settings.public_url);
    let staff = accounts::staff(tx).await?;
    open_alert(tx, state, &organization.scope, (kind, now), (staff, email)).await
}

/// A resync worked again: resolves the alert.
pub async fn resync_worked(
    tx: &mut Tx,
    organization: &OrganizationScope,
    now: Timestamp,
) -> Result<(), Error> {
    let kind = AlertKind::ResyncFailed;
    if alerts::open_since(tx, organization, kind).await?.is_some() {
        alerts::resolve(tx, organization, kind, now).await?;
    }
    Ok(())
}

/// Opens an alert and sends the same e-mail to each recipient. Without a recipient it is owed.
pub(super) async fn open_alert(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    (kind, now): (AlertKind, Timestamp),
    (recipients, email): (Vec<String>, Email),
) -> Result<(), Error> {
    let alert = AlertId::generate(&state.clock);
    alerts::add(tx, scope, (&alert, kind, Notice::to(&recipients)), now).await?;
    enqueue_emails(tx, state, (Some(scope.id()), &alert), (recipients, &email), now).await
}

/// Writes the same e-mail for each recipient to the outbox, in the transaction of the cause.
pub(super) async fn enqueue_emails(
    tx: &mut Tx,
    state: &AppState,
    (organization, alert): (Option<&OrganizationId>, &AlertId),
    (recipients, email): (Vec<String>, &Email),
    now: Timestamp,
) -> Result<(), Error> {
    let outgoing = |recipient: String| Outgoing {
        id: EmailId::generate(&state.clock),
        organization: organization.cloned(),
        alert: alert.clone(),
        recipient,
        subject: email.subject.clone(),
        text: email.text.clone(),
        html: email.html.clone(),
    };
    let rows: Vec<Outgoing> = recipients.into_iter().map(outgoing).collect();
    outbox::add(tx, &rows, now).await?;
    Ok(())
}

/// The e-mail of a usage alert, with the current numbers.
async fn email(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    kind: UsageAlert,
    audience: Audience,
) -> Result<Email, Error> {
    let (id, name, usage) =
        (organization.id().clone(), organization.details.name.clone(), organization.roster.usage());
    let public_url = &state.settings.public_url;
    match kind {
        UsageAlert::LimitNotSet => {
            Ok(LimitNotSet { organization: id, name, waiting: usage.waiting }.email(public_url))
        }
        UsageAlert::SeatLimitReached => {
            let most = i64::try_from(SeatLimitReached::NAMES).unwrap_or(i64::MAX);
            let line = directory_users::waiting(tx, &organization.scope, most).await?;
            let person = |user: DirectoryUser| WaitingPerson {
                id: user.id,
                name: user.profile.name,
                email: user.profile.email,
            };
            let first = line.into_iter().map(person).collect();
            let policy = organization.roster.policy.clone();
            Ok(SeatLimitReached { organization: id, name, usage, first, policy, audience }
                .email(public_url))
        }
    }
}
