//! The end of a sign-in: the identity provider sends the browser back to these addresses.

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::id::OrganizationId;
use seatkeeper::{
    commands::{self, Callback, Finished, Origin},
    http::session::{Session, installation_mark},
    oidc::BrowserToken,
    state::AppState,
};

use crate::{
    headers::origin,
    paths,
    query::Query,
    server_fns::{AppError, Refused, answer},
};

/// How long the browser's token is kept; a sign-in that begins renews it.
const TOKEN_SECONDS: i64 = 15 * 60;

/// The routes; they need the sessions around them.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/sign-in/sso/callback", get(of_installation))
        .route("/sign-in/sso/callback/{organization}", get(of_organization))
        .with_state(state)
}

/// The name of the cookie that binds a sign-in to the browser in which it began.
fn cookie(state: &AppState) -> String {
    let url = &state.settings.public_url;
    let prefix = if url.is_https() { "__Host-" } else { "" };
    format!("{prefix}seatkeeper-sign-on-{}", installation_mark(url))
}

/// The token of this browser, which gets one if it has none. Several sign-ins of one browser share
/// it, so that one in another window does not end them.
pub(crate) fn browser_token(state: &AppState) -> Result<BrowserToken, AppError> {
    let name = cookie(state);
    let known = answer::cookie(&name).and_then(|text| BrowserToken::parse(&text));
    let token = known.or_else(BrowserToken::fresh);
    let token = token.ok_or_else(|| AppError::internal("the machine has no randomness"))?;
    answer::set_cookie(&name, token.reveal(), "/", TOKEN_SECONDS);
    Ok(token)
}

/// What the browser brings back.
struct Returned {
    state: AppState,
    session: Session,
    query: Query,
    browser: Option<BrowserToken>,
    origin: Origin,
}

impl FromRequestParts<AppState> for Returned {
    type Rejection = <Session as FromRequestParts<AppState>>::Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let origin = origin(&parts.headers, &parts.extensions);
        Ok(Self {
            state: state.clone(),
            session: Session::from_request_parts(parts, state).await?,
            query: Query::of(parts.uri.query().unwrap_or_default()),
            browser: browser_of(&parts.headers, &cookie(state)),
            origin,
        })
    }
}

fn browser_of(headers: &HeaderMap, name: &str) -> Option<BrowserToken> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).and_then(|(_, value)| BrowserToken::parse(value))
}

async fn of_installation(returned: Returned) -> Response {
    returned.answered(None).await
}

async fn of_organization(returned: Returned, Path(id): Path<String>) -> Response {
    match OrganizationId::parse(&id) {
        Some(id) => returned.answered(Some(id)).await,
        None => (StatusCode::NOT_FOUND, "There is nothing here.").into_response(),
    }
}

impl Returned {
    async fn answered(self, organization: Option<OrganizationId>) -> Response {
        let finished = self.finish(organization).await;
        finished.unwrap_or_else(|error| {
            tracing::error!(%error, "a single sign-on could not be finished");
            let other = AppError::Away; // no refusal: the page says to try again
            let refused = Refused::of(&other).word();
            redirect(&paths::with_query(paths::SIGN_ON, &[("refused", refused)]))
        })
    }

    async fn finish(
        self,
        organization: Option<OrganizationId>,
    ) -> Result<Response, commands::Error> {
        let text = |name: &str| self.query.get(name).map(str::to_owned);
        // an answer that names an error has no code that counts
        let code = text("code").filter(|_| self.query.get("error").is_none());
        let callback = Callback {
            state: text("state").unwrap_or_default(),
            code,
            issuer: text("iss"),
            organization,
            browser: self.browser,
            viewer: self.session.viewer(&self.state).await?,
            origin: self.origin,
        };
        let Finished { next, connects, person } =
            commands::finish_sign_on(&self.state, &callback).await?;
        let person = match person {
            Ok(Some(person)) => {
                self.session.begin_by_single_sign_on(&self.state, &person).await.map(|()| true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        let refused = match person {
            Ok(true) => return Ok(redirect(paths::local_path(&next).unwrap_or(paths::HOME))),
            Ok(false) => return Ok(redirect(&paths::account(&[("saved", "connected")]))),
            Err(commands::Error::Refused(refusal)) => {
                Refused::of(&AppError::Refused(refusal)).word()
            }
            Err(error) => return Err(error),
        };
        Ok(if connects {
            redirect(&paths::account(&[("form", "sign-on"), ("refused", refused)]))
        } else {
            let next = paths::local_path(&next).unwrap_or_default();
            redirect(&paths::with_query(paths::SIGN_ON, &[("refused", refused), ("next", next)]))
        })
    }
}

fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}
