//! `POST /organizations/ID/imports`: a file of people from a page. It is read as it arrives, so it
//! is no server function, and no other layer reads it before.

use axum::{
    Router,
    extract::{
        DefaultBodyLimit, FromRequestParts, Multipart, Path,
        multipart::{Field, MultipartRejection},
    },
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::{
    access::Role,
    id::{OrganizationId, ResyncId},
    import::{ImportFormat, MOST_BYTES},
    refusal::{ImportRefusal, Refusal},
};
use seatkeeper::{
    commands::{self, Actor, NewImport, Origin, Upload},
    config::PublicUrl,
    http::session::Session,
    queries,
    state::AppState,
};
use views::{imports::ImportForm, resyncs::ResyncQuery};

use crate::{
    headers::origin,
    paths,
    server_fns::{AppError, Refused, answer},
};

/// The longest name of a file that is looked at, and the longest other field, in bytes.
const LONGEST_TEXT: usize = 1_000;

/// The routes; they need the sessions around them, and nothing that reads their bodies.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/organizations/{organization}/imports", post(import))
        .layer(DefaultBodyLimit::disable())
        .with_state(state)
}

/// A person who sends a file.
struct Sender {
    state: AppState,
    session: Session,
    origin: Origin,
}

impl FromRequestParts<AppState> for Sender {
    type Rejection = <Session as FromRequestParts<AppState>>::Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self {
            state: state.clone(),
            origin: origin(&parts.headers, &parts.extensions),
            session: Session::from_request_parts(parts, state).await?,
        })
    }
}

/// Why a file is not taken.
enum NotTaken {
    SignIn,
    Missing,
    /// No form with a file.
    NoForm,
    /// The client is gone, or broke its form off.
    Away,
    Command(commands::Error),
}

impl From<commands::Error> for NotTaken {
    fn from(error: commands::Error) -> Self {
        Self::Command(error)
    }
}

async fn import(
    sender: Sender,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Some(id) = OrganizationId::parse(&id) else { return missing() };
    match sender.take(&id, form).await {
        Ok(run) => Redirect::to(&paths::resync(&id, &run, &ResyncQuery::default())).into_response(),
        Err(refused) => answered(&sender.state, &id, refused),
    }
}

impl Sender {
    /// Takes the file as a plan: nothing changes before a person applies it.
    async fn take(
        &self,
        id: &OrganizationId,
        form: Result<Multipart, MultipartRejection>,
    ) -> Result<ResyncId, NotTaken> {
        let viewer = self.session.viewer(&self.state).await?.ok_or(NotTaken::SignIn)?;
        let scope = viewer.scope(id).ok_or(NotTaken::Missing)?;
        if !viewer.role_in(id).is_some_and(Role::may_resync) {
            return Err(NotTaken::Missing);
        }
        let page = queries::import_form(&self.state, &scope, &viewer).await?;
        let actor = Actor::of_viewer(&viewer).with_origin(self.origin.clone());
        let mut form = form.map_err(|_| NotTaken::NoForm)?;
        let mut is_whole = false;
        while let Some(mut field) = form.next_field().await.map_err(|_| NotTaken::Away)? {
            match field.name() {
                Some("whole") => is_whole = text(&mut field).await? == "yes",
                Some("file") => {
                    let name = field.file_name();
                    let taken = match may_begin(&page, name) {
                        Ok(format) => {
                            let organization = id.clone();
                            let new = NewImport { organization, format, is_whole, dry_run: true };
                            self.read(&actor, new, &mut field).await
                        }
                        Err(refusal) => Err(NotTaken::Command(refusal.into())),
                    };
                    if taken.is_err() {
                        drop_rest(field).await;
                    }
                    return taken;
                }
                _ => drop_rest(field).await,
            }
        }
        Err(NotTaken::NoForm)
    }

    async fn read(
        &self,
        actor: &Actor,
        new: NewImport,
        file: &mut Field<'_>,
    ) -> Result<ResyncId, NotTaken> {
        let mut upload = Upload::begin(&self.state, actor, new).await?;
        while let Some(part) = file.chunk().await.map_err(|_| NotTaken::Away)? {
            upload.push(&part).await?;
        }
        let (_, run) = upload.finish().await?;
        Ok(run)
    }
}

/// The format of a file, unless it is refused before it is read.
fn may_begin(page: &ImportForm, name: Option<&str>) -> Result<ImportFormat, Refusal> {
    if page.archived {
        return Err(Refusal::Archived);
    }
    if page.open.is_some() {
        return Err(Refusal::ResyncUnderWay);
    }
    Ok(name.and_then(ImportFormat::of_file).ok_or(ImportRefusal::Format)?)
}

async fn text(field: &mut Field<'_>) -> Result<String, NotTaken> {
    let mut text = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|_| NotTaken::Away)? {
        text.extend_from_slice(&part);
        if text.len() > LONGEST_TEXT {
            return Err(NotTaken::NoForm);
        }
    }
    String::from_utf8(text).map_err(|_| NotTaken::NoForm)
}

/// Reads what is left of a file that is refused, up to the longest file: a browser that still sends
/// could not read its answer from a closed connection.
async fn drop_rest(mut field: Field<'_>) {
    let mut length = 0;
    while let Ok(Some(part)) = field.chunk().await {
        length += u64::try_from(part.len()).unwrap_or(u64::MAX);
        if length > MOST_BYTES {
            return;
        }
    }
}

/// A refusal leads back to the form, which says why.
fn answered(state: &AppState, id: &OrganizationId, refused: NotTaken) -> Response {
    let form = paths::import(id);
    match refused {
        NotTaken::SignIn => Redirect::to(&paths::sign_in(Some(&form))).into_response(),
        NotTaken::Missing | NotTaken::Command(commands::Error::Missing) => missing(),
        NotTaken::NoForm => {
            let why = "This is no form with a file. Nothing was changed.\n";
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into_response()
        }
        NotTaken::Away => {
            (StatusCode::BAD_REQUEST, "The file did not arrive to its end.\n").into_response()
        }
        NotTaken::Command(commands::Error::Refused(refusal)) => {
            let url = &state.settings.public_url;
            let cookie = reason_cookie(url, &refusal.to_string());
            let word = Refused::of(&AppError::Refused(refusal)).word();
            let mut response =
                Redirect::to(&paths::with_query(&form, &[("refused", word)])).into_response();
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        NotTaken::Command(error) => {
            tracing::error!(%error, "a file of people could not be taken");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Keeps why a file was refused: the sentence may quote the file, so it is not in the address.
fn reason_cookie(url: &PublicUrl, why: &str) -> String {
    answer::cookie_text(url, &answer::cookie_of(url, "reason"), why, ("/", 120))
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}
