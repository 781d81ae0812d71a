//! Changes an account: disables or enables it, grants or revokes organizations, or sets a new
//! password. A change of its rights ends its sessions in the same transaction: the next request of
//! a signed-in browser is refused, and its open pages are notified.

use std::collections::BTreeMap;

use super::{
    Actor, Error,
    account_log::{AccountAct, Values},
    add_account::rights,
    factors::remove_factors,
    password,
    update_roles::update_dashboard_roles,
};
use crate::{
    db::Tx,
    domain::{
        access::{OrganizationScope, Viewer},
        audit::AuditAction,
        directory_user::email_key,
        id::OrganizationId,
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        organizations::{self, Locked},
        sessions,
    },
};

/// Disables an account. False: it was disabled already.
pub async fn disable_account(state: &AppState, actor: &Actor, email: &str) -> Result<bool, Error> {
    let act = AccountAct { actor, action: AuditAction::DisableAccount, email };
    let disabled = disable(state, act).await;
    act.or_note_refusal(state, disabled).await
}

async fn disable(state: &AppState, act: AccountAct<'_>) -> Result<bool, Error> {
    let mut change = Change::begin(state, act).await?;
    let locked = change.lock_organizations().await?;
    let changed = accounts::disable(&mut change.tx, &change.viewer.account, change.now).await?;
    change.end_sessions().await?;
    change.update_roles(&locked).await?;
    change.note(Values { before: Some(change.state()), after: Some(DISABLED) }).await?;
    change.tx.commit().await?;
    Ok(changed)
}

/// Enables an account. False: it was not disabled.
pub async fn enable_account(state: &AppState, actor: &Actor, email: &str) -> Result<bool, Error> {
    let act = AccountAct { actor, action: AuditAction::EnableAccount, email };
    let enabled = enable(state, act).await;
    act.or_note_refusal(state, enabled).await
}

async fn enable(state: &AppState, act: AccountAct<'_>) -> Result<bool, Error> {
    let mut change = Change::begin(state, act).await?;
    let locked = change.lock_organizations().await?;
    let changed = accounts::enable(&mut change.tx, &change.viewer.account, change.now).await?;
    change.update_roles(&locked).await?;
    change.note(Values { before: Some(change.state()), after: Some(ENABLED) }).await?;
    change.tx.commit().await?;
    Ok(changed)
}

/// Grants a tenant's account access to these organizations, too: a person who comes back to a
/// directory gets no access back automatically. Gives the number of organizations that the account
/// did not see before.
pub async fn grant_membership(
    state: &AppState,
    actor: &Actor,
    email: &str,
    to: &[OrganizationId],
) -> Result<u64, Error> {
    let act = AccountAct { actor, action: AuditAction::GrantMembership, email };
    let granted = grant(state, act, to).await;
    act.or_note_refusal(state, granted).await
}

async fn grant(state: &AppState, act: AccountAct<'_>, to: &[OrganizationId]) -> Result<u64, Error> {
    let mut change = Change::begin(state, act).await?;
    change.is_of_a_tenant()?;
    // The lock keeps the directory user who owns the membership from leaving at the same moment.
    let locked = organizations::lock_all(&mut change.tx, to).await?;
    if locked.len() != to.len() {
        return Err(Error::Missing);
    }
    let new: Vec<OrganizationId> =
        to.iter().filter(|id| !change.viewer.organizations.contains_key(id)).cloned().collect();
    let (account, now) = ((&change.viewer, email_key(act.email)), change.now);
    let joined = accounts::join(&mut change.tx, (account.0, &account.1), &new, now).await?;
    let mut after = change.viewer.clone();
    after.organizations.extend(new.iter().map(|id| (id.clone(), after.role)));
    let values = Values { before: None, after: Some(after.role.as_str()) };
    change.rights_become(&after, &new, values).await?;
    let locked: Vec<_> = locked.iter().collect();
    update_dashboard_roles(&mut change.tx, state, &locked, now).await?;
    change.tx.commit().await?;
    Ok(joined)
}

/// Revokes the access of a tenant's account to these organizations. Gives the number of
/// organizations that the account saw before.
pub async fn revoke_membership(
    state: &AppState,
    actor: &Actor,
    email: &str,
    from: &[OrganizationId],
) -> Result<u64, Error> {
    let act = AccountAct { actor, action: AuditAction::RevokeMembership, email };
    let revoked = revoke(state, act, from).await;
    act.or_note_refusal(state, revoked).await
}

