//! The data of the overview, of an organization's page and of its people page; adding an
//! organization.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::{
    OrganizationPage, Overview, OverviewQuery, People, PeopleQuery,
    settings::{NewOrganizationForm, NewOrganizationQuery},
};

use super::AppError;

/// Loads the organizations of the overview; staff only.
#[server(prefix = "/api", endpoint = "load_overview")]
pub async fn load_overview(query: OverviewQuery) -> Result<Overview, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::overview(&super::state()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_organization")]
pub async fn load_organization(id: OrganizationId) -> Result<OrganizationPage, AppError> {
    let scope = super::scope(&id).await?;
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::organization(&super::state()?, &scope, &viewer).await?)
}

#[server(prefix = "/api", endpoint = "load_people")]
pub async fn load_people(id: OrganizationId, query: PeopleQuery) -> Result<People, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::people(&super::state()?, &scope, &query).await?)
}

/// The form that adds an organization, with what is wrong with what was typed; staff only.
#[server(prefix = "/api", endpoint = "load_new_organization")]
pub async fn load_new_organization(
    #[server(default)] typed: NewOrganizationQuery,
) -> Result<NewOrganizationForm, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::new_organization(&super::state()?, &staff, &typed).await?)
}

/// Adds an organization and goes to its page. After a refusal the form comes back with everything
/// that was typed, and finds out itself what is wrong with each field.
#[server(prefix = "/api", endpoint = "add_organization")]
pub async fn add_organization(
    organization: String,
    name: String,
    #[server(default)] external_id: String,
    #[server(default)] limit: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::organization::SeatLimit;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let add = async {
        let new = commands::NewOrganization {
            id: OrganizationId::parse_new(&organization)?,
            name: name.clone(),
            external_id: Some(external_id.clone()),
            limit: Some(SeatLimit::parse_optional(&limit)?),
        };
        commands::add_organization(&super::state()?, &actor, &new).await?;
        Ok::<_, AppError>(new.id)
    };
    match add.await {
        Ok(id) => {
            answer::redirect(&paths::with_query(&paths::organization(&id), &[("done", "added")]));
        }
        Err(AppError::Refused(_)) if answer::is_form() => {
            let typed = |text: String| text.chars().take(300).collect::<String>();
            answer::redirect(&paths::new_organization(&NewOrganizationQuery {
                organization: typed(organization),
                name: typed(name),
                external_id: typed(external_id),
                limit: Some(typed(limit)),
                refused: true,
            }));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
