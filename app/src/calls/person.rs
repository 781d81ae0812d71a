//! Who is signed in; signing in and out.

use leptos::prelude::*;
use seatkeeper::domain::page::Person;

use super::Failure;

/// Whoever is signed in, for the frame around every page.
#[server(prefix = "/api", endpoint = "load_person")]
pub async fn load_person() -> Result<Option<Person>, Failure> {
    use seatkeeper::reads;

    match super::viewer().await? {
        Some(viewer) => Ok(Some(reads::person(&super::desk()?, &viewer).await?)),
        None => Ok(None),
    }
}

/// Signs in and goes on to `next`; a refusal comes back to the form with the address kept.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), Failure> {
    use super::answer;
    use crate::routes;
    use seatkeeper::{acts, domain::refusal::Refusal};

    let next = routes::local_path(&next);
    let (desk, source, request) = (super::desk()?, super::source(), answer::request_id());
    let device = answer::cookie(&answer::device_cookie(&desk));
    let attempt = acts::sign_in::SignIn { email: email.clone(), password, source, device };
    let signed_in = acts::sign_in::sign_in(&desk, attempt).await;
    match &signed_in {
        Ok(welcome) => tracing::info!(request, account = %welcome.person.account, ?source, "signed in"),
        Err(acts::Error::Refused(_)) => tracing::info!(request, ?source, "a sign-in was refused"),
        Err(_) => {} // told where it is answered
    }
    match signed_in {
        Ok(welcome) => {
            super::session().await?.begin(&desk, &welcome.person).await?;
            let seconds = acts::login_throttle::DEVICE_LASTS.as_secs();
            answer::set_cookie(&answer::device_cookie(&desk), &welcome.device, "/", i64::try_from(seconds).unwrap_or(i64::MAX));
            answer::redirect(next.unwrap_or(routes::HOME));
        }
        Err(acts::Error::Refused(refusal)) if answer::is_form() => {
            // In a cookie of two minutes rather than in the address: people mistype passwords into this field, and addresses are logged.
            answer::set_cookie("email", &email.chars().take(200).collect::<String>(), "/sign-in", 120);
            let refused = super::Refused::of(&Failure::Refused(refusal));
            answer::redirect(&routes::with_query("/sign-in", &[("refused", refused.word()), ("next", next.unwrap_or_default())]));
        }
        Err(error @ acts::Error::Refused(Refusal::TooManyAttempts)) => {
            let failure = Failure::from(error);
            answer::status(429);
            return Err(failure);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Failure> {
    super::session().await?.end(&super::desk()?).await?;
    super::answer::redirect(&crate::routes::sign_in(None));
    Ok(())
}
