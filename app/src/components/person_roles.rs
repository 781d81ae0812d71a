//! The application roles of a person, each with the groups that give it.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::roles::PersonRole;

use super::group_links::GroupLinks;

#[component]
pub fn PersonRoles(organization: OrganizationId, roles: Vec<PersonRole>) -> impl IntoView {
    if roles.is_empty() {
        return "–".into_any();
    }
    let role = move |PersonRole { role, groups }: PersonRole| {
        let source = if groups.is_empty() {
            "the default role".into_any()
        } else {
            let organization = organization.clone();
            view! {
                "from "
                <GroupLinks organization groups />
            }
            .into_any()
        };
        view! {
            <li>
                <span class="role-name">{role.to_string()}</span>
                " "
                <span class="quiet">{source}</span>
            </li>
        }
    };
    view! { <ul class="person-roles">{roles.into_iter().map(role).collect_view()}</ul> }.into_any()
}