async fn revoke(
    state: &AppState,
    act: AccountAct<'_>,
    from: &[OrganizationId],
) -> Result<u64, Error> {
    let mut change = Change::begin(state, act).await?;
    change.is_of_a_tenant()?;
    // The lock puts a deactivation that ends the same membership at the same moment before or after
    // this change.
    if organizations::lock_all(&mut change.tx, from).await?.len() != from.len() {
        return Err(Error::Missing);
    }
    let (lost, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
        change.viewer.organizations.clone().into_iter().partition(|(id, _)| from.contains(id));
    let lost: Vec<OrganizationId> = lost.into_keys().collect();
    let mut revoked = 0;
    for organization in &lost {
        let scope = scope(&change.viewer, organization)?;
        revoked += u64::from(
            accounts::revoke_membership(&mut change.tx, &scope, &change.viewer.account).await?,
        );
    }
    let after = Viewer { organizations: kept, ..change.viewer.clone() };
    let role = change.viewer.role.as_str();
    change.rights_become(&after, &lost, Values { before: Some(role), after: None }).await?;
    change.tx.commit().await?;
    Ok(revoked)
}

/// Sets a new password and ends all sessions of the account.
pub async fn set_password(
    state: &AppState,
    actor: &Actor,
    email: &str,
    password: String,
) -> Result<(), Error> {
    let act = AccountAct { actor, action: AuditAction::SetPassword, email };
    let set = set(state, act, password).await;
    act.or_note_refusal(state, set).await
}

async fn set(state: &AppState, act: AccountAct<'_>, password: String) -> Result<(), Error> {
    let mut tx = state.db.read().await?;
    let (viewer, _) = find(&mut tx, act.email).await?;
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let names = organizations::names(&mut tx, &ids).await?;
    drop(tx); // no connection is held while the password is hashed
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let hash = password::new_hash(password, &viewer, &names).await?;
    let mut change = Change::begin(state, act).await?;
    accounts::set_password(&mut change.tx, &change.viewer.account, &hash).await?;
    change.end_sessions().await?;
    change.note(Values::default()).await?;
    change.tx.commit().await?;
    Ok(())
}

/// Takes all factors of an account away and ends its sessions, for a person who lost them. False:
/// it had none.
pub async fn reset_factors(state: &AppState, actor: &Actor, email: &str) -> Result<bool, Error> {
    let act = AccountAct { actor, action: AuditAction::ResetFactors, email };
    let reset = reset(state, act).await;
    act.or_note_refusal(state, reset).await
}

async fn reset(state: &AppState, act: AccountAct<'_>) -> Result<bool, Error> {
    let mut change = Change::begin(state, act).await?;
    let before = remove_factors(&mut change.tx, state, (act.actor, &change.viewer)).await?;
    change.tx.commit().await?;
    Ok(before.is_any())
}

/// Ends every session of an account. Gives the number of sessions.
pub async fn end_sessions(state: &AppState, actor: &Actor, email: &str) -> Result<u64, Error> {
    let act = AccountAct { actor, action: AuditAction::EndSessions, email };
    let ended = end(state, act).await;
    act.or_note_refusal(state, ended).await
}

async fn end(state: &AppState, act: AccountAct<'_>) -> Result<u64, Error> {
    let mut change = Change::begin(state, act).await?;
    let ended = change.end_sessions().await?;
    change.note(Values::default()).await?;
    change.tx.commit().await?;
    Ok(ended)
}

const ENABLED: &str = "enabled";
const DISABLED: &str = "disabled";

/// The transaction that changes an account, with the account as it was.
struct Change<'a> {
    state: &'a AppState,
    act: AccountAct<'a>,
    tx: Tx,
    viewer: Viewer,
    is_disabled: bool,
    now: Timestamp,
}

impl<'a> Change<'a> {
    async fn begin(state: &'a AppState, act: AccountAct<'a>) -> Result<Self, Error> {
        let mut tx = state.db.write().await?;
        let (viewer, is_disabled) = find(&mut tx, act.email).await?;
        Ok(Self { state, act, tx, viewer, is_disabled, now: state.clock.now() })
    }

    fn state(&self) -> &'static str {
        if self.is_disabled { DISABLED } else { ENABLED }
    }

    fn is_of_a_tenant(&self) -> Result<(), Refusal> {
        if self.viewer.role.is_staff() { Err(Refusal::StaffSeeEverything) } else { Ok(()) }
    }

    /// Locks the organizations of the account: all code locks them before accounts.
    async fn lock_organizations(&mut self) -> Result<Vec<Locked>, Error> {
        let ids: Vec<OrganizationId> = self.viewer.organizations.keys().cloned().collect();
        Ok(organizations::lock_all(&mut self.tx, &ids).await?)
    }

    /// A disabled admin does not count: another one stays an admin as long as there is no other.
    async fn update_roles(&mut self, locked: &[Locked]) -> Result<(), Error> {
        let locked: Vec<_> = locked.iter().collect();
        Ok(update_dashboard_roles(&mut self.tx, self.state, &locked, self.now).await?)
    }

    async fn end_sessions(&mut self) -> Result<u64, Error> {
        Ok(sessions::end_all(&mut self.tx, &self.viewer.account, self.now).await?)
    }

    async fn note(&mut self, values: Values<'_>) -> Result<(), Error> {
        Ok(self.act.note(&mut self.tx, self.state, (&self.viewer, values), self.now).await?)
    }

    /// Records changed rights in the audit log, for the account and, with `values`, for each
    /// organization. Ends the sessions, because a session is valid for one set of rights.
    async fn rights_become(
        &mut self,
        after: &Viewer,
        changed: &[OrganizationId],
        values: Values<'_>,
    ) -> Result<(), Error> {
        if changed.is_empty() {
            return Ok(());
        }
        self.end_sessions().await?;
        let (before_words, after_words) = (rights(&self.viewer), rights(after));
        self.note(Values { before: Some(&before_words), after: Some(&after_words) }).await?;
        for organization in changed {
            let seen_by =
                if after.organizations.contains_key(organization) { after } else { &self.viewer };
            let scope = scope(seen_by, organization)?;
            self.act
                .note_at(&mut self.tx, self.state, (&scope, &self.viewer, values), self.now)
                .await?;
        }
        Ok(())
    }
}

fn scope(of: &Viewer, organization: &OrganizationId) -> Result<OrganizationScope, Error> {
    of.scope(organization).ok_or(Error::Missing)
}

/// The account of an address, and whether it is disabled.
async fn find(tx: &mut Tx, email: &str) -> Result<(Viewer, bool), Error> {
    let no_account = || Refusal::NoAccount(email.trim().to_owned());
    if email.contains('\0') {
        return Err(no_account().into());
    }
    let account = accounts::by_email(tx, &email_key(email)).await?.ok_or_else(no_account)?;
    accounts::listed(tx, &account).await?.ok_or_else(|| no_account().into())
}
