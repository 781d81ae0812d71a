//! What is done to accounts is kept in the audit log: with the act itself, in its transaction; and what was refused, afterwards.

use super::{Actor, Error};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        access::{OrganizationScope, Viewer},
        time::Timestamp,
    },
    store::audit::{self, Entry},
};

/// Of an address that is no account's, no more than this is kept, in characters.
const LONGEST_TARGET: usize = 254;

/// An act on an account, by who does it.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountAct<'a> {
    pub actor: &'a Actor,
    /// Its name in the log.
    pub action: &'static str,
    /// The address, as it was asked for.
    pub email: &'a str,
}

/// How an account was before, and how it is now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
}

impl AccountAct<'_> {
    /// About the installation, in the act's transaction.
    pub async fn note(self, tx: &mut Tx, desk: &Desk, (account, values): (&Viewer, Values<'_>), now: Timestamp) -> sqlx::Result<()> {
        let (id, actor): (String, _) = (desk.clock.id("aud"), self.actor.name());
        audit::add_to_installation(tx, &self.entry(&id, &actor, account, values), now).await
    }

    /// The same, about one organization.
    pub async fn note_at(
        self,
        tx: &mut Tx,
        desk: &Desk,
        (organization, account, values): (&OrganizationScope, &Viewer, Values<'_>),
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let (id, actor): (String, _) = (desk.clock.id("aud"), self.actor.name());
        audit::add(tx, organization, &self.entry(&id, &actor, account, values), now).await
    }

    fn entry<'a>(&'a self, id: &'a str, actor: &'a str, account: &'a Viewer, values: Values<'a>) -> Entry<'a> {
        Entry {
            id,
            actor,
            actor_id: self.actor.account(),
            action: self.action,
            target_id: Some(account.account.as_str()),
            target: Some(&account.email),
            before: values.before,
            after: values.after,
            ..Entry::default()
        }
    }

    /// Keeps what was refused, and why; everything else passes through.
    pub async fn or_note_refusal<T>(self, desk: &Desk, done: Result<T, Error>) -> Result<T, Error> {
        let reason = match &done {
            Err(Error::Refused(refusal)) => refusal.to_string(),
            Err(Error::Missing) => "There is no such organization.".to_owned(),
            Ok(_) | Err(_) => return done,
        };
        let storable = |text: &str| text.replace('\0', "\u{fffd}");
        let asked: String = storable(self.email.trim()).chars().take(LONGEST_TARGET).collect();
        let entry = Entry {
            id: &desk.clock.id::<String>("aud"),
            actor: &self.actor.name(),
            actor_id: self.actor.account(),
            action: self.action,
            target: Some(&asked),
            refused: true,
            reason: Some(&storable(&reason)),
            ..Entry::default()
        };
        let mut tx = desk.db.write().await?;
        audit::add_to_installation(&mut tx, &entry, desk.clock.now()).await?;
        tx.commit().await?;
        done
    }
}
