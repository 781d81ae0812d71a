//! The two pages about groups: the list, and the roles that they give.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::{groups::GroupsQuery, roles::RolesQuery};

use super::segmented_links::{SegmentedLink, SegmentedLinks};
use crate::paths;

#[component]
pub fn GroupsOrRoles(id: OrganizationId, roles: bool) -> impl IntoView {
    let link = |word, href, chosen| SegmentedLink { word, count: None, href, chosen };
    let choices = move || {
        vec![
            link("Groups", paths::groups(&id, &GroupsQuery::default()), !roles),
            link("Roles", paths::roles(&id, &RolesQuery::default()), roles),
        ]
    };
    view! { <SegmentedLinks label="Groups and roles" choices=choices() /> }
}
