//! A staff admin changes a setting of the installation. It counts at once in every process,
//! because settings are read where they are needed.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::FreshProof,
        audit::AuditAction,
        id::AuditEntryId,
        refusal::Refusal,
        role::{RoleSource, RulesChange},
        setting::{SettingName, SettingValues},
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        factors, resyncs, role_changes, role_mappings, settings,
    },
};

#[derive(Clone, Debug)]
pub struct NewSetting {
    pub name: SettingName,
    pub value: String,
    /// The value that the form was made from; `None` overwrites any value.
    pub expected: Option<String>,
}

/// Changes a setting. Gives its value, as it is stored.
pub async fn change_setting(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    new: &NewSetting,
) -> Result<String, Error> {
    let name = new.name;
    let mut values = SettingValues::default();
    values.set(name, &new.value)?;
    let after = values.text(name);
    if state.settings.fixed.has(name) {
        return Err(Refusal::SettingFixed(name).into());
    }
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    if name == SettingName::DefaultRole {
        // before the row of the setting itself, as a change of the list locks them
        settings::hold(&mut tx, SettingName::ApplicationRoles).await?;
    }
    let before = settings::lock(&mut tx, name, &actor.name(), now).await?;
    if new.expected.as_ref().is_some_and(|expected| *expected != before) {
        return Err(Refusal::SettingChangedMeanwhile(name).into());
    }
    if before == after {
        return Err(Refusal::SettingIsTheSame(name).into());
    }
    check_roles(&mut tx, state, &values, name).await?;
    check_own_factor(&mut tx, actor, &values).await?;
    settings::change(&mut tx, name, &after, &actor.name(), now).await?;
    if name == SettingName::DefaultRole {
        let mut old = SettingValues::default();
        old.set(name, &before)?;
        let change = RulesChange {
            organization: None,
            source: RoleSource::Default,
            before: old.default_role.into_iter().collect(),
            after: values.default_role.into_iter().collect(),
        };
        role_changes::add(&mut tx, &change).await?;
    }
    if name == SettingName::ResyncHour {
        // the next nights are scheduled again, at the new hour
        resyncs::unschedule(&mut tx).await?;
    }
    let entry = Entry {
        target_id: Some(name.as_str()),
        target: Some(name.words().title),
        before: Some(&before),
        after: Some(&after),
        ..actor.entry(AuditAction::ChangeSetting)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(&mut tx, &id, &entry, now).await?;
    tx.commit().await?;
    Ok(after)
}

/// A person who demands a second factor of staff has one: they would be signed out otherwise.
async fn check_own_factor(tx: &mut Tx, actor: &Actor, new: &SettingValues) -> Result<(), Error> {
    match actor.account().filter(|_| new.staff_second_factor) {
        Some(account) if !factors::of(tx, account).await?.is_any() => {
            Err(Refusal::OwnFactorFirst.into())
        }
        _ => Ok(()),
    }
}

/// The default role is one of the list, and no role that is in use leaves the list.
async fn check_roles(
    tx: &mut Tx,
    state: &AppState,
    new: &SettingValues,
    name: SettingName,
) -> Result<(), Error> {
    match name {
        SettingName::DefaultRole => {
            let known = settings::values(tx, &state.settings.fixed).await?.application_roles;
            match &new.default_role {
                Some(role) if !known.contains(role) => {
                    Err(Refusal::NoRole(role.to_string()).into())
                }
                _ => Ok(()),
            }
        }
        SettingName::ApplicationRoles => {
            settings::hold(tx, SettingName::DefaultRole).await?;
            let now = settings::values(tx, &state.settings.fixed).await?;
            for role in now.application_roles {
                let leaves = !new.application_roles.contains(&role);
                if leaves
                    && (now.default_role.as_ref() == Some(&role)
                        || role_mappings::gives(tx, &role).await?)
                {
                    return Err(Refusal::RoleInUse(role).into());
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
