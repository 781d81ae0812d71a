//! Staff change a seat limit: waiting users are admitted in order, in the same transaction.

use super::{
    Actor, Error,
    alerts::notify_of_limit,
    limit_proposals::{NewProposal, propose},
    seat_transaction::{Cause, SeatTransaction},
};
use crate::{
    domain::{
        audit::AuditAction,
        id::{OrganizationId, ProposalId},
        limit_end::LimitEnd,
        limit_proposal::LimitTerms,
        organization::SeatLimit,
        refusal::{ApiKeyRefusal, Refusal},
        seats::Command,
        text::is_visible,
        time::Timestamp,
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

/// What became of a new limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitOutcome {
    /// It is set, and so many users were admitted.
    Set(usize),
    /// The change is so large that it waits for a second staff member.
    Proposed(ProposalId),
}

impl LimitOutcome {
    /// How many users were admitted.
    pub fn admitted(&self) -> usize {
        match self {
            Self::Set(admitted) => *admitted,
            Self::Proposed(_) => 0,
        }
    }
}

/// Sets the limit and admits waiting users to the free seats, unless the policy is by hand. A large
/// change by a staff member becomes a proposal instead. The command line needs no second person,
/// for the day on which none can be reached: the audit log says so. An API key is no person, so its
/// large changes are refused.
pub async fn set_seat_limit(
    state: &AppState,
    actor: &Actor,
    new: &NewLimit,
) -> Result<LimitOutcome, Error> {
    let reason = parse_reason(&new.reason, Refusal::ReasonMissing)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let is_large = needs_second_person(&mut seats, new).await?;
    if is_large && actor.is_api_key() {
        return Err(Error::Refused(ApiKeyRefusal::NeedsPeople.into()));
    }
    if is_large && !actor.is_command_line() {
        let proposed = propose(state, seats, actor, NewProposal::of(new)).await?;
        return Ok(LimitOutcome::Proposed(proposed));
    }
    let admitted = set_limit(&mut seats, actor, new).await?;
    if is_large {
        let entry = Entry { reason: Some(reason), ..actor.entry(AuditAction::SkipApproval) };
        seats.audit(&new.organization, entry).await?;
    }
    let scope = seats.scope(&new.organization)?;
    let (version, now) = (seats.organization(&new.organization)?.limit_version, seats.now());
    let mut tx = seats.write().await?;
    notify_of_limit(&mut tx, state, (&scope, version), now).await?;
    tx.commit().await?;
    Ok(LimitOutcome::Set(admitted))
}

/// Whether the change is possible, and so large that one staff member does not decide it alone.
pub(super) async fn needs_second_person(
    seats: &mut SeatTransaction<'_>,
    new: &NewLimit,
) -> Result<bool, Error> {
    let change = Change::of(seats, new).await?;
    let above = seats.settings().await?.approval_above;
    Ok(above.is_some_and(|above| change.before.changes_more_than(above, &change.after)))
}

/// Sets the limit as a part of a larger transaction; gives the number of admitted users.
pub(super) async fn set_limit(
    seats: &mut SeatTransaction<'_>,
    actor: &Actor,
    new: &NewLimit,
) -> Result<usize, Error> {
    let reason = parse_reason(&new.reason, Refusal::ReasonMissing)?;
    let change = Change::of(seats, new).await?;
    let scope = seats.scope(&new.organization)?;
    let admitted = if new.limit == change.before.limit {
        seats.renew_limit(&new.organization)?;
        0
    } else {
        let cause = Cause::Actor { action: ACTION.as_str(), actor };
        let command = Command::SetLimit(new.limit);
        seats.decide(&new.organization, &command, cause).await?.transitions.len()
    };
    let version = seats.organization(&new.organization)?.limit_version;
    match change.after.end {
        Some(end) => limit_ends::set(seats.tx(), &scope, version, end).await?,
        None => {
            limit_ends::remove(seats.tx(), &scope).await?;
        }
    }
    seats.note_limit_set(&new.organization, actor, reason).await?;
    let (before, after) = (in_words(&change.before), in_words(&change.after));
    let entry = Entry {
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
        ..actor.entry(ACTION)
    };
    seats.audit(&new.organization, entry).await?;
    Ok(admitted)
}

/// A possible change of a limit.
pub(super) struct Change {
    pub before: LimitTerms,
    pub after: LimitTerms,
}

impl Change {
    /// Refused if the change is not possible.
    pub async fn of(seats: &mut SeatTransaction<'_>, new: &NewLimit) -> Result<Self, Error> {
        let scope = seats.scope(&new.organization)?;
        let locked = seats.organization(&new.organization)?;
        let (limit, version) = (locked.roster.limit, locked.limit_version);
        let known = limit_ends::find(seats.tx(), &scope, version).await?;
        // a limit in place of one that ends leads to the same limit
        let then = known.map_or(limit, |end| end.then);
        let end = new.until.filter(|_| then != new.limit).map(|at| LimitEnd { at, then });
        check(seats.organization(&new.organization)?, new, (known, end))?;
        let (before, after) =
            (LimitTerms { limit, end: known }, LimitTerms { limit: new.limit, end });
        Ok(Self { before, after })
    }
}

/// `70 seats`, or `70 seats until 2027-01-31`.
pub(super) fn in_words(terms: &LimitTerms) -> String {
    match terms.end {
        Some(end) => format!("{} until {}", terms.limit, end.last_day().written()),
        None => terms.limit.to_string(),
    }
}

/// The reason of a change, or the refusal `missing` without one.
pub fn parse_reason(reason: &str, missing: Refusal) -> Result<&str, Refusal> {
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
