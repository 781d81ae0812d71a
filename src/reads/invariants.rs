//! Whether what has to hold does hold. Each part is one view of some organizations, so that whatever lands meanwhile is seen
//! either whole or not at all; nothing is locked, and no view stays open for long.

use std::time::Duration;

use crate::{
    acts::Error,
    db::Tx,
    desk::Desk,
    domain::{
        alert::AlertKind,
        id::OrganizationId,
        invariant::{Finding, Invariant, Recount},
        organization::{Standing, Usage},
        time::Timestamp,
    },
    store::{alert_episodes, invariants, outbox},
};

/// Organizations in one view.
pub const PART: i64 = 100;
/// How far back silence is listened for.
const RECENT: Duration = Duration::from_hours(1);
/// Deliveries of one organization that are listened to.
const HEARD: i64 = 100;
/// How long a letter or a batch may take before it is stuck.
const STUCK: Duration = Duration::from_mins(10);

/// What one view has shown.
#[derive(Debug, Default)]
pub struct Part {
    /// Where the next one begins; nothing was seen at all if there is none.
    pub last: Option<OrganizationId>,
    pub findings: Vec<Finding>,
    pub usages: Vec<Usage>,
    pub standings: Vec<Standing>,
}

/// Looks at the organizations from `after` on.
pub async fn part(desk: &Desk, after: Option<&OrganizationId>) -> Result<Part, Error> {
    let mut tx = desk.db.read().await?;
    let now = desk.clock.now();
    let recounts = invariants::recount(&mut tx, after.map_or("", OrganizationId::as_str), PART).await?;
    let ids: Vec<&OrganizationId> = recounts.iter().map(|recount| &recount.organization).collect();
    let open = alert_episodes::open(&mut tx, &ids).await?;
    let staff_since = invariants::staff_since(&mut tx).await?;
    let mut part = Part { last: ids.last().map(|id| (*id).clone()), ..Part::default() };
    for recount in &recounts {
        part.findings.extend(recount.findings());
        let open: Vec<AlertKind> = open.iter().filter(|alert| alert.organization == recount.organization).map(|alert| alert.kind).collect();
        part.findings.extend(alerts(&mut tx, recount, &open, staff_since).await?);
        part.findings.extend(history(&mut tx, recount, now).await?);
        part.usages.push(recount.usage);
        part.standings.extend((!recount.archived).then(|| recount.usage.standing()));
    }
    Ok(part)
}

/// Alerts begin with a decision, if there is somebody to tell then. Whoever came after the last one is told with the next,
/// whatever else has changed in between.
async fn alerts(tx: &mut Tx, recount: &Recount, open: &[AlertKind], staff_since: Option<Timestamp>) -> sqlx::Result<Option<Finding>> {
    let somebody_to_tell = match staff_since {
        Some(since) if recount.alerts(open, true).is_some() => {
            let decided = invariants::last_decision(tx, &recount.organization).await?;
            decided.is_some_and(|decided| decided > since.plus(Recount::SLACK))
        }
        _ => false,
    };
    Ok(recount.alerts(open, somebody_to_tell))
}

/// What only the decisions and the deliveries can tell.
async fn history(tx: &mut Tx, recount: &Recount, now: Timestamp) -> sqlx::Result<Vec<Finding>> {
    let mut found = Vec::new();
    if !recount.is_full() {
        return Ok(found);
    }
    let organization = &recount.organization;
    if recount.usage.over() > 0 {
        found.extend(recount.over(invariants::last_admission(tx, organization).await?));
    }
    let heard = invariants::heard(tx, organization, now.minus(RECENT), HEARD).await?;
    if !heard.is_empty() {
        found.extend(recount.silence(&heard, invariants::last_decision(tx, organization).await?));
    }
    Ok(found)
}

/// What is about no organization: letters and deliveries that are stuck.
pub async fn house(desk: &Desk) -> Result<Vec<Finding>, Error> {
    let now = desk.clock.now();
    let mut tx = desk.db.read().await?;
    let due = outbox::standing(&mut tx, now).await?.due_for(now);
    let finding = |invariant, sentence| Finding { invariant, organization: None, sentence };
    let passed = desk.clock.monotonic();
    let letters = due > STUCK && desk.pulse.outbox_rests(passed).is_some_and(|rest| rest > STUCK);
    let letters = letters.then(|| finding(Invariant::Letters, format!("A letter has been due for {} minutes.", due.as_secs() / 60)));
    let batch = desk.pulse.oldest_batch(passed);
    let intake =
        (batch > STUCK).then(|| finding(Invariant::Intake, format!("One batch of deliveries has taken {} minutes.", batch.as_secs() / 60)));
    Ok(letters.into_iter().chain(intake).collect())
}
