//! `GET /organizations/ID/people.csv` and `groups.csv`: a list with its filters, as CSV. It is read
//! and sent part by part; a client that goes away ends it.

pub mod groups;
pub mod people;

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{
    access::OrganizationScope,
    id::{AccountId, OrganizationId},
};
use futures_util::{StreamExt, stream};
use seatkeeper::{
    commands,
    db::is_time_limit,
    http::session::Session,
    metrics::traffic::NotServed,
    queries::{self, GroupsExport},
    shares::{InUse, Share},
    state::AppState,
};
use views::{PeopleQuery, groups::GroupsQuery};

use crate::{paths, query::Query};

/// How long a running export waits before it asks for its shares again.
const AGAIN: Duration = Duration::from_secs(1);

/// The routes of the exports; they need the sessions around them.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/organizations/{organization}/people.csv", get(export_people))
        .route("/organizations/{organization}/groups.csv", get(export_groups))
        .with_state(state)
}

async fn export_people(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::of(query.as_deref().unwrap_or_default()).read();
    answer(&state, &session, &organization, List::People(query)).await
}

async fn export_groups(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::of(query.as_deref().unwrap_or_default()).read();
    answer(&state, &session, &organization, List::Groups(query)).await
}

/// A list as it is asked for.
enum List {
    People(PeopleQuery),
    Groups(GroupsQuery),
}

impl List {
    /// The page that shows the list.
    fn page(&self, organization: &OrganizationId) -> String {
        match self {
            Self::People(query) => paths::people(organization, query),
            Self::Groups(query) => paths::groups(organization, query),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::People(_) => "people",
            Self::Groups(_) => "groups",
        }
    }

    fn header_row(&self) -> Vec<u8> {
        match self {
            Self::People(_) => people::header_row(),
            Self::Groups(_) => groups::header_row(),
        }
    }

    fn export(self, state: AppState, scope: OrganizationScope) -> Export {
        match self {
            Self::People(query) => Export::People(queries::Export::new(state, scope, query)),
            Self::Groups(query) => Export::Groups(GroupsExport::new(state, scope, query)),
        }
    }
}

/// A list that is read.
enum Export {
    People(queries::Export),
    Groups(GroupsExport),
}

impl Export {
    /// The rows of the next part; `None` after the last one.
    async fn part(&mut self) -> Result<Option<Vec<u8>>, commands::Error> {
        Ok(match self {
            Self::People(export) => export.part().await?.map(|part| people::rows(&part)),
            Self::Groups(export) => export.part().await?.map(|part| groups::rows(&part)),
        })
    }
}

async fn answer(state: &AppState, session: &Session, organization: &str, list: List) -> Response {
    match opened(state, session, organization, list).await {
        Ok(response) => response,
        Err(Refused::SignIn(next)) => Redirect::to(&paths::sign_in(Some(&next))).into_response(),
        Err(Refused::Missing) => (StatusCode::NOT_FOUND, "There is nothing here.").into_response(),
        Err(Refused::Busy) => {
            let retry = [(header::RETRY_AFTER, "5")];
            (StatusCode::SERVICE_UNAVAILABLE, retry, "Try again in a few seconds.").into_response()
        }
        Err(Refused::Broken) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

enum Refused {
    /// The address to go on with after the sign-in.
    SignIn(String),
    Missing,
    Busy,
    Broken,
}

async fn opened(
    state: &AppState,
    session: &Session,
    organization: &str,
    list: List,
) -> Result<Response, Refused> {
    let viewer = session.viewer(state).await.map_err(|error| refused(state, &error))?;
    let id = OrganizationId::parse(organization);
    let Some(viewer) = viewer else {
        return Err(Refused::SignIn(id.map(|id| list.page(&id)).unwrap_or_default()));
    };
    let id = id.ok_or(Refused::Missing)?;
    let scope = viewer.scope(&id).ok_or(Refused::Missing)?;
    let name = list.name();
    let mut text = list.header_row();
    let mut running = Running {
        account: viewer.account,
        organization: id.clone(),
        export: list.export(state.clone(), scope),
        state: state.clone(),
    };
    // the first part is read before the answer, so that its status says whether there is one
    let share = running.share().await.map_err(|InUse| {
        state.metrics.traffic.not_served(NotServed::Share);
        Refused::Busy
    })?;
    let first = running.export.part().await.map_err(|error| refused(state, &error))?;
    drop(share);
    text.extend(first.unwrap_or_default());
    let start = stream::iter([Ok(Bytes::from(text))]);
    let body = Body::from_stream(start.chain(stream::try_unfold(running, Running::next)));
    let name = format!("attachment; filename=\"{name}-{}.csv\"", file_name(id.as_str()));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// An export that a client reads. The shares are in use only while a part is read from the
/// database, so that a slow client keeps no other page out.
struct Running {
    state: AppState,
    account: AccountId,
    organization: OrganizationId,
    export: Export,
}

impl Running {
    async fn share(&self) -> Result<[Share; 2], InUse> {
        let shares = &self.state.shares;
        Ok([
            shares.of_account(&self.account).await?,
            shares.of_organization(&self.organization).await?,
        ])
    }

    /// The next part, as long as the client reads. An error breaks the answer off, so that no
    /// client takes a part for the whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, commands::Error> {
        let _shares = loop {
            match self.share().await {
                Ok(shares) => break shares,
                Err(InUse) => tokio::time::sleep(AGAIN).await,
            }
        };
        let part = self.export.part().await.inspect_err(|error| {
            tracing::error!(%error, "an export broke off");
        })?;
        Ok(part.map(|part| (Bytes::from(part), self)))
    }
}

fn refused(state: &AppState, error: &commands::Error) -> Refused {
    match error {
        commands::Error::Missing => Refused::Missing,
        commands::Error::Database(error) if is_time_limit(error) => {
            state.metrics.traffic.not_served(NotServed::ReadTime);
            Refused::Busy
        }
        error => {
            tracing::error!(%error, "an export could not begin");
            Refused::Broken
        }
    }
}

/// The id without characters that a file name or a header must not have.
fn file_name(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

fn written<const COLUMNS: usize>(rows: impl IntoIterator<Item = [String; COLUMNS]>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // a `Vec` takes every byte, and all rows have the same length
        let _ = writer.write_record(row.map(harmless));
    }
    writer.into_inner().unwrap_or_default()
}

/// The text of a cell. A spreadsheet takes a text that begins like a formula for one; an apostrophe
/// before it makes it a text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_a_text() {
        for cell in ["+1", "@x", "\rx", "-"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        assert_eq!(harmless("Ada - Lovelace".to_owned()), "Ada - Lovelace");
    }

    #[test]
    fn the_name_of_the_file_has_no_quotes() {
        assert_eq!(file_name("org_1\"/x"), "org_1--x");
    }
}
