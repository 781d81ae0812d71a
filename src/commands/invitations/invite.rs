//! Invites a person, sends an invitation again, and revokes one.

use std::time::Duration;

use super::{Place, about, token_hash};
use crate::{
    channels::email::templates::invitation::link,
    clock::Generate,
    commands::{Actor, Error, add_account::parse_email, alerts::enqueue, link_token::fresh_token},
    db::Tx,
    domain::{
        access::{FreshProof, Role},
        alert::{Channel, Message},
        audit::AuditAction,
        directory_user::email_key,
        id::{InvitationId, OrganizationId},
        invitation::{Invitation, InvitationState},
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{accounts, audit_log::Entry, invitations, outbox},
};

/// What people are invited to.
#[derive(Clone, Debug)]
pub enum InvitedTo {
    Organization(OrganizationId),
    /// Staff see everything, so the person who invites has proved lately who they are.
    Staff(FreshProof),
}

impl InvitedTo {
    fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Organization(id) => Some(id),
            Self::Staff(_) => None,
        }
    }
}

/// An address that a person wants to invite.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub to: InvitedTo,
    pub email: String,
    pub role: Role,
    /// Whether the invitation leaves by e-mail.
    pub by_email: bool,
    /// Whether the caller needs a link.
    pub wants_link: bool,
}

/// An invitation that was made.
#[derive(Clone, Debug)]
pub struct Invited {
    pub id: InvitationId,
    /// If the caller needs one.
    pub link: Option<String>,
}

/// Invites an address. The answer does not tell whether the address has an account elsewhere.
pub async fn invite(
    state: &AppState,
    actor: &Actor,
    new: &NewInvitation,
) -> Result<Invited, Error> {
    let organization = new.to.organization();
    let mut tx = state.db.write().await?;
    let place = Place::lock(&mut tx, organization).await?;
    let (email, now) = (parse_email(&new.email)?, state.clock.now());
    let key = email_key(email);
    if !Invitation::is_role_for(new.role, organization) {
        return Err(Refusal::InvitationRole.into());
    }
    check_address(&mut tx, organization, &key).await?;
    if let Some(known) = invitations::open_of(&mut tx, organization, &key).await? {
        if !known.has_expired(now) {
            return Err(Refusal::InvitationOpen.into());
        }
        invitations::end(&mut tx, &known, InvitationState::Expired).await?;
    }
    if new.by_email {
        check_rate(&mut tx, organization, now).await?;
    }
    let invitation = Invitation {
        organization: organization.cloned(),
        id: InvitationId::generate(&state.clock),
        email: email.to_owned(),
        role: new.role,
        invited_by: inviter(actor),
        invited_at: now,
        expires_at: now.plus(Invitation::LASTS),
        sending: 1,
        state: InvitationState::Open,
    };
    invitations::add(&mut tx, &invitation, &key).await?;
    let link = if new.wants_link {
        let token = fresh_token()?;
        let hash = token_hash(&token).ok_or(Error::Missing)?;
        invitations::add_link(&mut tx, &invitation, &hash).await?;
        Some(link(&state.settings.public_url, &token))
    } else {
        None
    };
    if new.by_email {
        send(&mut tx, state, &invitation, now).await?;
    }
    let entry = Entry {
        target_id: Some(invitation.id.as_str()),
        target: Some(email),
        after: Some(new.role.as_str()),
        ..actor.entry(AuditAction::Invite)
    };
    place.note(&mut tx, state, &entry, now).await?;
    tx.commit().await?;
    Ok(Invited { id: invitation.id, link })
}

/// What the invited person reads. The name of an account of the machine is none of their business.
fn inviter(actor: &Actor) -> String {
    if actor.account().is_some() { actor.name() } else { "Seatkeeper’s operator".to_owned() }
}

/// Refuses an address that belongs to the organization, or to the staff, already. To invite to the
/// staff is to see all accounts, so an account of a customer is refused, too.
async fn check_address(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    key: &str,
) -> Result<(), Error> {
    let Some(account) = accounts::by_email(tx, key).await? else { return Ok(()) };
    let (viewer, _) = accounts::listed(tx, &account).await?.ok_or(Error::Missing)?;
    let refusal = match organization {
        Some(id) => viewer.organizations.contains_key(id).then_some(Refusal::AlreadyMember),
        None if viewer.role.is_staff() => Some(Refusal::AlreadyStaff),
        None => Some(Refusal::AddressOfCustomer),
    };
    refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
}

async fn check_rate(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    now: Timestamp,
) -> Result<(), Error> {
    let since = now.minus(Duration::from_hours(1));
    let sent = outbox::invitations_since(tx, organization, since).await?;
    if sent >= Invitation::MOST_PER_HOUR {
        return Err(Refusal::TooManyInvitations.into());
    }
    Ok(())
}

/// Writes the e-mail to the outbox.
async fn send(
    tx: &mut Tx,
    state: &AppState,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<(), Error> {
    let to = vec![(Channel::Email, invitation.email.clone())];
    let what = (invitation.organization.as_ref(), about(invitation), Message::Invitation);
    enqueue(tx, state, what, to, now).await
}

/// Sends an open invitation again, also one that has expired: with a new link, for three days. The
/// old links work no more.
pub async fn resend_invitation(
    state: &AppState,
    actor: &Actor,
    to: &InvitedTo,
    id: &InvitationId,
) -> Result<(), Error> {
    let organization = to.organization();
    let mut tx = state.db.write().await?;
    let place = Place::lock(&mut tx, organization).await?;
    let now = state.clock.now();
    let mut invitation = open(&mut tx, organization, id).await?;
    check_address(&mut tx, organization, &email_key(&invitation.email)).await?;
    check_rate(&mut tx, organization, now).await?;
    invitation.invited_by = inviter(actor);
    invitation.invited_at = now;
    invitation.expires_at = now.plus(Invitation::LASTS);
    invitation.sending += 1;
    invitations::resend(&mut tx, &invitation).await?;
    send(&mut tx, state, &invitation, now).await?;
    let entry = entry(actor, AuditAction::ResendInvitation, &invitation);
    place.note(&mut tx, state, &entry, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends an open invitation. Its links say so from now on.
pub async fn revoke_invitation(
    state: &AppState,
    actor: &Actor,
    to: &InvitedTo,
    id: &InvitationId,
) -> Result<(), Error> {
    let organization = to.organization();
    let mut tx = state.db.write().await?;
    let place = Place::lock(&mut tx, organization).await?;
    let invitation = open(&mut tx, organization, id).await?;
    invitations::end(&mut tx, &invitation, InvitationState::Revoked).await?;
    let entry = entry(actor, AuditAction::RevokeInvitation, &invitation);
    place.note(&mut tx, state, &entry, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

fn entry<'a>(actor: &'a Actor, action: AuditAction, invitation: &'a Invitation) -> Entry<'a> {
    Entry {
        target_id: Some(invitation.id.as_str()),
        target: Some(&invitation.email),
        ..actor.entry(action)
    }
}

/// The invitation, if it can still be acted on.
async fn open(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    id: &InvitationId,
) -> Result<Invitation, Error> {
    let invitation = invitations::lock(tx, organization, id).await?.ok_or(Error::Missing)?;
    match invitation.state {
        InvitationState::Open => Ok(invitation),
        InvitationState::Accepted => Err(Refusal::InvitationUsed.into()),
        InvitationState::Revoked => Err(Refusal::InvitationRevoked.into()),
        InvitationState::Expired => Err(Refusal::InvitationExpired.into()),
    }
}
