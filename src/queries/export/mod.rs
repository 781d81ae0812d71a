//! Lists for a CSV, part by part. Each part is read on its own, so that an export of any length
//! needs little memory and holds up no delivery. A row that changes meanwhile may be in two parts
//! or in none, as in a list that is read page by page.

mod activity;
mod alerts;
mod api_keys;
mod changes;
mod decisions;
mod deliveries;
mod groups;
mod history;
mod import_rows;
mod members;
mod organizations;
mod people;
mod plan;
mod requests;
mod resyncs;
mod unused;
mod waitlist;
mod webhook_endpoints;

use std::collections::HashMap;

pub use self::{
    activity::Activity,
    alerts::Alerts,
    api_keys::ApiKeys,
    changes::{ChangeCells, Changes},
    decisions::{DecisionKey, DecisionRecord, Decisions},
    deliveries::{Deliveries, DeliveryCells},
    groups::{GroupCells, Groups},
    history::History,
    import_rows::{ImportCells, ImportRows},
    members::{Members, StaffAccounts},
    organizations::{OrganizationCells, Organizations},
    people::{People, PersonCells},
    plan::{Plan, PlannedCells},
    requests::Requests,
    resyncs::Resyncs,
    unused::Unused,
    waitlist::{Waitlist, WaitlistCells},
    webhook_endpoints::WebhookEndpoints,
};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{id::DirectoryUserId, waitlist::PlaceKey},
    state::AppState,
};

/// How many rows are read at once.
const PART: i64 = 500;

/// A list with the filters and the order of a page.
pub trait List: Sized + Send + Sync + 'static {
    /// The cells of one row, as stored.
    type Row: Send;
    /// A row behind which a part begins.
    type Key: Send + Sync;

    /// Whose rows the list has.
    fn reach(&self) -> Reach<'_>;

    /// The part behind a row, with at most so many rows.
    ///
    /// `Missing` if there is nothing that has such a list.
    fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> impl Future<Output = Result<Part<Self>, Error>> + Send;
}

/// Some rows, maybe none, and the row behind which the next part begins; `None`: there are no more.
pub type Part<L> = (Vec<<L as List>::Row>, Option<<L as List>::Key>);

/// A list that is read from its first row on. It holds no connection between two parts.
#[derive(Debug)]
pub struct Export<L: List> {
    state: AppState,
    list: L,
    behind: Option<L::Key>,
    is_over: bool,
}

impl<L: List> Export<L> {
    pub fn new(state: AppState, list: L) -> Self {
        Self { state, list, behind: None, is_over: false }
    }

    /// The rows of the next part; `None` after the last one.
    pub async fn part(&mut self) -> Result<Option<Vec<L::Row>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let mut tx = self.state.db.read_for_page(self.list.reach()).await?;
        let (rows, next) = self.list.read(&mut tx, self.behind.take(), PART).await?;
        self.is_over = next.is_none();
        self.behind = next;
        Ok(Some(rows))
    }
}

/// One part of a list, behind a row, for the API.
pub async fn part<L: List>(
    state: &AppState,
    mut list: L,
    behind: Option<L::Key>,
    most: i64,
) -> Result<Part<L>, Error> {
    let mut tx = state.db.read_for_page(list.reach()).await?;
    list.read(&mut tx, behind, most).await
}

/// How many people of the whole waitlist are read: each one follows the one before.
#[derive(Debug, Default)]
struct Positions(i64);

impl Positions {
    /// Whether the rows follow the ones that were read: a part from the middle on follows none.
    fn follow(&self, is_first: bool) -> bool {
        is_first || self.0 > 0
    }

    fn of_next(&mut self, places: Vec<PlaceKey>) -> HashMap<DirectoryUserId, i64> {
        let first = self.0 + 1;
        self.0 += i64::try_from(places.len()).unwrap_or(i64::MAX);
        places.into_iter().map(|place| place.user).zip(first..).collect()
    }
}

/// The key of the last row if the part is full; otherwise there are no more rows.
fn next<T, K>(rows: &[T], most: i64, key: impl Fn(&T) -> K) -> Option<K> {
    let is_full = i64::try_from(rows.len()).is_ok_and(|read| read >= most);
    rows.last().filter(|_| is_full).map(key)
}
