//! A proposal ends without a new limit: it is rejected or withdrawn, its request is over, or its
//! time is.

use super::{NewProposalAnswer, is_staff, open};
use crate::{
    clock::Generate,
    commands::{Actor, Error, alerts::notify_of_proposal},
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        id::{AuditEntryId, SeatRequestId},
        limit_proposal::{LimitProposal, ProposalAnswer, ProposalMessage, ProposalState},
        refusal::Refusal,
        seat_request::parse_text,
        time::Timestamp,
    },
    state::AppState,
    store::{audit_log, limit_proposals, organizations},
};

/// How many proposals expire in one turn.
const AT_ONCE: i64 = 100;

/// Another staff member rejects the proposal with a sentence.
pub async fn reject_proposal(
    state: &AppState,
    actor: &Actor,
    new: &NewProposalAnswer,
) -> Result<(), Error> {
    let text = parse_text(&new.text, Refusal::RequestTextMissing)?;
    let account = actor.account().ok_or(Error::Missing)?;
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let proposal = open(&mut tx, scope, &new.proposal, now).await?;
    if proposal.account == *account {
        return Err(Refusal::OwnProposal.into());
    }
    if !is_staff(&mut tx, account).await? {
        return Err(Error::Missing);
    }
    let end = End { state: ProposalState::Rejected, text: &text, at: now };
    end.write(&mut tx, state, actor, (scope, &proposal)).await?;
    notify_of_proposal(&mut tx, state, (&proposal, ProposalMessage::Answered), now).await?;
    organizations::touch(&mut tx, scope.id(), now).await?;
    Ok(tx.commit().await?)
}

/// The person who proposed it withdraws it.
pub async fn withdraw_proposal(
    state: &AppState,
    actor: &Actor,
    new: &NewProposalAnswer,
) -> Result<(), Error> {
    let account = actor.account().ok_or(Error::Missing)?;
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let proposal = open(&mut tx, scope, &new.proposal, now).await?;
    if proposal.account != *account {
        return Err(Refusal::ProposalOfAnother.into());
    }
    let end = End { state: ProposalState::Withdrawn, text: "", at: now };
    end.write(&mut tx, state, actor, (scope, &proposal)).await?;
    organizations::touch(&mut tx, scope.id(), now).await?;
    Ok(tx.commit().await?)
}

/// The request that an open proposal answers was declined or withdrawn.
pub(in crate::commands) async fn end_with_request(
    tx: &mut Tx,
    state: &AppState,
    actor: &Actor,
    (scope, request): (&OrganizationScope, &SeatRequestId),
    now: Timestamp,
) -> Result<(), Error> {
    let open = limit_proposals::open_of(tx, scope).await?;
    let Some(proposal) = open.filter(|open| open.request.as_ref() == Some(request)) else {
        return Ok(());
    };
    let text = "The seat request was answered or withdrawn.";
    let end = End { state: ProposalState::Withdrawn, text, at: now };
    end.write(tx, state, actor, (scope, &proposal)).await?;
    notify_of_proposal(tx, state, (&proposal, ProposalMessage::Answered), now).await
}

/// Ends the proposals whose time is over; gives how many.
pub async fn expire_proposals(state: &AppState) -> Result<usize, Error> {
    let now = state.clock.now();
    let due = limit_proposals::expired(&mut state.db.read().await?, now, AT_ONCE).await?;
    let mut expired = 0;
    for (organization, id) in due {
        let mut tx = state.db.write().await?;
        let Some(locked) = organizations::lock(&mut tx, &organization).await? else { continue };
        let (scope, now) = (&locked.scope, state.clock.now());
        let known = limit_proposals::find(&mut tx, scope, &id).await?;
        let over = known.filter(|one| one.state == ProposalState::Open && !one.is_open(now));
        // another process was quicker
        let Some(proposal) = over else { continue };
        expire(&mut tx, state, scope, &proposal, now).await?;
        organizations::touch(&mut tx, scope.id(), now).await?;
        tx.commit().await?;
        expired += 1;
    }
    Ok(expired)
}

/// Ends a proposal whose time is over.
pub(super) async fn expire(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    proposal: &LimitProposal,
    now: Timestamp,
) -> Result<(), Error> {
    let end = End { state: ProposalState::Expired, text: "", at: now };
    end.write(tx, state, &Actor::job(), (scope, proposal)).await?;
    notify_of_proposal(tx, state, (proposal, ProposalMessage::Answered), now).await
}

/// How a proposal ends.
struct End<'a> {
    state: ProposalState,
    text: &'a str,
    at: Timestamp,
}

impl End<'_> {
    async fn write(
        &self,
        tx: &mut Tx,
        state: &AppState,
        actor: &Actor,
        (scope, proposal): (&OrganizationScope, &LimitProposal),
    ) -> Result<(), Error> {
        let answer = ProposalAnswer { by: actor.name(), text: self.text.to_owned(), at: self.at };
        limit_proposals::end(tx, scope, &proposal.id, (self.state, &answer)).await?;
        let action = match self.state {
            ProposalState::Rejected => AuditAction::RejectProposal,
            ProposalState::Expired => AuditAction::ExpireProposal,
            _ => AuditAction::WithdrawProposal,
        };
        let after = proposal.limit.to_string();
        let entry = audit_log::Entry {
            target_id: Some(proposal.id.as_str()),
            // both people are named
            target: Some(&proposal.by),
            before: Some(&proposal.before),
            after: Some(&after),
            reason: Some(self.text).filter(|text| !text.is_empty()),
            ..actor.entry(action)
        };
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add(tx, scope, &id, &entry, self.at).await?;
        Ok(())
    }
}
