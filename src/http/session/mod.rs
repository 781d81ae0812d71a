//! Sessions: a cookie with a token of 256 bits, and a row under the token's hash. A stolen database
//! is not enough to sign in; the account and its rights are loaded again for every request.
//!
//! The layer is our own because the common one (tower-sessions 0.15) has only 128 bits in its ids.

mod cookie;
mod second_step;
mod token;
mod view;

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tracing::warn;

pub use self::cookie::installation_mark;
use self::{cookie::Cookie, token::Token};
use super::ClientAddress;
use crate::{
    clock::Generate,
    commands::{self, Actor, IdentityForm, NewPassword, Renewed, sign_in::SignedIn},
    domain::{
        access::{FreshProof, Viewer},
        device::device_words,
        id::SessionId,
        refusal::{Refusal, SignOnRefusal},
        single_sign_on::SignInMethod,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts, factors, identity_providers,
        sessions::{self, NewSession, StoredSession},
        settings,
    },
};

/// The last use is written at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);
/// A request that an open page makes by itself has this header. It does not count as a use of the
/// session.
const BY_ITSELF: HeaderName = HeaderName::from_static("x-seatkeeper-live");
const LIVE: &str = "/live";

/// Adds a [`Session`] to every request of these routes, and its cookie to the answers.
pub fn with_sessions(router: Router, state: &AppState, is_https: bool) -> Router {
    let cookie = Cookie::new(&state.settings.public_url, is_https);
    router.layer(from_fn_with_state(cookie, carry))
}

