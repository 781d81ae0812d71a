//! Staff archive an organization by hand: its people lose their seats, its history stays. It is the
//! same as its deletion in Scalekit, so late events do not bring it back, and a newer event about
//! the organization does. What a person has archived, a person can restore.

use std::time::Duration;

use super::{
    Actor, Error,
    seat_transaction::{Cause, SeatTransaction},
    set_seat_limit::parse_reason,
};
use crate::{
    domain::{
        audit::AuditAction,
        directory_user::{Precedence, Version},
        id::OrganizationId,
        organization::Usage,
        refusal::Refusal,
        roster::Roster,
        seats::Command,
        time::Timestamp,
    },
    state::AppState,
    store::{audit_log::Entry, organizations::Locked},
};

#[derive(Clone, Debug)]
pub struct NewArchive {
    pub organization: OrganizationId,
    /// The reason, for the audit log. 1 to 500 characters.
    pub reason: String,
    /// The used seats and the waiting people that the preview showed; `None` accepts any number.
    pub expected: Option<(i64, i64)>,
}

/// Archives the organization; gives its numbers until then.
pub async fn archive_organization(
    state: &AppState,
    actor: &Actor,
    new: &NewArchive,
) -> Result<Usage, Error> {
    let reason = parse_reason(&new.reason, Refusal::ArchiveReasonMissing)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let locked = seats.organization(&new.organization)?;
    let usage = check(locked, new)?;
    let version =
        Version { at: newest(&locked.roster, seats.now()), weight: Precedence::Deleted, event: 0 };
    let action = AuditAction::ArchiveOrganization;
    let cause = Cause::Actor { action: action.as_str(), actor };
    seats.decide(&new.organization, &Command::OrganizationArchived(version), cause).await?;
    seats.note_archived(&new.organization, actor, reason).await?;
    let before = usage.sentence();
    let entry = Entry { before: Some(&before), reason: Some(reason), ..actor.entry(action) };
    seats.audit(&new.organization, entry).await?;
    seats.commit().await?;
    Ok(usage)
}

/// Now, or the time of what is known already, if the sender's clock is ahead of ours or our own was
/// set back: the person knows it.
fn newest(roster: &Roster, now: Timestamp) -> Timestamp {
    let known = roster.version.map(|version| version.at).max(roster.limit_at);
    known.map_or(now, |known| known.max(now))
}

fn check(organization: &Locked, new: &NewArchive) -> Result<Usage, Refusal> {
    let usage = organization.roster.usage();
    if organization.roster.archived {
        return Err(Refusal::Archived);
    }
    if new.expected.is_some_and(|expected| expected != (usage.used, usage.waiting)) {
        return Err(Refusal::ArchiveChangedMeanwhile);
    }
    Ok(usage)
}

/// Restores an organization that a person has archived, as a newer event about it would: without a
/// limit, and its people come back with what the directory says from now on. A resync is requested.
pub async fn restore_organization(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
) -> Result<(), Error> {
    let mut seats = SeatTransaction::begin(state, organization).await?;
    let roster = &seats.organization(organization)?.roster;
    if !roster.archived {
        return Err(Refusal::NotArchived.into());
    }
    if !roster.deleted_by_hand {
        return Err(Refusal::DeletedInScalekit.into());
    }
    let at = after(roster.deleted, seats.now());
    let version = Version { at, weight: Precedence::Active, event: 0 };
    let action = AuditAction::RestoreOrganization;
    let cause = Cause::Actor { action: action.as_str(), actor };
    seats.decide(organization, &Command::OrganizationSeen(version), cause).await?;
    let after = seats.organization(organization)?.roster.usage().sentence();
    seats.audit(organization, Entry { after: Some(&after), ..actor.entry(action) }).await?;
    seats.commit().await
}

/// Now, or just after the deletion if the clock was set back since.
fn after(deletion: Option<Version>, now: Timestamp) -> Timestamp {
    let just_after = deletion.map(|deletion| deletion.at.plus(Duration::from_nanos(1)));
    just_after.map_or(now, |at| at.max(now))
}
