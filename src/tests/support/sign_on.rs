//! Single sign-on as a browser does it, as verbs of a [`TestApp`].

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    routing::post,
};
use domain::{
    access::Viewer,
    id::{AccountId, OrganizationId},
    refusal::{Refusal, SignOnRefusal},
    single_sign_on::ProviderKind,
};
use seatkeeper::{
    channels::address::AllowedAddresses,
    commands::{
        self, Actor, Callback, Error, NewSignOn, Origin, SignOnBy, SignOnStart,
        login_throttle::Visitor, sign_in::SignedIn,
    },
    http::session::{Session, with_sessions},
    oidc::{self, BrowserToken},
    state::{Operations, Settings},
};
use tower::ServiceExt;

use super::{
    identity_provider::{CLIENT, CLIENT_SECRET, IdentityProvider, Person},
    world::{ACME, TestApp, operator},
};

/// The parameters with which a browser comes back.
pub type Parameters = BTreeMap<String, String>;

/// A sign-in that was refused says why.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> SignOnRefusal {
    match result {
        Err(Error::Refused(Refusal::SignOn(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

impl TestApp {
    /// Lets this process connect to this machine, where the providers of the tests are.
    pub fn with_local_providers(mut self, change: impl FnOnce(&mut Operations)) -> Self {
        let mut operations = Operations {
            allowed_addresses: AllowedAddresses::Private,
            ..self.state.settings.operations.clone()
        };
        change(&mut operations);
        let settings = Settings { operations, ..(*self.state.settings).clone() };
        self.state.settings = Arc::new(settings);
        self.state.oidc = oidc::Client::new(AllowedAddresses::Private, self.clock.clone());
        self
    }

    pub async fn set_provider(&self, new: &NewSignOn) -> Result<bool, Error> {
        commands::set_sign_on(&self.state, &operator(), &OrganizationId::new(ACME), new).await
    }

    pub async fn set_domains(&self, domains: &str) {
        let id = OrganizationId::new(ACME);
        commands::set_sign_on_domains(&self.state, &operator(), &id, domains).await.unwrap();
    }

    pub async fn require_sign_on(&self, is_required: bool) -> Result<bool, Error> {
        let id = OrganizationId::new(ACME);
        commands::require_sign_on(&self.state, &operator(), &id, is_required).await
    }

    /// Where the browser is sent.
    pub async fn begin(&self, browser: &BrowserToken, by: SignOnBy) -> Result<String, Error> {
        self.begin_for(browser, by, None).await
    }

    pub async fn begin_for(
        &self,
        browser: &BrowserToken,
        by: SignOnBy,
        connects: Option<AccountId>,
    ) -> Result<String, Error> {
        let (browser, next) = (browser.clone(), "/organizations".to_owned());
        let visitor = Visitor { source: Some([203, 0, 113, 5].into()), device: None };
        let start = SignOnStart { by, browser, connects, next, visitor };
        Ok(commands::begin_sign_on(&self.state, &start).await?.to)
    }

    /// The browser comes back to Acme's address.
    pub async fn comes_back(
        &self,
        browser: &BrowserToken,
        parameters: &Parameters,
    ) -> Result<Option<SignedIn>, Error> {
        let at = Some(OrganizationId::new(ACME));
        self.comes_back_to(at, browser, (parameters, None)).await
    }

    pub async fn comes_back_to(
        &self,
        organization: Option<OrganizationId>,
        browser: &BrowserToken,
        (parameters, viewer): (&Parameters, Option<Viewer>),
    ) -> Result<Option<SignedIn>, Error> {
        let callback = Callback {
            state: parameters.get("state").cloned().unwrap_or_default(),
            code: parameters.get("code").cloned(),
            issuer: parameters.get("iss").cloned(),
            organization,
            browser: Some(browser.clone()),
            viewer,
            origin: Origin::default(),
        };
        commands::finish_sign_on(&self.state, &callback).await?.person
    }

    /// The whole way: from the link of Acme to the provider and back.
    pub async fn signs_on(
        &self,
        provider: &IdentityProvider,
        person: &Person,
    ) -> Result<SignedIn, Error> {
        let browser = BrowserToken::fresh().unwrap();
        let to = self.begin(&browser, SignOnBy::Organization(OrganizationId::new(ACME))).await?;
        let parameters = provider.signs_in(&to, person);
        Ok(self.comes_back(&browser, &parameters).await?.unwrap())
    }

    /// A person who is signed in connects their account.
    pub async fn connects(
        &self,
        provider: &IdentityProvider,
        (viewer, person): (&Viewer, &Person),
    ) -> Result<(), Error> {
        let browser = BrowserToken::fresh().unwrap();
        let staff = viewer.role.is_staff();
        let place = (!staff).then(|| OrganizationId::new(ACME));
        let by = place.clone().map_or(SignOnBy::Staff, SignOnBy::Organization);
        let to = self.begin_for(&browser, by, Some(viewer.account.clone())).await?;
        let parameters = provider.signs_in(&to, person);
        let back = (&parameters, Some(viewer.clone()));
        self.comes_back_to(place, &browser, back).await.map(|_| ())
    }

    /// Begins a session by single sign-on and returns its cookie.
    pub async fn sign_on_session(&self, person: SignedIn) -> String {
        let state = self.state.clone();
        let begin = post(move |session: Session| async move {
            session.begin_by_single_sign_on(&state, &person).await.unwrap();
            StatusCode::OK
        });
        let request = Request::post("/").body(Body::empty()).unwrap();
        let router = with_sessions(Router::new().route("/", begin), &self.state, false);
        let response = router.oneshot(request).await.unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    pub async fn account_id(&self, email: &str) -> AccountId {
        let statement = format!("select id from accounts where email_key = '{email}'");
        AccountId::new(self.texts(&statement).await.concat())
    }

    /// The account as it is now.
    pub async fn viewer_of(&self, email: &str) -> Viewer {
        let account = self.account_id(email).await;
        seatkeeper::queries::viewer(&self.state, &account).await.unwrap().unwrap()
    }

    pub async fn tries_provider(&self, actor: &Actor) -> Result<(), Error> {
        commands::try_sign_on(&self.state, actor, &OrganizationId::new(ACME)).await
    }
}

/// The provider as Acme's admin enters it.
pub fn provider_form(provider: &IdentityProvider) -> NewSignOn {
    NewSignOn {
        kind: ProviderKind::Oidc,
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        has_no_secret: false,
        creates_accounts: false,
    }
}
