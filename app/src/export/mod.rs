//! `GET /organizations/ID/people.csv` and the like: a list with its filters, as CSV. It is read and
//! sent part by part; a client that goes away ends it.

mod alerts;
mod csv;
mod groups;
mod history;
mod members;
mod others;
mod people;
mod requests;
mod routes;
mod settings;
mod unused;

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::id::{AccountId, OrganizationId};
use futures_util::{StreamExt, stream};
use seatkeeper::{
    commands,
    db::is_time_limit,
    metrics::traffic::NotServed,
    queries::export::Export,
    shares::{InUse, Share},
    state::AppState,
};

pub use self::{
    csv::{Columns, Csv, header_row, rows},
    routes::routes,
};
use crate::paths;

/// How long a running export waits before it asks for its shares again.
const AGAIN: Duration = Duration::from_secs(1);

/// A list that an account may read.
struct Allowed<L> {
    account: AccountId,
    /// The organization whose list it is; `None`: a list of the whole installation.
    organization: Option<OrganizationId>,
    list: L,
}

enum Refused {
    /// The address to go on with after the sign-in.
    SignIn(String),
    Missing,
    Busy,
    Broken,
}

impl Refused {
    fn of(state: &AppState, error: &commands::Error) -> Self {
        match error {
            // a list that is not kept any longer
            commands::Error::Missing | commands::Error::Refused(_) => Self::Missing,
            commands::Error::Database(error) if is_time_limit(error) => {
                state.metrics.traffic.not_served(NotServed::ReadTime);
                Self::Busy
            }
            error => {
                tracing::error!(%error, "an export could not begin");
                Self::Broken
            }
        }
    }
}

fn settled(answer: Result<Response, Refused>) -> Response {
    match answer {
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

/// The first part is read before the answer, so that its status says whether there is one.
async fn answer<L: Csv>(state: &AppState, allowed: Allowed<L>) -> Result<Response, Refused> {
    let Allowed { account, organization, list } = allowed;
    let of = organization.as_ref().map(|id| format!("-{}", file_name(id.as_str())));
    let name = format!("attachment; filename=\"{}{}.csv\"", L::NAME, of.unwrap_or_default());
    let export = Export::new(state.clone(), list);
    let mut running = Running { account, organization, export, state: state.clone() };
    let shares = running.shares().await.map_err(|InUse| {
        state.metrics.traffic.not_served(NotServed::Share);
        Refused::Busy
    })?;
    let first = running.export.part().await.map_err(|error| Refused::of(state, &error))?;
    drop(shares);
    let mut text = header_row::<L>();
    text.extend(first.map(|part| rows::<L>(&part)).unwrap_or_default());
    let start = stream::iter([Ok(Bytes::from(text))]);
    let body = Body::from_stream(start.chain(stream::try_unfold(running, Running::next)));
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
struct Running<L: Csv> {
    state: AppState,
    account: AccountId,
    organization: Option<OrganizationId>,
    export: Export<L>,
}

impl<L: Csv> Running<L> {
    async fn shares(&self) -> Result<(Share, Option<Share>), InUse> {
        let shares = &self.state.shares;
        let of_account = shares.of_account(&self.account).await?;
        Ok(match &self.organization {
            Some(id) => (of_account, Some(shares.of_organization(id).await?)),
            None => (of_account, None),
        })
    }

    /// The next part, as long as the client reads. An error breaks the answer off, so that no
    /// client takes a part for the whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, commands::Error> {
        let _shares = loop {
            match self.shares().await {
                Ok(shares) => break shares,
                Err(InUse) => tokio::time::sleep(AGAIN).await,
            }
        };
        let part = self.export.part().await.inspect_err(|error| {
            tracing::error!(%error, "an export broke off");
        })?;
        Ok(part.map(|part| (Bytes::from(rows::<L>(&part)), self)))
    }
}

/// The id without characters that a file name or a header must not have.
fn file_name(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_has_no_quotes() {
        assert_eq!(file_name("org_1\"/x"), "org_1--x");
    }
}
