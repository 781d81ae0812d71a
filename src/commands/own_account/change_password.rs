//! Changes the password of the account that is signed in.

use super::{accepted, check_present, enqueue, note};
use crate::{
    commands::{Actor, Error, login_throttle::Visitor, password},
    domain::{
        access::Viewer, account::AccountMessage, audit::AuditAction, id::SessionId,
        refusal::Refusal,
    },
    state::AppState,
    store::{account_links, accounts, sessions},
};

#[derive(Clone)]
pub struct NewPassword {
    pub present: String,
    pub new: String,
    pub visitor: Visitor,
}

/// The session that goes on, and the hash of the token that it gets.
#[derive(Clone, Debug)]
pub struct Renewed {
    pub session: SessionId,
    pub token_hash: String,
}

/// Changes the password, ends the other sessions, and gives this one a new token. A link that was
/// sent before works no more.
pub async fn change_password(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    form: NewPassword,
    renewed: &Renewed,
) -> Result<(), Error> {
    let new = accepted(state, viewer, form.new).await?;
    let before = check_present(state, viewer, (&form.present, &form.visitor)).await?;
    let hash = password::hash(new).await?;
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    // the password may have changed, or the account may be disabled, during the wait for the hash
    if !accounts::is_unchanged(&mut tx, &viewer.account, &before).await? {
        return Err(Refusal::PresentPassword.into());
    }
    accounts::set_password(&mut tx, &viewer.account, &hash).await?;
    sessions::end_others(&mut tx, (&viewer.account, &renewed.session), now).await?;
    if !sessions::rotate(&mut tx, (&renewed.session, &renewed.token_hash), now).await? {
        return Err(Error::Missing);
    }
    account_links::end_all(&mut tx, &viewer.account, now).await?;
    let act = (actor, AuditAction::ChangePassword, viewer);
    let entry = note(&mut tx, state, act, (None, None)).await?;
    let about = (AccountMessage::PasswordChanged, (&entry).into());
    enqueue(&mut tx, state, about, viewer.email.clone(), now).await?;
    Ok(tx.commit().await?)
}
