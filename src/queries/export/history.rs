//! The seat history of an organization by day.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::OrganizationScope, history::DailyRollup, time::Day},
    store::{organizations, seat_history},
    views::history::HistoryQuery,
};

/// The days with a decision, the newest first.
#[derive(Debug)]
pub struct History {
    scope: OrganizationScope,
    query: HistoryQuery,
    today: Day,
}

impl History {
    pub fn new(scope: OrganizationScope, query: HistoryQuery, today: Day) -> Self {
        Self { scope, query, today }
    }
}

impl List for History {
    type Row = DailyRollup;
    type Key = Day;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Day>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        organizations::revision(tx, &self.scope).await?.ok_or(Error::Missing)?;
        let between = (self.query.range.first(self.today), behind.unwrap_or(self.today.plus(1)));
        let rows = seat_history::days_before(tx, &self.scope, between, most).await?;
        let next = next(&rows, most, |row| row.day);
        Ok((rows, next))
    }
}
