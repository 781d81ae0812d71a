//! Sends an e-mail to the viewer, who wants to know whether e-mails arrive.

use super::{enqueue, note};
use crate::{
    commands::{Actor, Error},
    domain::{access::Viewer, account::AccountMessage, audit::AuditAction},
    state::AppState,
};

/// Queues a test e-mail to the viewer's own address. It takes the way of every other e-mail, so
/// that it shows whether that works.
pub async fn send_test_email(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let about = (actor, AuditAction::SendTestEmail, viewer);
    let entry = note(&mut tx, state, about, (None, None)).await?;
    let about = (AccountMessage::Test, (&entry).into());
    enqueue(&mut tx, state, about, viewer.email.clone(), state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
