//! Staff approve a request: they set the limit as the form of the limit does, and the waitlist is
//! admitted in the same transaction.

use super::{Written, current, write};
use crate::{
    commands::{
        Actor, Error,
        limit_proposals::{NewProposal, propose},
        seat_transaction::SeatTransaction,
        set_seat_limit::{LimitOutcome, NewLimit, needs_second_person, set_limit},
    },
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        id::{OrganizationId, SeatRequestId},
        organization::SeatLimit,
        refusal::Refusal,
        seat_request::{EntryKind, SeatRequest, more_seats, parse_text},
        time::Timestamp,
    },
    state::AppState,
    store::audit_log::Entry,
};

#[derive(Clone, Debug)]
pub struct NewApproval {
    pub organization: OrganizationId,
    pub request: SeatRequestId,
    /// The new limit; `None`: as many more seats as are wanted. It may give fewer seats than are
    /// wanted, or be the limit of now, if that was raised since the request.
    pub limit: Option<SeatLimit>,
    /// For the organization; may be empty.
    pub text: String,
    /// The versions of the request and of the limit that the person saw; `None` acts on any.
    pub expected_version: Option<i64>,
    pub expected_limit_version: Option<i64>,
}

/// Approves the request. A large change of the limit becomes a proposal first, and the request
/// waits until a second staff member has approved that.
pub async fn approve_request(
    state: &AppState,
    actor: &Actor,
    new: &NewApproval,
) -> Result<LimitOutcome, Error> {
    let text = match new.text.trim() {
        "" => String::new(),
        text => parse_text(text, Refusal::RequestTextMissing)?,
    };
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let scope = seats.scope(&new.organization)?;
    let request = current(seats.tx(), &scope, &new.request, new.expected_version).await?;
    request.state.after(EntryKind::Approved)?;
    let locked = seats.organization(&new.organization)?;
    let now = locked.roster.limit;
    let limit = new.limit.or_else(|| request.wanted_limit(now)).unwrap_or(SeatLimit::Unlimited);
    if lowers(now, limit) {
        return Err(Refusal::ApprovalLowers.into());
    }
    let reason = match text.as_str() {
        "" => format!("Approved the request for {}.", more_seats(request.seats)),
        text => text.chars().take(500).collect(),
    };
    let wish = NewLimit {
        organization: new.organization.clone(),
        limit,
        until: None,
        reason,
        expected_version: new.expected_limit_version,
    };
    // The limit may have been raised since the request; then only the answer is missing.
    let is_raised = limit != now;
    let is_large = is_raised && needs_second_person(&mut seats, &wish).await?;
    if is_large && !actor.is_command_line() {
        let proposal = NewProposal::of(&wish).answering(&request.id, &text);
        return Ok(LimitOutcome::Proposed(propose(state, seats, actor, proposal).await?));
    }
    let answer = Approving { scope, request, text };
    let admitted = if is_raised { set_limit(&mut seats, actor, &wish).await? } else { 0 };
    if is_large {
        let entry = Entry { reason: Some(&wish.reason), ..actor.entry(AuditAction::SkipApproval) };
        seats.audit(&new.organization, entry).await?;
    }
    answer.log(&mut seats, actor, limit).await?;
    let at = seats.now();
    let mut tx = seats.write().await?;
    answer.write(&mut tx, state, actor, (limit, at)).await?;
    tx.commit().await?;
    Ok(LimitOutcome::Set(admitted))
}

/// A request that is approved together with a new limit.
pub(in crate::commands) struct Approving {
    scope: OrganizationScope,
    request: SeatRequest,
    /// For the organization; may be empty.
    text: String,
}

impl Approving {
    /// Refused if the request is over.
    pub async fn begin(
        seats: &mut SeatTransaction<'_>,
        scope: &OrganizationScope,
        id: &SeatRequestId,
        text: String,
    ) -> Result<Self, Error> {
        let request = current(seats.tx(), scope, id, None).await?;
        request.state.after(EntryKind::Approved)?;
        Ok(Self { scope: scope.clone(), request, text })
    }

    /// Records the answer, before the seats are written.
    pub async fn log(
        &self,
        seats: &mut SeatTransaction<'_>,
        actor: &Actor,
        limit: SeatLimit,
    ) -> Result<(), Error> {
        let (before, after) = (self.request.state.word(), limit.to_string());
        let entry = Entry {
            target_id: Some(self.request.id.as_str()),
            before: Some(before),
            after: Some(&after),
            reason: Some(self.text.as_str()).filter(|text| !text.is_empty()),
            ..actor.entry(AuditAction::ApproveRequest)
        };
        seats.audit(self.scope.id(), entry).await?;
        seats.touch(self.scope.id());
        Ok(())
    }

    /// Answers the request and notifies the organization.
    pub async fn write(
        mut self,
        tx: &mut Tx,
        state: &AppState,
        actor: &Actor,
        (limit, at): (SeatLimit, Timestamp),
    ) -> Result<(), Error> {
        let by = actor.name();
        let written =
            Written { kind: EntryKind::Approved, by: &by, text: self.text, limit: Some(limit) };
        write(tx, state, &self.scope, (&mut self.request, written), at).await
    }
}

/// Whether the new limit gives fewer seats than the limit of now.
fn lowers(now: SeatLimit, new: SeatLimit) -> bool {
    match (now, new) {
        (SeatLimit::Unlimited, SeatLimit::Seats(_)) | (_, SeatLimit::NotSet) => true,
        (SeatLimit::Seats(now), SeatLimit::Seats(new)) => new < now,
        (_, SeatLimit::Unlimited) | (SeatLimit::NotSet, SeatLimit::Seats(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_never_takes_seats_away() {
        use SeatLimit::{NotSet, Seats, Unlimited};

        for (now, new) in [(Seats(50), Seats(49)), (Unlimited, Seats(50)), (Seats(50), NotSet)] {
            assert!(lowers(now, new), "{now:?} {new:?}");
        }
        for (now, new) in [(Seats(50), Seats(50)), (Seats(50), Unlimited), (NotSet, Seats(1))] {
            assert!(!lowers(now, new), "{now:?} {new:?}");
        }
    }
}
