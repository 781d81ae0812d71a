//! Replays a dead letter from the stored body, with its original time, by the same rules as a new
//! delivery. It is processed now, or it stays a dead letter with a new reason.

use std::{panic::AssertUnwindSafe, slice};

use futures_util::FutureExt;
use tracing::{error, warn};

use super::{
    Actor, Error,
    alerts::Notify,
    dead_letters,
    ingest_deliveries::{Delivery, Duplicate, batch, load, owned, row},
    is_worth_repeating,
};
use crate::{
    clock::Generate,
    db::{Tx, is_transient},
    domain::{
        audit::AuditAction,
        decision::Outcome,
        delivery::HistoryAction,
        id::{AccountId, DeliveryId, HistoryEntryId},
        refusal::Refusal,
        time::Timestamp,
    },
    scalekit::payload,
    state::AppState,
    store::{
        audit_log,
        bulk_replays::{self, ReplayTurn},
        dead_letters::{self as store, Kept},
        deliveries::{self, DeliveryRecord, StoredKey},
        delivery_history::{self, Entry},
    },
};

/// Who replays, and how.
#[derive(Clone, Debug)]
pub struct ReplayContext {
    pub actor: String,
    pub account: Option<AccountId>,
    /// The cause is old, so e-mails are suppressed by default.
    pub notify: Notify,
    /// For the audit log; a step of a bulk replay has no entry of its own.
    pub(super) audited: Option<Actor>,
    /// The step of a bulk replay that this is part of.
    pub(super) part_of: Option<ReplayTurn>,
}

impl ReplayContext {
    pub fn by(actor: &Actor, notify: Notify) -> Self {
        Self {
            actor: actor.name(),
            account: actor.account().cloned(),
            notify,
            audited: Some(actor.clone()),
            part_of: None,
        }
    }
}

/// How often a replay is attempted when another transaction conflicts with it.
const TRIES: usize = 3;
const FAILED: &str =
    "Processing this delivery failed again. The log has the reason under its webhook-id.";

/// Replays one dead letter; gives its new outcome. A delivery that is not a dead letter, or not any
/// more, is refused.
pub async fn replay(
    state: &AppState,
    by: &ReplayContext,
    id: &DeliveryId,
) -> Result<Outcome, Error> {
    for tries in 1.. {
        match AssertUnwindSafe(attempt(state, by, id)).catch_unwind().await {
            Ok(Err(Error::Database(error))) if tries < TRIES && is_worth_repeating(&error) => {
                warn!(%error, delivery = %id, tries, "replaying again at once");
            }
            Ok(Err(Error::Database(error)))
                if is_transient(&error) || is_worth_repeating(&error) =>
            {
                return Err(error.into());
            }
            Ok(Ok(outcome)) => return Ok(outcome),
            Ok(Err(no @ (Error::Refused(_) | Error::Missing | Error::LeaseLost(_)))) => {
                return Err(no);
            }
            Ok(Err(error)) => {
                error!(%error, delivery = %id, "a replay failed");
                break;
            }
            Err(_) => {
                error!(delivery = %id, "a replay panicked");
                break;
            }
        }
    }
    stays_dead(state, by, id).await
}

async fn attempt(state: &AppState, by: &ReplayContext, id: &DeliveryId) -> Result<Outcome, Error> {
    let kept = store::kept(&mut state.db.read().await?, id).await?.ok_or(Error::Missing)?;
    let key = kept.key.clone();
    let Some(delivery) = owned(state, &[read(kept)?]).await?.first().cloned() else {
        return Err(Error::Missing);
    };
    let mut seats = load::begin(state, slice::from_ref(&delivery)).await?;
    seats.set_notify(by.notify);
    let now = seats.now();
    // Check again under the lock that it is still a dead letter.
    if !store::lock(seats.tx(), &key).await? {
        return Err(Refusal::NotDead.into());
    }
    let repeat = repeat(seats.tx(), id, &delivery).await?;
    seats.load(load::needs(slice::from_ref(&delivery))).await?;
    let outcome = match repeat {
        Some(_) => Outcome::Duplicate,
        None => batch::apply(&mut seats, &delivery).await?,
    };
    let revision = seats.decided().first().map(|decided| decided.revision);
    let attributes = seats.kept_attributes().await?;
    let row = row(state, &delivery, outcome, (repeat, &attributes));
    let row = DeliveryRecord { id: id.clone(), revision, ..row };
    let mut tx = seats.write().await?;
    store::replayed(&mut tx, &key, &row).await?;
    let key = StoredKey { organization: row.organization, ..key };
    let replayed = Replayed { key: &key, outcome, why: row.why.as_deref() };
    note(&mut tx, state, by, &replayed, now).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// The original delivery, parsed by the current code.
fn read(kept: Kept) -> Result<Delivery, Refusal> {
    if kept.outcome != Outcome::Dead {
        return Err(Refusal::NotDead);
    }
    let body = kept.body.ok_or(Refusal::BodyRemoved)?;
    let reading = payload::read(&body);
    let delivery = Delivery::new(kept.webhook_id, body, reading, kept.key.received_at);
    Ok(delivery.with_hash(kept.body_hash))
}

/// Whether the same event was processed meanwhile, from another delivery.
async fn repeat(
    tx: &mut Tx,
    id: &DeliveryId,
    delivery: &Delivery,
) -> Result<Option<Duplicate>, Error> {
    let known = deliveries::known(tx, &[delivery.asked()]).await?;
    let other = known.into_iter().find(|known| known.id != id.as_str());
    Ok(other.map(|other| {
        if other.body_hash == delivery.body_hash { Duplicate::Same } else { Duplicate::Altered }
    }))
}

/// Records a permanent failure in the row: the delivery stays a dead letter.
async fn stays_dead(
    state: &AppState,
    by: &ReplayContext,
    id: &DeliveryId,
) -> Result<Outcome, Error> {
    let mut tx = state.db.write().await?;
    let kept = store::kept(&mut tx, id).await?.ok_or(Error::Missing)?;
    if !store::lock(&mut tx, &kept.key).await? {
        return Err(Refusal::NotDead.into());
    }
    store::stays(&mut tx, &kept.key, FAILED).await?;
    let replayed = Replayed { key: &kept.key, outcome: Outcome::Dead, why: Some(FAILED) };
    note(&mut tx, state, by, &replayed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(Outcome::Dead)
}

struct Replayed<'a> {
    key: &'a StoredKey,
    outcome: Outcome,
    why: Option<&'a str>,
}

/// Records who replayed it and the outcome, resolves the alert if no dead letter is left, and
/// advances the bulk replay.
async fn note(
    tx: &mut Tx,
    state: &AppState,
    by: &ReplayContext,
    replayed: &Replayed<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let Replayed { key, outcome, why } = *replayed;
    let entry = Entry {
        id: &HistoryEntryId::generate(&state.clock),
        delivery: key,
        actor: &by.actor,
        account: by.account.as_ref(),
        done: HistoryAction::Replayed(outcome),
        why,
    };
    delivery_history::add(tx, &entry, now).await?;
    if let Some(actor) = &by.audited {
        let after = Some(outcome.as_str());
        let entry = audit_log::Entry { after, ..actor.entry(AuditAction::ReplayDelivery) };
        dead_letters::audit_delivery(tx, state, key, entry, now).await?;
    }
    let succeeded = outcome != Outcome::Dead;
    if succeeded {
        dead_letters::resolve_if_none(tx, now).await?;
    }
    if let Some(turn) = &by.part_of {
        bulk_replays::advance(tx, turn, (key.received_at, &key.id), succeeded).await?;
    }
    Ok(())
}
