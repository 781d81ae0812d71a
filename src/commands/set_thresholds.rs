//! Sets when an organization is notified of its usage.

use super::{Actor, Error, pace, seat_transaction::SeatTransaction};
use crate::{
    domain::{alert::UsageThresholds, audit::AuditAction, id::OrganizationId, refusal::Refusal},
    state::AppState,
    store::audit_log::Entry,
};

/// The word for no thresholds of its own.
pub const DEFAULT: &str = "default";

/// `80, 90`, `none`, or `default` (or an empty text) for those of the installation. Its alerts open
/// and are resolved at once. False: they are the same already.
pub async fn set_thresholds(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    text: &str,
) -> Result<bool, Error> {
    let mut seats = SeatTransaction::begin(state, organization).await?;
    let new = match text.trim() {
        "" | DEFAULT => None,
        text => Some(UsageThresholds::parse(text).ok_or(Refusal::UsageThresholds)?),
    };
    let before = seats.organization(organization)?.usage_thresholds.clone();
    if before == new {
        return Ok(false);
    }
    let (scope, now) = (seats.scope(organization)?, seats.now());
    let about = (AuditAction::SetThresholds, pace::SETTINGS);
    pace::keep_pace(seats.tx(), actor, &scope, about, now).await?;
    let words = |thresholds: Option<&UsageThresholds>| {
        thresholds.map_or_else(|| DEFAULT.to_owned(), UsageThresholds::text)
    };
    let (before, after) = (words(before.as_ref()), words(new.as_ref()));
    seats.set_usage_thresholds(organization, new).await?;
    let entry = Entry {
        before: Some(&before),
        after: Some(&after),
        ..actor.entry(AuditAction::SetThresholds)
    };
    seats.audit(organization, entry).await?;
    seats.commit().await?;
    Ok(true)
}
