//! Who is looking.

use crate::{
    acts::Error,
    desk::Desk,
    domain::{
        access::Viewer,
        id::{AccountId, OrganizationId},
        page::Person,
        text::ExternalText,
    },
    store::{accounts, organizations},
};

/// Whose account it is and what they may see, as of now.
pub async fn viewer(desk: &Desk, account: &AccountId) -> Result<Option<Viewer>, Error> {
    let mut tx = desk.db.read().await?;
    Ok(accounts::viewer(&mut tx, account).await?)
}

/// The same, for the frame around every page.
pub async fn person(desk: &Desk, viewer: &Viewer) -> Result<Person, Error> {
    let mut tx = desk.db.read_for_page().await?;
    let organizations = organizations::names(&mut tx, &viewer.organizations).await?;
    let called = |(id, name): (OrganizationId, String)| {
        let name = ExternalText::or_id(&name, id.as_str());
        (id, name)
    };
    let email = ExternalText::new(&viewer.email);
    Ok(Person {
        name: ExternalText::seen(&viewer.name).unwrap_or_else(|| email.clone()),
        email,
        role: viewer.role,
        organizations: organizations.into_iter().map(called).collect(),
    })
}
