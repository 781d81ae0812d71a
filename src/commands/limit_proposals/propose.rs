//! A large change of the seat limit becomes a proposal.

use super::end::expire;
use crate::{
    clock::Generate,
    commands::{
        Actor, Error,
        alerts::notify_of_proposal,
        seat_transaction::SeatTransaction,
        set_seat_limit::{Change, NewLimit, in_words, parse_reason},
    },
    domain::{
        audit::AuditAction,
        id::{ProposalId, SeatRequestId},
        limit_proposal::{LimitProposal, ProposalMessage, ProposalState},
        refusal::Refusal,
    },
    state::AppState,
    store::{audit_log::Entry, limit_proposals},
};

/// A change that a second staff member decides.
pub(in crate::commands) struct NewProposal<'a> {
    new: &'a NewLimit,
    /// The request that the change answers, and what the organization reads then.
    request: Option<(&'a SeatRequestId, &'a str)>,
}

impl<'a> NewProposal<'a> {
    pub fn of(new: &'a NewLimit) -> Self {
        Self { new, request: None }
    }

    #[must_use]
    pub fn answering(self, request: &'a SeatRequestId, text: &'a str) -> Self {
        Self { request: Some((request, text)), ..self }
    }
}

/// Writes the proposal and notifies the other staff. Refused while another one waits.
pub(in crate::commands) async fn propose(
    state: &AppState,
    mut seats: SeatTransaction<'_>,
    actor: &Actor,
    NewProposal { new, request }: NewProposal<'_>,
) -> Result<ProposalId, Error> {
    let account = actor.account().ok_or(Error::Missing)?;
    let reason = parse_reason(&new.reason, Refusal::ReasonMissing)?;
    let change = Change::of(&mut seats, new).await?;
    let (scope, now) = (seats.scope(&new.organization)?, seats.now());
    if let Some(known) = limit_proposals::open_of(seats.tx(), &scope).await? {
        if known.is_open(now) {
            return Err(Refusal::ProposalWaits.into());
        }
        expire(seats.tx(), state, &scope, &known, now).await?;
    }
    let (before, after) = (in_words(&change.before), in_words(&change.after));
    let proposal = LimitProposal {
        organization: new.organization.clone(),
        id: ProposalId::generate(&state.clock),
        state: ProposalState::Open,
        before: before.clone(),
        limit_version: seats.organization(&new.organization)?.limit_version,
        limit: new.limit,
        until: change.after.end.map(|end| end.at),
        reason: reason.to_owned(),
        request: request.map(|(id, _)| id.clone()),
        text: request.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        by: actor.name(),
        account: account.clone(),
        at: now,
        expires_at: now.plus(LimitProposal::LASTS),
        answer: None,
    };
    limit_proposals::add(seats.tx(), &proposal).await?;
    let entry = Entry {
        target_id: Some(proposal.id.as_str()),
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
        ..actor.entry(AuditAction::ProposeLimit)
    };
    seats.audit(&new.organization, entry).await?;
    seats.touch(&new.organization);
    let mut tx = seats.write().await?;
    notify_of_proposal(&mut tx, state, (&proposal, ProposalMessage::Waits), now).await?;
    tx.commit().await?;
    Ok(proposal.id)
}
