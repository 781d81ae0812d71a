//! Accounts of the dashboard, and their sessions as a browser has them.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use domain::{
    access::{FreshProof, Role, Viewer},
    factor::RecoveryCode,
    id::{AccountId, OrganizationId, SessionId},
};
use seatkeeper::{
    commands::{
        self, Actor, Error, IdentityForm, NewAccount, NewApp, NewPassword, login_throttle::Visitor,
        sign_in::SignedIn,
    },
    http::session::{Session, with_sessions},
    state::AppState,
};
use tower::ServiceExt;

use super::world::{TestApp, operator};

impl TestApp {
    pub async fn account(&self, email: &str, role: Role, organizations: &[&str]) {
        let organizations = organizations.iter().map(|id| OrganizationId::new(*id)).collect();
        let (email, password) = (email.to_owned(), "correct horse battery".to_owned());
        let new = NewAccount { name: email.clone(), email, role, organizations, password };
        commands::add_account(&self.state, &operator(), &new).await.unwrap();
    }

    /// Signs the account in and returns its session cookie.
    pub async fn cookie_of(&self, account: &AccountId) -> String {
        let hash = self
            .texts(&format!("select password_hash from accounts where id = '{account}'"))
            .await
            .concat();
        let person = SignedIn { account: account.clone(), password_hash: hash };
        self.begin_session("", person).await.unwrap()
    }

    /// The same, from a browser that has this cookie; `None` if the session is refused.
    pub async fn begin_session(&self, cookie: &str, person: SignedIn) -> Option<String> {
        let state = self.state.clone();
        let begin = post(move |session: Session| async move {
            let begun = session.begin(&state, &person).await;
            if begun.is_ok() { StatusCode::OK } else { StatusCode::FORBIDDEN }
        });
        let response =
            self.in_session(Router::new().route("/", begin), Request::post("/"), cookie).await;
        let cookie = response.headers().get(header::SET_COOKIE)?.to_str().unwrap();
        Some(cookie.split(';').next().unwrap().to_owned())
    }

    /// Signs the account in, in a browser that says this of itself.
    pub async fn cookie_of_browser(&self, account: &AccountId, user_agent: &str) -> String {
        let hash = self
            .texts(&format!("select password_hash from accounts where id = '{account}'"))
            .await
            .concat();
        let person = SignedIn { account: account.clone(), password_hash: hash };
        let state = self.state.clone();
        let begin = post(move |session: Session| async move {
            session.begin(&state, &person).await.unwrap();
        });
        let request = Request::post("/").header(header::USER_AGENT, user_agent);
        let response = self.in_session(Router::new().route("/", begin), request, "").await;
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The id of the session of this cookie.
    pub async fn session_id(&self, cookie: &str) -> Option<SessionId> {
        let (state, found) = (self.state.clone(), Arc::new(std::sync::Mutex::new(None)));
        let seen = Arc::clone(&found);
        let look = get(move |session: Session| async move {
            *seen.lock().unwrap() = session.id(&state).await.unwrap();
        });
        self.in_session(Router::new().route("/", look), Request::get("/"), cookie).await;
        found.lock().unwrap().take()
    }

    /// Changes the password in the session of this cookie; gives the cookie of the answer.
    pub async fn change_password(
        &self,
        cookie: &str,
        (present, new): (&str, &str),
    ) -> Result<String, Error> {
        let viewer = self.viewer(cookie, &[]).await.expect("a session");
        let (state, actor) = (self.state.clone(), Actor::of_viewer(&viewer));
        let visitor = Visitor { source: Some([203, 0, 113, 5].into()), device: None };
        let form = NewPassword { present: present.to_owned(), new: new.to_owned(), visitor };
        let done = Arc::new(std::sync::Mutex::new(None));
        let outcome = Arc::clone(&done);
        let change = post(move |session: Session| async move {
            let changed = session.change_password(&state, &actor, form).await;
            *outcome.lock().unwrap() = Some(changed);
        });
        let response =
            self.in_session(Router::new().route("/", change), Request::post("/"), cookie).await;
        done.lock().unwrap().take().unwrap()?;
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        Ok(cookie.split(';').next().unwrap().to_owned())
    }

    /// Confirms in the session of this cookie who is there; gives the cookie of the answer.
    pub async fn confirm_identity(&self, cookie: &str, present: &str) -> Result<String, Error> {
        let visitor = Visitor { source: Some([203, 0, 113, 5].into()), device: None };
        let form = IdentityForm { present: present.to_owned(), visitor };
        let (state, done) = (self.state.clone(), Arc::new(std::sync::Mutex::new(None)));
        let outcome = Arc::clone(&done);
        let confirm = post(move |session: Session| async move {
            let confirmed = session.confirm_identity(&state, &form).await;
            *outcome.lock().unwrap() = Some(confirmed);
        });
        let response =
            self.in_session(Router::new().route("/", confirm), Request::post("/"), cookie).await;
        done.lock().unwrap().take().unwrap()?;
        Ok(cookie_in(&response).unwrap())
    }

    /// Does something in the session of this cookie; gives what came of it, and the cookie of the
    /// answer, or this one if the answer sets none.
    pub(super) async fn within<T, F>(
        &self,
        cookie: &str,
        what: impl Fn(AppState, Session) -> F + Clone + Send + Sync + 'static,
    ) -> Result<(T, String), Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (state, done) = (self.state.clone(), Arc::new(std::sync::Mutex::new(None)));
        let outcome = Arc::clone(&done);
        let run = post(move |session: Session| async move {
            let result = what(state, session).await;
            *outcome.lock().unwrap() = Some(result);
        });
        let response =
            self.in_session(Router::new().route("/", run), Request::post("/"), cookie).await;
        let result = done.lock().unwrap().take().unwrap()?;
        Ok((result, cookie_in(&response).unwrap_or_else(|| cookie.to_owned())))
    }

