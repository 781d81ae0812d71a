//! A staff admin changes a staff account: its role, whether it may sign in, or its sessions. The
//! last staff admin who can sign in stays one.

use super::{Actor, Error, factors::remove_factors};
use crate::{
    clock::Generate,
    domain::{
        access::{FreshProof, Role},
        audit::AuditAction,
        id::{AccountId, AuditEntryId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        accounts::{self, StaffAccount},
        audit_log::{self, Entry},
        sessions,
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffChange {
    Role(Role),
    Disable,
    Enable,
    /// All sessions of the account end.
    SignOut,
    /// A person who lost the phone signs in with the password alone, or sets up another factor.
    ResetFactors,
}

#[derive(Clone, Debug)]
pub struct NewStaffChange {
    pub account: AccountId,
    pub change: StaffChange,
    /// The role that the page showed, and whether the account was disabled; `None` changes any.
    pub expected: Option<(Role, bool)>,
}

/// False: it is so already. `Missing` if there is no such staff account.
pub async fn change_staff_account(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    new: &NewStaffChange,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let all = accounts::lock_staff(&mut tx).await?;
    let now = state.clock.now();
    let this = all.iter().find(|one| one.account == new.account).ok_or(Error::Missing)?;
    if new.expected.is_some_and(|expected| expected != (this.role, this.is_disabled)) {
        return Err(Refusal::AccountChangedMeanwhile.into());
    }
    if new.change == StaffChange::ResetFactors {
        let viewer = accounts::listed(&mut tx, &this.account).await?.ok_or(Error::Missing)?.0;
        let before = remove_factors(&mut tx, state, (actor, &viewer)).await?;
        tx.commit().await?;
        return Ok(before.is_any());
    }
    let (action, after) = match new.change {
        StaffChange::Role(role) if !role.is_staff() => {
            return Err(Refusal::InvitationRole.into());
        }
        StaffChange::Role(role) if role == this.role => return Ok(false),
        StaffChange::Role(role) => {
            keeps_a_staff_admin(&all, this)?;
            accounts::set_staff_role(&mut tx, &this.account, role).await?;
            (AuditAction::ChangeStaffRole, Some(role.as_str()))
        }
        StaffChange::Disable => {
            keeps_a_staff_admin(&all, this)?;
            if !accounts::disable(&mut tx, &this.account, now).await? {
                return Ok(false);
            }
            (AuditAction::DisableAccount, Some("disabled"))
        }
        StaffChange::Enable if !accounts::enable(&mut tx, &this.account, now).await? => {
            return Ok(false);
        }
        StaffChange::Enable => (AuditAction::EnableAccount, Some("enabled")),
        StaffChange::SignOut | StaffChange::ResetFactors => (AuditAction::EndSessions, None),
    };
    match new.change {
        StaffChange::Role(_) => sessions::renew_all(&mut tx, &this.account, now).await?,
        StaffChange::Disable | StaffChange::SignOut | StaffChange::ResetFactors => {
            sessions::end_all(&mut tx, &this.account, now).await?
        }
        StaffChange::Enable => 0,
    };
    let before = match new.change {
        StaffChange::Role(_) => Some(this.role.as_str()),
        StaffChange::Disable => Some("enabled"),
        StaffChange::Enable => Some("disabled"),
        StaffChange::SignOut | StaffChange::ResetFactors => None,
    };
    let entry = Entry {
        target_id: Some(this.account.as_str()),
        target: Some(&this.email),
        before,
        after,
        ..actor.entry(action)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Refuses to change the only staff admin who can sign in.
fn keeps_a_staff_admin(all: &[StaffAccount], this: &StaffAccount) -> Result<(), Refusal> {
    let is_admin = |one: &StaffAccount| one.role == Role::StaffAdmin && !one.is_disabled;
    let others = all.iter().filter(|one| one.account != this.account);
    if is_admin(this) && !others.into_iter().any(is_admin) {
        return Err(Refusal::LastStaffAdmin);
    }
    Ok(())
}
