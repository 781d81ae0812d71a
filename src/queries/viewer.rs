//! The account that looks at a page.

use super::alerts::part;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, OrganizationId},
        seat_request::RequestState,
        text::ExternalText,
        time::Timestamp,
        view_as::ViewAs,
    },
    state::AppState,
    store::{
        accounts,
        alerts::{
            listing::{Filter, Listed},
            reads::{self, Unread},
        },
        inspector, limit_proposals, organizations, seat_requests,
    },
    views::{
        OwnOrganization, Person, ViewBar,
        alerts::{AlertList, BellAlert},
    },
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
    let mut tx = state.db.read_for_page(Reach::Account(viewer)).await?;
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let organizations = organizations::names(&mut tx, &ids).await?;
    let called = |(id, name): (OrganizationId, String)| {
        let name = ExternalText::or_id(&name, id.as_str());
        let role = viewer.role_in(&id).unwrap_or(viewer.role);
        OwnOrganization { id, name, role }
    };
    let email = ExternalText::new(&viewer.email);
    // a tenant of one organization keeps its menu on pages that are about none
    let only = match (viewer.role.is_staff(), ids.as_slice()) {
        (false, [only]) => Some(only),
        _ => None,
    };
    let is_staff = viewer.role.is_staff();
    let here = here.or(only).and_then(|id| viewer.scope(id));
    let here_named = match &here {
        Some(scope) => organizations::names(&mut tx, std::slice::from_ref(scope.id())).await?.pop(),
        None => None,
    };
    let all = if is_staff { unread(&mut tx, viewer, None).await? } else { Vec::new() };
    let own = match &here {
        Some(scope) => unread(&mut tx, viewer, Some(scope)).await?,
        None => Vec::new(),
    };
    let requests = if is_staff {
        let requests = seat_requests::listing::count_open(&mut tx, Person::COUNTED).await?;
        let now = state.clock.now();
        requests
            + limit_proposals::count_for(&mut tx, &viewer.account, now, Person::COUNTED).await?
    } else {
        0
    };
    let failed_deliveries =
        if is_staff { inspector::dead(&mut tx, Person::COUNTED).await? } else { 0 };
    let has_request_here = match &here {
        Some(scope) => {
            has_request(&mut tx, viewer, scope).await?
                || has_proposal(&mut tx, viewer, scope, state.clock.now()).await?
        }
        None => false,
    };
    let bell = if here.is_some() || is_staff {
        let unread = if here.is_some() { &own } else { &all };
        Some(bell(&mut tx, here.as_ref(), is_staff, unread).await?)
    } else {
        None
    };
    let view_as = match &viewer.view_as {
        Some(view) => Some(view_bar(&mut tx, view, state.clock.now()).await?),
        None => None,
    };
    let counted = |unread: &[Unread]| i64::try_from(unread.len()).unwrap_or(Person::COUNTED);
    Ok(Person {
        here: here_named.map(|(id, name)| ExternalText::or_id(&name, id.as_str())),
        unread: counted(&all),
        unread_here: counted(&own),
        bell,
        view_as,
        requests,
        failed_deliveries,
        has_request_here,
        now: state.clock.now(),
        name: ExternalText::seen(&viewer.name).unwrap_or_else(|| email.clone()),
        email,
        role: viewer.highest_role(),
        organizations: organizations.into_iter().map(called).collect(),
    })
}

async fn view_bar(tx: &mut Tx, view: &ViewAs, now: Timestamp) -> sqlx::Result<ViewBar> {
    let names = organizations::names(tx, std::slice::from_ref(&view.organization)).await?;
    let name = names.first().map(|(_, name)| name.as_str()).unwrap_or_default();
    Ok(ViewBar {
        organization: ExternalText::or_id(name, view.organization.as_str()),
        reason: ExternalText::sentence(&view.reason),
        until: view.until,
        minutes_left: view.minutes_left(now),
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

/// Whether another staff member's proposal waits for this one.
async fn has_proposal(
    tx: &mut Tx,
    viewer: &Viewer,
    organization: &OrganizationScope,
    now: Timestamp,
) -> sqlx::Result<bool> {
    if !viewer.role.is_staff() {
        return Ok(false);
    }
    let open = limit_proposals::open_of(tx, organization).await?;
    Ok(open.is_some_and(|open| open.is_open(now) && open.account != viewer.account))
}

async fn unread(
    tx: &mut Tx,
    viewer: &Viewer,
    organization: Option<&OrganizationScope>,
) -> sqlx::Result<Vec<Unread>> {
    let (account, is_staff) = (&viewer.account, viewer.role.is_staff());
    reads::unread(tx, organization, account, is_staff, Person::COUNTED).await
}

/// The last alerts, open ones first.
async fn bell(
    tx: &mut Tx,
    scope: Option<&OrganizationScope>,
    for_staff: bool,
    unread: &[Unread],
) -> sqlx::Result<Vec<BellAlert>> {
    let filter = |most| Filter { kind: None, for_staff, before: None, most };
    let mut rows = part(tx, scope, AlertList::Open, filter(BellAlert::MOST)).await?;
    let rest = BellAlert::MOST - i64::try_from(rows.len()).unwrap_or(BellAlert::MOST);
    if rest > 0 {
        rows.extend(part(tx, scope, AlertList::Resolved, filter(rest)).await?);
    }
    // beyond that number it is not known which ones are unread
    let is_cut = i64::try_from(unread.len()).is_ok_and(|length| length >= Person::COUNTED);
    let alert = |row: Listed| BellAlert {
        title: row.kind.title(&row.target),
        is_unread: row.resolved_at.is_none()
            && (is_cut || unread.iter().any(|unread| unread.id == row.id)),
        organization: row.organization.map(|(id, name)| {
            let name = ExternalText::or_id(&name, id.as_str());
            (id, name)
        }),
        id: row.id,
        kind: row.kind,
        opened_at: row.opened_at,
        resolved_at: row.resolved_at,
    };
    Ok(rows.into_iter().map(alert).collect())
}
