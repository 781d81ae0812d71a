//! Staff changed the seat limit: the organization's admins are notified of it.

use super::{BURST_PAUSE, Composed, Error, add_extra_recipients, enqueue, recipients};
use crate::{
    channels::email::templates::{Audience, LimitChanged},
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::{Audience as Recipients, Message},
        id::AboutId,
        time::Timestamp,
    },
    state::AppState,
    store::{audit_log, limit_ends, organizations::Locked, outbox::QueuedMessage},
};

/// What a message about a version of the limit is about.
fn about(version: i64) -> AboutId {
    AboutId::new(format!("limit-{version}"))
}

/// Writes the messages about the present limit to the outbox.
pub(in crate::commands) async fn notify_of_limit(
    tx: &mut Tx,
    state: &AppState,
    (organization, version): (&OrganizationScope, i64),
    now: Timestamp,
) -> Result<(), Error> {
    let mut to = recipients(tx, state, organization, Recipients::TenantAdminsAlone).await?;
    add_extra_recipients(tx, organization, &mut to).await?;
    let message = Message::LimitChanged;
    enqueue(tx, state, (Some(organization.id()), about(version), message), to, now).await
}

/// The e-mail, if the limit is still the one that it is about.
pub(super) async fn limit_changed(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
    locked: &Locked,
    audience: Audience,
) -> Result<Composed, Error> {
    if queued.about != about(locked.limit_version) {
        return Ok(Composed::Dropped("The limit was changed again."));
    }
    let usage = locked.roster.usage();
    if usage.over() > 0 {
        return Ok(Composed::Dropped("The alert that more seats are used tells of the new limit."));
    }
    let now = state.clock.now();
    let settles = queued.created_at.plus(BURST_PAUSE);
    if now < settles {
        return Ok(Composed::WaitsUntil(settles));
    }
    let changes = audit_log::limit_changes(tx, &locked.scope, 1).await?;
    let Some(change) = changes.into_iter().next() else {
        return Ok(Composed::Dropped("The limit was changed again."));
    };
    let end = limit_ends::find(tx, &locked.scope, locked.limit_version).await?;
    let facts = LimitChanged {
        end: end.map(|end| end.words(now)),
        organization: locked.id().clone(),
        name: locked.details.name.clone(),
        before: change.before,
        usage,
        audience,
    };
    Ok(Composed::of(facts.email(&state.settings.public_url)))
}
