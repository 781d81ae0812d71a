//! Whoever leaves a directory, switched off or removed, and has a dashboard account by the same address, loses their membership of
//! that organization and every session, in the same transaction. Coming back gives nothing back: that is for a person to decide.
//!
//! Accounts are made by staff, on the command line, for exactly the address they name: such an address counts as verified.

use std::collections::BTreeMap;

use tracing::info;

use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        access::OrganizationScope,
        decision::Outcome,
        directory_user::{SeatState, email_key},
        event::Change,
        id::{DirectoryUserId, OrganizationId},
        roster::Roster,
        seats::News,
        time::Timestamp,
    },
    store::{
        accounts::{self, Membership},
        audit, sessions,
    },
};

/// Somebody whom news may take out of the directory, before it is decided.
pub(super) struct Leaving {
    user: DirectoryUserId,
    /// Some directories change the address of whoever they switch off: the account has the one before.
    address: Option<String>,
}

/// Somebody who is switched off or removed now.
pub(super) struct Left {
    scope: OrganizationScope,
    /// By which an account may be theirs: `email_key`.
    addresses: Vec<String>,
    state: SeatState,
    /// The event, or `resync`.
    cause: String,
}

impl Leaving {
    /// Nobody, if the news takes nobody away: the ordinary case costs nothing.
    pub fn by(news: &News, roster: &Roster) -> Option<Self> {
        let may_take_away = news.change == Change::Deleted || news.active == Some(false);
        may_take_away.then(|| {
            let address = roster.person(&news.user).and_then(|user| user.profile.email.clone());
            Self { user: news.user.clone(), address }
        })
    }

    pub fn decided(self, outcome: Outcome, roster: &Roster, scope: &OrganizationScope, cause: &str) -> Option<Left> {
        let counted = matches!(outcome, Outcome::Released | Outcome::Removed | Outcome::Updated);
        let user = roster.person(&self.user).filter(|user| counted && is_off(user.state))?;
        let mut addresses: Vec<_> = self.address.iter().chain(&user.profile.email).map(|email| email_key(email)).collect();
        addresses.dedup();
        Some(Left { scope: scope.clone(), addresses, state: user.state, cause: cause.to_owned() })
    }
}

fn is_off(state: SeatState) -> bool {
    matches!(state, SeatState::Inactive | SeatState::Removed)
}

/// Call it after the people are saved: a twin who is still there keeps the account, and so does whoever came back at once.
pub(super) async fn shut_out(tx: &mut Tx, desk: &Desk, left: &[Left], now: Timestamp) -> sqlx::Result<()> {
    let mut by_address: BTreeMap<(OrganizationId, String), &Left> = BTreeMap::new();
    for left in left {
        by_address.extend(left.addresses.iter().map(|key| ((left.scope.id().clone(), key.clone()), left)));
    }
    let mut keys: Vec<String> = by_address.keys().map(|(_, key)| key.clone()).collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return Ok(());
    }
    // in order of account, as everybody else's: nobody waits for somebody who waits for them
    for Membership { organization, account, email, email_key } in accounts::without_a_live_person(tx, &keys).await? {
        let Some(left) = by_address.get(&(organization, email_key)) else { continue };
        accounts::end_membership(tx, &left.scope, &account).await?;
        sessions::end_all(tx, &account).await?;
        let entry = audit::Entry {
            id: &desk.clock.id::<String>("aud"),
            actor: &left.cause,
            action: "end_membership",
            before: Some(&email),
            after: None,
            reason: Some(if left.state == SeatState::Removed { "Removed from the directory" } else { "Switched off in the directory" }),
        };
        audit::add(tx, &left.scope, &entry, now).await?;
        info!(organization = %left.scope.id(), account = %account, cause = left.cause, "a membership ended with its directory user");
    }
    Ok(())
}
