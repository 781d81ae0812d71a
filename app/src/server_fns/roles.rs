//! The roles of an organization's groups: the page with the preview of a change, and the change.

#[cfg(feature = "ssr")]
use domain::access::Role;
use domain::id::{GroupId, OrganizationId};
use leptos::prelude::*;
use views::roles::{RolesPage, RolesQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_roles")]
pub async fn load_roles(
    id: OrganizationId,
    #[server(default)] query: RolesQuery,
) -> Result<RolesPage, AppError> {
    let scope = super::scope(&id).await?;
    // only people who may change roles see what a change would do
    let may = super::signed_in().await?.role_in(&id).is_some_and(Role::may_map_roles);
    let query = if may { query } else { RolesQuery::default() };
    Ok(seatkeeper::queries::roles_page(&super::state()?, &scope, &query).await?)
}

/// Sets the roles of a group and goes back to the page. After a refusal the form comes back as it
/// was. `roles` has them as the address of the preview has them.
#[server(prefix = "/api", endpoint = "set_group_roles")]
pub async fn set_group_roles(
    id: OrganizationId,
    group: GroupId,
    roles_version: i64,
    #[server(default)] roles: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::{
        paths,
        query::{Parameters, Query, unreadable_role},
    };
    use domain::refusal::Refusal;
    use seatkeeper::commands::{self, NewGroupRoles};

    let actor = super::role_mapper(&id).await?;
    let query = Query::of(&roles);
    if let Some(bad) = unreadable_role(&query) {
        return Err(AppError::refused(Refusal::NoRole(bad)));
    }
    let Some(asked) = RolesQuery::read(&query).asked else {
        answer::unreadable();
        return Err(AppError::Unreadable);
    };
    let new = NewGroupRoles {
        organization: id.clone(),
        group: group.clone(),
        roles: asked.clone(),
        expected_version: Some(roles_version),
    };
    let set = commands::set_group_roles(&super::state()?, &actor, &new).await;
    match set.map_err(AppError::from) {
        Ok(()) => answer::redirect(&paths::roles_again(
            &id,
            &RolesQuery::default(),
            &[("saved", group.as_str())],
        )),
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let query = RolesQuery { group: Some(group), asked: Some(asked) };
            let refused = Refused::of(&failure).word();
            answer::redirect(&paths::roles_again(&id, &query, &[("refused", refused)]));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
