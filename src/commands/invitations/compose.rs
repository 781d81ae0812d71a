//! Composes the e-mail of an invitation when it leaves.

use super::{about, token_hash};
use crate::{
    channels::email::templates,
    commands::{Composed, Error, link_token::fresh_token},
    domain::{
        id::InvitationId,
        invitation::{Invitation, InvitationState},
    },
    state::AppState,
    store::{
        invitations,
        organizations::{self, Locked},
        outbox::QueuedMessage,
    },
};

const OVER: Composed = Composed::Dropped("The invitation was accepted or revoked.");
const EXPIRED: Composed = Composed::Dropped("The invitation expired before it left.");
const REPLACED: Composed = Composed::Dropped("The invitation was sent again.");
const ARCHIVED: Composed = Composed::Dropped("The organization is archived.");

/// The e-mail, if the invitation is still open: its recipient has no account that could say whether
/// it may still be sent. Each call makes a link: after a crash, or after a server that answered too
/// late, an earlier e-mail may have left with another one, and that works as well.
pub async fn compose_invitation(
    state: &AppState,
    queued: &QueuedMessage,
) -> Result<Composed, Error> {
    let mut tx = state.db.write().await?;
    let organization = queued.organization.as_ref();
    let locked = match organization {
        Some(id) => organizations::lock(&mut tx, id).await?,
        None => None,
    };
    let id = queued.about.as_str().split('.').next().unwrap_or_default();
    let id = InvitationId::new(id);
    let Some(invitation) = invitations::lock(&mut tx, organization, &id).await? else {
        return Ok(OVER);
    };
    if let Some(dropped) = dropped(state, queued, (&invitation, locked.as_ref())) {
        return Ok(dropped);
    }
    let token = fresh_token()?;
    let hash = token_hash(&token).ok_or(Error::Missing)?;
    invitations::add_link(&mut tx, &invitation, &hash).await?;
    tx.commit().await?;
    let facts = templates::Invitation {
        organization: locked.map(|locked| called(&locked)),
        role: invitation.role,
        invited_by: invitation.invited_by,
        expires_at: invitation.expires_at,
        token,
    };
    Ok(Composed::Email(Box::new(facts.email(&state.settings.public_url))))
}

/// Why it has nothing to say any more.
fn dropped(
    state: &AppState,
    queued: &QueuedMessage,
    (invitation, locked): (&Invitation, Option<&Locked>),
) -> Option<Composed> {
    if invitation.state != InvitationState::Open {
        return Some(OVER);
    }
    if queued.about != about(invitation) {
        return Some(REPLACED);
    }
    if locked.is_some_and(|locked| locked.roster.archived) {
        return Some(ARCHIVED);
    }
    invitation.has_expired(state.clock.now()).then_some(EXPIRED)
}

/// The name of the organization; its id if it has none.
fn called(locked: &Locked) -> String {
    let name = &locked.details.name;
    if name.trim().is_empty() { locked.id().to_string() } else { name.clone() }
}
