//! Changes what an account is called.

use super::note;
use crate::{
    commands::{Actor, Error},
    domain::{access::Viewer, audit::AuditAction, refusal::Refusal},
    state::AppState,
    store::accounts,
};

/// In characters.
const LONGEST: usize = 200;

/// Changes the name of the viewer's account. False: it is called so already.
pub async fn set_name(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    name: &str,
) -> Result<bool, Error> {
    let name = name.trim();
    let is_name = (1..=LONGEST).contains(&name.chars().count()) && !name.contains(char::is_control);
    if !is_name {
        return Err(Refusal::Name.into());
    }
    if name == viewer.name {
        return Ok(false);
    }
    let mut tx = state.db.write().await?;
    accounts::set_name(&mut tx, &viewer.account, name).await?;
    let values = (Some(viewer.name.as_str()), Some(name));
    note(&mut tx, state, (actor, AuditAction::SetName, viewer), values).await?;
    tx.commit().await?;
    Ok(true)
}
