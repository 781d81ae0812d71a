//! Writes the seat history: a change point for each organization whose numbers changed, and what
//! its decisions add to the roll-up of the day.

use std::collections::BTreeMap;

use crate::{
    db::Tx,
    domain::{
        history::{ChangePoint, DailyRollup},
        id::OrganizationId,
        time::Day,
    },
    store::{
        decisions::DecisionRecord, limit_decisions::LimitRecord, organizations::Locked,
        seat_history,
    },
};

pub(super) async fn write_history(
    tx: &mut Tx,
    revised: &[&Locked],
    decided: &[DecisionRecord],
    limits: &[LimitRecord],
) -> sqlx::Result<()> {
    let points: Vec<_> = revised
        .iter()
        .filter(|locked| locked.roster.usage() != locked.before)
        .map(|locked| (locked.id(), point(locked)))
        .collect();
    seat_history::add_points(tx, &points).await?;
    let begin = |o: &Locked| DailyRollup::begin(Day::of(o.changed_at), o.revision, o.before);
    let mut days: BTreeMap<&OrganizationId, (DailyRollup, bool)> =
        revised.iter().map(|locked| (locked.id(), (begin(locked), false))).collect();
    for record in decided {
        if let Some((day, has_decisions)) = days.get_mut(&record.organization) {
            day.decided(&record.step);
            *has_decisions = true;
        }
    }
    for LimitRecord { organization, decided, .. } in limits {
        if let Some((day, has_decisions)) = days.get_mut(organization) {
            day.limit_decided(decided.limit, decided.used);
            *has_decisions = true;
        }
    }
    let mut rows = Vec::new();
    for locked in revised {
        if let Some((mut day, true)) = days.remove(locked.id()) {
            day.end(locked.roster.usage());
            rows.push((locked.id(), day));
        }
    }
    seat_history::add_days(tx, &rows).await
}

fn point(locked: &Locked) -> ChangePoint {
    let usage = locked.roster.usage();
    ChangePoint { at: locked.changed_at, revision: locked.revision, usage }
}
