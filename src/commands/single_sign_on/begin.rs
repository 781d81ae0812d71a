//! Begins a sign-in at an identity provider: the browser is sent there.

use std::time::Duration;

use super::{Error, Place, Visitor, login_throttle, provider};
use crate::{
    domain::{
        id::{AccountId, OrganizationId},
        refusal::SignOnRefusal,
        single_sign_on::domain_of,
    },
    oidc::{Ask, BrowserToken, FlowSecrets, Hints, Provider, State},
    state::AppState,
    store::{
        identity_providers,
        sign_on_flows::{self, Flow},
    },
};

/// How long a person may take at the provider.
const FLOW_LASTS: Duration = Duration::from_mins(10);

/// By what it is known which sign-in begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOnBy {
    Organization(OrganizationId),
    Staff,
    /// That of the organization to which the address belongs.
    Address(String),
    /// The token with which Scalekit starts one.
    Scalekit(String),
    /// The issuer with which another provider starts one.
    Issuer(String),
}

#[derive(Clone, Debug)]
pub struct SignOnStart {
    pub by: SignOnBy,
    /// The cookie of the browser.
    pub browser: BrowserToken,
    /// The account that is connected; `None`: a person signs in.
    pub connects: Option<AccountId>,
    /// Where the person goes afterwards.
    pub next: String,
    pub visitor: Visitor,
}

/// A sign-in that waits for the provider.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub to: String,
}

/// The address that the provider sends the browser back to. Each organization with a provider of
/// its own has its own, so that one provider cannot pass off the answer of another one as its own.
pub fn redirect_uri(state: &AppState, organization: Option<&OrganizationId>) -> String {
    let base = format!("{}/sign-in/sso/callback", &*state.settings.public_url);
    organization.map_or_else(|| base.clone(), |id| format!("{base}/{id}"))
}

/// The organization in the address that a provider sends the browser back to.
pub(super) fn in_redirect_uri<'a>(provider: &Provider, place: Place<'a>) -> Place<'a> {
    place.filter(|_| provider.scalekit_organization.is_none())
}

pub async fn begin_sign_on(state: &AppState, start: &SignOnStart) -> Result<Begun, Error> {
    login_throttle::admit_sign_on(state, &start.visitor).await?;
    let (organization, hints) = place(state, &start.by).await?;
    let place = organization.as_ref();
    let (provider, _) = provider(state, &mut state.db.read().await?, place).await?;
    let fresh = State::fresh().ok_or_else(no_randomness)?;
    let secrets = FlowSecrets::of(&start.browser, &fresh);
    let redirect_uri = redirect_uri(state, in_redirect_uri(&provider, place));
    let ask = Ask { state: &fresh, secrets: &secrets, redirect_uri: &redirect_uri, hints: &hints };
    let to = state.oidc.authorize(&provider, &ask).await?;
    let flow = Flow {
        state_hash: fresh.hash(),
        browser_hash: start.browser.hash(),
        organization,
        issuer: provider.issuer.as_str().to_owned(),
        client_id: provider.client_id,
        account: start.connects.clone(),
        next: start.next.clone(),
        expires_at: state.clock.now().plus(FLOW_LASTS),
    };
    let mut tx = state.db.write().await?;
    sign_on_flows::add(&mut tx, &flow).await?;
    tx.commit().await?;
    Ok(Begun { to: to.into() })
}

/// The place of a sign-in, and what its provider may know already.
async fn place(state: &AppState, by: &SignOnBy) -> Result<(Option<OrganizationId>, Hints), Error> {
    match by {
        SignOnBy::Organization(id) => Ok((Some(id.clone()), Hints::default())),
        SignOnBy::Staff => Ok((None, Hints::default())),
        SignOnBy::Address(email) => {
            let domain = domain_of(email).ok_or(SignOnRefusal::Domain)?;
            let mut tx = state.db.read().await?;
            let id = identity_providers::owner_of_domain(&mut tx, &domain).await?;
            let id = id.ok_or(SignOnRefusal::Domain)?;
            // a domain without a provider is answered as one that is not known
            provider(state, &mut tx, Some(&id)).await.map_err(|_| SignOnRefusal::Domain)?;
            Ok((Some(id), Hints::default()))
        }
        SignOnBy::Scalekit(token) => {
            let scalekit = state.settings.operations.scalekit_provider.as_ref();
            let scalekit = scalekit.ok_or(SignOnRefusal::NotSetUp)?;
            let request = state.oidc.login_request(scalekit, token).await?;
            let hints = Hints { login_hint: request.login_hint, connection: request.connection };
            let mut tx = state.db.read().await?;
            let (provider, _) = provider(state, &mut tx, Some(&request.organization)).await?;
            if provider.scalekit_organization.is_none() {
                return Err(SignOnRefusal::NotSetUp.into());
            }
            Ok((Some(request.organization), hints))
        }
        SignOnBy::Issuer(issuer) => {
            let staff = state.settings.operations.staff_provider.as_ref();
            if staff.is_some_and(|staff| staff.issuer.as_str() == issuer) {
                return Ok((None, Hints::default()));
            }
            let mut tx = state.db.read().await?;
            let only = identity_providers::only_one_of_issuer(&mut tx, issuer).await?;
            Ok((Some(only.ok_or(SignOnRefusal::NotSetUp)?), Hints::default()))
        }
    }
}

/// The organization, without beginning a sign-in: for the form, which a provider cannot
/// answer directly.
impl SignOnBy {
    pub async fn find(
        &self,
        state: &AppState,
        visitor: &Visitor,
    ) -> Result<Option<OrganizationId>, Error> {
        login_throttle::admit_sign_on(state, visitor).await?;
        Ok(place(state, self).await?.0)
    }
}

fn no_randomness() -> Error {
    Error::Internal("the machine has no randomness".to_owned())
}
