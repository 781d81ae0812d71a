//! Sessions: a cookie with a token of 256 bits, a row under the token's hash, and nothing else. A stolen database signs no
//! person in; the account and its rights are loaded again for every request.
//!
//! The layer is our own because the widespread one (tower-sessions 0.15) has room for 128 bits in its ids.

mod cookie;
mod token;

use std::{
    convert::Infallible,
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
use crate::{
    acts::{self, sign_in::SignedIn},
    desk::Desk,
    domain::{access::Viewer, refusal::Refusal, time::Timestamp},
    reads,
    store::sessions,
};

/// The last use is written at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);
/// A request that the open page makes by itself carries this header. It is no use of the session.
const BY_ITSELF: HeaderName = HeaderName::from_static("x-seatkeeper-live");
const LIVE: &str = "/live";

/// Puts a [`Session`] into every request of these routes, and its cookie into the answers.
pub fn with_sessions(router: Router, desk: &Desk, is_https: bool) -> Router {
    let cookie = Cookie::new(&desk.settings.public_url, is_https, desk.settings.operations.sessions.absolute);
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
    /// What the cookie says; whether there is such a session is asked when a route wants to know.
    token: Option<Token>,
    /// Whether a person made this request, so that the session counts as used.
    is_use: bool,
    change: Mutex<Option<Change>>,
}

/// What the answer does to the cookie.
#[derive(Debug)]
enum Change {
    Begin(Token),
    End,
}

/// A session that is alive, and the person it is of.
#[derive(Clone, Debug)]
pub(super) struct Alive {
    pub viewer: Viewer,
    /// When it ends unless it is used before.
    pub ends_at: Timestamp,
    used_at: Timestamp,
}

impl Session {
    fn of(request: &Request, cookie: &Cookie) -> Self {
        let is_use = !request.headers().contains_key(BY_ITSELF) && request.uri().path() != LIVE;
        Self(Arc::new(Inner { token: cookie.read(request.headers()), is_use, change: Mutex::default() }))
    }

    /// Who is looking; none where the session has ended or the account is gone.
    pub async fn viewer(&self, desk: &Desk) -> Result<Option<Viewer>, acts::Error> {
        let Some(alive) = self.alive(desk).await? else { return Ok(None) };
        if self.0.is_use && desk.clock.now().since(alive.used_at) >= NOTED_EVERY {
            self.note_use(desk).await;
        }
        Ok(Some(alive.viewer))
    }

    /// The same without using it: for what an open page does by itself.
    pub(super) async fn alive(&self, desk: &Desk) -> Result<Option<Alive>, acts::Error> {
        let Some(token) = &self.0.token else { return Ok(None) };
        let Some(stored) = sessions::load(&mut desk.db.read().await?, &token.hash()).await? else { return Ok(None) };
        let Some(viewer) = reads::viewer(desk, &stored.account).await? else { return Ok(None) };
        let limits = &desk.settings.operations.sessions;
        let ends_at = limits.end(viewer.role, stored.created_at, stored.used_at);
        let alive = Alive { viewer, ends_at, used_at: stored.used_at };
        Ok((desk.clock.now() < ends_at).then_some(alive))
    }

    /// A page is worth more than the note: where the database takes none, it is shown all the same.
    async fn note_use(&self, desk: &Desk) {
        let Some(token) = &self.0.token else { return };
        let noted = async {
            let mut tx = desk.db.write().await?;
            sessions::note_use(&mut tx, &token.hash(), desk.clock.now()).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            warn!(%error, "the use of a session could not be noted");
        }
    }

    /// A new token for a new right: a person who knew the old one knows nothing, and the old session ends.
    pub async fn begin(&self, desk: &Desk, person: &SignedIn) -> Result<(), acts::Error> {
        let token = Token::fresh()?;
        let mut tx = desk.db.write().await?;
        let now = desk.clock.now();
        if !sessions::begin(&mut tx, &token.hash(), &person.account, &person.password_hash, now).await? {
            return Err(Refusal::SignIn.into());
        }
        tx.commit().await?;
        self.forget(desk).await?;
        self.answer_with(Change::Begin(token));
        Ok(())
    }

    pub async fn end(&self, desk: &Desk) -> Result<(), acts::Error> {
        self.forget(desk).await?;
        self.answer_with(Change::End);
        Ok(())
    }

    async fn forget(&self, desk: &Desk) -> Result<(), acts::Error> {
        let Some(token) = &self.0.token else { return Ok(()) };
        let mut tx = desk.db.write().await?;
        sessions::end(&mut tx, &token.hash(), desk.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    fn answer_with(&self, change: Change) {
        *self.0.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}

/// A route without the layer around it has no session: no person is signed in there.
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
