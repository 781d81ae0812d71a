//! Adds a dashboard account.

use std::collections::BTreeMap;

use super::{
    Actor, Error,
    account_log::{AccountAct, Values},
    password,
    update_roles::update_dashboard_roles,
};
use crate::{
    clock::Generate,
    domain::{
        access::{Role, Viewer},
        audit::AuditAction,
        directory_user::email_key,
        id::{AccountId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{accounts, organizations},
};

#[derive(Clone)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// The organizations that a tenant may see; empty for staff.
    pub organizations: Vec<OrganizationId>,
    pub password: String,
}

pub async fn add_account(
    state: &AppState,
    actor: &Actor,
    new: &NewAccount,
) -> Result<AccountId, Error> {
    let act = AccountAct { actor, action: AuditAction::CreateAccount, email: &new.email };
    let added = add(state, act, new).await;
    act.or_note_refusal(state, added).await
}

async fn add(state: &AppState, act: AccountAct<'_>, new: &NewAccount) -> Result<AccountId, Error> {
    let viewer = parse_account(state, new)?;
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let names = organizations::names(&mut state.db.read().await?, &ids).await?;
    if names.len() != ids.len() {
        return Err(Error::Missing);
    }
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let hash = password::new_hash(new.password.clone(), &viewer, &names).await?;
    let now = state.clock.now();
    let mut tx = state.db.write().await?;
    // The lock keeps the directory user who owns the membership from leaving at the same moment.
    let locked = organizations::lock_all(&mut tx, &ids).await?;
    if locked.len() != ids.len() {
        return Err(Error::Missing);
    }
    if !accounts::add(&mut tx, &viewer, &email_key(&viewer.email), &hash, now).await? {
        return Err(Refusal::AccountExists(viewer.email).into());
    }
    let after = rights(&viewer);
    act.note(&mut tx, state, (&viewer, Values { after: Some(&after), ..Values::default() }), now)
        .await?;
    for organization in &ids {
        let scope = viewer.scope(organization).ok_or(Error::Missing)?;
        let values = Values { after: Some(viewer.role.as_str()), ..Values::default() };
        act.note_at(&mut tx, state, (&scope, &viewer, values), now).await?;
    }
    update_dashboard_roles(&mut tx, state, &locked.iter().collect::<Vec<_>>(), now).await?;
    tx.commit().await?;
    Ok(viewer.account)
}

/// `staff`, or `tenant-admin of org_1, org_2`.
pub(super) fn rights(viewer: &Viewer) -> String {
    if viewer.role.is_staff() {
        return viewer.role.as_str().to_owned();
    }
    let organizations: Vec<&str> =
        viewer.organizations.keys().map(OrganizationId::as_str).collect();
    let all = if organizations.is_empty() {
        "no organization".to_owned()
    } else {
        organizations.join(", ")
    };
    format!("{} of {all}", viewer.role.as_str())
}

/// The address without blanks around it, if it looks like one.
pub(super) fn parse_email(text: &str) -> Result<&str, Refusal> {
    let email = text.trim();
    let looks_right = email.parse::<lettre::Address>().is_ok() && email.len() <= 254;
    if looks_right { Ok(email) } else { Err(Refusal::Email(email.to_owned())) }
}

/// The viewer of a new account.
pub(super) fn parse_account(state: &AppState, new: &NewAccount) -> Result<Viewer, Refusal> {
    let (email, name) = (parse_email(&new.email)?, new.name.trim());
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::Name);
    }
    let organizations: BTreeMap<OrganizationId, Role> =
        new.organizations.iter().map(|id| (id.clone(), new.role)).collect();
    match (new.role.is_staff(), organizations.is_empty()) {
        (true, false) => Err(Refusal::OrganizationNotForStaff),
        (false, true) => Err(Refusal::OrganizationMissing),
        _ => Ok(Viewer {
            account: AccountId::generate(&state.clock),
            name: name.to_owned(),
            email: email.to_owned(),
            role: new.role,
            organizations,
            view_as: None,
        }),
    }
}
