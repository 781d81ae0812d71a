//! Ends sessions of the account that is signed in. Their open pages are notified, in every process.

use super::note;
use crate::{
    commands::{Actor, Error},
    domain::{access::Viewer, audit::AuditAction, id::SessionId},
    state::AppState,
    store::sessions,
};

/// Ends one session of the viewer's account. False: it has ended already, or it belongs to another
/// account.
pub async fn end_session(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    session: &SessionId,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let of_account = sessions::of_account(&mut tx, &viewer.account).await?;
    let Some(ended) = of_account.into_iter().find(|one| one.id == *session) else {
        return Ok(false);
    };
    sessions::end_of_account(&mut tx, (&viewer.account, session), state.clock.now()).await?;
    let act = (actor, AuditAction::EndSession, viewer);
    note(&mut tx, state, act, (Some(&ended.device), None)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends all sessions of the viewer's account but this one. Gives how many.
pub async fn end_other_sessions(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    kept: &SessionId,
) -> Result<u64, Error> {
    let mut tx = state.db.write().await?;
    let ended = sessions::end_others(&mut tx, (&viewer.account, kept), state.clock.now()).await?;
    if ended == 0 {
        return Ok(0);
    }
    let words = if ended == 1 { "1 session".to_owned() } else { format!("{ended} sessions") };
    let act = (actor, AuditAction::EndOtherSessions, viewer);
    note(&mut tx, state, act, (Some(&words), None)).await?;
    tx.commit().await?;
    Ok(ended)
}
