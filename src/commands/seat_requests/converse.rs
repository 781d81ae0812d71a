//! Staff ask back or decline; the organization answers a question or withdraws its request.

use super::{Written, current, write};
use crate::{
    clock::Generate,
    commands::{Actor, Error, limit_proposals::end_with_request},
    domain::{
        id::{AuditEntryId, OrganizationId, SeatRequestId},
        refusal::Refusal,
        seat_request::{EntryKind, parse_text},
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        organizations,
    },
};

/// Something that a person writes about a request.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub organization: OrganizationId,
    pub request: SeatRequestId,
    /// A question, a reply, a decline or a withdrawal.
    pub kind: EntryKind,
    /// Empty only for a withdrawal.
    pub text: String,
    /// The version of the request that the person saw; `None` writes to any version.
    pub expected_version: Option<i64>,
}

/// Writes the entry, and notifies the other side.
pub async fn add_to_request(state: &AppState, actor: &Actor, new: &NewEntry) -> Result<(), Error> {
    let action = new.kind.action().ok_or(Error::Missing)?;
    let text = match new.kind {
        EntryKind::Withdrawn if new.text.trim().is_empty() => String::new(),
        _ => parse_text(&new.text, Refusal::RequestTextMissing)?,
    };
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let (scope, now, by) = (&locked.scope, state.clock.now(), actor.name());
    // it waits until the organization comes back, and may be ended
    if locked.roster.archived && matches!(new.kind, EntryKind::Question | EntryKind::Reply) {
        return Err(Refusal::Archived.into());
    }
    let mut request = current(&mut tx, scope, &new.request, new.expected_version).await?;
    let before = request.state;
    let written = Written { kind: new.kind, by: &by, text: text.clone(), limit: None };
    write(&mut tx, state, scope, (&mut request, written), now).await?;
    if request.state.is_over() {
        end_with_request(&mut tx, state, actor, (scope, &request.id), now).await?;
    }
    let entry = Entry {
        target_id: Some(request.id.as_str()),
        before: Some(before.word()),
        after: Some(request.state.word()),
        reason: Some(text.as_str()).filter(|text| !text.is_empty()),
        ..actor.entry(action)
    };
    audit_log::add(&mut tx, scope, &AuditEntryId::generate(&state.clock), &entry, now).await?;
    organizations::touch(&mut tx, &new.organization, now).await?;
    tx.commit().await?;
    Ok(())
}
