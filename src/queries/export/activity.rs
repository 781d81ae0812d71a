//! The audit log: all of it for staff, and an organization's own entries for its tenants.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::access::{OrganizationScope, Staff, Viewer},
    queries::audit::{AuditEntry, entry, part, redacted},
    store::organizations,
    views::audit::{AuditCursor, AuditPage, AuditQuery},
};

/// The audit log, or the entries about an organization that the viewer may read.
#[derive(Debug)]
pub struct Activity {
    scope: Option<OrganizationScope>,
    is_staff: bool,
    query: AuditQuery,
}

impl Activity {
    pub fn all(_staff: &Staff, query: AuditQuery) -> Self {
        Self { scope: None, is_staff: true, query }
    }

    pub fn of(scope: OrganizationScope, viewer: &Viewer, query: AuditQuery) -> Self {
        Self { scope: Some(scope), is_staff: viewer.role.is_staff(), query }
    }
}

impl List for Activity {
    type Row = AuditEntry;
    type Key = AuditCursor;

    fn reach(&self) -> Reach<'_> {
        Reach::of(self.scope.as_ref())
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<AuditCursor>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let scope = self.scope.as_ref();
        if let Some(scope) = scope {
            organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        }
        self.query.before = behind;
        let size = (most, AuditPage::LOOKED_AT);
        let part = part(tx, (scope, self.is_staff), &self.query, size).await?;
        let cells = part.rows.into_iter().map(|row| entry(redacted(row, self.is_staff)));
        Ok((cells.collect(), part.older.map(|(at, id)| AuditCursor { at, id })))
    }
}
