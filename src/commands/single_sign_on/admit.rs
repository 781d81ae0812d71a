//! Which account an identity opens, in one transaction: the one that it is connected with, one that
//! its address belongs to, or a new one.

use super::{
    Actor, Error, Origin, Place, SignedIn,
    connect::note,
    rules::{Address, Welcome, may_open},
    update_roles::{lock_accounts, update_dashboard_roles},
};
use crate::{
    clock::Generate,
    commands::add_account::rights,
    db::Tx,
    domain::{
        access::{Role, Viewer},
        audit::AuditAction,
        directory_user::email_key,
        id::{AccountId, AuditEntryId, OrganizationId},
        refusal::SignOnRefusal,
        time::Timestamp,
    },
    oidc::Identity,
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        identities,
        identity_providers::{self, StoredProvider},
        organizations::{self, Locked},
        sessions,
    },
};

pub(super) async fn admit(
    state: &AppState,
    place: Place<'_>,
    identity: &Identity,
    origin: &Origin,
) -> Result<SignedIn, Error> {
    match place {
        Some(id) => of_organization(state, id, identity, origin).await,
        None => of_staff(state, identity).await,
    }
}

/// A staff account is opened only after its owner has connected it: the provider makes none.
async fn of_staff(state: &AppState, identity: &Identity) -> Result<SignedIn, Error> {
    let mut tx = state.db.write().await?;
    let account = identities::account(&mut tx, key(identity)).await?;
    let account = account.ok_or(SignOnRefusal::StaffNotConnected)?;
    accounts::lock_all(&mut tx, &[account.clone()].into()).await?;
    let viewer = enabled(&mut tx, &account).await?;
    may_open(None, &viewer)?;
    finish(tx, state, &account, identity).await
}

async fn of_organization(
    state: &AppState,
    id: &OrganizationId,
    identity: &Identity,
    origin: &Origin,
) -> Result<SignedIn, Error> {
    let mut admission = Admission::begin(state, id, (identity, origin)).await?;
    let account = match identities::account(&mut admission.tx, key(identity)).await? {
        Some(account) => {
            admission.open(&account).await?;
            account
        }
        None => admission.first_time().await?,
    };
    finish(admission.tx, state, &account, identity).await
}

/// Commits; the caller begins the session, if the account is still the same then.
async fn finish(
    mut tx: Tx,
    state: &AppState,
    account: &AccountId,
    identity: &Identity,
) -> Result<SignedIn, Error> {
    identities::note_use(&mut tx, key(identity), state.clock.now()).await?;
    let password_hash = accounts::password_hash(&mut tx, account).await?;
    let password_hash = password_hash.ok_or(SignOnRefusal::Disabled)?;
    tx.commit().await?;
    Ok(SignedIn { account: account.clone(), password_hash })
}

fn key(identity: &Identity) -> (&str, &str) {
    (&identity.issuer, &identity.subject)
}

async fn enabled(tx: &mut Tx, account: &AccountId) -> Result<Viewer, Error> {
    Ok(accounts::viewer(tx, account).await?.ok_or(SignOnRefusal::Disabled)?)
}

struct Admission<'a> {
    state: &'a AppState,
    tx: Tx,
    locked: Locked,
    stored: StoredProvider,
    identity: &'a Identity,
    origin: &'a Origin,
    now: Timestamp,
}

impl<'a> Admission<'a> {
    async fn begin(
        state: &'a AppState,
        id: &OrganizationId,
        (identity, origin): (&'a Identity, &'a Origin),
    ) -> Result<Self, Error> {
        let mut tx = state.db.write().await?;
        let locked = organizations::lock(&mut tx, id).await?.ok_or(SignOnRefusal::NotSetUp)?;
        if locked.roster.archived {
            return Err(SignOnRefusal::NotSetUp.into());
        }
        let stored = identity_providers::of(&mut tx, &locked.scope).await?;
        let stored = stored.ok_or(SignOnRefusal::NotSetUp)?;
        let now = state.clock.now();
        Ok(Self { state, tx, locked, stored, identity, origin, now })
    }

    /// An account that the identity is connected with. A person who came back gets a membership by
    /// the same rules as a new one.
    async fn open(&mut self, account: &AccountId) -> Result<(), Error> {
        lock_accounts(&mut self.tx, &[&self.locked], [account.clone()].into()).await?;
        accounts::lock_all(&mut self.tx, &[account.clone()].into()).await?;
        let viewer = enabled(&mut self.tx, account).await?;
        may_open(Some(self.locked.id()), &viewer)?;
        if viewer.organizations.is_empty() {
            let (_, welcome) = self.welcome().await?;
            self.join(&viewer, welcome).await?;
        }
        Ok(())
    }

