//! A dead letter is taken once more: from the stored body, with its original time, by the same rules as a fresh delivery.
//! It goes through, or it stays dead and says why now.

use std::{panic::AssertUnwindSafe, slice};

use futures_util::FutureExt;
use tracing::{error, warn};

use super::{
    Actor, Error, dead_letters, is_worth_repeating,
    settle::{Letters, settle_with},
    take_deliveries::{Delivery, Repeat, fold::Fold, load, owned, row, write},
};
use crate::{
    db::{Tx, is_transient},
    desk::Desk,
    domain::{
        decision::Outcome,
        event,
        id::{AccountId, DeliveryId, WebhookId},
        page::deliveries::Done,
        refusal::Refusal,
        time::Timestamp,
    },
    store::{
        dead_letters::{self as store, Kept},
        deliveries::{self, Asked, Taken},
        delivery_history::{self, Entry},
        replays::{self, ReplayTurn},
    },
};

/// Who replays, and how.
#[derive(Clone, Debug)]
pub struct Replaying {
    pub actor: String,
    pub account: Option<AccountId>,
    /// What it causes is old: nobody gets a letter of it unless somebody asks.
    pub letters: Letters,
    /// The turn at a replay of many that this is part of.
    pub(super) part_of: Option<ReplayTurn>,
}

impl Replaying {
    pub fn by(actor: &Actor, letters: Letters) -> Self {
        Self { actor: actor.name(), account: actor.account().cloned(), letters, part_of: None }
    }
}

/// How often a replay that another transaction stood in the way of is tried.
const TRIES: usize = 3;
const FAILED: &str = "Taking this delivery failed again. The log has the reason under its webhook-id.";

/// Replays one dead letter; gives its outcome now. What is no dead letter, or is none any more, is refused.
pub async fn replay(desk: &Desk, by: &Replaying, id: &DeliveryId) -> Result<Outcome, Error> {
    for tries in 1.. {
        match AssertUnwindSafe(attempt(desk, by, id)).catch_unwind().await {
            Ok(Err(Error::Database(error))) if tries < TRIES && is_worth_repeating(&error) => {
                warn!(%error, delivery = %id, tries, "replaying again at once");
            }
            Ok(Err(Error::Database(error))) if is_transient(&error) || is_worth_repeating(&error) => return Err(error.into()),
            Ok(Ok(outcome)) => return Ok(outcome),
            Ok(Err(no @ (Error::Refused(_) | Error::Missing))) => return Err(no),
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
    stays_dead(desk, by, id).await
}

async fn attempt(desk: &Desk, by: &Replaying, id: &DeliveryId) -> Result<Outcome, Error> {
    let kept = store::kept(&mut desk.db.read().await?, id).await?.ok_or(Error::Missing)?;
    let Some(delivery) = owned(desk, &[read(kept)?]).await?.first().cloned() else { return Err(Error::Missing) };
    let organization: Vec<_> = delivery.organization().cloned().into_iter().collect();
    let (mut tx, locked) = load::begin(desk, slice::from_ref(&delivery), &organization).await?;
    let now = desk.clock.now();
    // Only now nobody else can be at it.
    if !store::lock(&mut tx, id).await? {
        return Err(Refusal::NotDead.into());
    }
    let repeat = repeat(&mut tx, &delivery).await?;
    let mut fold = Fold::new(load::rosters(&mut tx, locked, slice::from_ref(&delivery)).await?);
    let outcome = match repeat {
        Some(_) => Outcome::Duplicate,
        None => fold.take(&mut tx, &delivery, now).await?,
    };
    fold.check()?;
    write(&mut tx, desk, &fold, now).await?;
    let row = Taken { id: id.clone(), revision: fold.revision_since(0), ..row(desk, &delivery, outcome, repeat) };
    store::replayed(&mut tx, &row).await?;
    settle_with(&mut tx, desk, fold.heard(), (now, by.letters)).await?;
    let replayed = Replayed { id, received_at: row.received_at, outcome, why: row.why.as_deref() };
    note(&mut tx, desk, by, &replayed, now).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// The delivery as it came; read by today's reader.
fn read(kept: Kept) -> Result<Delivery, Refusal> {
    if Outcome::parse(&kept.outcome) != Some(Outcome::Dead) {
        return Err(Refusal::NotDead);
    }
    let body = kept.body.ok_or(Refusal::BodyRemoved)?;
    let reading = event::read(&body);
    Ok(Delivery::new(WebhookId::new(kept.webhook_id), body, reading, Timestamp::from_nanos(kept.received_at)))
}

/// The event was taken meanwhile, from a message of its own.
async fn repeat(tx: &mut Tx, delivery: &Delivery) -> Result<Option<Repeat>, Error> {
    let asked = Asked { webhook_id: delivery.webhook_id.as_str(), event_id: delivery.event_id.as_str(), kind: delivery.kind() };
    let known = deliveries::known(tx, &[asked]).await?;
    let other = known.into_iter().find(|known| known.webhook_id != delivery.webhook_id.as_str());
    Ok(other.map(|other| if other.body_hash == delivery.body_hash { Repeat::Same } else { Repeat::Altered }))
}

/// It failed for good: the row says so.
async fn stays_dead(desk: &Desk, by: &Replaying, id: &DeliveryId) -> Result<Outcome, Error> {
    let mut tx = desk.db.write().await?;
    let kept = store::kept(&mut tx, id).await?.ok_or(Error::Missing)?;
    if !store::lock(&mut tx, id).await? {
        return Err(Refusal::NotDead.into());
    }
    store::stays(&mut tx, id, FAILED).await?;
    let replayed = Replayed { id, received_at: Timestamp::from_nanos(kept.received_at), outcome: Outcome::Dead, why: Some(FAILED) };
    note(&mut tx, desk, by, &replayed, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(Outcome::Dead)
}

struct Replayed<'a> {
    id: &'a DeliveryId,
    received_at: Timestamp,
    outcome: Outcome,
    why: Option<&'a str>,
}

/// Who replayed it and what came of it; the alert, and how far a replay of many is.
async fn note(tx: &mut Tx, desk: &Desk, by: &Replaying, replayed: &Replayed<'_>, now: Timestamp) -> Result<(), Error> {
    let Replayed { id, received_at, outcome, why } = *replayed;
    let entry = Entry {
        id: &desk.clock.id::<String>("his"),
        delivery: id,
        actor: &by.actor,
        account: by.account.as_ref(),
        done: Done::Replayed(outcome),
        why,
    };
    delivery_history::add(tx, &entry, now).await?;
    let succeeded = outcome != Outcome::Dead;
    if succeeded {
        dead_letters::end_if_none(tx, now).await?;
    }
    if let Some(turn) = &by.part_of
        && !replays::advance(tx, turn, (received_at, id), succeeded).await?
    {
        return Err(Refusal::ReplayEnded.into());
    }
    Ok(())
}
