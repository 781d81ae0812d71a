//! The names of application roles, each as a small label.

use domain::role::RoleName;
use leptos::prelude::*;

#[component]
pub fn RoleNames(names: Vec<RoleName>) -> impl IntoView {
    if names.is_empty() {
        return "–".into_any();
    }
    let name = |name: RoleName| view! { <li class="role-name">{name.to_string()}</li> };
    view! { <ul class="role-names">{names.into_iter().map(name).collect_view()}</ul> }.into_any()
}
