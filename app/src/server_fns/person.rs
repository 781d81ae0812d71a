//! The person who is signed in.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::Person;

use super::AppError;

/// Loads the person who is signed in, for the layout around every page. `organization` is that of
/// the page.
#[server(prefix = "/api", endpoint = "load_person")]
pub async fn load_person(
    #[server(default)] organization: Option<OrganizationId>,
) -> Result<Option<Person>, AppError> {
    use seatkeeper::queries;

    match super::viewer().await? {
        Some(viewer) => {
            Ok(Some(queries::person(&super::state()?, &viewer, organization.as_ref()).await?))
        }
        None => Ok(None),
    }
}
