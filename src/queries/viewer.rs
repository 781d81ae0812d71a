//! The account that looks at a page.

use crate::{
    commands::Error,
    domain::{
        access::Viewer,
        id::{AccountId, OrganizationId},
        text::ExternalText,
    },
    state::AppState,
    store::{accounts, organizations},
    views::{OwnOrganization, Person},
};

/// The account and what it may see now; none if it does not exist or is disabled.
pub async fn viewer(state: &AppState, account: &AccountId) -> Result<Option<Viewer>, Error> {
    let mut tx = state.db.read().await?;
    Ok(accounts::viewer(&mut tx, account).await?)
}

/// The same, for the layout around every page.
pub async fn person(state: &AppState, viewer: &Viewer) -> Result<Person, Error> {
    let mut tx = state.db.read_for_page().await?;
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let organizations = organizations::names(&mut tx, &ids).await?;
    let called = |(id, name): (OrganizationId, String)| {
        let name = ExternalText::or_id(&name, id.as_str());
        let role = viewer.role_in(&id).unwrap_or(viewer.role);
        OwnOrganization { id, name, role }
    };
    let email = ExternalText::new(&viewer.email);
    Ok(Person {
        name: ExternalText::seen(&viewer.name).unwrap_or_else(|| email.clone()),
        email,
        role: viewer.role,
        organizations: organizations.into_iter().map(called).collect(),
    })
}
