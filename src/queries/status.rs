//! The numbers of every organization, and whether they are correct, for the command line.

use serde::{Serialize, Serializer};

use super::invariants;
use crate::{
    commands::Error,
    domain::{
        admission::AdmissionPolicy, decision::Outcome, id::OrganizationId, invariant::Finding,
        organization::SeatLimit,
    },
    state::AppState,
    store::{
        deliveries,
        overview::{self, Listed},
    },
};

/// One row of `status --json`.
#[derive(Clone, Debug, Serialize)]
pub struct StatusRow {
    pub organization_id: OrganizationId,
    /// The name exactly as it is stored.
    pub name: String,
    /// A number, `"unlimited"`, or `null` while it is not set.
    #[serde(serialize_with = "limit")]
    pub seat_limit: SeatLimit,
    pub used: i64,
    pub waiting: i64,
    /// `first-come`, `groups` or `by-hand`.
    pub policy: &'static str,
}

pub(super) fn limit<S: Serializer>(limit: &SeatLimit, serializer: S) -> Result<S::Ok, S::Error> {
    match limit {
        SeatLimit::NotSet => serializer.serialize_none(),
        SeatLimit::Seats(seats) => serializer.serialize_i64(*seats),
        SeatLimit::Unlimited => serializer.serialize_str("unlimited"),
    }
}

/// Every organization, sorted by id.
pub async fn status(state: &AppState) -> Result<Vec<StatusRow>, Error> {
    const PART: i64 = 5_000;
    let mut tx = state.db.read().await?;
    let mut rows: Vec<StatusRow> = Vec::new();
    loop {
        let after = rows.last().map_or("", |row| row.organization_id.as_str()).to_owned();
        let part = overview::after(&mut tx, &after, PART).await?;
        let is_last = part.is_empty();
        rows.extend(part.into_iter().map(status_row));
        if is_last {
            return Ok(rows);
        }
    }
}

fn status_row((row, policy): (Listed, AdmissionPolicy)) -> StatusRow {
    let Listed { id, name, usage, .. } = row;
    StatusRow {
        organization_id: id,
        name,
        seat_limit: usage.limit,
        used: usage.used,
        waiting: usage.waiting,
        policy: policy.as_str(),
    }
}

/// The counts of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// All deliveries, duplicates included.
    pub rows: i64,
    /// Deliveries without the duplicates.
    pub originals: i64,
    pub dead: i64,
}

/// Counts the whole inbox.
pub async fn inbox(state: &AppState) -> Result<Inbox, Error> {
    let mut tx = state.db.read().await?;
    let mut inbox = Inbox::default();
    for (outcome, rows, originals) in deliveries::all_outcomes(&mut tx).await? {
        inbox.rows += rows;
        inbox.originals += originals;
        inbox.dead += if outcome == Outcome::Dead { rows } else { 0 };
    }
    Ok(inbox)
}

/// An invariant that does not hold, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check(pub String);

/// Recounts everything. An empty result: every invariant holds.
pub async fn check(state: &AppState) -> Result<Vec<Check>, Error> {
    let mut found = Vec::new();
    let mut part = invariants::part(state, None).await?;
    while part.last.is_some() {
        found.extend(part.findings.iter().map(as_check));
        part = invariants::part(state, part.last.as_ref()).await?;
    }
    let mut tx = state.db.read().await?;
    let beyond = overview::admitted_beyond(&mut tx).await?;
    found.extend(
        beyond.into_iter().map(|(id, user)| {
            Check(format!("{id}: {user} was admitted although no seat was free"))
        }),
    );
    Ok(found)
}

fn as_check(finding: &Finding) -> Check {
    let organization = finding.organization.as_ref().map_or("", OrganizationId::as_str);
    Check(format!("{organization}: {}", finding.sentence))
}
