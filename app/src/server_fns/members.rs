//! The members of an organization, and invitations to it.

use domain::id::{AccountId, InvitationId, OrganizationId};
use leptos::prelude::*;
use views::members::{AccountsQuery, MembersPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_members")]
pub async fn load_members(
    id: OrganizationId,
    query: AccountsQuery,
) -> Result<MembersPage, AppError> {
    let scope = super::scope(&id).await?;
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::members_page(&super::state()?, (&scope, &viewer), &query).await?)
}

/// Invites an address and goes back to the members. After a refusal the form comes back with what
/// was typed.
#[server(prefix = "/api", endpoint = "invite_member")]
pub async fn invite_member(
    id: OrganizationId,
    email: String,
    #[server(default)] role: String,
) -> Result<(), AppError> {
    use super::invitations::To;

    let actor = super::member_manager(&id).await?;
    super::invitations::invite(&actor, To::Organization(id), &email, &role).await
}

/// Sends an invitation again, or revokes it. `act` is `resend` or `revoke`.
#[server(prefix = "/api", endpoint = "change_invitation")]
pub async fn change_invitation(
    id: OrganizationId,
    invitation: InvitationId,
    act: String,
) -> Result<(), AppError> {
    use super::invitations::To;

    let actor = super::member_manager(&id).await?;
    super::invitations::change(&actor, To::Organization(id), &invitation, &act).await
}

/// Changes a member. `act` is `role`, `remove` or `sign-out`; `seen` is the role that the page
/// showed.
#[server(prefix = "/api", endpoint = "change_member")]
pub async fn change_member(
    id: OrganizationId,
    account: AccountId,
    act: String,
    #[server(default)] role: String,
    seen: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::{access::Role, refusal::Refusal};
    use seatkeeper::commands::{self, MemberChange, NewMemberChange};

    let actor = super::member_manager(&id).await?;
    let change = match act.as_str() {
        "role" => MemberChange::Role(Role::parse(&role).ok_or(Refusal::InvitationRole)?),
        "remove" => MemberChange::Remove,
        "sign-out" => MemberChange::SignOut,
        _ => return Err(AppError::missing()),
    };
    let new = NewMemberChange {
        organization: id.clone(),
        account: account.clone(),
        change,
        expected: Some(Role::parse(&seen).ok_or(Refusal::MemberChangedMeanwhile)?),
    };
    let done = commands::change_member(&super::state()?, &actor, &new).await;
    let page = paths::members(&id, &AccountsQuery::default());
    match done.map_err(AppError::from) {
        Ok(changed) => {
            let said = if changed { act.as_str() } else { "same" };
            answer::redirect(&paths::with_query(&page, &[("done", said)]));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let refused = Refused::of(&failure).word();
            answer::redirect(&paths::with_query(&page, &[("refused", refused)]));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
