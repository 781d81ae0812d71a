//! Invitations: people invite colleagues by e-mail. The token of a link exists in the e-mail alone:
//! it is made when the e-mail is composed, and its hash is stored in the same transaction.

mod accept;
mod compose;
mod first_account;
mod invite;
mod link;

pub use self::{
    accept::{Acceptance, Accepted, accept_invitation},
    compose::compose_invitation,
    first_account::offer_first_account,
    invite::{Invited, InvitedTo, NewInvitation, invite, resend_invitation, revoke_invitation},
    link::token_hash,
};
use super::Error;
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        id::{AboutId, AuditEntryId, OrganizationId},
        invitation::Invitation,
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        organizations::{self, Locked},
    },
};

/// What the e-mail of one sending is about.
fn about(invitation: &Invitation) -> AboutId {
    AboutId::new(format!("{}.{}", invitation.id, invitation.sending))
}

/// What is locked before an invitation: the organization, or all staff accounts.
enum Place {
    Organization(Box<Locked>),
    Staff,
}

impl Place {
    /// Refused if the organization is archived.
    async fn lock(tx: &mut Tx, organization: Option<&OrganizationId>) -> Result<Self, Error> {
        let Some(id) = organization else {
            accounts::lock_staff(tx).await?;
            return Ok(Self::Staff);
        };
        let locked = organizations::lock(tx, id).await?.ok_or(Error::Missing)?;
        if locked.roster.archived {
            return Err(Refusal::Archived.into());
        }
        Ok(Self::Organization(Box::new(locked)))
    }

    fn scope(&self) -> Option<&OrganizationScope> {
        match self {
            Self::Organization(locked) => Some(&locked.scope),
            Self::Staff => None,
        }
    }

    /// Adds an entry to the audit log; open pages of the organization are notified.
    async fn note(
        &self,
        tx: &mut Tx,
        state: &AppState,
        entry: &Entry<'_>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let id = AuditEntryId::generate(&state.clock);
        match self.scope() {
            Some(scope) => {
                audit_log::add(tx, scope, &id, entry, now).await?;
                organizations::touch(tx, scope.id(), now).await?;
            }
            None => audit_log::add_to_installation(tx, &id, entry, now).await?,
        }
        Ok(())
    }
}
