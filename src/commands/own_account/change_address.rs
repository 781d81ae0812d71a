//! Changes the e-mail address of the account that is signed in. A link to the new address confirms
//! it; until then nothing changes.
//!
//! The form never says whether another account has the address: what it does is the same, and its
//! owner gets an e-mail in place of the link.

use super::{check_present, enqueue, is_address, note, reset_password::working_link};
use crate::{
    clock::Generate,
    commands::{
        Actor, Error, Origin,
        login_throttle::{self, Visitor},
        update_roles::update_dashboard_roles,
    },
    domain::{
        access::Viewer,
        account::{AccountMessage, LinkKind},
        audit::AuditAction,
        directory_user::email_key,
        id::{AccountId, AccountLinkId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        account_links::{self, AccountLink},
        accounts, organizations,
    },
};

#[derive(Clone)]
pub struct NewAddress {
    pub email: String,
    pub present: String,
    pub visitor: Visitor,
}

/// Asks for a link to a new address of the viewer's account.
pub async fn ask_for_address(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    form: &NewAddress,
) -> Result<(), Error> {
    let email = form.email.trim();
    if !is_address(email) {
        return Err(Refusal::Address.into());
    }
    let key = email_key(email);
    if key == email_key(&viewer.email) {
        return Err(Refusal::AddressIsTheSame.into());
    }
    check_present(state, viewer, (&form.present, &form.visitor)).await?;
    let account = Some(&viewer.account);
    login_throttle::admit_link(state, &key, &form.visitor, account).await?;
    let now = state.clock.now();
    let id = AccountLinkId::generate(&state.clock);
    let link = AccountLink::new(id, viewer.account.clone(), LinkKind::AddressConfirm, now);
    let link = AccountLink { email: Some(email.to_owned()), ..link };
    let mut tx = state.db.write().await?;
    account_links::add(&mut tx, &link).await?;
    // the owner of a taken address gets an e-mail at the address as their account has it
    let recipient = accounts::address(&mut tx, &key).await?;
    let recipient = recipient.unwrap_or_else(|| email.to_owned());
    let about = (AccountMessage::AddressConfirm, (&link.id).into());
    enqueue(&mut tx, state, about, recipient, now).await?;
    let act = (actor, AuditAction::AskForAddress, viewer);
    note(&mut tx, state, act, (None, Some(email))).await?;
    Ok(tx.commit().await?)
}

/// Gives the account of a link its new address; gives the account. The old address is told.
pub async fn confirm_address(
    state: &AppState,
    token: &str,
    origin: Origin,
) -> Result<AccountId, Error> {
    let link = working_link(state, LinkKind::AddressConfirm, token).await?;
    let email = link.email.as_deref().ok_or(Refusal::LinkEnded)?;
    let known = accounts::viewer(&mut state.db.read().await?, &link.account).await?;
    let known = known.ok_or(Refusal::LinkEnded)?;
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    // the directory ends memberships by address, so the organizations are locked before accounts
    let ids: Vec<OrganizationId> = known.organizations.keys().cloned().collect();
    let locked = organizations::lock_all(&mut tx, &ids).await?;
    accounts::lock_all(&mut tx, &[link.account.clone()].into()).await?;
    let viewer = accounts::viewer(&mut tx, &link.account).await?.ok_or(Refusal::LinkEnded)?;
    if !account_links::end(&mut tx, &link.id, now).await? {
        return Err(Refusal::LinkEnded.into());
    }
    accounts::assign_memberships(&mut tx, &viewer.account).await?;
    if !accounts::set_address(&mut tx, &viewer.account, (email, &email_key(email))).await? {
        return Err(Refusal::LinkEnded.into());
    }
    account_links::end_all(&mut tx, &viewer.account, now).await?;
    let actor = Actor::of_viewer(&viewer).with_origin(origin);
    let act = (&actor, AuditAction::ChangeAddress, &viewer);
    note(&mut tx, state, act, (Some(&viewer.email), Some(email))).await?;
    let about = (AccountMessage::AddressChanged, (&link.id).into());
    enqueue(&mut tx, state, about, viewer.email.clone(), now).await?;
    let locked: Vec<_> = locked.iter().collect();
    update_dashboard_roles(&mut tx, state, &locked, now).await?;
    tx.commit().await?;
    Ok(viewer.account)
}
