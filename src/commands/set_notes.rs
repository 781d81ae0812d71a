//! Staff keep notes about an organization for each other; its tenants never get them. Two people
//! cannot overwrite each other: what the second one typed is kept as a draft, and the page shows it
//! beside the notes as they are now.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        details::parse_notes,
        id::{AuditEntryId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        note_drafts,
        organization_notes::{self, Notes},
        organizations,
    },
};

#[derive(Clone, Debug)]
pub struct NewNotes {
    pub organization: OrganizationId,
    /// An empty text removes them.
    pub notes: String,
    /// The version of the notes that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// Sets the notes. False: they are the same already.
pub async fn set_notes(state: &AppState, actor: &Actor, new: &NewNotes) -> Result<bool, Error> {
    let notes = parse_notes(&new.notes)?;
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let known = organization_notes::of(&mut tx, scope).await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    if new.expected_version.is_some_and(|expected| expected != version) {
        return Err(Refusal::NotesChangedMeanwhile.into());
    }
    if let Some(account) = actor.account() {
        note_drafts::remove(&mut tx, scope, account).await?;
    }
    let before = known.as_ref().map_or("", |known| known.text.as_str());
    let is_changed = before != notes;
    if is_changed {
        let entry = Entry {
            before: visible(before),
            after: visible(&notes),
            ..actor.entry(AuditAction::SetNotes)
        };
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add(&mut tx, scope, &id, &entry, now).await?;
        let changed = Notes {
            text: notes.clone(),
            version: version + 1,
            changed_by: actor.name(),
            changed_at: now,
        };
        organization_notes::put(&mut tx, scope, &changed).await?;
        organizations::touch(&mut tx, &new.organization, now).await?;
    }
    tx.commit().await?;
    Ok(is_changed)
}

/// Keeps what a person typed and could not save; it replaces an earlier draft of theirs.
pub async fn keep_draft(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    notes: &str,
) -> Result<(), Error> {
    let Some(account) = actor.account() else { return Ok(()) };
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let notes = notes.replace("\r\n", "\n");
    note_drafts::put(&mut tx, &locked.scope, (account, &notes), state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// A person decides for the notes as they are.
pub async fn discard_draft(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
) -> Result<(), Error> {
    let Some(account) = actor.account() else { return Ok(()) };
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    note_drafts::remove(&mut tx, &locked.scope, account).await?;
    tx.commit().await?;
    Ok(())
}

fn visible(notes: &str) -> Option<&str> {
    (!notes.is_empty()).then_some(notes)
}
