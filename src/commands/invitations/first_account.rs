//! The first account of an installation: while there is none, the process that starts prints a link
//! with which a person makes it, a staff admin. Its token is in the memory of the process alone.

use super::{Acceptance, Accepted, accept::actor, link::token_hash};
use crate::{
    channels::email::templates::invitation::link,
    clock::Generate,
    commands::{
        Error, NewAccount,
        add_account::{parse_account, rights},
        link_token::fresh_token,
        password,
        sign_in::SignedIn,
    },
    domain::{
        access::Role, audit::AuditAction, directory_user::email_key, id::AuditEntryId,
        refusal::Refusal,
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
    },
};

/// The link for the first account; `None`: there is an account. It replaces an earlier one of this
/// process.
pub async fn offer_first_account(state: &AppState) -> Result<Option<String>, Error> {
    if accounts::is_any(&mut state.db.read().await?).await? {
        return Ok(None);
    }
    let token = fresh_token()?;
    *state.first_account.lock().await = token_hash(&token);
    Ok(Some(link(&state.settings.public_url, &token)))
}

/// Makes the first account, if the link is the one of this process. The lock is held until the end,
/// so that the link works once.
pub(super) async fn accept(
    state: &AppState,
    hash: &str,
    new: &Acceptance,
) -> Result<Option<Accepted>, Error> {
    let offered = state.first_account.lock().await;
    if offered.as_deref() != Some(hash) {
        return Ok(None);
    }
    let account = NewAccount {
        email: new.email.clone(),
        name: new.name.clone(),
        role: Role::StaffAdmin,
        organizations: Vec::new(),
        password: String::new(),
    };
    if accounts::is_any(&mut state.db.read().await?).await? {
        return Err(Refusal::FirstAccountExists.into());
    }
    let viewer = parse_account(state, &account)?;
    let password_hash = password::new_hash(new.password.clone(), &viewer, &[]).await?;
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    let is_first = !accounts::is_any(&mut tx).await?
        && accounts::add(&mut tx, &viewer, &email_key(&viewer.email), &password_hash, now).await?;
    if !is_first {
        return Err(Refusal::FirstAccountExists.into());
    }
    let (actor, after) = (actor(&viewer, new), rights(&viewer));
    let entry = Entry {
        target_id: Some(viewer.account.as_str()),
        target: Some(&viewer.email),
        after: Some(&after),
        ..actor.entry(AuditAction::CreateAccount)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    tx.commit().await?;
    let person = SignedIn { account: viewer.account, password_hash };
    Accepted::new_account(state, person, None).await.map(Some)
}