    /// An identity that is not known yet.
    async fn first_time(&mut self) -> Result<AccountId, Error> {
        let identity = self.identity;
        let address = Address::of(&mut self.tx, &self.locked, &self.stored, identity).await?;
        let Some(account) = accounts::by_email(&mut self.tx, &address.key).await? else {
            return self.create().await;
        };
        lock_accounts(&mut self.tx, &[&self.locked], [account.clone()].into()).await?;
        accounts::lock_all(&mut self.tx, &[account.clone()].into()).await?;
        let viewer = enabled(&mut self.tx, &account).await?;
        may_open(Some(self.locked.id()), &viewer)?;
        let is_member = viewer.organizations.contains_key(self.locked.id());
        if !is_member || !address.is_of_domain {
            return Err(SignOnRefusal::NotConnected.into());
        }
        if !address.is_certain {
            return Err(SignOnRefusal::EmailNotVerified.into());
        }
        self.connect(&viewer).await?;
        Ok(account)
    }

    async fn welcome(&mut self) -> Result<(Address<'a>, Welcome), Error> {
        if !self.stored.creates_accounts {
            return Err(SignOnRefusal::NoAccount.into());
        }
        let identity = self.identity;
        let address = Address::of(&mut self.tx, &self.locked, &self.stored, identity).await?;
        let welcome = address.welcome(&mut self.tx, &self.locked).await?;
        Ok((address, welcome))
    }

    /// An account without a password.
    async fn create(&mut self) -> Result<AccountId, Error> {
        let (address, welcome) = self.welcome().await?;
        let local = || address.email.split('@').next().unwrap_or_default().to_owned();
        let viewer = Viewer {
            account: AccountId::generate(&self.state.clock),
            name: self.identity.name.clone().unwrap_or_else(local),
            email: address.email.to_owned(),
            role: Role::TenantViewer,
            organizations: [(self.locked.id().clone(), Role::TenantViewer)].into(),
            view_as: None,
        };
        let hash = accounts::NO_PASSWORD;
        if !accounts::add(&mut self.tx, &viewer, &address.key, hash, self.now).await? {
            return Err(SignOnRefusal::NotConnected.into()); // it was made at the same moment
        }
        self.note_rights(&viewer, welcome).await?;
        let after = rights(&viewer);
        let actor = self.actor(&viewer);
        let entry = Entry {
            target_id: Some(viewer.account.as_str()),
            target: Some(&viewer.email),
            after: Some(&after),
            ..actor.entry(AuditAction::CreateAccount)
        };
        let id = AuditEntryId::generate(&self.state.clock);
        audit_log::add_to_installation(&mut self.tx, &id, &entry, self.now).await?;
        self.connect(&viewer).await?;
        self.update_roles().await?;
        Ok(viewer.account)
    }

    async fn join(&mut self, viewer: &Viewer, welcome: Welcome) -> Result<(), Error> {
        let member = Viewer { role: Role::TenantViewer, ..viewer.clone() };
        let key = email_key(&viewer.email);
        let to = [self.locked.id().clone()];
        accounts::join(&mut self.tx, (&member, &key), &to, self.now).await?;
        sessions::end_all(&mut self.tx, &viewer.account, self.now).await?;
        self.note_rights(viewer, welcome).await?;
        self.update_roles().await
    }

    /// The groups of the new member may give a higher role.
    async fn update_roles(&mut self) -> Result<(), Error> {
        let locked = [&self.locked];
        Ok(update_dashboard_roles(&mut self.tx, self.state, &locked, self.now).await?)
    }

    /// Records in the organization that the account has access, and why.
    async fn note_rights(&mut self, viewer: &Viewer, welcome: Welcome) -> Result<(), Error> {
        let scope = &self.locked.scope;
        if welcome == Welcome::Group {
            accounts::set_by_group(&mut self.tx, scope, &viewer.account).await?;
        }
        let reason = match welcome {
            Welcome::Domain => "Single sign-on: the domain of the address",
            Welcome::Group => "Single sign-on: a group with a role",
        };
        let actor = self.actor(viewer);
        let entry = Entry {
            target_id: Some(viewer.account.as_str()),
            target: Some(&viewer.email),
            after: Some(Role::TenantViewer.as_str()),
            reason: Some(reason),
            ..actor.entry(AuditAction::GrantMembership)
        };
        let id = AuditEntryId::generate(&self.state.clock);
        audit_log::add(&mut self.tx, scope, &id, &entry, self.now).await?;
        Ok(())
    }

    async fn connect(&mut self, viewer: &Viewer) -> Result<(), Error> {
        identities::connect(&mut self.tx, key(self.identity), &viewer.account, self.now).await?;
        let actor = self.actor(viewer);
        let act = (&actor, AuditAction::ConnectIdentity, Some(&self.locked.scope));
        note(&mut self.tx, self.state, act, (viewer, &self.identity.issuer)).await
    }

    fn actor(&self, viewer: &Viewer) -> Actor {
        Actor::of_viewer(viewer).with_origin(self.origin.clone())
    }
}
