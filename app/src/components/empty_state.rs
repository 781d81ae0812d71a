//! An empty state: why nothing is shown, and the next step.

use domain::{id::OrganizationId, refusal::Refusal};
use leptos::prelude::*;

use crate::paths;

#[component]
pub fn EmptyState(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="empty-state">
            <svg
                class="empty-state__mark"
                viewBox="0 0 71 18"
                width="71"
                height="18"
                aria-hidden="true"
            >
                <rect x="1" y="1" width="16" height="16" rx="4" />
                <rect x="24" y="1" width="16" height="16" rx="4" />
                <rect x="47" y="1" width="16" height="16" rx="4" />
                <line x1="69.500" x2="69.500" y1="0" y2="18" />
            </svg>
            <p class="empty-state__title">{title}</p>
            <p class="empty-state__text">{children()}</p>
        </div>
    }
}

/// In the place of a form for an organization that is archived.
#[component]
pub fn ArchivedOrganization(id: OrganizationId) -> impl IntoView {
    view! {
        <EmptyState title="Archived">
            {Refusal::Archived.to_string()} " "
            <a href=paths::settings(&id)>"Its settings say what brings it back."</a>
        </EmptyState>
    }
}
