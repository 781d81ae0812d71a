//! The settings of an organization's single sign-on, and what a person can connect an account with.

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::OrganizationId,
        single_sign_on::ProviderKind,
        text::ExternalText,
    },
    state::AppState,
    store::{identities, identity_providers, identity_providers::StoredProvider, organizations},
    views::single_sign_on::{Connection, SignOnOffer, SignOnPage, SignOnProvider},
};

/// `Missing` if there is no such organization.
pub async fn single_sign_on(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
) -> Result<SignOnPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let may_change = viewer.role_in(scope.id()).is_some_and(Role::may_manage_members);
    let stored = identity_providers::of(&mut tx, scope).await?;
    let domains = identity_providers::domains(&mut tx, scope).await?;
    let scalekit = state.settings.operations.scalekit_provider.as_ref();
    let provider = match stored {
        Some(stored) => Some(shown(&mut tx, state, scope, (stored, may_change)).await?),
        None => None,
    };
    let public_url: &str = &state.settings.public_url;
    // the client in Scalekit is the same for all organizations
    let is_scalekit = provider.as_ref().is_some_and(|it| it.kind == ProviderKind::Scalekit);
    let of_its_own = if is_scalekit { String::new() } else { format!("/{}", scope.id()) };
    Ok(SignOnPage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        provider,
        domains: domains.iter().map(|domain| ExternalText::new(domain)).collect(),
        redirect_uri: format!("{public_url}/sign-in/sso/callback{of_its_own}"),
        link: format!("{public_url}/sign-in/sso?organization={}", scope.id()),
        has_scalekit: scalekit.is_some(),
        may_change,
        is_staff: viewer.role.is_staff(),
    })
}

async fn shown(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    (stored, may_change): (StoredProvider, bool),
) -> Result<SignOnProvider, Error> {
    let issuer = match stored.kind {
        ProviderKind::Oidc => Some(stored.issuer.clone()),
        ProviderKind::Scalekit => {
            let scalekit = state.settings.operations.scalekit_provider.as_ref();
            scalekit.map(|scalekit| scalekit.issuer.as_str().to_owned())
        }
    };
    let is_tried = match &issuer {
        Some(issuer) => identities::has_opened_an_admin(tx, scope, issuer).await?,
        None => false,
    };
    let for_form = |text: String| if may_change { text } else { String::new() };
    Ok(SignOnProvider {
        kind: stored.kind,
        shown: match stored.kind {
            ProviderKind::Oidc => ExternalText::new(&stored.issuer),
            ProviderKind::Scalekit => ExternalText::new("Scalekit"),
        },
        issuer: for_form(stored.issuer),
        client_id: for_form(stored.client_id),
        has_secret: stored.has_secret,
        creates_accounts: stored.creates_accounts,
        is_required: stored.is_required,
        is_tried,
    })
}

/// With which provider a person can connect the account.
pub(super) async fn offer(
    tx: &mut Tx,
    state: &AppState,
    viewer: &Viewer,
) -> Result<Option<SignOnOffer>, Error> {
    if viewer.role.is_staff() {
        return Ok(has_staff_provider(state).then_some(SignOnOffer::Staff));
    }
    let ids: Vec<&OrganizationId> = viewer.organizations.keys().collect();
    let [only] = ids.as_slice() else { return Ok(None) };
    let Some(scope) = viewer.scope(only) else { return Ok(None) };
    let stored = identity_providers::of(tx, &scope).await?;
    Ok(stored.map(|_| SignOnOffer::Organization((*only).clone())))
}

pub(super) async fn connections(tx: &mut Tx, viewer: &Viewer) -> Result<Vec<Connection>, Error> {
    let stored = identities::of_account(tx, &viewer.account).await?;
    let one = |(issuer, used_at): (String, _)| Connection {
        shown: ExternalText::new(&issuer),
        issuer,
        used_at,
    };
    Ok(stored.into_iter().map(one).collect())
}

/// Whether the staff have an identity provider.
pub fn has_staff_provider(state: &AppState) -> bool {
    state.settings.operations.staff_provider.is_some()
}
