//! Messages about proposed changes of a seat limit: to the staff who may approve one, and to the
//! person who proposed it about the answer.

use super::{Composed, Error, enqueue, recipients};
use crate::{
    channels::email::templates::{LimitProposed, ProposalAnswered, ProposedLimit},
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{Audience, Channel, Message},
        directory_user::email_key,
        id::ProposalId,
        limit_proposal::{LimitProposal, ProposalMessage},
        time::Timestamp,
    },
    state::AppState,
    store::{accounts, limit_proposals, organizations::Locked, outbox::QueuedMessage},
};

/// Writes the messages about a proposal to the outbox.
pub(in crate::commands) async fn notify_of_proposal(
    tx: &mut Tx,
    state: &AppState,
    (proposal, message): (&LimitProposal, ProposalMessage),
    now: Timestamp,
) -> Result<(), Error> {
    let proposer = accounts::viewer(tx, &proposal.account).await?;
    let proposer = proposer.map(|viewer| viewer.email);
    let to = match message {
        ProposalMessage::Waits => {
            let scope = OrganizationScope::of_message(proposal.organization.clone());
            let mut staff = recipients(tx, state, &scope, Audience::Staff).await?;
            let own = proposer.as_deref().map(email_key);
            staff.retain(|(channel, to)| {
                *channel != Channel::Email || own.as_deref() != Some(&*email_key(to))
            });
            staff
        }
        ProposalMessage::Answered => {
            proposer.into_iter().map(|email| (Channel::Email, email)).collect()
        }
    };
    let about = (Some(&proposal.organization), (&proposal.id).into(), Message::Proposal(message));
    enqueue(tx, state, about, to, now).await
}

/// The e-mail about a proposal, as it is now.
pub(super) async fn about_proposal(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
    (locked, message): (&Locked, ProposalMessage),
) -> Result<Composed, Error> {
    const OVER: Composed = Composed::Dropped("The proposal was answered before the message left.");
    let (scope, url) = (&locked.scope, &state.settings.public_url);
    let id = ProposalId::new(queued.about.as_str());
    let Some(proposal) = limit_proposals::find(tx, scope, &id).await? else { return Ok(OVER) };
    let is_open = proposal.is_open(state.clock.now());
    let proposed = ProposedLimit {
        organization: scope.id().clone(),
        name: locked.details.name.clone(),
        usage: locked.roster.usage(),
        proposal: proposal.id,
        limit: proposal.limit,
        by: proposal.by,
        reason: proposal.reason,
        expires_at: proposal.expires_at,
    };
    Ok(match (message, proposal.answer) {
        (ProposalMessage::Waits, _) if is_open => {
            Composed::of(LimitProposed { proposed }.email(url))
        }
        (ProposalMessage::Answered, Some(answer)) => {
            let state = proposal.state;
            Composed::of(ProposalAnswered { proposed, state, answer }.email(url))
        }
        (ProposalMessage::Waits, _) | (ProposalMessage::Answered, None) => OVER,
    })
}
