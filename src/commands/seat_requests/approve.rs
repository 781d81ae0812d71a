//! Staff approve a request: they set the limit as the form of the limit does, and the waitlist is
//! admitted in the same transaction.

use super::{Written, current, write};
use crate::{
    commands::{
        Actor, Error,
        seat_transaction::SeatTransaction,
        set_seat_limit::{NewLimit, set_limit},
    },
    domain::{
        audit::AuditAction,
        id::{OrganizationId, SeatRequestId},
        organization::SeatLimit,
        refusal::Refusal,
        seat_request::{EntryKind, more_seats, parse_text},
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

/// Approves the request; gives the number of people who got a seat.
pub async fn approve_request(
    state: &AppState,
    actor: &Actor,
    new: &NewApproval,
) -> Result<usize, Error> {
    let text = match new.text.trim() {
        "" => String::new(),
        text => parse_text(text, Refusal::RequestTextMissing)?,
    };
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let scope = seats.scope(&new.organization)?;
    let mut request = current(seats.tx(), &scope, &new.request, new.expected_version).await?;
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
    let admitted = if limit == now { 0 } else { set_limit(&mut seats, actor, &wish).await? };
    let (before, after) = (request.state.word(), limit.to_string());
    let entry = Entry {
        target_id: Some(request.id.as_str()),
        before: Some(before),
        after: Some(&after),
        reason: Some(text.as_str()).filter(|text| !text.is_empty()),
        ..actor.entry(AuditAction::ApproveRequest)
    };
    seats.audit(&new.organization, entry).await?;
    seats.touch(&new.organization);
    let at = seats.now();
    let mut tx = seats.write().await?;
    let by = actor.name();
    let written = Written { kind: EntryKind::Approved, by: &by, text, limit: Some(limit) };
    write(&mut tx, state, &scope, (&mut request, written), at).await?;
    tx.commit().await?;
    Ok(admitted)
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
