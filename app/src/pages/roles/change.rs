//! The change of one group's roles: a form that asks for the preview, and one that saves it.

use domain::{access::Role, role::GroupRoles};
use leptos::{prelude::*, server_fn::ServerFn};
use views::roles::{RolesChange, RolesPage, RolesPreview, RolesQuery};

use super::words::{dashboard, effects};
use crate::{
    components::words::words,
    paths,
    query::{Parameters, Query},
    server_fns::SetGroupRoles,
};

#[component]
pub(super) fn Change(page: RolesPage, change: RolesChange, staff: bool) -> impl IntoView {
    let preview = match change.preview.clone() {
        None => ().into_any(),
        Some(Err(refusal)) => view! { <p class="quiet">{refusal.to_string()}</p> }.into_any(),
        Some(Ok(preview)) => {
            view! { <Preview page=page.clone() change=change.clone() preview /> }.into_any()
        }
    };
    view! {
        <div class="policy roles__change">
            <Choose page change staff />
            <div>{preview}</div>
        </div>
    }
}

/// The roles that the form shows: those that are asked for, or those that the group has.
fn chosen(change: &RolesChange) -> GroupRoles {
    match &change.preview {
        Some(Ok(preview)) => preview.roles.clone(),
        // what was asked for and cannot be: the address has it
        Some(Err(_)) => {
            let asked: RolesQuery = Query::of_request().read();
            asked.asked.unwrap_or_else(|| change.row.roles.clone())
        }
        None => change.row.roles.clone(),
    }
}

#[component]
fn Choose(page: RolesPage, change: RolesChange, staff: bool) -> impl IntoView {
    let chosen = chosen(&change);
    let id = page.organization.clone();
    let role = |role: &domain::role::RoleName| {
        view! {
            <label class="roles__role">
                <input
                    type="checkbox"
                    name="role"
                    value=role.to_string()
                    checked=chosen.application.contains(role)
                    autocomplete="off"
                />
                <span>{role.to_string()}</span>
            </label>
        }
    };
    let roles = if page.known.is_empty() {
        let who = if staff {
            "The installation has no application roles yet; a staff admin lists them in its settings."
        } else {
            "There are no application roles yet."
        };
        view! { <p class="quiet">{who}</p> }.into_any()
    } else {
        page.known.iter().map(role).collect_view().into_any()
    };
    let option = |value: Option<Role>, word: &'static str| {
        let value_text = value.map_or("", Role::as_str);
        view! {
            <option value=value_text selected=chosen.dashboard == value>
                {word}
            </option>
        }
    };
    let options = [
        option(None, "No role"),
        option(Some(Role::TenantViewer), dashboard(Role::TenantViewer)),
        option(Some(Role::TenantAdmin), dashboard(Role::TenantAdmin)),
    ];
    let group = change.row.group.to_string();
    view! {
        <form
            class="card roles__form"
            method="get"
            action=paths::roles(&id, &RolesQuery::default())
        >
            <h2 class="card__title">"Roles of “" {words(&change.row.name)} "”"</h2>
            <input type="hidden" name="group" value=group />
            <input type="hidden" name="preview" value="yes" />
            <fieldset class="roles__set">
                <legend class="field__label">"Application roles of its members"</legend>
                {roles}
            </fieldset>
            <div class="field">
                <label class="field__label" for="roles-dashboard">
                    "Role in this dashboard"
                </label>
                <select
                    class="input"
                    id="roles-dashboard"
                    name="dashboard"
                    autocomplete="off"
                    aria-describedby="roles-dashboard-hint"
                >
                    {options.into_iter().collect_view()}
                </select>
                <p class="field__hint" id="roles-dashboard-hint">
                    "For members who have an account here."
                </p>
            </div>
            <div class="form__actions">
                <button class="button" type="submit">
                    "Preview"
                </button>
                <a class="button button--quiet" href=paths::roles(&id, &RolesQuery::default())>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

#[component]
fn Preview(page: RolesPage, change: RolesChange, preview: RolesPreview) -> impl IntoView {
    let mut sentences: Vec<String> = preview.effects.iter().flat_map(effects).collect();
    sentences.extend(preview.accounts.iter().map(|(name, role)| match role {
        Role::TenantAdmin => {
            format!("{name} becomes an admin of this dashboard.")
        }
        _ => format!("{name} may only read in this dashboard."),
    }));
    if preview.roles.dashboard != change.row.roles.dashboard && preview.accounts.is_empty() {
        sentences.push("No account changes its role in this dashboard.".to_owned());
    }
    if let Some(name) = &preview.last_admin {
        sentences.push(format!("{name} stays an admin: an organization keeps its last one."));
    }
    if sentences.is_empty() {
        sentences.push("No person’s roles change now.".to_owned());
    }
    let sentences = sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> });
    let query = RolesQuery { group: None, asked: Some(preview.roles) };
    let fields = query.written();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let roles = paths::with_query("", &fields);
    view! {
        <section class="card" aria-label="Afterwards">
            <h2 class="card__title">"Afterwards"</h2>
            <ul class="roles__effects">{sentences.collect_view()}</ul>
        </section>
        <form class="form" method="post" action=SetGroupRoles::url()>
            <input type="hidden" name="id" value=page.organization.to_string() />
            <input type="hidden" name="group" value=change.row.group.to_string() />
            <input type="hidden" name="roles" value=roles.trim_start_matches('?').to_owned() />
            <input
                type="hidden"
                name="roles_version"
                value=page.roles_version.to_string()
                data-seen=""
            />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Save the roles"
                </button>
            </div>
        </form>
    }
}
