//! A suggestion to release a seat is ignored: the person keeps it. This ends by itself when the
//! person uses the product later, or gets a new seat (`SeatUse::is_ignored`), or by hand.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        directory_user::{DirectoryUser, SeatState},
        id::{AuditEntryId, DirectoryUserId, OrganizationId},
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        directory_users, ignored_suggestions, organizations,
    },
};

/// The person is not suggested any more. A person who holds no seat is refused.
pub async fn ignore_suggestion(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    user: &DirectoryUserId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let person = person(&mut tx, scope, user).await?;
    if person.state != SeatState::Provisioned {
        return Err(Refusal::HoldsNoSeat.into());
    }
    let by = (actor.name(), actor.is_staff());
    ignored_suggestions::put(&mut tx, scope, user, (&by.0, by.1), now).await?;
    let action = AuditAction::IgnoreSuggestion;
    write(state, tx, (actor, action), (scope, &person), now).await
}

/// The person is suggested again, as far as the rule says so. Nothing happens if no suggestion was
/// ignored.
pub async fn restore_suggestion(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    user: &DirectoryUserId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let person = person(&mut tx, scope, user).await?;
    if !ignored_suggestions::remove(&mut tx, scope, user).await? {
        return Ok(());
    }
    let action = AuditAction::RestoreSuggestion;
    write(state, tx, (actor, action), (scope, &person), now).await
}

async fn person(
    tx: &mut Tx,
    scope: &OrganizationScope,
    user: &DirectoryUserId,
) -> Result<DirectoryUser, Error> {
    let key = (scope.id().clone(), user.clone());
    let mut known = directory_users::with_ids(tx, &[key]).await?;
    let missing = || Refusal::NoPerson(user.to_string());
    Ok(known.pop().map(|(_, person)| person).ok_or_else(missing)?)
}

async fn write(
    state: &AppState,
    mut tx: Tx,
    (actor, action): (&Actor, AuditAction),
    (scope, person): (&OrganizationScope, &DirectoryUser),
    now: Timestamp,
) -> Result<(), Error> {
    let entry = Entry {
        target_id: Some(person.id.as_str()),
        target: person.profile.label(),
        ..actor.entry(action)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(&mut tx, scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, scope.id(), now).await?;
    tx.commit().await?;
    Ok(())
}
