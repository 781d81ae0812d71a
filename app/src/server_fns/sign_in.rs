//! Signing in, in one step or two, and signing out.

#[cfg(feature = "ssr")]
use domain::factor::RecoveryCode;
use leptos::prelude::*;
use views::factors::{FirstFactorPage, SecondStepPage};

use super::AppError;

/// Signs in and goes on to `next`, or to the second step. After a refusal the form comes back with
/// the typed e-mail address.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::{
        self,
        sign_in::{Passed, SignIn},
    };

    let next = paths::local_path(&next);
    let (state, source, request) = (super::state()?, super::source(), answer::request_id());
    let device = answer::cookie(&answer::device_cookie(&state));
    let attempt = SignIn { email: email.clone(), password, source, device };
    let passed = commands::sign_in::sign_in(&state, attempt).await;
    match &passed {
        Ok(Passed::In(welcome)) => {
            tracing::info!(request, account = %welcome.person.account, ?source, "signed in");
        }
        Ok(Passed::Step(_)) => {
            tracing::info!(request, ?source, "a password was right; a factor is asked for");
        }
        Err(commands::Error::Refused(_)) => {
            tracing::info!(request, ?source, "a sign-in was refused");
        }
        Err(_) => {} // other errors are logged where they are answered
    }
    let came_back = |refusal: Refusal| {
        answer::keep_email(&email, answer::EmailForm::SignIn);
        let refused = super::Refused::of(&AppError::Refused(refusal));
        answer::redirect(&paths::with_query(
            paths::SIGN_IN,
            &[("refused", refused.word()), ("next", next.unwrap_or_default())],
        ));
    };
    match passed {
        // the organization may require single sign-on; it is said only after the right password
        Ok(Passed::In(welcome)) => match let_in(welcome, next.unwrap_or(paths::HOME)).await {
            Err(AppError::Refused(refusal)) if answer::is_form() => came_back(refusal),
            done => return done,
        },
        Ok(Passed::Step(step)) => lead_to(step, next.unwrap_or_default()),
        Err(commands::Error::Refused(refusal)) if answer::is_form() => came_back(refusal),
        Err(error @ commands::Error::Refused(Refusal::TooManyAttempts)) => {
            let failure = AppError::from(error);
            answer::status(429);
            return Err(failure);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Opens the page of what is asked for before a session begins.
#[cfg(feature = "ssr")]
pub(super) fn lead_to(step: seatkeeper::commands::sign_in::Step, next: &str) {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::sign_in::Step;

    let (token, page) = match step {
        Step::Second(token) => (token, paths::second_step(next)),
        Step::First(token) => (token, paths::first_factor(next)),
    };
    answer::keep_step(&token);
    answer::redirect(&page);
}

/// Begins the session, remembers the browser, and opens the page.
#[cfg(feature = "ssr")]
async fn let_in(
    welcome: seatkeeper::commands::sign_in::Welcome,
    page: &str,
) -> Result<(), AppError> {
    let state = super::state()?;
    super::session().await?.begin(&state, &welcome.person).await?;
    remember(&state, &welcome.device);
    super::answer::redirect(page);
    Ok(())
}

/// Makes the browser a device that the account has signed in with before.
#[cfg(feature = "ssr")]
pub(super) fn remember(state: &seatkeeper::state::AppState, device: &str) {
    use super::answer;
    use seatkeeper::commands::login_throttle::DEVICE_LASTS;

    let seconds = i64::try_from(DEVICE_LASTS.as_secs()).unwrap_or(i64::MAX);
    answer::set_cookie(&answer::device_cookie(state), device, "/", seconds);
}

/// What the second step of this browser's sign-in takes.
#[server(prefix = "/api", endpoint = "load_second_step")]
pub async fn load_second_step() -> Result<SecondStepPage, AppError> {
    let token = super::answer::kept_step().ok_or_else(AppError::missing)?;
    Ok(seatkeeper::queries::second_step(&super::state()?, &token).await?)
}

/// Checks the code of an app, or a recovery code, and goes on to `next`.
#[server(prefix = "/api", endpoint = "sign_in_code")]
pub async fn sign_in_code(code: String, #[server(default)] next: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::{SecondStep, second_step};

    let (state, next) = (super::state()?, paths::local_path(&next));
    let (visitor, origin) = (super::visitor(&state), super::origin());
    let pass = async {
        let token = answer::kept_step().ok_or(Refusal::StepOver)?;
        let form = SecondStep { token, code, visitor, origin };
        Ok(second_step(&state, &form).await?)
    };
    match pass.await {
        Ok(welcome) => {
            let (request, account) = (answer::request_id(), &welcome.person.account);
            tracing::info!(request, %account, "signed in with a factor");
            answer::forget_step();
            let_in(welcome, next.unwrap_or(paths::HOME)).await
        }
        Err(failure) => {
            tracing::info!(request = answer::request_id(), "a factor was refused");
            refused(failure, paths::second_step(next.unwrap_or_default()), next)
        }
    }
}

/// What staff without a factor set up in this browser before they get in.
#[server(prefix = "/api", endpoint = "load_first_factor")]
pub async fn load_first_factor() -> Result<FirstFactorPage, AppError> {
    let token = super::answer::kept_step().ok_or_else(AppError::missing)?;
    let device = super::session().await?.device().to_owned();
    Ok(seatkeeper::queries::first_factor(&super::state()?, &token, device).await?)
}

/// Gives the account an app as its first factor, and shows the recovery codes on the way to `next`.
#[server(prefix = "/api", endpoint = "set_first_factor")]
pub async fn set_first_factor(
    code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::{self, FirstFactor};

    let (state, next) = (super::state()?, paths::local_path(&next));
    let (visitor, origin) = (super::visitor(&state), super::origin());
    let set = async {
        let token = answer::kept_step().ok_or(Refusal::StepOver)?;
        let form = FirstFactor { token, code, visitor, origin };
        Ok(commands::set_first_factor(&state, &form).await?)
    };
    let form = paths::first_factor(next.unwrap_or_default());
    got_first_factor(set.await, form, next).await
}

/// Shows the recovery codes to a person who has set up the first factor, on the way to `next`.
#[cfg(feature = "ssr")]
pub(super) async fn got_first_factor(
    set: Result<(seatkeeper::commands::sign_in::Welcome, Vec<RecoveryCode>), AppError>,
    form: String,
    next: Option<&str>,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;

    match set {
        Ok((welcome, codes)) => {
            answer::forget_step();
            answer::keep_codes(&codes);
            let_in(welcome, &paths::recovery_codes(next.unwrap_or(paths::HOME))).await
        }
        Err(failure) => refused(failure, form, next),
    }
}

/// Goes back to the form, or to the beginning if the sign-in took too long.
#[cfg(feature = "ssr")]
fn refused(failure: AppError, form: String, next: Option<&str>) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;

    let is_over = matches!(failure, AppError::Refused(Refusal::StepOver));
    if is_over {
        answer::forget_step();
    }
    super::done(Err(failure), &if is_over { paths::sign_in(next) } else { form })
}

#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    super::session().await?.end(&super::state()?).await?;
    super::answer::redirect(&crate::paths::sign_in(None));
    Ok(())
}
