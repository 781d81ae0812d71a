//! The first address redirects: staff go to what needs a decision, a tenant with one organization
//! to its page, and one with several to their list.

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
    if person.role.is_staff() {
        return paths::START.to_owned();
    }
    match person.organizations.as_slice() {
        [only] => paths::organization(&only.id),
        _ => paths::ORGANIZATIONS.to_owned(),
    }
}
