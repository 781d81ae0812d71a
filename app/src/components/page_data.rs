//! Loads the data of a page and draws the page, or draws the page that says why there is no data.

use std::sync::Arc;

use domain::refusal::Refusal;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use views::Person;

use crate::{
    pages::refused::{Broken, Busy, Missing},
    paths,
    server_fns::{AppError, answer},
};

/// The person who is signed in; the layout loads it once.
#[derive(Clone, Copy)]
pub struct SignedIn(pub Resource<Result<Option<Person>, AppError>>);

/// Draws the result of `load` for the person who is signed in.
pub fn loaded<T, L, F>(
    load: L,
    draw: impl Fn(Person, T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    L: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let SignedIn(person) = expect_context();
    let here = here();
    // This is no `Resource`: the server would send its value to the browser a second time if
    // another thread draws an island of the layout at the same moment, and nothing in the browser
    // reads the value.
    let page = AsyncDerived::new(load);
    let draw = Arc::new(draw);
    let content = move || {
        let draw = Arc::clone(&draw);
        let here = here.clone();
        Suspend::new(async move {
            match (person.await, page.await) {
                (Ok(Some(person)), Ok(page)) => draw(person, page),
                (Err(failure), _) | (_, Err(failure)) => refused(&failure, &here),
                (Ok(None), _) => refused(&AppError::SignIn, &here),
            }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

/// The address of this page. It must be read before anything is awaited, see
/// [`super::layout::Layout`].
fn here() -> String {
    let location = use_location();
    let search = location.search.get_untracked();
    let path = location.pathname.get_untracked();
    if search.is_empty() { path } else { format!("{path}?{search}") }
}

fn refused(failure: &AppError, here: &str) -> AnyView {
    match failure {
        AppError::SignIn => {
            answer::redirect(&paths::sign_in(Some(here)));
            ().into_any()
        }
        AppError::Refused(Refusal::ProofTooOld) => {
            answer::redirect(&paths::confirm_identity(here));
            ().into_any()
        }
        AppError::Refused(over @ Refusal::SetUpOver) => {
            let refused = [("refused", over.code())];
            answer::redirect(&paths::with_query(paths::FACTORS, &refused));
            ().into_any()
        }
        AppError::Missing => view! { <Missing /> }.into_any(),
        AppError::Busy | AppError::TooSlow => view! { <Busy failure=failure.clone() /> }.into_any(),
        AppError::Refused(_)
        | AppError::Internal { .. }
        | AppError::Unreadable
        | AppError::Away => view! { <Broken failure=failure.clone() /> }.into_any(),
    }
}
