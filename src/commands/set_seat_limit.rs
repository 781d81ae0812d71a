//! Staff change a seat limit: waiting users are admitted in order, in the same transaction.

use super::{
    Actor, Error,
    alerts::notify_of_limit,
    seat_transaction::{Cause, SeatTransaction},
};
use crate::{
    domain::{
        audit::AuditAction, id::OrganizationId, limit_end::LimitEnd, organization::SeatLimit,
        refusal::Refusal, seats::Command, text::is_visible, time::Timestamp,
    },
    state::AppState,
    store::{audit_log::Entry, limit_ends, organizations::Locked},
};

const ACTION: AuditAction = AuditAction::SetSeatLimit;

/// The requested change.
#[derive(Clone, Debug)]
pub struct NewLimit {
    pub organization: OrganizationId,
    pub limit: SeatLimit,
    /// When it ends; then the limit before it applies again. `None`: it does not end.
    pub until: Option<Timestamp>,
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
    let scope = seats.scope(&new.organization)?;
    let locked = seats.organization(&new.organization)?;
    let (before, version) = (locked.roster.limit, locked.limit_version);
    let known = limit_ends::find(seats.tx(), &scope, version).await?;
    // a limit in place of one that ends leads to the same limit
    let then = known.map_or(before, |end| end.then);
    let end = new.until.filter(|_| then != new.limit).map(|at| LimitEnd { at, then });
    check(seats.organization(&new.organization)?, new, (known, end))?;
    let admitted = if new.limit == before {
        seats.renew_limit(&new.organization)?;
        0
    } else {
        let cause = Cause::Actor { action: ACTION.as_str(), actor };
        let command = Command::SetLimit(new.limit);
        seats.decide(&new.organization, &command, cause).await?.transitions.len()
    };
    let version = seats.organization(&new.organization)?.limit_version;
    match end {
        Some(end) => limit_ends::set(seats.tx(), &scope, version, end).await?,
        None => {
            limit_ends::remove(seats.tx(), &scope).await?;
        }
    }
    seats.note_limit_set(&new.organization, actor, reason).await?;
    let (before, after) = (in_words(before, known), in_words(new.limit, end));
    let entry = Entry {
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
        ..actor.entry(ACTION)
    };
    seats.audit(&new.organization, entry).await?;
    Ok(admitted)
}

/// `70 seats`, or `70 seats until 2027-01-31`.
fn in_words(limit: SeatLimit, end: Option<LimitEnd>) -> String {
    match end {
        Some(end) => format!("{limit} until {}", end.last_day().written()),
        None => limit.to_string(),
    }
}

/// The reason of a change, or the refusal `missing` without one.
pub(super) fn parse_reason(reason: &str, missing: Refusal) -> Result<&str, Refusal> {
    match reason.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
        reason if reason.contains('\0') || !is_visible(reason) => Err(missing),
        long if long.chars().count() > 500 => Err(Refusal::ReasonTooLong),
        reason => Ok(reason),
    }
}

/// The ends are those of the limit of now and of the new one.
fn check(
    organization: &Locked,
    new: &NewLimit,
    (known, end): (Option<LimitEnd>, Option<LimitEnd>),
) -> Result<(), Refusal> {
    let limit = organization.roster.limit;
    if organization.roster.archived {
        return Err(Refusal::Archived);
    }
    if new.expected_version.is_some_and(|version| version != organization.limit_version) {
        return Err(Refusal::LimitChangedMeanwhile(limit));
    }
    if limit == new.limit && known == end {
        return Err(Refusal::LimitIsTheSame(limit));
    }
    if end.is_some_and(|end| end.then == SeatLimit::NotSet) {
        return Err(Refusal::LastDayOfFirstLimit);
    }
    Ok(())
}
