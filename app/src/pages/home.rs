//! Where somebody belongs: staff to all organizations, a tenant to theirs.

use leptos::prelude::*;
use seatkeeper::domain::page::Person;

use crate::{calls::answer, parts::loaded::loaded, routes};

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
        [(only, _)] => routes::organization(only),
        _ => routes::ORGANIZATIONS.to_owned(),
    }
}
