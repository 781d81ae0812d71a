//! Lets messages that were given up wait to be sent again.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        id::{AuditEntryId, MessageId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        failing_channels,
        outbox::listing,
    },
};

/// Which of the messages that were given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    All,
    One(MessageId),
}

/// Gives the number of messages that wait again. A refusal: none of them was given up.
pub async fn send_again(state: &AppState, actor: &Actor, again: &Again) -> Result<u64, Error> {
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    let number = match again {
        Again::All => listing::send_all_again(&mut tx, now).await?,
        Again::One(id) => u64::from(listing::send_again(&mut tx, id, now).await?),
    };
    if number == 0 {
        return Err(Refusal::NoMessageGivenUp.into());
    }
    // a person who has repaired the receiver does not wait for its next turn
    failing_channels::retry_now(&mut tx, now).await?;
    let target_id = match again {
        Again::All => None,
        Again::One(id) => Some(id.as_str()),
    };
    let after = format!("{number} {}", if number == 1 { "message" } else { "messages" });
    let entry = Entry { target_id, after: Some(&after), ..actor.entry(AuditAction::SendAgain) };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    tx.commit().await?;
    Ok(number)
}
