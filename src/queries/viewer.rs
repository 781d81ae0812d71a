//! The account that looks at a page.

use crate::{
    commands::Error,
    db::Tx,
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, OrganizationId},
        seat_request::RequestState,
        text::ExternalText,
    },
    state::AppState,
    store::{
        accounts,
        alerts::reads,
        organizations,
        seat_requests::{self, listing},
    },
    views::{OwnOrganization, Person},
};

/// The account and what it may see now; none if it does not exist or is disabled.
pub async fn viewer(state: &AppState, account: &AccountId) -> Result<Option<Viewer>, Error> {
    let mut tx = state.db.read().await?;
    Ok(accounts::viewer(&mut tx, account).await?)
}

/// The same, for the layout around every page. `here` is the organization of the page.
pub async fn person(
    state: &AppState,
    viewer: &Viewer,
    here: Option<&OrganizationId>,
) -> Result<Person, Error> {
    let mut tx = state.db.read_for_page().await?;
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let organizations = organizations::names(&mut tx, &ids).await?;
    let called = |(id, name): (OrganizationId, String)| {
        let name = ExternalText::or_id(&name, id.as_str());
        let role = viewer.role_in(&id).unwrap_or(viewer.role);
        OwnOrganization { id, name, role }
    };
    let email = ExternalText::new(&viewer.email);
    let (is_staff, here) = (viewer.role.is_staff(), here.and_then(|id| viewer.scope(id)));
    let all = if is_staff { unread(&mut tx, viewer, None).await? } else { 0 };
    let unread_here = match &here {
        Some(scope) => unread(&mut tx, viewer, Some(scope)).await?,
        None => 0,
    };
    let requests = if is_staff { listing::count_open(&mut tx, Person::COUNTED).await? } else { 0 };
    let has_request_here = match &here {
        Some(scope) => has_request(&mut tx, viewer, scope).await?,
        None => false,
    };
    Ok(Person {
        unread: all,
        unread_here,
        requests,
        has_request_here,
        name: ExternalText::seen(&viewer.name).unwrap_or_else(|| email.clone()),
        email,
        role: viewer.role,
        organizations: organizations.into_iter().map(called).collect(),
    })
}

async fn has_request(
    tx: &mut Tx,
    viewer: &Viewer,
    organization: &OrganizationScope,
) -> sqlx::Result<bool> {
    let role = viewer.role_in(organization.id());
    let state = seat_requests::open_of(tx, organization).await?.map(|request| request.state);
    Ok(match state {
        Some(RequestState::Open) => viewer.role.is_staff(),
        Some(RequestState::Question) => role.is_some_and(Role::may_ask_for_seats),
        _ => false,
    })
}

async fn unread(
    tx: &mut Tx,
    viewer: &Viewer,
    organization: Option<&OrganizationScope>,
) -> sqlx::Result<i64> {
    let (account, is_staff) = (&viewer.account, viewer.role.is_staff());
    let unread = reads::unread(tx, organization, account, is_staff, Person::COUNTED).await?;
    Ok(i64::try_from(unread.len()).unwrap_or(Person::COUNTED))
}