    /// Adds the app that is being set up; gives the recovery codes and the new cookie.
    pub async fn add_app(
        &self,
        cookie: &str,
        new: NewApp,
    ) -> Result<(Vec<RecoveryCode>, String), Error> {
        let add = move |state: AppState, session: Session| {
            let new = new.clone();
            async move {
                let (actor, proof) = by_owner(&state, &session).await?;
                session.add_app(&state, &actor, &proof, &new).await
            }
        };
        self.within(cookie, add).await
    }

    pub async fn make_recovery_codes(
        &self,
        cookie: &str,
    ) -> Result<(Vec<RecoveryCode>, String), Error> {
        let make = |state: AppState, session: Session| async move {
            let (actor, proof) = by_owner(&state, &session).await?;
            session.make_recovery_codes(&state, &actor, &proof).await
        };
        self.within(cookie, make).await
    }

    /// False: there was none.
    pub async fn remove_app(&self, cookie: &str) -> Result<(bool, String), Error> {
        let remove = |state: AppState, session: Session| async move {
            let (actor, proof) = by_owner(&state, &session).await?;
            session.remove_app(&state, &actor, &proof).await
        };
        self.within(cookie, remove).await
    }

    /// Whether the person of this cookie showed lately who they are.
    pub async fn fresh_proof(&self, cookie: &str) -> Result<FreshProof, Error> {
        let (state, found) = (self.state.clone(), Arc::new(std::sync::Mutex::new(None)));
        let seen = Arc::clone(&found);
        let look = get(move |session: Session| async move {
            *seen.lock().unwrap() = Some(session.fresh_proof(&state).await);
        });
        self.in_session(Router::new().route("/", look), Request::get("/"), cookie).await;
        found.lock().unwrap().take().unwrap()
    }

    /// The cookie that the answer to a request with this one sets, if it sets one.
    pub async fn renewed_cookie(&self, cookie: &str) -> Option<String> {
        let state = self.state.clone();
        let look = get(move |session: Session| async move {
            session.viewer(&state).await.unwrap();
        });
        let response =
            self.in_session(Router::new().route("/", look), Request::get("/"), cookie).await;
        cookie_in(&response)
    }

    /// Signs out and returns the `Set-Cookie` header of the answer.
    pub async fn end_session(&self, cookie: &str) -> String {
        let state = self.state.clone();
        let end = post(move |session: Session| async move { session.end(&state).await.unwrap() });
        let response =
            self.in_session(Router::new().route("/", end), Request::post("/"), cookie).await;
        response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
    }

    /// The viewer that a page gets for this cookie and these request headers.
    pub async fn viewer(&self, cookie: &str, headers: &[(&'static str, &str)]) -> Option<Viewer> {
        let (state, found) = (self.state.clone(), Arc::new(std::sync::Mutex::new(None)));
        let seen = Arc::clone(&found);
        let look = get(move |session: Session| async move {
            *seen.lock().unwrap() = session.viewer(&state).await.unwrap();
        });
        let request = headers
            .iter()
            .fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        self.in_session(Router::new().route("/", look), request, cookie).await;
        found.lock().unwrap().take()
    }

    async fn in_session(
        &self,
        router: Router,
        request: axum::http::request::Builder,
        cookie: &str,
    ) -> Response {
        let request = request.header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        with_sessions(router, &self.state, false).oneshot(request).await.unwrap()
    }
}

pub(super) async fn by_owner(
    state: &AppState,
    session: &Session,
) -> Result<(Actor, FreshProof), Error> {
    let viewer = session.viewer(state).await?.ok_or(Error::Missing)?;
    Ok((Actor::of_viewer(&viewer), session.fresh_proof(state).await?))
}

fn cookie_in(response: &Response) -> Option<String> {
    let cookie = response.headers().get(header::SET_COOKIE)?.to_str().unwrap();
    Some(cookie.split(';').next().unwrap().to_owned())
}
