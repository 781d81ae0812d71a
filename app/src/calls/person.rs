//! Who is signed in; signing in and out.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "until the store is there"))]

use leptos::prelude::*;
use seatkeeper::domain::page::Person;

use super::Failure;

/// Whoever is signed in, for the frame around every page.
#[server(prefix = "/api", endpoint = "load_person")]
pub async fn load_person() -> Result<Option<Person>, Failure> {
    Ok(super::fixtures::person())
}

/// Signs in and goes on to `next`; a refusal comes back to the form with the address kept.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), Failure> {
    use super::answer;
    use crate::routes;

    let next = routes::local_path(&next);
    match super::fixtures::sign_in(&email, &password) {
        Ok(()) => answer::redirect(next.unwrap_or(routes::HOME)),
        Err(refusal) if answer::is_form() => {
            // In a cookie of two minutes rather than in the address: people mistype passwords into this field, and addresses are logged.
            answer::set_cookie("email", &email.chars().take(200).collect::<String>(), "/sign-in", 120);
            let refused = super::Refused::of(&Failure::Refused(refusal));
            answer::redirect(&routes::with_query("/sign-in", &[("refused", refused.word()), ("next", next.unwrap_or_default())]));
        }
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(())
}

#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Failure> {
    super::fixtures::sign_out();
    super::answer::redirect(&crate::routes::sign_in(None));
    Ok(())
}
