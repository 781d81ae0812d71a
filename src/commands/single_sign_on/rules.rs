//! Which accounts an identity may open, and who is let in without an invitation.

use super::Place;
use crate::{
    commands::Error,
    db::Tx,
    domain::{
        access::Viewer,
        directory_user::{SeatState, email_key},
        id::{DirectoryUserId, OrganizationId},
        refusal::SignOnRefusal,
        single_sign_on::{ProviderKind, domain_of},
    },
    oidc::Identity,
    store::{
        directory_users, groups, identity_providers, identity_providers::StoredProvider,
        organizations::Locked, role_mappings,
    },
};

/// Whether the provider of this place may open this account: that of the staff opens staff
/// accounts, and that of an organization accounts that have no rights anywhere else.
pub(super) fn may_open(place: Place<'_>, viewer: &Viewer) -> Result<(), SignOnRefusal> {
    let is_elsewhere = |id: &OrganizationId| place != Some(id);
    let may = match place {
        None => viewer.role.is_staff(),
        Some(_) => !viewer.role.is_staff() && !viewer.organizations.keys().any(is_elsewhere),
    };
    if may { Ok(()) } else { Err(SignOnRefusal::OtherRights) }
}

/// Why a person without a membership is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Welcome {
    /// The domain of the address belongs to the organization.
    Domain,
    /// A group of the directory user has a role in the dashboard.
    Group,
}

/// What the organization's rules say about the address of an identity.
pub(super) struct Address<'a> {
    pub email: &'a str,
    pub key: String,
    /// The domain belongs to the organization.
    pub is_of_domain: bool,
    /// The address is this person's: the provider has verified it, or it is the organization's own
    /// provider and the domain belongs to the organization.
    pub is_certain: bool,
}

impl<'a> Address<'a> {
    pub async fn of(
        tx: &mut Tx,
        locked: &Locked,
        stored: &StoredProvider,
        identity: &'a Identity,
    ) -> Result<Self, Error> {
        let email = identity.email.as_deref().ok_or(SignOnRefusal::NoEmail)?;
        if email.parse::<lettre::Address>().is_err() {
            return Err(SignOnRefusal::NoEmail.into());
        }
        let domain = domain_of(email);
        let domains = identity_providers::domains(tx, &locked.scope).await?;
        let is_of_domain = domain.is_some_and(|domain| domains.contains(&domain));
        let is_own = stored.kind == ProviderKind::Oidc;
        let is_certain = identity.is_email_verified || (is_own && is_of_domain);
        Ok(Self { email, key: email_key(email), is_of_domain, is_certain })
    }

    /// Whether the organization lets in a person with this address who has no membership.
    pub async fn welcome(&self, tx: &mut Tx, locked: &Locked) -> Result<Welcome, Error> {
        let here = [(locked.id().clone(), self.key.clone())];
        let known = directory_users::ever_with_emails(tx, &here).await?;
        let is_here = |state| !matches!(state, SeatState::Inactive | SeatState::Removed);
        // as a membership finds its directory user
        let user = known.iter().filter(|(_, user)| is_here(user.state)).map(|(_, user)| &user.id);
        let user = user.min();
        if user.is_none() && !known.is_empty() {
            return Err(SignOnRefusal::LeftDirectory.into());
        }
        let by_group = match user {
            Some(user) => has_role(tx, locked, user).await?,
            None => false,
        };
        let welcome = match (self.is_of_domain, by_group) {
            (true, _) => Welcome::Domain,
            (false, true) if !self.is_of_another(tx).await? => Welcome::Group,
            _ => return Err(SignOnRefusal::NoAccount.into()),
        };
        if self.is_certain { Ok(welcome) } else { Err(SignOnRefusal::EmailNotVerified.into()) }
    }

    /// An organization makes no account with an address of another one.
    async fn is_of_another(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(domain) = domain_of(self.email) else { return Ok(false) };
        Ok(identity_providers::owner_of_domain(tx, &domain).await?.is_some())
    }
}

async fn has_role(tx: &mut Tx, locked: &Locked, user: &DirectoryUserId) -> Result<bool, Error> {
    let mapping = role_mappings::of(tx, &locked.scope).await?;
    let user = [(locked.id().clone(), user.clone())];
    let groups = groups::of_users(tx, &user).await?;
    Ok(mapping.dashboard(groups.iter().map(|(_, _, group)| group)).is_some())
}
