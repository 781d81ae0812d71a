//! The ways to begin: each locks its organizations in order of id, as all code does.

use std::collections::{BTreeMap, BTreeSet};

use super::{Departures, Error, GroupStatements, Notify, SaidAttributes, SeatTransaction};
use crate::{
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope, as_of, id::OrganizationId, organization::SeatLimit,
        time::Timestamp,
    },
    state::AppState,
    store::{
        limit_decisions::{self, LimitRecord},
        organizations::{self, Locked},
        seat_history, settings,
    },
};

impl<'a> SeatTransaction<'a> {
    /// Begins and locks one organization; `Missing` if there is no such organization.
    pub async fn begin(state: &'a AppState, organization: &OrganizationId) -> Result<Self, Error> {
        let tx = state.db.write().await?;
        Self::lock(state, tx, organization).await
    }

    /// The same, in a transaction that the command has begun.
    pub async fn lock(
        state: &'a AppState,
        mut tx: Tx,
        organization: &OrganizationId,
    ) -> Result<Self, Error> {
        let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
        Ok(Self::of(state, tx, vec![locked]))
    }

    /// Begins and locks these organizations, which are sorted; unknown ones are added with the
    /// default limit. `in_turn` takes the advisory lock, for work that no organization's lock puts
    /// in order.
    ///
    /// Organizations are added before any lock, in a new transaction: a transaction that waits on a
    /// unique index while it holds row locks can deadlock.
    pub async fn begin_batch(
        state: &'a AppState,
        ids: &[OrganizationId],
        in_turn: bool,
    ) -> sqlx::Result<Self> {
        let mut tx = begin_in_turn(state, in_turn).await?;
        let locked = organizations::lock_batch(&mut tx, ids).await?;
        if locked.len() == ids.len() {
            return Ok(Self::of(state, tx, locked));
        }
        tx.rollback().await?;
        let known: BTreeSet<_> = locked.iter().map(Locked::id).collect();
        let new: Vec<_> = ids
            .iter()
            .filter(|id| !known.contains(id))
            .map(|id| (id.clone(), id.to_string()))
            .collect();
        let mut tx = begin_in_turn(state, in_turn).await?;
        let defaults = settings::values(&mut tx, &state.settings.fixed).await?;
        let plan = (defaults.default_seat_limit, &defaults.default_policy);
        organizations::add(&mut tx, &new, plan, state.clock.now()).await?;
        let locked = organizations::lock_batch(&mut tx, ids).await?;
        limit_decisions::begin(&mut tx, &locked).await?;
        seat_history::begin(&mut tx, &locked).await?;
        Ok(Self::of(state, tx, locked))
    }

    /// Adds organizations, which are sorted, as (id, name), and locks them. Without a limit they
    /// get the default one. Gives the number of those that are new.
    pub async fn add_organizations(
        state: &'a AppState,
        rows: &[(OrganizationId, String)],
        limit: Option<SeatLimit>,
    ) -> sqlx::Result<(Self, u64)> {
        let mut tx = state.db.write().await?;
        let defaults = settings::values(&mut tx, &state.settings.fixed).await?;
        let plan = (limit.unwrap_or(defaults.default_seat_limit), &defaults.default_policy);
        let added = organizations::add(&mut tx, rows, plan, state.clock.now()).await?;
        let ids: Vec<OrganizationId> = rows.iter().map(|(id, _)| id.clone()).collect();
        let locked = organizations::lock_all(&mut tx, &ids).await?;
        limit_decisions::begin(&mut tx, &locked).await?;
        seat_history::begin(&mut tx, &locked).await?;
        Ok((Self::of(state, tx, locked), added))
    }

    /// Begins a preview: the same rules on a consistent read without a lock. The engine refuses to
    /// write, and the transaction is rolled back.
    pub async fn preview(
        state: &'a AppState,
        organization: &OrganizationScope,
    ) -> Result<Self, Error> {
        let mut tx = state.db.read_for_page(Reach::Organization(organization)).await?;
        let unlocked =
            organizations::unlocked(&mut tx, organization).await?.ok_or(Error::Missing)?;
        Ok(Self::of(state, tx, vec![unlocked]))
    }

    fn of(state: &'a AppState, tx: Tx, mut locked: Vec<Locked>) -> Self {
        let now = state.clock.now();
        let limits = locked.iter_mut().filter_map(|locked| follow_clock(locked, now)).collect();
        Self {
            state,
            tx,
            now,
            notify: Notify::Sent,
            is_loaded: false,
            organizations: locked.into_iter().map(|locked| (locked.id().clone(), locked)).collect(),
            revised: BTreeSet::new(),
            concerned: BTreeSet::new(),
            edited: BTreeSet::new(),
            ended: BTreeSet::new(),
            decided: Vec::new(),
            limits,
            departures: Departures::default(),
            mentioned: BTreeMap::new(),
            named_by_groups: BTreeSet::new(),
            group_statements: GroupStatements::default(),
            merged: Vec::new(),
            attributes: SaidAttributes::default(),
            roles: Vec::new(),
            directories_changed: BTreeSet::new(),
            settings: None,
        }
    }
}

/// Gives the organization the time of this change. If the clock was set back, a limit decision
/// without a change says so.
fn follow_clock(locked: &mut Locked, now: Timestamp) -> Option<LimitRecord> {
    let (changed_at, clock_was_set_back) = as_of::time_after(locked.changed_at, now);
    locked.changed_at = changed_at;
    clock_was_set_back.then(|| LimitRecord::of(locked, clock_was_set_back, None))
}

async fn begin_in_turn(state: &AppState, in_turn: bool) -> sqlx::Result<Tx> {
    let mut tx = state.db.write().await?;
    if in_turn {
        tx.advisory_lock().await?;
    }
    Ok(tx)
}
