//! Finishes a sign-in: the identity provider has sent the browser back.

use tracing::info;

use super::{
    Error, Origin, SignedIn,
    admit::admit,
    begin::{in_redirect_uri, redirect_uri},
    connect::connect,
    provider,
};
use crate::{
    domain::{access::Viewer, id::OrganizationId, refusal::SignOnRefusal},
    oidc::{Answered, BrowserToken, FlowSecrets, Identity, State},
    state::AppState,
    store::sign_on_flows::{self, Flow},
};

/// What came back with the browser.
#[derive(Clone, Debug, Default)]
pub struct Callback {
    pub state: String,
    /// `None`: the provider refused.
    pub code: Option<String>,
    pub issuer: Option<String>,
    /// The organization in the address.
    pub organization: Option<OrganizationId>,
    /// The cookie of the browser.
    pub browser: Option<BrowserToken>,
    /// The person who is signed in.
    pub viewer: Option<Viewer>,
    pub origin: Origin,
}

/// What became of it.
#[derive(Debug)]
pub struct Finished {
    /// Where the person goes after a success.
    pub next: String,
    /// It was about connecting an account.
    pub connects: bool,
    /// The person; the caller begins the session. `None`: an account was connected.
    pub person: Result<Option<SignedIn>, Error>,
}

/// Uses a sign-in up, also if it fails.
pub async fn finish_sign_on(state: &AppState, callback: &Callback) -> Result<Finished, Error> {
    let (flow, secrets) = match taken(state, callback).await {
        Ok(taken) => taken,
        Err(error @ Error::Refused(_)) => {
            let next = String::new();
            return Ok(Finished { next, connects: false, person: Err(error) });
        }
        Err(error) => return Err(error),
    };
    let person = carry_out(state, callback, &flow, &secrets).await;
    let place = flow.organization.as_ref().map_or("staff", OrganizationId::as_str);
    match &person {
        Ok(Some(person)) => {
            info!(place, account = %person.account, "signed in with single sign-on");
        }
        Ok(None) => info!(place, "an account was connected with single sign-on"),
        Err(Error::Refused(refusal)) => {
            info!(place, why = refusal.code(), "single sign-on was refused");
        }
        Err(_) => {} // other errors are logged where they are answered
    }
    Ok(Finished { next: flow.next, connects: flow.account.is_some(), person })
}

/// The sign-in that this browser has begun, with its secrets.
async fn taken(state: &AppState, callback: &Callback) -> Result<(Flow, FlowSecrets), Error> {
    let (fresh, browser) = (State::parse(&callback.state), callback.browser.as_ref());
    let (Some(fresh), Some(browser)) = (fresh, browser) else {
        return Err(SignOnRefusal::FlowOver.into());
    };
    let mut tx = state.db.write().await?;
    let flow = sign_on_flows::take(&mut tx, &fresh.hash(), &browser.hash()).await?;
    tx.commit().await?;
    let flow = flow.filter(|flow| state.clock.now() < flow.expires_at);
    let flow = flow.ok_or(SignOnRefusal::FlowOver)?;
    Ok((flow, FlowSecrets::of(browser, &fresh)))
}

async fn carry_out(
    state: &AppState,
    callback: &Callback,
    flow: &Flow,
    secrets: &FlowSecrets,
) -> Result<Option<SignedIn>, Error> {
    let identity = identity(state, callback, flow, secrets).await?;
    let place = flow.organization.as_ref();
    match &flow.account {
        None => admit(state, place, &identity, &callback.origin).await.map(Some),
        Some(account) => {
            let viewer = callback.viewer.as_ref().filter(|viewer| viewer.account == *account);
            let viewer = viewer.ok_or(SignOnRefusal::SignedOut)?;
            connect(state, place, (viewer, &identity), &callback.origin).await.map(|()| None)
        }
    }
}

async fn identity(
    state: &AppState,
    callback: &Callback,
    flow: &Flow,
    secrets: &FlowSecrets,
) -> Result<Identity, Error> {
    let place = flow.organization.as_ref();
    let (provider, _) = provider(state, &mut state.db.read().await?, place).await?;
    let is_same = provider.issuer.as_str() == flow.issuer && provider.client_id == flow.client_id;
    if !is_same {
        return Err(SignOnRefusal::FlowOver.into());
    }
    let named = in_redirect_uri(&provider, place);
    if named != callback.organization.as_ref() {
        return Err(SignOnRefusal::AnotherProvider.into());
    }
    let code = callback.code.as_deref().ok_or(SignOnRefusal::Denied)?;
    let redirect_uri = redirect_uri(state, named);
    let issuer = callback.issuer.as_deref();
    let answered = Answered { code, issuer, secrets, redirect_uri: &redirect_uri };
    Ok(state.oidc.redeem(&provider, &answered).await?)
}
