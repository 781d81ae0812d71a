//! The common end of everything that moves seats: alert episodes begin and end, and the letters they cause are written
//! to the outbox, in the same transaction.

use super::Error;
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        access::OrganizationScope,
        alert::{AlertKind, Notice, Turn, UsageAlert, turns},
        directory_user::DirectoryUser,
        id::{EpisodeId, OrganizationId},
        time::Timestamp,
    },
    notify::letters::{Audience, Letter, LimitNotSet, ResyncFailed, SeatLimitReached, WaitingPerson},
    store::{
        accounts,
        alert_episodes::{self, OpenAlert},
        directory_users,
        organizations::Locked,
        outbox::{self, Outgoing},
    },
};

/// Whether those concerned are told of the alerts that begin. They begin either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Letters {
    #[default]
    Withheld,
    Sent,
}

/// Call it after the people and the organizations are saved: it reads the line as it is now.
pub async fn settle<'a>(tx: &mut Tx, desk: &Desk, organizations: impl Iterator<Item = &'a Locked>, now: Timestamp) -> Result<(), Error> {
    settle_with(tx, desk, organizations, (now, Letters::Sent)).await
}

/// The same for what happened a while ago, of which nobody may want to hear any more.
pub async fn settle_with<'a>(
    tx: &mut Tx,
    desk: &Desk,
    organizations: impl Iterator<Item = &'a Locked>,
    (now, letters): (Timestamp, Letters),
) -> Result<(), Error> {
    // An episode is under way only while somebody waits.
    let organizations: Vec<&Locked> = organizations.filter(|o| o.waited || o.roster.usage().waiting > 0).collect();
    let ids: Vec<&OrganizationId> = organizations.iter().map(|o| o.id()).collect();
    let open = alert_episodes::open(tx, &ids).await?;
    for organization in organizations {
        let open: Vec<&OpenAlert> = open.iter().filter(|alert| alert.organization == *organization.id()).collect();
        let open: Vec<(UsageAlert, &OpenAlert)> = open.into_iter().filter_map(|alert| Some((UsageAlert::of(alert.kind)?, alert))).collect();
        let kinds: Vec<UsageAlert> = open.iter().map(|(kind, _)| *kind).collect();
        for turn in turns(&kinds, &organization.roster.usage()) {
            match turn {
                Turn::Begins(kind) => begin(tx, desk, organization, kind, (now, letters)).await?,
                Turn::Ends(kind) => alert_episodes::end(tx, &organization.scope, kind.into(), now).await?,
            }
        }
        let blocked = organization.roster.has_newly_blocked();
        let is_due = |alert: &OpenAlert| letters == Letters::Sent && alert.notice.is_due(blocked);
        let usage = organization.roster.usage();
        for (kind, alert) in open.into_iter().filter(|(kind, alert)| kind.holds(&usage) && is_due(alert)) {
            let notice = notify(tx, desk, organization, (kind, &alert.id), now).await?;
            alert_episodes::note(tx, &organization.scope, &alert.id, notice).await?;
        }
    }
    Ok(())
}

async fn begin(
    tx: &mut Tx,
    desk: &Desk,
    organization: &Locked,
    kind: UsageAlert,
    (now, letters): (Timestamp, Letters),
) -> Result<(), Error> {
    let id: EpisodeId = desk.clock.id("epi");
    let notice = match letters {
        Letters::Withheld => Notice::Suppressed,
        Letters::Sent => notify(tx, desk, organization, (kind, &id), now).await?,
    };
    if notice == Notice::Owed {
        return Ok(()); // there is no recipient yet: the alert opens when there is
    }
    alert_episodes::begin(tx, &organization.scope, (&id, kind.into(), notice), now).await?;
    Ok(())
}

