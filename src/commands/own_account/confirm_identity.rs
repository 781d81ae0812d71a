//! Confirms that the person at the browser is the account's owner, before something that is worth a
//! stolen session.

use super::check_present;
use crate::{
    commands::{Error, Renewed, login_throttle::Visitor},
    domain::{access::Viewer, refusal::Refusal},
    state::AppState,
    store::{accounts, sessions},
};

/// What the owner knows.
#[derive(Clone)]
pub struct IdentityForm {
    pub present: String,
    pub visitor: Visitor,
}

/// Checks the password, and notes in the session that its person proved who they are. A wrong one
/// counts as a failed sign-in.
pub async fn confirm_identity(
    state: &AppState,
    viewer: &Viewer,
    form: &IdentityForm,
    renewed: &Renewed,
) -> Result<(), Error> {
    let hash = check_present(state, viewer, (&form.present, &form.visitor)).await?;
    let mut tx = state.db.write().await?;
    // the password may have changed, or the account may be disabled, during the wait for the hash
    if !accounts::is_unchanged(&mut tx, &viewer.account, &hash).await? {
        return Err(Refusal::PresentPassword.into());
    }
    let session = (&renewed.session, &*renewed.token_hash);
    if !sessions::prove(&mut tx, session, state.clock.now()).await? {
        return Err(Error::Missing);
    }
    Ok(tx.commit().await?)
}
