//! What a seat transaction records about who did it, and why.

use super::SeatTransaction;
use crate::{
    clock::Generate,
    commands::{Actor, Error},
    domain::id::{AuditEntryId, OrganizationId},
    store::{
        audit_log::{self, Entry},
        organizations,
    },
};

impl SeatTransaction<'_> {
    /// Adds an entry about this organization to the audit log.
    pub async fn audit(&mut self, id: &OrganizationId, entry: Entry<'_>) -> Result<(), Error> {
        let (scope, entry_id) = (self.scope(id)?, AuditEntryId::generate(&self.state.clock));
        audit_log::add(&mut self.tx, &scope, &entry_id, &entry, self.now).await?;
        Ok(())
    }

    /// Adds entries about this organization to the audit log.
    pub async fn audit_all(
        &mut self,
        id: &OrganizationId,
        entries: &[Entry<'_>],
    ) -> Result<(), Error> {
        let scope = self.scope(id)?;
        let entry_id = |_: &Entry<'_>| AuditEntryId::generate(&self.state.clock);
        let ids: Vec<AuditEntryId> = entries.iter().map(entry_id).collect();
        audit_log::add_all(&mut self.tx, &scope, &ids, entries, self.now).await?;
        Ok(())
    }

    /// Records who has set the limit, and why.
    pub async fn note_limit_set(
        &mut self,
        id: &OrganizationId,
        actor: &Actor,
        reason: &str,
    ) -> Result<(), Error> {
        let scope = self.scope(id)?;
        organizations::note_limit_set(&mut self.tx, &scope, &actor.name(), reason, self.now)
            .await?;
        Ok(())
    }

    /// Records who archives the organization by hand, and why.
    pub async fn note_archived(
        &mut self,
        id: &OrganizationId,
        actor: &Actor,
        reason: &str,
    ) -> Result<(), Error> {
        let scope = self.scope(id)?;
        organizations::note_archived(&mut self.tx, &scope, &actor.name(), reason).await?;
        Ok(())
    }
}