/// Writes the e-mails of an alert to the outbox. Where no recipient is found, they are owed.
async fn notify(
    tx: &mut Tx,
    desk: &Desk,
    organization: &Locked,
    (kind, alert): (UsageAlert, &EpisodeId),
    now: Timestamp,
) -> Result<Notice, Error> {
    let admins = match kind {
        UsageAlert::SeatLimitReached => accounts::tenant_admins(tx, &organization.scope).await?,
        UsageAlert::LimitNotSet => Vec::new(),
    };
    let audience = if admins.is_empty() { Audience::StaffInstead } else { Audience::TenantAdmins };
    let recipients = if admins.is_empty() { accounts::staff(tx).await? } else { admins };
    if recipients.is_empty() {
        return Ok(Notice::Owed);
    }
    let letter = letter(tx, desk, organization, kind, audience).await?;
    post(tx, desk, (Some(organization.id()), alert), (recipients, &letter), now).await?;
    Ok(Notice::Sent)
}

/// A resync failed: staff hear of it once, until one works again.
pub async fn resync_failed(
    tx: &mut Tx,
    desk: &Desk,
    organization: &Locked,
    (code, message): (&str, &str),
    now: Timestamp,
) -> Result<(), Error> {
    let kind = AlertKind::ResyncFailed;
    let staff = accounts::staff(tx).await?;
    if staff.is_empty() || alert_episodes::open_since(tx, &organization.scope, kind).await?.is_some() {
        return Ok(());
    }
    let (id, name) = (organization.id().clone(), organization.name.clone());
    let letter = ResyncFailed { organization: id, name, code: code.to_owned(), message: message.to_owned() };
    let letter = letter.letter(&desk.settings.public_url);
    tell(tx, desk, &organization.scope, (kind, now), (staff, letter)).await
}

/// A resync worked again.
pub async fn resync_worked(tx: &mut Tx, organization: &Locked, now: Timestamp) -> Result<(), Error> {
    let kind = AlertKind::ResyncFailed;
    if alert_episodes::open_since(tx, &organization.scope, kind).await?.is_some() {
        alert_episodes::end(tx, &organization.scope, kind, now).await?;
    }
    Ok(())
}

/// An episode begins: the same letter to each.
pub(super) async fn tell(
    tx: &mut Tx,
    desk: &Desk,
    scope: &OrganizationScope,
    (kind, now): (AlertKind, Timestamp),
    (recipients, letter): (Vec<String>, Letter),
) -> Result<(), Error> {
    let episode: EpisodeId = desk.clock.id("epi");
    alert_episodes::begin(tx, scope, (&episode, kind, Notice::Sent), now).await?;
    post(tx, desk, (Some(scope.id()), &episode), (recipients, &letter), now).await
}

/// The same letter to each, in the transaction that caused it.
pub(super) async fn post(
    tx: &mut Tx,
    desk: &Desk,
    (organization, episode): (Option<&OrganizationId>, &EpisodeId),
    (recipients, letter): (Vec<String>, &Letter),
    now: Timestamp,
) -> Result<(), Error> {
    let outgoing = |recipient: String| Outgoing {
        id: desk.clock.id("out"),
        organization: organization.cloned(),
        episode: episode.clone(),
        recipient,
        subject: letter.subject.clone(),
        text: letter.text.clone(),
        html: letter.html.clone(),
    };
    let rows: Vec<Outgoing> = recipients.into_iter().map(outgoing).collect();
    outbox::add(tx, &rows, now).await?;
    Ok(())
}

/// What an alert says that the numbers open, as of now.
async fn letter(tx: &mut Tx, desk: &Desk, organization: &Locked, kind: UsageAlert, audience: Audience) -> Result<Letter, Error> {
    let (id, name, usage) = (organization.id().clone(), organization.name.clone(), organization.roster.usage());
    let public_url = &desk.settings.public_url;
    match kind {
        UsageAlert::LimitNotSet => Ok(LimitNotSet { organization: id, name, waiting: usage.waiting }.letter(public_url)),
        UsageAlert::SeatLimitReached => {
            let most = i64::try_from(SeatLimitReached::NAMES).unwrap_or(i64::MAX);
            let line = directory_users::waiting(tx, &organization.scope, most).await?;
            let person = |user: DirectoryUser| WaitingPerson { id: user.id, name: user.profile.name, email: user.profile.email };
            let first = line.into_iter().map(person).collect();
            let automatic = organization.roster.automatic;
            Ok(SeatLimitReached { organization: id, name, usage, first, automatic, audience }.letter(public_url))
        }
    }
}
