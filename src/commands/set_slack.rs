//! Sets where the alerts of an organization are posted in Slack.

use super::{Actor, Error, alerts::forget_failures, pace};
use crate::{
    channels::slack::SlackWebhook,
    clock::Generate,
    domain::{
        audit::AuditAction,
        id::{AuditEntryId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        failing_channels::Receiver,
        organizations,
    },
};

/// Sets the address of the incoming webhook; an empty text removes it. The audit log names only the
/// host, because each client that knows the address may post.
pub async fn set_slack(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    address: &str,
) -> Result<Option<SlackWebhook>, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let allowed = state.settings.operations.allowed_addresses;
    let address = address.trim();
    let new = (!address.is_empty())
        .then(|| SlackWebhook::parse(address, allowed).ok_or(Refusal::SlackWebhook))
        .transpose()?;
    let now = state.clock.now();
    let known = organizations::slack_webhook(&mut tx, &locked.scope).await?;
    if known.as_deref() == new.as_ref().map(SlackWebhook::as_str) {
        return Ok(new);
    }
    let about = (AuditAction::SetSlack, pace::SETTINGS);
    pace::keep_pace(&mut tx, actor, &locked.scope, about, now).await?;
    organizations::set_slack_webhook(
        &mut tx,
        &locked.scope,
        new.as_ref().map(SlackWebhook::as_str),
    )
    .await?;
    forget_failures(&mut tx, &Receiver::slack_of(organization), Some(&locked), now).await?;
    let shown = |text: &str| SlackWebhook::parse(text, allowed).map(|webhook| webhook.shown());
    let (before, after) = (known.as_deref().and_then(shown), new.as_ref().map(SlackWebhook::shown));
    let entry = Entry {
        before: before.as_deref(),
        after: after.as_deref(),
        ..actor.entry(AuditAction::SetSlack)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(&mut tx, &locked.scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(new)
}
