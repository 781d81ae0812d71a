//! The person who is signed in, signing in and signing out.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::Person;

use super::AppError;

/// Loads the person who is signed in, for the layout around every page. `organization` is that of
/// the page.
#[server(prefix = "/api", endpoint = "load_person")]
pub async fn load_person(
    #[server(default)] organization: Option<OrganizationId>,
) -> Result<Option<Person>, AppError> {
    use seatkeeper::queries;

    match super::viewer().await? {
        Some(viewer) => {
            Ok(Some(queries::person(&super::state()?, &viewer, organization.as_ref()).await?))
        }
        None => Ok(None),
    }
}

/// Signs in and goes on to `next`. After a refusal the form comes back with the typed e-mail
/// address.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands;

    let next = paths::local_path(&next);
    let (state, source, request) = (super::state()?, super::source(), answer::request_id());
    let device = answer::cookie(&answer::device_cookie(&state));
    let attempt = commands::sign_in::SignIn { email: email.clone(), password, source, device };
    let signed_in = commands::sign_in::sign_in(&state, attempt).await;
    match &signed_in {
        Ok(welcome) => {
            tracing::info!(request, account = %welcome.person.account, ?source, "signed in");
        }
        Err(commands::Error::Refused(_)) => {
            tracing::info!(request, ?source, "a sign-in was refused");
        }
        Err(_) => {} // other errors are logged where they are answered
    }
    // the organization may require single sign-on; it is said only after the right password
    let begun = match signed_in {
        Ok(welcome) => {
            let session = super::session().await?;
            session.begin(&state, &welcome.person).await.map(|()| welcome)
        }
        Err(error) => Err(error),
    };
    match begun {
        Ok(welcome) => {
            let seconds = commands::login_throttle::DEVICE_LASTS.as_secs();
            answer::set_cookie(
                &answer::device_cookie(&state),
                &welcome.device,
                "/",
                i64::try_from(seconds).unwrap_or(i64::MAX),
            );
            answer::redirect(next.unwrap_or(paths::HOME));
        }
        Err(commands::Error::Refused(refusal)) if answer::is_form() => {
            answer::keep_email(&email, paths::SIGN_IN);
            let refused = super::Refused::of(&AppError::Refused(refusal));
            answer::redirect(&paths::with_query(
                paths::SIGN_IN,
                &[("refused", refused.word()), ("next", next.unwrap_or_default())],
            ));
        }
        Err(error @ commands::Error::Refused(Refusal::TooManyAttempts)) => {
            let failure = AppError::from(error);
            answer::status(429);
            return Err(failure);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    super::session().await?.end(&super::state()?).await?;
    super::answer::redirect(&crate::paths::sign_in(None));
    Ok(())
}
