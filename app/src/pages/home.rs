//! The start page redirects: a tenant with one organization goes to its page, other readers go to
//! the list of organizations.

use leptos::prelude::*;
use views::Person;

use crate::{components::page_data::loaded, paths, server_fns::answer};

#[component]
pub fn Home() -> impl IntoView {
    loaded(
        || async { Ok(()) },
        |person, ()| {
            answer::redirect(&home_of(&person));
            ().into_any()
        },
    )
}

fn home_of(person: &Person) -> String {
    match person.organizations.as_slice() {
        [only] => paths::organization(&only.id),
        _ => paths::ORGANIZATIONS.to_owned(),
    }
}
