//! Who is looking.

use crate::{
    acts::Error,
    desk::Desk,
    domain::{access::Viewer, id::AccountId, page::Person},
    store::{accounts, organizations},
};

/// Whose account it is and what they may see, as of now.
pub async fn viewer(desk: &Desk, account: &AccountId) -> Result<Option<Viewer>, Error> {
    let mut tx = desk.db.read().await?;
    Ok(accounts::viewer(&mut tx, account).await?)
}

/// The same, for the frame around every page.
pub async fn person(desk: &Desk, viewer: &Viewer) -> Result<Person, Error> {
    let mut tx = desk.db.read().await?;
    let organizations = organizations::names(&mut tx, &viewer.organizations).await?;
    Ok(Person { name: viewer.name.clone(), email: viewer.email.clone(), role: viewer.role, organizations })
}
