//! `GET /organizations/ID/people.csv`: the list of people with its filters, as CSV. It is read and
//! sent part by part; a client that goes away ends it.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::id::{AccountId, OrganizationId};
use futures_util::{StreamExt, stream};
use seatkeeper::{
    commands,
    db::is_time_limit,
    http::session::Session,
    metrics::traffic::NotServed,
    queries::{Export, PersonCells},
    shares::{InUse, Share},
    state::AppState,
};
use views::PeopleQuery;

use crate::{paths, query::Query};

/// The columns, in order. `app/src/cli/export.rs` documents them.
const COLUMNS: [&str; 9] = [
    "user_id",
    "name",
    "email",
    "state",
    "position",
    "since",
    "roles",
    "groups",
    "duplicate_email",
];

/// How long a running export waits before it asks for its shares again.
const AGAIN: Duration = Duration::from_secs(1);

/// The routes of the exports; they need the sessions around them.
pub fn routes(state: AppState) -> Router {
    Router::new().route("/organizations/{organization}/people.csv", get(people)).with_state(state)
}

async fn people(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query: PeopleQuery = Query::of(query.as_deref().unwrap_or_default()).read();
    match opened(&state, &session, &organization, query).await {
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
    query: PeopleQuery,
) -> Result<Response, Refused> {
    let viewer = session.viewer(state).await.map_err(|error| refused(state, &error))?;
    let id = OrganizationId::parse(organization);
    let Some(viewer) = viewer else {
        let list = id.map(|id| paths::people(&id, &query)).unwrap_or_default();
        return Err(Refused::SignIn(list));
    };
    let id = id.ok_or(Refused::Missing)?;
    let scope = viewer.scope(&id).ok_or(Refused::Missing)?;
    let mut running = Running {
        account: viewer.account,
        organization: id.clone(),
        export: Export::new(state.clone(), scope, query),
        state: state.clone(),
    };
    // the first part is read before the answer, so that its status says whether there is one
    let share = running.share().await.map_err(|InUse| {
        state.metrics.traffic.not_served(NotServed::Share);
        Refused::Busy
    })?;
    let first = running.export.part().await.map_err(|error| refused(state, &error))?;
    drop(share);
    let mut text = header_row();
    text.extend(rows(&first.unwrap_or_default()));
    let start = stream::iter([Ok(Bytes::from(text))]);
    let body = Body::from_stream(start.chain(stream::try_unfold(running, Running::next)));
    let name = format!("attachment; filename=\"people-{}.csv\"", file_name(id.as_str()));
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
        Ok(part.map(|part| (Bytes::from(rows(&part)), self)))
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

/// The row with the names of the columns.
pub fn header_row() -> Vec<u8> {
    written([COLUMNS.map(str::to_owned)])
}

/// The rows of these people.
pub fn rows(people: &[PersonCells]) -> Vec<u8> {
    written(people.iter().map(|person| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            person.user.clone(),
            text(&person.name),
            text(&person.email),
            person.state.as_str().to_owned(),
            person.position.map(|position| position.to_string()).unwrap_or_default(),
            person.since.clone(),
            person.roles.join("; "),
            person.groups.join("; "),
            if person.has_duplicate_email { "yes" } else { "no" }.to_owned(),
        ]
    }))
}

fn written(rows: impl IntoIterator<Item = [String; COLUMNS.len()]>) -> Vec<u8> {
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
    use domain::directory_user::SeatState;

    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_keeps_its_quotes() {
        let person = PersonCells {
            user: "diruser_1".to_owned(),
            name: Some("=HYPERLINK(\"x\")".to_owned()),
            email: Some("a,b@acme.test".to_owned()),
            state: SeatState::Blocked,
            position: Some(3),
            since: "2026-11-22T05:48:00Z".to_owned(),
            roles: vec!["-1".to_owned(), "b".to_owned()],
            groups: vec!["\tx".to_owned()],
            has_duplicate_email: true,
        };

        let text = String::from_utf8(rows(&[person])).unwrap();

        assert_eq!(
            text,
            "diruser_1,\"'=HYPERLINK(\"\"x\"\")\",\"a,b@acme.test\",blocked,3,\
             2026-11-22T05:48:00Z,'-1; b,'\tx,yes\n"
        );
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
