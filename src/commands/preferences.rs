//! What each person is told by e-mail, and when. A person changes their own choices; the link of a
//! digest ends the digests without a sign-in.

use std::collections::BTreeMap;

use super::{Actor, Error};
use crate::{
    clock::Generate,
    domain::{
        access::Viewer,
        audit::AuditAction,
        id::AuditEntryId,
        preference::{Frequency, Period, Topic},
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        digests, preferences,
    },
};

/// Sets what the viewer chose; topics that their role gets no e-mails about are left out. False:
/// all of it was chosen already.
pub async fn set_preferences(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    chosen: &BTreeMap<Topic, Frequency>,
) -> Result<bool, Error> {
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    let known = preferences::of_account(&mut tx, &viewer.account).await?;
    let mut changes = Vec::new();
    for (topic, frequency) in chosen {
        let before = known.get(topic).copied().unwrap_or_default();
        if topic.is_for(viewer.highest_role()) && before != *frequency {
            preferences::set(&mut tx, &viewer.account, (*topic, *frequency), now).await?;
            changes.push(format!("{}: {}", topic.words().0, frequency.word()));
        }
    }
    if changes.is_empty() {
        return Ok(false);
    }
    let after = changes.join(", ");
    let entry = Entry {
        target_id: Some(viewer.account.as_str()),
        target: Some(&viewer.email),
        after: Some(&after),
        ..actor.entry(AuditAction::SetPreferences)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the digests of the account to which the digest with this token went. `Missing` if there is
/// none. Ending them again changes nothing.
pub async fn unsubscribe(state: &AppState, token: &str) -> Result<Period, Error> {
    // without a lock: the request comes without a session, and most guesses are wrong
    let digest = digests::by_token(&mut state.db.read().await?, token).await?;
    let digest = digest.ok_or(Error::Missing)?;
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let known = preferences::of_account(&mut tx, &digest.account).await?;
    if known.values().any(|frequency| *frequency == digest.period.frequency()) {
        preferences::end_digests(&mut tx, &digest.account, digest.period, now).await?;
        let account = accounts::listed(&mut tx, &digest.account).await?;
        let (viewer, _) = account.ok_or(Error::Missing)?;
        let after = format!("{}: Never", digest.period.frequency().word());
        let entry = Entry {
            actor: viewer.name.as_str().into(),
            actor_id: Some(viewer.account.as_str()),
            target_id: Some(viewer.account.as_str()),
            target: Some(&viewer.email),
            after: Some(&after),
            ..Entry::of(AuditAction::SetPreferences)
        };
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    }
    tx.commit().await?;
    Ok(digest.period)
}
