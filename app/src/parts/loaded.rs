//! A page's data, then the page; or the page that says why not.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use seatkeeper::domain::page::Person;

use crate::{
    calls::{Failure, answer},
    pages::refused::{Broken, Busy, Missing},
    routes,
};

/// Whoever is signed in, asked for once by the frame.
#[derive(Clone, Copy)]
pub struct SignedIn(pub Resource<Result<Option<Person>, Failure>>);

/// Draws what `load` brings, with the person who looks at it.
pub fn loaded<T, L, F>(load: L, draw: impl Fn(Person, T) -> AnyView + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    L: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let SignedIn(person) = expect_context();
    let here = here();
    // No `Resource`: its value would go to the browser a second time whenever, on another thread, an island of the frame is being
    // drawn as it is made; and nothing there reads it.
    let page = AsyncDerived::new(load);
    let draw = Arc::new(draw);
    let content = move || {
        let draw = Arc::clone(&draw);
        let here = here.clone();
        Suspend::new(async move {
            match (person.await, page.await) {
                (Ok(Some(person)), Ok(page)) => draw(person, page),
                (Err(failure), _) | (_, Err(failure)) => refused(&failure, &here),
                (Ok(None), _) => refused(&Failure::SignIn, &here),
            }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

/// The address of this page. To be read before anything waits, see [`super::frame::Frame`].
fn here() -> String {
    let location = use_location();
    let search = location.search.get_untracked();
    let path = location.pathname.get_untracked();
    if search.is_empty() { path } else { format!("{path}?{search}") }
}

fn refused(failure: &Failure, here: &str) -> AnyView {
    match failure {
        Failure::SignIn => {
            answer::redirect(&routes::sign_in(Some(here)));
            ().into_any()
        }
        Failure::Missing => view! { <Missing /> }.into_any(),
        Failure::Busy | Failure::TooSlow => view! { <Busy failure=failure.clone() /> }.into_any(),
        Failure::Refused(_) | Failure::Internal { .. } | Failure::Unreadable | Failure::Away => {
            view! { <Broken failure=failure.clone() /> }.into_any()
        }
    }
}
