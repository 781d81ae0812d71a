//! Replays many dead letters, the oldest first, in one transaction each. Each transaction updates
//! the progress in the replay's row, so that an interrupted replay resumes where it was, and a
//! cancelled one changes nothing more.

use tracing::info;

use super::{Actor, Error, Notify, ReplayContext, replay};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        audit::AuditAction,
        decision::Outcome,
        id::{AccountId, AuditEntryId, OrganizationId, ReplayId},
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        bulk_replays::{self, Claimed, New},
        dead_letters::{self, Which},
    },
};

/// Which dead letters to replay, and whether the alerts that they cause send e-mails.
#[derive(Clone, Debug, Default)]
pub struct BulkReplay {
    pub organization: Option<OrganizationId>,
    pub kind: Option<String>,
    pub notify: Notify,
}

/// Starts a replay of all dead letters that exist now.
pub async fn start_replay(
    state: &AppState,
    actor: &Actor,
    many: &BulkReplay,
) -> Result<ReplayId, Error> {
    let which = which(many.organization.as_ref().map(OrganizationId::as_str), many.kind.as_deref());
    let mut tx = state.db.read().await?;
    // If the clock was set back, the dead letters from before are included nevertheless.
    let now = dead_letters::newest(&mut tx, which)
        .await?
        .map_or(state.clock.now(), |newest| newest.max(state.clock.now()));
    let total = dead_letters::count(&mut tx, which, now, i64::MAX).await?;
    drop(tx);
    if total == 0 {
        return Err(Refusal::NoDeadLetters.into());
    }
    let id = ReplayId::generate(&state.clock);
    let new = New {
        id: &id,
        organization: many.organization.as_ref(),
        kind: many.kind.as_deref(),
        sends_emails: many.notify == Notify::Sent,
        actor: &actor.name(),
        account: actor.account(),
        total,
    };
    let mut tx = state.db.write().await?;
    if !bulk_replays::start(&mut tx, &new, now).await? {
        return Err(Refusal::ReplayRunning.into());
    }
    let summary = summary(many, total);
    let asked = Entry { after: Some(&summary), ..actor.entry(AuditAction::StartReplay) };
    note(&mut tx, state, &id, asked).await?;
    tx.commit().await?;
    Ok(id)
}

/// Cancels a replay. Deliveries that were replayed already stay replayed.
pub async fn cancel_replay(state: &AppState, actor: &Actor, id: &ReplayId) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    if !bulk_replays::cancel(&mut tx, id, &actor.name(), state.clock.now()).await? {
        return Err(Refusal::ReplayEnded.into());
    }
    let asked = Entry {
        before: Some("running"),
        after: Some("cancelled"),
        ..actor.entry(AuditAction::CancelReplay)
    };
    note(&mut tx, state, id, asked).await?;
    tx.commit().await?;
    Ok(())
}

/// Which dead letters a replay is about, for the audit log.
fn summary(many: &BulkReplay, total: i64) -> String {
    let organization = many.organization.as_ref().map(|organization| format!(" of {organization}"));
    let kind = many.kind.as_ref().map(|kind| format!(", {kind}"));
    let emails = if many.notify == Notify::Sent { ", with e-mails" } else { "" };
    format!(
        "{total} dead letters{}{}{emails}",
        organization.unwrap_or_default(),
        kind.unwrap_or_default()
    )
}

/// Adds an entry about the installation, because a replay may be about several organizations.
async fn note(tx: &mut Tx, state: &AppState, id: &ReplayId, entry: Entry<'_>) -> sqlx::Result<()> {
    let entry_id = AuditEntryId::generate(&state.clock);
    let entry = Entry { target_id: Some(id.as_str()), ..entry };
    audit_log::add_to_installation(tx, &entry_id, &entry, state.clock.now()).await
}

/// Claims the running replay, if no other worker holds it or the holder has sent no heartbeat for
/// the whole duration of the lease.
pub async fn claim_replay(state: &AppState) -> Result<Option<Claimed>, Error> {
    let mut tx = state.db.write().await?;
    let Some(running) = bulk_replays::running(&mut tx).await? else { return Ok(None) };
    if !state.leases.is_free(&running.work(), running.lease, state.clock.monotonic()) {
        return Ok(None);
    }
    let claimed = bulk_replays::claim(&mut tx, running).await?;
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        state.leases.note(&claimed.turn.lease, state.clock.monotonic());
    }
    Ok(claimed)
}

/// Releases the lease, so that another worker can resume the replay.
pub async fn release_replay(state: &AppState, claimed: &Claimed) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    claimed.turn.lease.release(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// The result of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Replayed,
    /// No dead letter is left, the replay was cancelled, or another worker has taken it over.
    Ended,
}

/// Replays the next dead letter of a claimed replay.
pub async fn replay_next(state: &AppState, claimed: &mut Claimed) -> Result<Step, Error> {
    match step(state, claimed).await {
        Err(Error::LeaseLost(lost)) => {
            info!(%lost, "a replay was cancelled, or another process continues it");
            Ok(Step::Ended)
        }
        done => done,
    }
}

async fn step(
    state: &AppState,
    Claimed { replay: bulk, turn }: &mut Claimed,
) -> Result<Step, Error> {
    let which = which(bulk.organization_id.as_deref(), bulk.kind.as_deref());
    let start = (Timestamp::from_nanos(bulk.last_received_at), bulk.last_delivery_id.as_str());
    let mut tx = state.db.read().await?;
    let next =
        dead_letters::next(&mut tx, which, start, Timestamp::from_nanos(bulk.started_at)).await?;
    drop(tx);
    let Some((dead_letter, received_at)) = next else {
        let mut tx = state.db.write().await?;
        bulk_replays::finish(&mut tx, turn, state.clock.now()).await?;
        tx.commit().await?;
        return Ok(Step::Ended);
    };
    let by = ReplayContext {
        audited: None,
        actor: bulk.started_by.clone(),
        account: bulk.account_id.clone().map(AccountId::new),
        notify: if bulk.sends_emails { Notify::Sent } else { Notify::Suppressed },
        part_of: Some(turn.clone()),
    };
    let replayed: Result<Outcome, Error> = replay(state, &by, &dead_letter).await;
    match replayed {
        // A person has replayed this dead letter meanwhile, or its body was removed: skip it.
        Ok(_) | Err(Error::Refused(Refusal::NotDead | Refusal::BodyRemoved)) => {}
        Err(error) => return Err(error),
    }
    bulk.last_received_at = received_at.nanos();
    dead_letter.as_str().clone_into(&mut bulk.last_delivery_id);
    Ok(Step::Replayed)
}

fn which<'a>(organization: Option<&'a str>, kind: Option<&'a str>) -> Which<'a> {
    Which { organization: organization.unwrap_or_default(), kind: kind.unwrap_or_default() }
}
