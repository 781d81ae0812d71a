//! Invitations: the open ones, and the page of a link.

use serde::Serialize;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{Role, Viewer},
        directory_user::email_key,
        id::{InvitationId, OrganizationId},
        invitation::Invitation,
        refusal::Refusal,
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{accounts, invitations, organizations},
    views::members::{AccountsQuery, InvitationPage, InvitationRow, NextStep},
};

/// The open invitations to an organization or to the staff, the newest first.
pub(super) async fn invitation_rows(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    now: Timestamp,
) -> sqlx::Result<Vec<InvitationRow>> {
    let open = invitations::open(tx, organization, AccountsQuery::INVITATIONS).await?;
    let row = |one: Invitation| InvitationRow {
        has_expired: one.has_expired(now),
        email: ExternalText::new(&one.email),
        role: one.role,
        invited_by: ExternalText::new(&one.invited_by),
        invited_at: one.invited_at,
        expires_at: one.expires_at,
        id: one.id,
    };
    Ok(open.into_iter().map(row).collect())
}

/// What a link leads to. `hash` is that of its token, and `viewer` the person who is signed in.
/// `Missing` if there is no such link.
pub async fn invitation_page(
    state: &AppState,
    viewer: Option<&Viewer>,
    hash: &str,
) -> Result<InvitationPage, Error> {
    let offered = state.first_account.lock().await.clone();
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    if offered.as_deref() == Some(hash) {
        return first_account(&mut tx).await;
    }
    let (found, sending) = invitations::by_token(&mut tx, hash).await?.ok_or(Error::Missing)?;
    let mut refusal = found.refusal(sending, state.clock.now());
    let mut organization = None;
    if let Some(id) = &found.organization {
        let ids = std::slice::from_ref(id);
        let name = organizations::names(&mut tx, ids).await?.pop().map(|(_, name)| name);
        organization = Some(ExternalText::or_id(&name.unwrap_or_default(), id.as_str()));
        if organizations::is_archived(&mut tx, id).await? {
            refusal = refusal.or(Some(Refusal::InvitationArchived));
        }
    }
    let next = match refusal {
        Some(Refusal::InvitationUsed) => NextStep::Nothing(used(&found, viewer)),
        Some(refusal) => NextStep::Nothing(refusal),
        None => next_step(&mut tx, &found, viewer).await?,
    };
    Ok(InvitationPage {
        organization,
        email: Some(ExternalText::new(&found.email)),
        role: found.role,
        invited_by: Some(ExternalText::new(&found.invited_by)),
        expires_at: Some(found.expires_at),
        next,
    })
}

/// Why a used link opens nothing: the person who follows their own link once more is in already.
fn used(found: &Invitation, viewer: Option<&Viewer>) -> Refusal {
    let theirs = viewer.filter(|viewer| email_key(&viewer.email) == email_key(&found.email));
    match (&found.organization, theirs) {
        (Some(id), Some(viewer)) if viewer.organizations.contains_key(id) => Refusal::AlreadyMember,
        (None, Some(viewer)) if viewer.role.is_staff() => Refusal::AlreadyStaff,
        _ => Refusal::InvitationUsed,
    }
}

async fn next_step(
    tx: &mut Tx,
    found: &Invitation,
    viewer: Option<&Viewer>,
) -> Result<NextStep, Error> {
    let key = email_key(&found.email);
    let Some(viewer) = viewer else {
        let Some(account) = accounts::by_email(tx, &key).await? else {
            return Ok(NextStep::MakeAccount);
        };
        let known = accounts::listed(tx, &account).await?;
        let is_disabled = known.is_none_or(|(_, is_disabled)| is_disabled);
        return Ok(if is_disabled {
            NextStep::Nothing(Refusal::InvitationDisabled)
        } else {
            NextStep::SignIn
        });
    };
    let is_theirs = email_key(&viewer.email) == key;
    let refusal = match &found.organization {
        _ if !is_theirs => Refusal::InvitationOfAnother,
        None if viewer.role.is_staff() => Refusal::AlreadyStaff,
        None => Refusal::AddressOfCustomer,
        Some(_) if viewer.role.is_staff() => Refusal::StaffJoinNothing,
        Some(id) if viewer.organizations.contains_key(id) => Refusal::AlreadyMember,
        Some(_) => return Ok(NextStep::Join),
    };
    Ok(NextStep::Nothing(refusal))
}

async fn first_account(tx: &mut Tx) -> Result<InvitationPage, Error> {
    let next = if accounts::is_any(tx).await? {
        NextStep::Nothing(Refusal::FirstAccountExists)
    } else {
        NextStep::MakeAccount
    };
    Ok(InvitationPage {
        organization: None,
        email: None,
        role: Role::StaffAdmin,
        invited_by: None,
        expires_at: None,
        next,
    })
}

/// An open invitation for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationRecord {
    pub id: InvitationId,
    /// `null`: to the staff.
    pub organization_id: Option<OrganizationId>,
    pub email: String,
    pub role: &'static str,
    pub invited_by: String,
    /// RFC 3339, as all times.
    pub invited_at: String,
    pub expires_at: String,
    pub expired: bool,
}

/// Some open invitations for the command line, the newest first, and where the next ones begin.
pub async fn invitation_records(
    state: &AppState,
    before: Option<InvitationId>,
) -> Result<(Vec<InvitationRecord>, Option<InvitationId>), Error> {
    const PART: i64 = 1_000;
    let open = invitations::all_open(&mut state.db.read().await?, before.as_ref(), PART).await?;
    let is_full = i64::try_from(open.len()).is_ok_and(|read| read >= PART);
    let last = open.last().filter(|_| is_full).map(|one| one.id.clone());
    let now = state.clock.now();
    let record = |one: Invitation| InvitationRecord {
        expired: one.has_expired(now),
        id: one.id,
        organization_id: one.organization,
        email: one.email,
        role: one.role.as_str(),
        invited_by: one.invited_by,
        invited_at: one.invited_at.rfc3339(),
        expires_at: one.expires_at.rfc3339(),
    };
    Ok((open.into_iter().map(record).collect(), last))
}

/// The organization of an open invitation, for the command line; `None`: there is no such one.
pub async fn organization_of_invitation(
    state: &AppState,
    id: &InvitationId,
) -> Result<Option<Option<OrganizationId>>, Error> {
    Ok(invitations::organization_of(&mut state.db.read().await?, id).await?)
}
