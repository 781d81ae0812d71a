//! Checks whether every invariant holds. Each part reads some organizations in one view, so that it
//! sees a concurrent change either completely or not at all. Nothing is locked, and no view stays
//! open for long.

use std::time::Duration;

use crate::{
    commands::Error,
    db::Tx,
    domain::{
        alert::AlertKind,
        id::OrganizationId,
        invariant::{Finding, Invariant, Recount},
        organization::{SeatStatus, Usage},
        time::Timestamp,
    },
    state::AppState,
    store::{
        alerts,
        groups::{self, RecountedGroups},
        invariants, outbox,
    },
};

/// Organizations in one view.
pub const PART: i64 = 100;
/// How far back deliveries are examined for missing enforcement.
const RECENT: Duration = Duration::from_hours(1);
/// How many deliveries of one organization are examined.
const RECENT_DELIVERIES: i64 = 100;
/// How long an e-mail or a batch may take before it counts as stuck.
const STUCK: Duration = Duration::from_mins(10);

/// The result of one view.
#[derive(Debug, Default)]
pub struct Part {
    /// The last organization, after which the next part begins; none if this part saw no
    /// organization.
    pub last: Option<OrganizationId>,
    pub findings: Vec<Finding>,
    pub usages: Vec<Usage>,
    pub seat_statuses: Vec<SeatStatus>,
}

/// Checks the organizations after `after`.
pub async fn part(state: &AppState, after: Option<&OrganizationId>) -> Result<Part, Error> {
    let mut tx = state.db.read().await?;
    let now = state.clock.now();
    let after = after.map_or("", OrganizationId::as_str);
    let recounts = invariants::recount(&mut tx, after, PART).await?;
    let ids: Vec<&OrganizationId> = recounts.iter().map(|recount| &recount.organization).collect();
    let open = alerts::open(&mut tx, &ids).await?;
    let mut part = Part { last: ids.last().map(|id| (*id).clone()), ..Part::default() };
    for recount in &recounts {
        part.findings.extend(recount.findings());
        let open: Vec<AlertKind> = open
            .iter()
            .filter(|alert| alert.organization == recount.organization)
            .map(|alert| alert.kind)
            .collect();
        part.findings.extend(recount.alerts(&open));
        part.findings.extend(history(&mut tx, recount, now).await?);
        part.usages.push(recount.usage);
        part.seat_statuses.extend((!recount.archived).then(|| recount.usage.seat_status()));
    }
    if let Some(last) = &part.last {
        for (id, RecountedGroups { stored, counted }) in
            groups::recounted(&mut tx, after, last).await?
        {
            part.findings.extend(Recount::groups(id, stored, counted));
        }
    }
    Ok(part)
}

/// Checks that need the decisions and the deliveries.
async fn history(tx: &mut Tx, recount: &Recount, now: Timestamp) -> sqlx::Result<Vec<Finding>> {
    let mut found = Vec::new();
    if !recount.is_full() {
        return Ok(found);
    }
    let organization = &recount.organization;
    if recount.usage.over() > 0 {
        found.extend(recount.over(invariants::last_admission(tx, organization).await?));
    }
    let recent =
        invariants::recent_deliveries(tx, organization, now.minus(RECENT), RECENT_DELIVERIES)
            .await?;
    if !recent.is_empty() {
        found.extend(recount.silence(&recent, invariants::last_decision(tx, organization).await?));
    }
    Ok(found)
}

/// Checks that concern no organization: e-mails and batches of deliveries that are stuck.
pub async fn installation(state: &AppState) -> Result<Vec<Finding>, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let due = outbox::backlog(&mut tx, now).await?.due_for(now);
    let finding = |invariant, sentence| Finding { invariant, organization: None, sentence };
    let passed = state.clock.monotonic();
    let emails = due > STUCK && state.health.outbox_rests(passed).is_some_and(|rest| rest > STUCK);
    let emails = emails.then(|| {
        finding(
            Invariant::Emails,
            format!("An e-mail has been due for {} minutes.", due.as_secs() / 60),
        )
    });
    let batch = state.health.oldest_batch(passed);
    let intake = (batch > STUCK).then(|| {
        finding(
            Invariant::Intake,
            format!("One batch of deliveries has taken {} minutes.", batch.as_secs() / 60),
        )
    });
    Ok(emails.into_iter().chain(intake).collect())
}
