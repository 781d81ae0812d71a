//! The staff accounts, and invitations to the staff. Staff admins only.

use domain::id::{AccountId, InvitationId};
use leptos::prelude::*;
use views::members::{AccountsQuery, StaffAccountsPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_staff_accounts")]
pub async fn load_staff_accounts(query: AccountsQuery) -> Result<StaffAccountsPage, AppError> {
    let admin = super::staff_admin().await?;
    super::lead_to_proof().await?;
    Ok(seatkeeper::queries::staff_accounts(&super::state()?, &admin, &query).await?)
}

/// Invites an address to the staff and goes back to the accounts.
#[server(prefix = "/api", endpoint = "invite_staff")]
pub async fn invite_staff(email: String, #[server(default)] role: String) -> Result<(), AppError> {
    use super::invitations::To;

    let actor = super::staff_admin_actor().await?;
    super::invitations::invite(&actor, To::Staff, &email, &role).await
}

/// Sends an invitation to the staff again, or revokes it. `act` is `resend` or `revoke`.
#[server(prefix = "/api", endpoint = "change_staff_invitation")]
pub async fn change_staff_invitation(
    invitation: InvitationId,
    act: String,
) -> Result<(), AppError> {
    use super::invitations::To;

    let actor = super::staff_admin_actor().await?;
    super::invitations::change(&actor, To::Staff, &invitation, &act).await
}

/// Changes a staff account. `act` is `role`, `disable`, `enable`, `sign-out` or `reset-factors`;
/// `seen` is the role that the page showed, and `disabled` whether the account was disabled.
#[server(prefix = "/api", endpoint = "change_staff_account")]
pub async fn change_staff_account(
    account: AccountId,
    act: String,
    #[server(default)] role: String,
    seen: String,
    #[server(default)] disabled: Option<String>,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::{access::Role, refusal::Refusal};
    use seatkeeper::commands::{self, NewStaffChange, StaffChange};

    let actor = super::staff_admin_actor().await?;
    let change = match act.as_str() {
        "role" => StaffChange::Role(Role::parse(&role).ok_or(Refusal::InvitationRole)?),
        "disable" => StaffChange::Disable,
        "enable" => StaffChange::Enable,
        "sign-out" => StaffChange::SignOut,
        "reset-factors" => StaffChange::ResetFactors,
        _ => return Err(AppError::missing()),
    };
    let seen = Role::parse(&seen).ok_or(Refusal::AccountChangedMeanwhile)?;
    let new = NewStaffChange { account, change, expected: Some((seen, disabled.is_some())) };
    let change = async {
        let proof = super::fresh_proof().await?;
        Ok(commands::change_staff_account(&super::state()?, &actor, &proof, &new).await?)
    };
    match change.await {
        Ok(changed) => {
            let said = if changed { act.as_str() } else { "same" };
            answer::redirect(&paths::with_query(paths::STAFF_ACCOUNTS, &[("done", said)]));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let refused = [("refused", Refused::of(&failure).word())];
            answer::redirect(&paths::with_query(paths::STAFF_ACCOUNTS, &refused));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
