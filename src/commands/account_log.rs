//! Records actions on accounts in the audit log: a completed one in its own transaction, and a
//! refused one afterwards.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::{OrganizationScope, Viewer},
        audit::AuditAction,
        id::AuditEntryId,
        time::Timestamp,
    },
    state::AppState,
    store::audit_log::{self, Entry},
};

/// The maximum stored length of the address of a refused action, in characters.
const LONGEST_TARGET: usize = 254;

/// An action on an account, with its actor.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountAct<'a> {
    pub actor: &'a Actor,
    /// The name of the action in the audit log.
    pub action: AuditAction,
    /// The address as the caller gave it.
    pub email: &'a str,
}

/// The values before and after the action.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
}

impl AccountAct<'_> {
    /// Adds an entry for the whole installation, in the transaction of the action.
    pub async fn note(
        self,
        tx: &mut Tx,
        state: &AppState,
        (account, values): (&Viewer, Values<'_>),
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add_to_installation(tx, &id, &self.entry(account, values), now).await
    }

    /// Adds an entry for one organization.
    pub async fn note_at(
        self,
        tx: &mut Tx,
        state: &AppState,
        (organization, account, values): (&OrganizationScope, &Viewer, Values<'_>),
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let id = AuditEntryId::generate(&state.clock);
        audit_log::add(tx, organization, &id, &self.entry(account, values), now).await
    }

    fn entry<'a>(&'a self, account: &'a Viewer, values: Values<'a>) -> Entry<'a> {
        Entry {
            target_id: Some(account.account.as_str()),
            target: Some(&account.email),
            before: values.before,
            after: values.after,
            ..self.actor.entry(self.action)
        }
    }

    /// Records a refusal and its reason; every other result passes through unchanged.
    pub async fn or_note_refusal<T>(
        self,
        state: &AppState,
        done: Result<T, Error>,
    ) -> Result<T, Error> {
        let reason = match &done {
            Err(Error::Refused(refusal)) => refusal.to_string(),
            Err(Error::Missing) => "There is no such organization.".to_owned(),
            Ok(_) | Err(_) => return done,
        };
        let storable = |text: &str| text.replace('\0', "\u{fffd}");
        let asked: String = storable(self.email.trim()).chars().take(LONGEST_TARGET).collect();
        let entry = Entry {
            target: Some(&asked),
            refused: true,
            reason: Some(&storable(&reason)),
            ..self.actor.entry(self.action)
        };
        let id = AuditEntryId::generate(&state.clock);
        let mut tx = state.db.write().await?;
        audit_log::add_to_installation(&mut tx, &id, &entry, state.clock.now()).await?;
        tx.commit().await?;
        done
    }
}