async fn carry(State(cookie): State<Cookie>, mut request: Request, next: Next) -> Response {
    let session = Session::of(&request, &cookie);
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    let change = session.0.change.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(value) = change.and_then(|change| cookie.written(&change)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The session of one request. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Session(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The token in the cookie; whether its session exists is checked only when a route needs it.
    token: Option<Token>,
    /// Whether a person made this request, so that the session counts as used.
    is_use: bool,
    /// The browser, in words.
    device: String,
    /// The client's address.
    address: Option<IpAddr>,
    change: Mutex<Option<Change>>,
}

/// What the answer does to the cookie.
#[derive(Debug)]
enum Change {
    /// The cookie lasts as long as the session can.
    Begin(Token, Duration),
    End,
}

/// A session that has not ended, and its viewer.
#[derive(Clone, Debug)]
pub(super) struct Alive {
    pub viewer: Viewer,
    id: SessionId,
    /// When the session ends, unless it is used before.
    pub ends_at: Timestamp,
    used_at: Timestamp,
    proved_at: Timestamp,
    must_renew: bool,
    /// The session goes on with another token than that of the request.
    pub is_former: bool,
}

impl Session {
    fn of(request: &Request, cookie: &Cookie) -> Self {
        let is_use = !request.headers().contains_key(BY_ITSELF) && request.uri().path() != LIVE;
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self(Arc::new(Inner {
            token: cookie.read(request.headers()),
            is_use,
            device: device_words(user_agent),
            address: request.extensions().get::<ClientAddress>().map(|client| client.0),
            change: Mutex::default(),
        }))
    }

    /// The viewer; `None` if the session has ended or the account is gone.
    pub async fn viewer(&self, state: &AppState) -> Result<Option<Viewer>, commands::Error> {
        let Some(alive) = self.alive(state).await? else { return Ok(None) };
        if self.0.is_use && state.clock.now().since(alive.used_at) >= NOTED_EVERY {
            self.note_use(state).await;
        }
        if self.0.is_use && alive.must_renew && !alive.is_former {
            self.renew(state, &alive).await?;
        }
        Ok(Some(alive.viewer))
    }

    /// The browser, in words.
    pub fn device(&self) -> &str {
        &self.0.device
    }

    /// Whether a person made this request, and not an open page by itself.
    pub fn is_use(&self) -> bool {
        self.0.is_use
    }

    /// The proof that the viewer showed lately who they are.
    pub async fn fresh_proof(&self, state: &AppState) -> Result<FreshProof, commands::Error> {
        let alive = self.alive(state).await?.ok_or(commands::Error::Missing)?;
        Ok(FreshProof::of(alive.proved_at, state.clock.now())?)
    }

    /// Checks who the viewer is. The session goes on with a new token, so that a token that was
    /// stolen before has no part in the proof.
    pub async fn confirm_identity(
        &self,
        state: &AppState,
        form: &IdentityForm,
    ) -> Result<(), commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        commands::confirm_identity(state, &alive.viewer, form, &renewed).await?;
        self.go_on_with(state, token).await
    }

    /// The session, and the token that it goes on with after a command.
    async fn renewing(&self, state: &AppState) -> Result<(Alive, Token, Renewed), commands::Error> {
        let alive = self.alive(state).await?.ok_or(commands::Error::Missing)?;
        let token = Token::fresh()?;
        let renewed = Renewed { session: alive.id.clone(), token_hash: token.hash() };
        Ok((alive, token, renewed))
    }

    /// Gives the session another token after a change of rights.
    async fn renew(&self, state: &AppState, alive: &Alive) -> Result<(), commands::Error> {
        let Some(old) = &self.0.token else { return Ok(()) };
        let (token, now) = (Token::fresh()?, state.clock.now());
        let mut tx = state.db.write().await?;
        let (session, tokens) =
            ((&alive.viewer.account, &alive.id), (&*old.hash(), &*token.hash()));
        if !sessions::renew(&mut tx, session, tokens, now).await? {
            return Ok(());
        }
        tx.commit().await?;
        self.go_on_with(state, token).await
    }

    /// The answer gives the browser this token of its session.
    async fn go_on_with(&self, state: &AppState, token: Token) -> Result<(), commands::Error> {
        let mut tx = state.db.read().await?;
        let longest = settings::values(&mut tx, &state.settings.fixed).await?.sessions.absolute;
        self.answer_with(Change::Begin(token, longest));
        Ok(())
    }

    /// The session, without counting a use: for requests that an open page makes by itself.
    pub(super) async fn alive(&self, state: &AppState) -> Result<Option<Alive>, commands::Error> {
        let Some(token) = &self.0.token else { return Ok(None) };
        let mut tx = state.db.read().await?;
        let stored = sessions::load(&mut tx, &token.hash(), state.clock.now()).await?;
        let Some(stored) = stored else { return Ok(None) };
        let values = settings::values(&mut tx, &state.settings.fixed).await?;
        let viewer = accounts::viewer(&mut tx, &stored.account).await?;
        let Some(viewer) = viewer else { return Ok(None) };
        let needs_factor = values.staff_second_factor && viewer.role.is_staff();
        if needs_factor && !factors::of(&mut tx, &viewer.account).await?.is_any() {
            return Ok(None); // the next sign-in sets one up
        }
        drop(tx);
        let limits = values.sessions;
        let ends_at = limits.end(viewer.role, stored.created_at, stored.used_at);
        let now = state.clock.now();
        let StoredSession { id, used_at, proved_at, must_renew, is_former, view_as, .. } = stored;
        let viewer = match view_as.filter(|view| now < view.until) {
            Some(view) => viewer.viewing_as(view),
            None => viewer,
        };
        let alive = Alive { viewer, id, ends_at, used_at, proved_at, must_renew, is_former };
        Ok((now < ends_at).then_some(alive))
    }

    /// The id of the session; `None` if it has ended.
    pub async fn id(&self, state: &AppState) -> Result<Option<SessionId>, commands::Error> {
        Ok(self.alive(state).await?.map(|alive| alive.id))
    }

    /// Whether a session that ended for this request goes on with another token.
    pub(super) async fn is_renewed(
        &self,
        state: &AppState,
        alive: &Alive,
    ) -> Result<bool, commands::Error> {
        let Some(token) = &self.0.token else { return Ok(false) };
        let mut tx = state.db.read().await?;
        Ok(sessions::is_renewed(&mut tx, &alive.id, &token.hash()).await?)
    }

    /// Records the use. The page is shown even if the database cannot store the use.
    async fn note_use(&self, state: &AppState) {
        let Some(token) = &self.0.token else { return };
        let noted = async {
            let (mut tx, now) = (state.db.write().await?, state.clock.now());
            // the account first, as all code does
            accounts::note_use(&mut tx, &token.hash(), state.clock.now()).await?;
            sessions::note_use(&mut tx, &token.hash(), now).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            warn!(%error, "the use of a session could not be noted");
        }
    }

    /// Begins a session with a new token and ends the old session. A person who knew the old token
    /// gains nothing from the sign-in (session fixation).
    ///
    /// A password does not begin one where the organization requires single sign-on. This is said
    /// only here, after the password was right.
    pub async fn begin(&self, state: &AppState, person: &SignedIn) -> Result<(), commands::Error> {
        self.begin_by(state, person, (SignInMethod::Password, true)).await
    }

    /// The same for a person who has not just proved who they are: they had a session before.
    pub async fn begin_without_proof(
        &self,
        state: &AppState,
        person: &SignedIn,
    ) -> Result<(), commands::Error> {
        self.begin_by(state, person, (SignInMethod::Password, false)).await
    }

    /// The same for a person who signed in by a passkey. Single sign-on that is required refuses
    /// it, too.
    pub async fn begin_by_passkey(
        &self,
        state: &AppState,
        person: &SignedIn,
    ) -> Result<(), commands::Error> {
        self.begin_by(state, person, (SignInMethod::Passkey, true)).await
    }

    /// The same for a person whose identity provider has vouched for them. That is no fresh proof:
    /// the provider does not say how long ago it asked.
    pub async fn begin_by_single_sign_on(
        &self,
        state: &AppState,
        person: &SignedIn,
    ) -> Result<(), commands::Error> {
        self.begin_by(state, person, (SignInMethod::SingleSignOn, false)).await
    }

    async fn begin_by(
        &self,
        state: &AppState,
        person: &SignedIn,
        (method, is_proof): (SignInMethod, bool),
    ) -> Result<(), commands::Error> {
        let token = Token::fresh()?;
        let mut tx = state.db.write().await?;
        let address = self.0.address.map(|address| address.to_string());
        let new = NewSession {
            id: &SessionId::generate(&state.clock),
            token_hash: &token.hash(),
            account: &person.account,
            password_hash: &person.password_hash,
            device: &self.0.device,
            method,
            address: address.as_deref(),
            is_proof,
        };
        if !sessions::begin(&mut tx, new, state.clock.now()).await? {
            return Err(Refusal::SignIn.into());
        }
        if method != SignInMethod::SingleSignOn
            && identity_providers::is_required_of(&mut tx, &person.account).await?
        {
            return Err(Refusal::from(SignOnRefusal::Required).into());
        }
        accounts::note_use(&mut tx, &token.hash(), state.clock.now()).await?;
        let longest = settings::values(&mut tx, &state.settings.fixed).await?.sessions.absolute;
        tx.commit().await?;
        self.forget(state).await?;
        self.answer_with(Change::Begin(token, longest));
        Ok(())
    }

    /// Changes the password. The other sessions end, and this one goes on with a new token, so that
    /// a token that was stolen before is worth nothing.
    pub async fn change_password(
        &self,
        state: &AppState,
        actor: &Actor,
        form: NewPassword,
    ) -> Result<(), commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        commands::change_password(state, actor, &alive.viewer, form, &renewed).await?;
        self.go_on_with(state, token).await
    }

    pub async fn end(&self, state: &AppState) -> Result<(), commands::Error> {
        let viewer = self.alive(state).await?.map(|alive| alive.viewer);
        if let Some(staff) = viewer.and_then(|viewer| viewer.behind_view()) {
            self.end_view(state, &Actor::staff(staff)).await?;
        }
        self.forget(state).await?;
        self.answer_with(Change::End);
        Ok(())
    }

    async fn forget(&self, state: &AppState) -> Result<(), commands::Error> {
        let Some(token) = &self.0.token else { return Ok(()) };
        let mut tx = state.db.write().await?;
        sessions::end(&mut tx, &token.hash(), state.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    fn answer_with(&self, change: Change) {
        *self.0.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}

/// Without the layer a route has an empty session: no person is signed in there.
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
