//! Replaces a forgotten password, with a link that is sent to the account's address.
//!
//! What a request does is the same whether or not the address has an account: it counts, reads one
//! row by a key, and writes one message. Only when the message leaves is it decided whether there
//! is something to send, so that neither the answer nor its time says anything about accounts.

use super::{Error, accepted, enqueue, is_address, note};
use crate::{
    clock::Generate,
    commands::{
        Actor, Origin,
        login_throttle::{self, Visitor},
        password,
    },
    domain::{
        access::Viewer,
        account::{AccountMessage, LinkKind},
        audit::AuditAction,
        directory_user::email_key,
        id::AccountLinkId,
        refusal::Refusal,
    },
    state::AppState,
    store::{
        account_links::{self, AccountLink},
        accounts, sessions,
    },
};

/// Asks for a link to the account of this address. The answer is the same if there is none.
pub async fn ask_for_reset(state: &AppState, email: &str, visitor: &Visitor) -> Result<(), Error> {
    let email = email.trim();
    if !is_address(email) {
        return Err(Refusal::Address.into());
    }
    let (key, now) = (email_key(email), state.clock.now());
    login_throttle::admit_link(state, &key, visitor, None).await?;
    let link = AccountLinkId::generate(&state.clock);
    let mut tx = state.db.write().await?;
    let recipient = accounts::address(&mut tx, &key).await?.unwrap_or(key);
    let about = (AccountMessage::PasswordReset, (&link).into());
    enqueue(&mut tx, state, about, recipient, now).await?;
    Ok(tx.commit().await?)
}

/// Sets a new password with the token of a link, and ends all sessions and all links of the
/// account.
pub async fn reset_password(
    state: &AppState,
    token: &str,
    new: String,
    origin: Origin,
) -> Result<(), Error> {
    let link = working_link(state, LinkKind::PasswordReset, token).await?;
    let viewer = owner(state, &link).await?;
    let hash = password::hash(accepted(state, &viewer, new).await?).await?;
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    let viewer = accounts::viewer(&mut tx, &viewer.account).await?.ok_or(Refusal::LinkEnded)?;
    if !account_links::end(&mut tx, &link.id, now).await? {
        return Err(Refusal::LinkEnded.into());
    }
    accounts::set_password(&mut tx, &viewer.account, &hash).await?;
    account_links::end_all(&mut tx, &viewer.account, now).await?;
    sessions::end_all(&mut tx, &viewer.account, now).await?;
    let actor = Actor::of_viewer(&viewer).with_origin(origin);
    let act = (&actor, AuditAction::ResetPassword, &viewer);
    let entry = note(&mut tx, state, act, (None, None)).await?;
    let about = (AccountMessage::PasswordChanged, (&entry).into());
    enqueue(&mut tx, state, about, viewer.email.clone(), now).await?;
    Ok(tx.commit().await?)
}

/// The link of a token, if it works.
pub(super) async fn working_link(
    state: &AppState,
    kind: LinkKind,
    token: &str,
) -> Result<AccountLink, Error> {
    let link = account_links::by_token(&mut state.db.read().await?, kind, token).await?;
    let link = link.filter(|link| link.works(state.clock.now()));
    link.ok_or_else(|| Refusal::LinkEnded.into())
}

/// The account of a link, unless it is disabled.
async fn owner(state: &AppState, link: &AccountLink) -> Result<Viewer, Error> {
    let viewer = accounts::viewer(&mut state.db.read().await?, &link.account).await?;
    viewer.ok_or_else(|| Refusal::LinkEnded.into())
}
