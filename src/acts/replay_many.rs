//! Many dead letters are replayed, from the oldest on, one transaction each. Each counts itself into the replay's row, so that
//! a replay that was broken off goes on where it was, and one that was cancelled changes nothing more.

use std::time::Duration;

use super::{Actor, Error, Letters, Replaying, replay};
use crate::{
    desk::Desk,
    domain::{
        decision::Outcome,
        id::{AccountId, OrganizationId, ReplayId},
        refusal::Refusal,
        time::Timestamp,
    },
    store::{
        dead_letters::{self, Which},
        replays::{self, Claimed, New},
    },
};

/// Which dead letters, and whether what they cause sends letters.
#[derive(Clone, Debug, Default)]
pub struct Many {
    pub organization: Option<OrganizationId>,
    pub kind: Option<String>,
    pub letters: Letters,
}

/// Whoever is at a replay and is not heard of for so long has died.
const LEASE: Duration = Duration::from_secs(30);

/// Starts replaying all dead letters there are by now.
pub async fn start_replay(desk: &Desk, actor: &Actor, many: &Many) -> Result<ReplayId, Error> {
    let which = which(many.organization.as_ref().map(OrganizationId::as_str), many.kind.as_deref());
    let mut tx = desk.db.read().await?;
    // A clock that was put back is no reason to leave out what came before.
    let now = dead_letters::newest(&mut tx, which).await?.map_or(desk.clock.now(), |newest| newest.max(desk.clock.now()));
    let total = dead_letters::count(&mut tx, which, now, i64::MAX).await?;
    drop(tx);
    if total == 0 {
        return Err(Refusal::NoDeadLetters.into());
    }
    let id: ReplayId = desk.clock.id("rpl");
    let new = New {
        id: &id,
        organization: many.organization.as_ref(),
        kind: many.kind.as_deref(),
        letters: many.letters == Letters::Sent,
        actor: &actor.name(),
        account: actor.account(),
        total,
    };
    let mut tx = desk.db.write().await?;
    if !replays::start(&mut tx, &new, now).await? {
        return Err(Refusal::ReplayRunning.into());
    }
    tx.commit().await?;
    Ok(id)
}

/// Nothing more is replayed; what was, stays.
pub async fn cancel_replay(desk: &Desk, actor: &Actor, id: &ReplayId) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    if !replays::cancel(&mut tx, id, &actor.name(), desk.clock.now()).await? {
        return Err(Refusal::ReplayEnded.into());
    }
    tx.commit().await?;
    Ok(())
}

/// Takes the replay that is running, if no other worker is at it: the one that was has given no sign for as long as a lease lasts.
pub async fn claim_replay(desk: &Desk) -> Result<Option<Claimed>, Error> {
    let mut tx = desk.db.write().await?;
    let Some(running) = replays::running(&mut tx).await? else { return Ok(None) };
    let sign = (running.claim, running.signs);
    let silence = desk.leases.unchanged(&running.id, sign, desk.clock.monotonic());
    if running.is_held && silence < LEASE {
        return Ok(None);
    }
    let claimed = replays::claim(&mut tx, &running, desk.clock.now()).await?;
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        desk.leases.unchanged(&claimed.id, (claimed.claim, running.signs), desk.clock.monotonic());
    }
    Ok(claimed)
}

/// Lets somebody else go on with it.
pub async fn release_replay(desk: &Desk, claimed: &Claimed) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    replays::release(&mut tx, &claimed.turn()).await?;
    tx.commit().await?;
    Ok(())
}

/// What became of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Replayed,
    /// Nothing is left, it was cancelled, or somebody else has taken it up.
    Ended,
}

/// Replays the next dead letter of a claimed replay.
pub async fn replay_next(desk: &Desk, claimed: &mut Claimed) -> Result<Step, Error> {
    let which = which(claimed.organization_id.as_deref(), claimed.kind.as_deref());
    let place = (Timestamp::from_nanos(claimed.at_received), claimed.at_id.as_str());
    let mut tx = desk.db.read().await?;
    let next = dead_letters::next(&mut tx, which, place, Timestamp::from_nanos(claimed.started_at)).await?;
    drop(tx);
    let Some((letter, received_at)) = next else {
        let mut tx = desk.db.write().await?;
        replays::finish(&mut tx, &claimed.turn(), desk.clock.now()).await?;
        tx.commit().await?;
        return Ok(Step::Ended);
    };
    let by = Replaying {
        actor: claimed.started_by.clone(),
        account: claimed.account_id.clone().map(AccountId::new),
        letters: if claimed.letters { Letters::Sent } else { Letters::Withheld },
        part_of: Some(claimed.turn()),
    };
    let replayed: Result<Outcome, Error> = replay(desk, &by, &letter).await;
    match replayed {
        // Somebody replayed it by hand meanwhile, or its body was removed: it is none of ours any more.
        Ok(_) | Err(Error::Refused(Refusal::NotDead | Refusal::BodyRemoved)) => {}
        Err(Error::Refused(Refusal::ReplayEnded)) => return Ok(Step::Ended),
        Err(error) => return Err(error),
    }
    claimed.at_received = received_at.nanos();
    letter.as_str().clone_into(&mut claimed.at_id);
    Ok(Step::Replayed)
}

fn which<'a>(organization: Option<&'a str>, kind: Option<&'a str>) -> Which<'a> {
    Which { organization: organization.unwrap_or_default(), kind: kind.unwrap_or_default() }
}
