//! A person's own account, and the links that they get by e-mail.

use super::single_sign_on;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Viewer, account::LinkKind, id::SessionId, text::ExternalText, time::Timestamp,
    },
    state::AppState,
    store::{
        account_links::{self, AccountLink},
        accounts, factors,
        sessions::{self, StoredSession},
        settings,
    },
    views::account::{AccountPage, OwnSession},
};

/// The viewer's own account; `this` is the session of the request.
pub async fn own_account(
    state: &AppState,
    viewer: &Viewer,
    this: Option<&SessionId>,
) -> Result<AccountPage, Error> {
    let (mut tx, now) = (state.db.read_for_page(Reach::Account(viewer)).await?, state.clock.now());
    let limits = settings::values(&mut tx, &state.settings.fixed).await?.sessions;
    let factors = factors::of(&mut tx, &viewer.account).await?;
    let link = account_links::open_confirmation(&mut tx, &viewer.account, now).await?;
    let stored = sessions::of_account(&mut tx, &viewer.account).await?;
    let lasts = |one: &StoredSession| now < limits.end(viewer.role, one.created_at, one.used_at);
    let connections = single_sign_on::connections(&mut tx, viewer).await?;
    let connects = single_sign_on::offer(&mut tx, state, viewer).await?;
    let sessions = stored.into_iter().filter(lasts).map(|one| own_session(one, this));
    let mut sessions: Vec<OwnSession> = sessions.collect();
    sessions.sort_by_key(|one| !one.is_this); // the others stay in their order
    Ok(AccountPage {
        name: ExternalText::new(&viewer.name),
        stored_name: viewer.name.clone(),
        email: ExternalText::new(&viewer.email),
        asked: link.and_then(|link| Some((ExternalText::new(&link.email?), link.expires_at))),
        sessions,
        factors,
        has_mail_server: state.settings.operations.mail_server.is_some(),
        connections,
        connects,
        now,
    })
}

fn own_session(stored: StoredSession, this: Option<&SessionId>) -> OwnSession {
    const UNKNOWN: &str = "Unknown browser";
    OwnSession {
        is_this: this == Some(&stored.id),
        id: stored.id,
        device: ExternalText::seen(&stored.device).unwrap_or_else(|| ExternalText::new(UNKNOWN)),
        address: stored.address.as_deref().and_then(ExternalText::seen),
        signed_in_at: stored.created_at,
        used_at: stored.used_at,
    }
}

/// Whether a link can be sent to a person who forgot their password.
pub fn can_send_links(state: &AppState) -> bool {
    state.settings.operations.mail_server.is_some()
}

/// Until when the link of this token sets a new password; `Missing` if it works no more.
pub async fn reset_link(state: &AppState, token: &str) -> Result<Timestamp, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    Ok(working(&mut tx, state, (LinkKind::PasswordReset, token)).await?.expires_at)
}

/// The new address that the link of this token confirms; `Missing` if it works no more.
pub async fn address_link(state: &AppState, token: &str) -> Result<ExternalText, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let link = working(&mut tx, state, (LinkKind::AddressConfirm, token)).await?;
    link.email.as_deref().map(ExternalText::new).ok_or(Error::Missing)
}

async fn working(
    tx: &mut Tx,
    state: &AppState,
    (kind, token): (LinkKind, &str),
) -> Result<AccountLink, Error> {
    let link = account_links::by_token(tx, kind, token).await?;
    let link = link.filter(|link| link.works(state.clock.now())).ok_or(Error::Missing)?;
    // the link of a disabled account works no more
    accounts::viewer(tx, &link.account).await?.map(|_| link).ok_or(Error::Missing)
}
