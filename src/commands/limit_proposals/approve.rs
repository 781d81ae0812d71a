//! A second staff member approves a proposal: the limit is set as the form of the limit does, and
//! the waitlist is admitted in the same transaction.

use super::{NewProposalAnswer, is_staff, open};
use crate::{
    commands::{
        Actor, Error,
        alerts::{notify_of_limit, notify_of_proposal},
        seat_requests::Approving,
        seat_transaction::SeatTransaction,
        set_seat_limit::{NewLimit, set_limit},
    },
    domain::{
        limit_proposal::{LimitProposal, ProposalAnswer, ProposalMessage, ProposalState},
        refusal::Refusal,
    },
    state::AppState,
    store::limit_proposals,
};

/// Approves the proposal; gives the number of admitted users. The rights of both people are those
/// of this moment.
pub async fn approve_proposal(
    state: &AppState,
    actor: &Actor,
    new: &NewProposalAnswer,
) -> Result<usize, Error> {
    let account = actor.account().ok_or(Error::Missing)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let (scope, now) = (seats.scope(&new.organization)?, seats.now());
    let proposal = open(seats.tx(), &scope, &new.proposal, now).await?;
    if proposal.account == *account {
        return Err(Refusal::OwnProposal.into());
    }
    if !is_staff(seats.tx(), account).await? {
        return Err(Error::Missing);
    }
    if !is_staff(seats.tx(), &proposal.account).await? {
        return Err(Refusal::ProposerLeft.into());
    }
    if proposal.until.is_some_and(|until| until <= now) {
        return Err(Refusal::LastDayRange.into());
    }
    let both = actor.approving(&proposal.by);
    let wish = wish(&proposal, new.expected_limit_version);
    let answers = match &proposal.request {
        Some(request) => {
            let text = proposal.text.clone();
            Some(Approving::begin(&mut seats, &scope, request, text).await?)
        }
        None => None,
    };
    let admitted = set_limit(&mut seats, &both, &wish).await?;
    let answer = ProposalAnswer { by: actor.name(), text: String::new(), at: now };
    let ended = (ProposalState::Approved, &answer);
    limit_proposals::end(seats.tx(), &scope, &proposal.id, ended).await?;
    if let Some(answers) = &answers {
        answers.log(&mut seats, &both, proposal.limit).await?;
    }
    let version = seats.organization(&new.organization)?.limit_version;
    let mut tx = seats.write().await?;
    match answers {
        Some(answers) => answers.write(&mut tx, state, actor, (proposal.limit, now)).await?,
        None => notify_of_limit(&mut tx, state, (&scope, version), now).await?,
    }
    notify_of_proposal(&mut tx, state, (&proposal, ProposalMessage::Answered), now).await?;
    tx.commit().await?;
    Ok(admitted)
}

fn wish(proposal: &LimitProposal, expected_version: Option<i64>) -> NewLimit {
    NewLimit {
        organization: proposal.organization.clone(),
        limit: proposal.limit,
        until: proposal.until,
        reason: proposal.reason.clone(),
        expected_version,
    }
}
