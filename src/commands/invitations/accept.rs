//! Accepts an invitation: a person makes an account, or joins with the one that has the address.

use super::{Place, first_account, token_hash};
use crate::{
    clock::Generate,
    commands::{
        Actor, Error, NewAccount, Origin,
        add_account::parse_account,
        password,
        sign_in::{SignedIn, Step, step_before_session},
        update_roles::{lock_accounts, update_dashboard_roles},
    },
    db::Tx,
    domain::{
        access::{Role, Viewer},
        audit::AuditAction,
        directory_user::email_key,
        id::{AuditEntryId, OrganizationId},
        invitation::{Invitation, InvitationState},
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        invitations, organizations, sessions,
    },
};

/// What a person sends from the page of an invitation.
#[derive(Clone)]
pub struct Acceptance {
    /// That of the link.
    pub token: String,
    /// The address of the first account; an invitation has its own.
    pub email: String,
    /// The name and the password of a new account.
    pub name: String,
    pub password: String,
    pub origin: Origin,
}

/// An invitation that was accepted. The caller begins a session, if nothing is asked for before.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub person: SignedIn,
    pub organization: Option<OrganizationId>,
    /// What the person of a new account does before.
    pub step: Option<Step>,
}

impl Accepted {
    pub(super) async fn new_account(
        state: &AppState,
        person: SignedIn,
        organization: Option<OrganizationId>,
    ) -> Result<Self, Error> {
        let step = step_before_session(state, &person).await?;
        Ok(Self { person, organization, step })
    }
}

/// `viewer` is the person who is signed in. `Missing` if there is no such link.
pub async fn accept_invitation(
    state: &AppState,
    viewer: Option<&Viewer>,
    new: &Acceptance,
) -> Result<Accepted, Error> {
    let hash = token_hash(&new.token).ok_or(Error::Missing)?;
    if let Some(accepted) = first_account::accept(state, &hash, new).await? {
        return Ok(accepted);
    }
    let found = find(&mut state.db.read().await?, &hash, state.clock.now()).await?;
    match viewer {
        Some(viewer) if email_key(&viewer.email) != email_key(&found.email) => {
            Err(Refusal::InvitationOfAnother.into())
        }
        Some(viewer) => join(state, viewer, (&hash, &found), new).await,
        None => create(state, (&hash, &found), new).await,
    }
}

/// The invitation of a link that works.
async fn find(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<Invitation, Error> {
    let (invitation, sending) = invitations::by_token(tx, hash).await?.ok_or(Error::Missing)?;
    match invitation.refusal(sending, now) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(invitation),
    }
}

/// Makes an account. The password is hashed only for a link that works, and while no lock is held.
async fn create(
    state: &AppState,
    (hash, found): (&str, &Invitation),
    new: &Acceptance,
) -> Result<Accepted, Error> {
    let key = email_key(&found.email);
    let mut tx = state.db.read().await?;
    if accounts::by_email(&mut tx, &key).await?.is_some() {
        return Err(Refusal::InvitationNeedsSignIn.into());
    }
    let ids: Vec<OrganizationId> = found.organization.iter().cloned().collect();
    let names = organizations::names(&mut tx, &ids).await?;
    drop(tx);
    let account = NewAccount {
        email: found.email.clone(),
        name: new.name.clone(),
        role: found.role,
        organizations: ids,
        password: String::new(),
    };
    let viewer = parse_account(state, &account)?;
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let password_hash = password::new_hash(new.password.clone(), &viewer, &names).await?;
    let mut accepting = Accepting::begin(state, (hash, found), new).await?;
    let now = accepting.now;
    if !accounts::add(&mut accepting.tx, &viewer, &key, &password_hash, now).await? {
        return Err(Refusal::InvitationNeedsSignIn.into());
    }
    accepting.note_new(&viewer).await?;
    accepting.finish((&viewer, found.role)).await?;
    let person = SignedIn { account: viewer.account, password_hash };
    Accepted::new_account(state, person, found.organization.clone()).await
}

