//! Staff change a seat limit: waiting users are admitted in order, in the same transaction.

use super::{
    Actor, Error,
    alerts::notify_of_limit,
    seat_transaction::{Cause, SeatTransaction},
};
use crate::{
    domain::{
        audit::AuditAction, id::OrganizationId, organization::SeatLimit, refusal::Refusal,
        seats::Command, text::is_visible,
    },
    state::AppState,
    store::{audit_log::Entry, organizations::Locked},
};

const ACTION: AuditAction = AuditAction::SetSeatLimit;

/// The requested change.
#[derive(Clone, Debug)]
pub struct NewLimit {
    pub organization: OrganizationId,
    pub limit: SeatLimit,
    /// The reason, for the audit log. 1 to 500 characters.
    pub reason: String,
    /// The limit version that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// Sets the limit and admits waiting users to the free seats, unless the policy is by hand; gives
/// the number of admitted users.
pub async fn set_seat_limit(
    state: &AppState,
    actor: &Actor,
    new: &NewLimit,
) -> Result<usize, Error> {
    parse_reason(&new.reason, Refusal::ReasonMissing)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let admitted = set_limit(&mut seats, actor, new).await?;
    let scope = seats.scope(&new.organization)?;
    let (version, now) = (seats.organization(&new.organization)?.limit_version, seats.now());
    let mut tx = seats.write().await?;
    notify_of_limit(&mut tx, state, (&scope, version), now).await?;
    tx.commit().await?;
    Ok(admitted)
}

/// The same as a part of a larger transaction.
pub(super) async fn set_limit(
    seats: &mut SeatTransaction<'_>,
    actor: &Actor,
    new: &NewLimit,
) -> Result<usize, Error> {
    let reason = parse_reason(&new.reason, Refusal::ReasonMissing)?;
    check(seats.organization(&new.organization)?, new)?;
    let before = seats.organization(&new.organization)?.roster.limit;
    let cause = Cause::Actor { action: ACTION.as_str(), actor };
    let decided = seats.decide(&new.organization, &Command::SetLimit(new.limit), cause).await?;
    seats.note_limit_set(&new.organization, actor, reason).await?;
    let (before, after) = (before.to_string(), new.limit.to_string());
    let entry = Entry {
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
        ..actor.entry(ACTION)
    };
    seats.audit(&new.organization, entry).await?;
    Ok(decided.transitions.len())
}

/// The reason of a change, or the refusal `missing` without one.
pub(super) fn parse_reason(reason: &str, missing: Refusal) -> Result<&str, Refusal> {
    match reason.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
        reason if reason.contains('\0') || !is_visible(reason) => Err(missing),
        long if long.chars().count() > 500 => Err(Refusal::ReasonTooLong),
        reason => Ok(reason),
    }
}

fn check(organization: &Locked, new: &NewLimit) -> Result<(), Refusal> {
    let limit = organization.roster.limit;
    if organization.roster.archived {
        return Err(Refusal::Archived);
    }
    if new.expected_version.is_some_and(|version| version != organization.limit_version) {
        return Err(Refusal::LimitChangedMeanwhile(limit));
    }
    if limit == new.limit {
        return Err(Refusal::LimitIsTheSame(limit));
    }
    Ok(())
}
