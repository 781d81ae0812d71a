//! Invitations: making and ending them, and the page of a link, which needs no session.

#[cfg(feature = "ssr")]
use domain::id::{InvitationId, OrganizationId};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use views::members::AccountsQuery;
use views::members::InvitationPage;

use super::AppError;

/// What a link leads to, for the person who has it.
#[server(prefix = "/api", endpoint = "load_invitation")]
pub async fn load_invitation(token: String) -> Result<InvitationPage, AppError> {
    use seatkeeper::{commands, queries};

    super::answer::keep_address_private();
    let viewer = super::viewer().await?;
    let hash = commands::token_hash(&token).ok_or_else(AppError::missing)?;
    Ok(queries::invitation_page(&super::state()?, viewer.as_ref(), &hash).await?)
}

/// Accepts an invitation, signs in, and opens the organization. After a refusal the form comes back
/// with what was typed, except the password.
#[server(prefix = "/api", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    token: String,
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::{self, Acceptance};

    let (state, viewer) = (super::state()?, super::viewer().await?);
    let page = paths::invitation(&token);
    let new = Acceptance { token, email, name, password, origin: super::origin() };
    let done = commands::accept_invitation(&state, viewer.as_ref(), &new).await;
    super::keep_reason(&done);
    match done {
        Ok(accepted) => {
            let home = || paths::HOME.to_owned();
            let home = accepted.organization.as_ref().map_or_else(home, paths::organization);
            if let Some(step) = accepted.step {
                super::sign_in::lead_to(step, &home);
                return Ok(());
            }
            let session = super::session().await?;
            let begun = if viewer.is_some() {
                session.begin_without_proof(&state, &accepted.person).await
            } else {
                session.begin(&state, &accepted.person).await // the password is new
            };
            match begun {
                Ok(()) => answer::redirect(&home),
                // the account is there, and its organization requires single sign-on
                Err(commands::Error::Refused(refusal)) => {
                    let refused = [("refused", refusal.code()), ("next", home.as_str())];
                    answer::redirect(&paths::with_query(paths::SIGN_IN, &refused));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(commands::Error::Refused(refusal)) if answer::is_form() => {
            let cut = |text: &str, most| text.chars().take(most).collect::<String>();
            let (email, name) = (cut(&new.email, 254), cut(&new.name, 200));
            let typed = [("email", email.as_str()), ("name", &name), ("refused", refusal.code())];
            answer::redirect(&paths::with_query(&page, &typed));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What people are invited to.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub(super) enum To {
    Organization(OrganizationId),
    Staff,
}

#[cfg(feature = "ssr")]
impl To {
    fn page(&self) -> String {
        use crate::paths;

        match self {
            Self::Organization(id) => paths::members(id, &AccountsQuery::default()),
            Self::Staff => paths::STAFF_ACCOUNTS.to_owned(),
        }
    }

    /// To the staff, only with a fresh proof.
    async fn allowed(self) -> Result<seatkeeper::commands::InvitedTo, AppError> {
        use seatkeeper::commands::InvitedTo;

        Ok(match self {
            Self::Organization(id) => InvitedTo::Organization(id),
            Self::Staff => InvitedTo::Staff(super::fresh_proof().await?),
        })
    }
}

/// Invites an address to an organization or to the staff.
#[cfg(feature = "ssr")]
pub(super) async fn invite(
    actor: &seatkeeper::commands::Actor,
    to: To,
    email: &str,
    role: &str,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::{access::Role, refusal::Refusal};
    use seatkeeper::commands::{self, NewInvitation};

    let page = to.page();
    let invite = async {
        let role = Role::parse(role).ok_or(Refusal::InvitationRole)?;
        let (to, email) = (to.allowed().await?, email.to_owned());
        let new = NewInvitation { to, email, role, by_email: true, wants_link: false };
        commands::invite(&super::state()?, actor, &new).await.map_err(AppError::from)
    };
    match invite.await {
        Ok(_) => answer::redirect(&paths::with_query(&page, &[("done", "invited")])),
        Err(AppError::Refused(refusal)) if answer::is_form() => {
            let email: String = email.chars().take(254).collect();
            let typed = [("email", email.as_str()), ("role", role), ("refused", refusal.code())];
            answer::redirect(&paths::with_query(&page, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Sends an invitation again, or revokes it.
#[cfg(feature = "ssr")]
pub(super) async fn change(
    actor: &seatkeeper::commands::Actor,
    to: To,
    invitation: &InvitationId,
    act: &str,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use seatkeeper::commands;

    let (state, page) = (super::state()?, to.page());
    let change = async {
        let to = to.allowed().await?;
        match act {
            "resend" => commands::resend_invitation(&state, actor, &to, invitation).await?,
            "revoke" => commands::revoke_invitation(&state, actor, &to, invitation).await?,
            _ => return Err(AppError::missing()),
        }
        Ok(())
    };
    match change.await {
        Ok(()) => answer::redirect(&paths::with_query(&page, &[("done", act)])),
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let refused = [("refused", Refused::of(&failure).word())];
            answer::redirect(&paths::with_query(&page, &refused));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
