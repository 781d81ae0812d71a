//! The last step of every command that changes seats: it opens and resolves the alerts about the
//! numbers, and writes their messages to the outbox, in the same transaction.

use super::{AppState, Error, Notify, notify, notify_of_free_seats};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        alert::{AlertKind, Notice, Turn, UsageAlert, UsageThresholds, turns},
        id::{AlertId, OrganizationId},
        time::Timestamp,
    },
    store::{
        alerts::{self, OpenAlert},
        organizations::Locked,
        outbox,
    },
};

/// Updates the alerts of these organizations, with or without messages: after a replay of old
/// deliveries, the messages may be unwanted. An organization without thresholds of its own has
/// those of the installation.
pub(in crate::commands) async fn update_alerts<'a>(
    tx: &mut Tx,
    state: &AppState,
    organizations: impl Iterator<Item = &'a Locked>,
    installation: &UsageThresholds,
    messages: Notify,
) -> Result<(), Error> {
    let organizations: Vec<&Locked> = organizations.collect();
    // in a statement of its own: the one that waited for the lock has not seen alerts that were
    // opened meanwhile
    let ids: Vec<&OrganizationId> = organizations.iter().map(|o| o.id()).collect();
    let open = alerts::open(tx, &ids).await?;
    for organization in organizations {
        let open: Vec<&OpenAlert> =
            open.iter().filter(|alert| alert.organization == *organization.id()).collect();
        let thresholds = organization.usage_thresholds.as_ref().unwrap_or(installation);
        // by the clock of the decisions
        let at = organization.changed_at;
        update(tx, state, (organization, thresholds), &open, (at, messages)).await?;
    }
    Ok(())
}

async fn update(
    tx: &mut Tx,
    state: &AppState,
    (organization, thresholds): (&Locked, &UsageThresholds),
    open: &[&OpenAlert],
    (now, messages): (Timestamp, Notify),
) -> Result<(), Error> {
    let usage = organization.roster.usage();
    let of_usage: Vec<(UsageAlert, &OpenAlert)> = open
        .iter()
        .filter_map(|alert| Some((UsageAlert::of(alert.kind, &alert.target)?, *alert)))
        .collect();
    let known: Vec<UsageAlert> = of_usage.iter().map(|(alert, _)| *alert).collect();
    let turns = turns(&known, &usage, thresholds);
    let mut resolved = Vec::new();
    for turn in &turns {
        match turn {
            Turn::Opens { alert, is_covered } => {
                let notice = match messages {
                    _ if *is_covered => Some(Notice::Covered),
                    Notify::Suppressed => Some(Notice::Suppressed),
                    Notify::Sent => None,
                };
                open_usage_alert(tx, state, organization, (*alert, notice), now).await?;
            }
            Turn::Resolves(alert) => {
                let found = of_usage.iter().find(|(known, _)| known == alert);
                let Some((_, row)) = found else { continue };
                alerts::resolve(tx, &organization.scope, &row.id, now).await?;
                if *alert == UsageAlert::SeatLimitReached && messages == Notify::Sent {
                    notify_of_free_seats(tx, state, row, now).await?;
                }
                resolved.push(&row.id);
            }
        }
    }
    let after: Vec<UsageAlert> = turns.iter().fold(known, |mut open, turn| {
        match turn {
            Turn::Opens { alert, .. } => open.push(*alert),
            Turn::Resolves(alert) => open.retain(|other| other != alert),
        }
        open
    });
    let uncovered =
        of_usage.iter().any(|(alert, row)| row.notice == Notice::Covered && after.contains(alert));
    // What covered them was resolved before its message left: no one knows of them.
    let is_untold = uncovered
        && !resolved.is_empty()
        && !outbox::is_any_sent(tx, organization.id(), &resolved).await?;
    for (alert, row) in of_usage.iter().filter(|(alert, _)| after.contains(alert)) {
        let is_covered = alert.is_covered(&after, &usage);
        let is_due = match row.notice {
            Notice::Covered => is_untold && !is_covered,
            notice => notice.is_due(has_happened(organization, *alert)),
        };
        if messages == Notify::Sent && is_due {
            let about = (alert.kind(), &row.id);
            let notice = if is_covered {
                Notice::Covered
            } else {
                notify(tx, state, &organization.scope, about, now).await?
            };
            alerts::note(tx, &organization.scope, &row.id, notice).await?;
        }
    }
    let without_seats =
        |alert: &&&OpenAlert| alert.kind == AlertKind::DirectoryDisabled && usage.used == 0;
    if let Some(alert) = open.iter().find(without_seats) {
        alerts::resolve(tx, &organization.scope, &alert.id, now).await?;
    }
    Ok(())
}

/// Whether this transaction did by itself what the alert is about: then an alert that a replay
/// opened without messages notifies its recipients.
fn has_happened(organization: &Locked, alert: UsageAlert) -> bool {
    match alert {
        UsageAlert::SeatLimitReached | UsageAlert::LimitNotSet => {
            organization.roster.has_newly_blocked()
        }
        UsageAlert::OverLimit | UsageAlert::SeatUsageHigh(_) => true,
    }
}

/// Opens an alert about the numbers. Without a notice it notifies its recipients.
async fn open_usage_alert(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    (alert, notice): (UsageAlert, Option<Notice>),
    now: Timestamp,
) -> Result<(), Error> {
    let (id, kind) = (AlertId::generate(&state.clock), alert.kind());
    let notice = match notice {
        Some(notice) => notice,
        None => notify(tx, state, &organization.scope, (kind, &id), now).await?,
    };
    alerts::add(tx, &organization.scope, &id, (kind, &alert.target(), notice), now).await?;
    Ok(())
}
