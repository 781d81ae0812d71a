//! The twelve customers of the demo, and the accounts of the people who look at it.

use domain::{
    access::{FreshProof, Role},
    id::OrganizationId,
    organization::SeatLimit,
    setting::SettingName,
};
use seatkeeper::{
    commands::{
        self, Actor, NewAccount, NewLimit, NewOrganization, NewSetting,
        sign_in::{SignIn, sign_in},
    },
    state::AppState,
};
use simulator::demo::Customer;

use super::{passwords::Passwords, past};
use crate::cli::CliError;

/// The product of the demo has these roles.
const SETTINGS: [(SettingName, &str); 2] = [
    (SettingName::ApplicationRoles, "approver, editor, reader"),
    (SettingName::DefaultRole, "reader"),
];

/// Adds the organizations, each at its first day. Returns false if this folder already holds a
/// demo: then its accounts get their passwords again.
pub(super) async fn prepare(
    state: &AppState,
    customers: &[Customer],
    passwords: &Passwords,
) -> Result<bool, CliError> {
    let begun = state.clock.now();
    for customer in customers {
        let limit = customer
            .limit
            .map(SeatLimit::parse)
            .transpose()
            .map_err(CliError::failed)?
            .unwrap_or_default();
        let new = NewOrganization {
            id: customer.plan.id.clone(),
            name: customer.plan.name.clone(),
            external_id: None,
            limit: Some(limit),
        };
        let then = past::at(state, past::first_day(customer, begun));
        match commands::add_organization(&then, &demo(), &new).await {
            Ok(_) => {}
            Err(commands::Error::Refused(_)) => {
                return renew(state, customers, passwords).await.map(|()| false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Adds the accounts, and the settings of the product.
pub(super) async fn invite(
    state: &AppState,
    customers: &[Customer],
    passwords: &Passwords,
) -> Result<(), CliError> {
    let actor = demo();
    for (name, value) in SETTINGS {
        let new = NewSetting { name, value: value.to_owned(), expected: None };
        let proof = FreshProof::of_command_line();
        commands::change_setting(state, &actor, &proof, &new).await?;
    }
    for (email, name, role, organizations) in accounts(customers) {
        let password = passwords.of(&email).to_owned();
        commands::add_account(
            state,
            &actor,
            &NewAccount { email, name, role, organizations, password },
        )
        .await?;
    }
    Ok(())
}

/// Sets the accounts' passwords to those that are printed now: a folder that was kept may hold
/// others.
async fn renew(
    state: &AppState,
    customers: &[Customer],
    passwords: &Passwords,
) -> Result<(), CliError> {
    for (email, ..) in accounts(customers) {
        let password = passwords.of(&email).to_owned();
        let attempt =
            SignIn { email: email.clone(), password: password.clone(), source: None, device: None };
        if passwords.are_random() || sign_in(state, attempt).await.is_err() {
            commands::set_password(state, &demo(), &email, password).await?;
        }
    }
    Ok(())
}

/// Who the audit log names.
pub(super) fn demo() -> Actor {
    Actor::command_line("demo")
}

/// E-mail address, name, role, and the organizations that a tenant may see.
pub(super) type Invited = (String, String, Role, Vec<OrganizationId>);

pub(super) fn accounts(customers: &[Customer]) -> Vec<Invited> {
    let mut all = vec![(
        "sam@seatkeeper.test".to_owned(),
        "Sam Rivera".to_owned(),
        Role::StaffAdmin,
        Vec::new(),
    )];
    let names = ["Kim Park", "Noor Haddad"];
    for (customer, name) in customers.iter().zip(names) {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        let email = format!("{first}@{}", customer.plan.domain);
        all.push((email, name.to_owned(), Role::TenantAdmin, vec![customer.plan.id.clone()]));
    }
    all
}

/// Sets the later seat limit of a customer.
pub(super) async fn set_later_limit(
    state: &AppState,
    customer: &Customer,
    limit: &str,
) -> Result<(), CliError> {
    let new = NewLimit {
        organization: customer.plan.id.clone(),
        limit: SeatLimit::parse(limit).map_err(CliError::failed)?,
        until: None,
        reason: "Renewed with another plan".to_owned(),
        expected_version: None,
    };
    commands::set_seat_limit(state, &demo(), &new).await?;
    Ok(())
}
