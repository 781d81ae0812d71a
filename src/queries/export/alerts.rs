//! Alerts: all of them for staff, and an organization's own. First the open ones, then those that
//! are resolved, the newest first.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::access::{OrganizationScope, Staff, Viewer},
    queries::alerts::{AlertRecord, part},
    store::{
        alerts::listing::{Filter, Listed, Place},
        organizations,
    },
    views::alerts::{AlertCursor, AlertList, AlertsQuery},
};

#[derive(Debug)]
pub struct Alerts {
    scope: Option<OrganizationScope>,
    is_staff: bool,
    query: AlertsQuery,
}

impl Alerts {
    pub fn all(_staff: &Staff, query: AlertsQuery) -> Self {
        Self { scope: None, is_staff: true, query }
    }

    pub fn of(scope: OrganizationScope, viewer: &Viewer, query: AlertsQuery) -> Self {
        Self { scope: Some(scope), is_staff: viewer.role.is_staff(), query }
    }

    /// The list after this one.
    fn list_after(&self, list: AlertList) -> Option<AlertList> {
        (list == AlertList::Open && self.query.list.is_none()).then_some(AlertList::Resolved)
    }
}

impl List for Alerts {
    type Row = AlertRecord;
    /// The list, and the last alert of it that was read.
    type Key = (AlertList, Option<AlertCursor>);

    fn reach(&self) -> Reach<'_> {
        Reach::of(self.scope.as_ref())
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        if let Some(scope) = &self.scope {
            organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        }
        let first = self.query.list.unwrap_or(AlertList::Open);
        let (list, cursor) = behind.unwrap_or((first, None));
        let place: Option<Place> = cursor.map(|cursor| (cursor.at, cursor.id));
        let filter = Filter {
            kind: self.query.kind,
            for_staff: self.is_staff,
            before: place.as_ref(),
            most,
        };
        let rows = part(tx, self.scope.as_ref(), list, filter).await?;
        let key = |row: &Listed| AlertCursor { at: row.opened_at, id: row.id.clone() };
        let older = next(&rows, most, |row| (list, Some(key(row))));
        let older = older.or_else(|| self.list_after(list).map(|next| (next, None)));
        Ok((rows.into_iter().map(AlertRecord::of).collect(), older))
    }
}