/// A person with an account joins the organization. The account is signed out, because a session is
/// valid for one set of rights; the caller begins a new one.
async fn join(
    state: &AppState,
    viewer: &Viewer,
    (hash, found): (&str, &Invitation),
    new: &Acceptance,
) -> Result<Accepted, Error> {
    let Some(organization) = &found.organization else {
        let is_staff = viewer.role.is_staff();
        let refusal = if is_staff { Refusal::AlreadyStaff } else { Refusal::AddressOfCustomer };
        return Err(refusal.into());
    };
    if viewer.role.is_staff() {
        return Err(Refusal::StaffJoinNothing.into());
    }
    let mut accepting = Accepting::begin(state, (hash, found), new).await?;
    let (now, key) = (accepting.now, email_key(&viewer.email));
    if let Place::Organization(locked) = &accepting.place {
        let account = [viewer.account.clone()].into();
        lock_accounts(&mut accepting.tx, &[locked], account).await?;
    }
    let member = Viewer { role: found.role, ..viewer.clone() };
    let to = [organization.clone()];
    if accounts::join(&mut accepting.tx, (&member, &key), &to, now).await? == 0 {
        return Err(Refusal::AlreadyMember.into());
    }
    sessions::end_all(&mut accepting.tx, &viewer.account, now).await?;
    // an account without a password joins, too
    let hash = accounts::password_hash(&mut accepting.tx, &viewer.account).await?;
    let (account, password_hash) = (viewer.account.clone(), hash.ok_or(Refusal::SignIn)?);
    accepting.finish((viewer, found.role)).await?;
    let person = SignedIn { account, password_hash };
    Ok(Accepted { person, organization: found.organization.clone(), step: None })
}

/// The transaction that accepts an invitation. Of several at once, the first one counts.
struct Accepting<'a> {
    state: &'a AppState,
    tx: Tx,
    place: Place,
    invitation: Invitation,
    new: &'a Acceptance,
    now: Timestamp,
}

impl<'a> Accepting<'a> {
    async fn begin(
        state: &'a AppState,
        (hash, found): (&str, &Invitation),
        new: &'a Acceptance,
    ) -> Result<Self, Error> {
        let mut tx = state.db.write().await?;
        let organization = found.organization.as_ref();
        let place = Place::lock(&mut tx, organization).await.map_err(|error| match error {
            Error::Refused(Refusal::Archived) => Refusal::InvitationArchived.into(),
            error => error,
        })?;
        invitations::lock(&mut tx, organization, &found.id).await?.ok_or(Error::Missing)?;
        let now = state.clock.now();
        let invitation = find(&mut tx, hash, now).await?;
        Ok(Self { state, tx, place, invitation, new, now })
    }

    /// The entry of the whole installation about a new account.
    async fn note_new(&mut self, viewer: &Viewer) -> Result<(), Error> {
        let actor = actor(viewer, self.new);
        let after = crate::commands::add_account::rights(viewer);
        let entry = Entry {
            target_id: Some(viewer.account.as_str()),
            target: Some(&viewer.email),
            after: Some(&after),
            ..actor.entry(AuditAction::CreateAccount)
        };
        let id = AuditEntryId::generate(&self.state.clock);
        audit_log::add_to_installation(&mut self.tx, &id, &entry, self.now).await?;
        Ok(())
    }

    async fn finish(mut self, (viewer, role): (&Viewer, Role)) -> Result<(), Error> {
        invitations::end(&mut self.tx, &self.invitation, InvitationState::Accepted).await?;
        let actor = actor(viewer, self.new);
        let entry = Entry {
            target_id: Some(viewer.account.as_str()),
            target: Some(&viewer.email),
            after: Some(role.as_str()),
            ..actor.entry(AuditAction::AcceptInvitation)
        };
        self.place.note(&mut self.tx, self.state, &entry, self.now).await?;
        if let Place::Organization(locked) = &self.place {
            update_dashboard_roles(&mut self.tx, self.state, &[locked], self.now).await?;
        }
        self.tx.commit().await?;
        Ok(())
    }
}

pub(super) fn actor(viewer: &Viewer, new: &Acceptance) -> Actor {
    Actor::of_viewer(viewer).with_origin(new.origin.clone())
}
