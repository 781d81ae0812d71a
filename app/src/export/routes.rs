//! The address of each list, and who may read it.

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::Response,
    routing::get,
};
use domain::{
    access::{OrganizationScope, Staff, StaffAdmin, Viewer},
    id::{GroupId, ImportId, OrganizationId, ResyncId},
    time::Day,
};
use seatkeeper::{
    http::session::Session,
    queries::export::{
        Activity, Alerts, ApiKeys, Changes, Deliveries, Groups, History, ImportRows, Members,
        Organizations, People, Plan, Requests, Resyncs, StaffAccounts, Unused, Waitlist,
        WebhookEndpoints,
    },
    state::AppState,
};
use views::{
    OverviewQuery, PeopleQuery,
    alerts::AlertsQuery,
    audit::AuditQuery,
    deliveries::DeliveriesQuery,
    groups::{GroupQuery, GroupsQuery},
    history::HistoryQuery,
    members::AccountsQuery,
    reclaim::ReclaimQuery,
    requests::RequestsQuery,
    resyncs::ResyncQuery,
    waitlist::{WaitlistFilter, WaitlistQuery},
};

use super::{Allowed, Csv, Refused, answer, settled};
use crate::{paths, query::Query};

/// The routes of the exports; they need the sessions around them.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/organizations.csv", get(organizations))
        .route("/activity.csv", get(activity))
        .route("/alerts.csv", get(alerts))
        .route("/requests.csv", get(requests))
        .route("/deliveries.csv", get(deliveries))
        .route("/settings/accounts.csv", get(staff_accounts))
        .route("/settings/api-keys.csv", get(api_keys))
        .route("/settings/webhook-endpoints.csv", get(webhook_endpoints))
        .route("/organizations/{organization}/people.csv", get(people))
        .route("/organizations/{organization}/members.csv", get(members))
        .route("/organizations/{organization}/reclaim.csv", get(reclaim))
        .route("/organizations/{organization}/groups.csv", get(groups))
        .route("/organizations/{organization}/groups/{group}/changes.csv", get(changes))
        .route("/organizations/{organization}/waitlist.csv", get(waitlist))
        .route("/organizations/{organization}/activity.csv", get(activity_of))
        .route("/organizations/{organization}/alerts.csv", get(alerts_of))
        .route("/organizations/{organization}/requests.csv", get(requests_of))
        .route("/organizations/{organization}/history.csv", get(history))
        .route("/organizations/{organization}/resyncs.csv", get(resyncs))
        .route("/organizations/{organization}/resyncs/{run}/plan.csv", get(plan))
        .route("/organizations/{organization}/imports/{import}/rows.csv", get(import_rows))
        .with_state(state)
}

async fn organizations(asked: Asked) -> Response {
    let query: OverviewQuery = asked.query.read();
    asked.all(&paths::overview(&query), |staff| Organizations::new(staff, query)).await
}

async fn activity(asked: Asked) -> Response {
    let query: AuditQuery = asked.query.read();
    asked.all(&paths::activity(&query), |staff| Activity::all(&staff, query)).await
}

async fn alerts(asked: Asked) -> Response {
    let query: AlertsQuery = asked.query.read();
    asked.all(&paths::alerts(&query), |staff| Alerts::all(&staff, query)).await
}

async fn requests(asked: Asked) -> Response {
    let query: RequestsQuery = asked.query.read();
    asked.all(&paths::requests(&query), |staff| Requests::all(&staff, query)).await
}

async fn deliveries(asked: Asked) -> Response {
    let query: DeliveriesQuery = asked.query.read();
    asked.all(&paths::deliveries(&query), |staff| Deliveries::new(&staff, query)).await
}

async fn staff_accounts(asked: Asked) -> Response {
    let query: AccountsQuery = asked.query.read();
    let list = |admin: StaffAdmin| StaffAccounts::new(&admin, query.clone());
    asked.of_installation(&paths::staff_accounts(&query), Viewer::staff_admin, list).await
}

async fn api_keys(asked: Asked) -> Response {
    let now = asked.state.clock.now();
    let list = |admin: StaffAdmin| ApiKeys::new(&admin, now);
    asked.of_installation(paths::API_KEYS, Viewer::staff_admin, list).await
}

async fn webhook_endpoints(asked: Asked) -> Response {
    let list = |admin: StaffAdmin| WebhookEndpoints::new(&admin);
    asked.of_installation(paths::WEBHOOK_ENDPOINTS, Viewer::staff_admin, list).await
}

async fn members(asked: Asked, Path(id): Path<String>) -> Response {
    let query: AccountsQuery = asked.query.read();
    let page = |id: &OrganizationId| paths::members(id, &query);
    asked.of(&id, page, |scope, _| Some(Members::new(scope, query.clone()))).await
}

async fn people(asked: Asked, Path(id): Path<String>) -> Response {
    let query: PeopleQuery = asked.query.read();
    let page = |id: &OrganizationId| paths::people(id, &query);
    asked.of(&id, page, |scope, _| Some(People::new(scope, query.clone()))).await
}

async fn reclaim(asked: Asked, Path(id): Path<String>) -> Response {
    let query: ReclaimQuery = asked.query.read();
    let now = asked.state.clock.now();
    let page = |id: &OrganizationId| paths::reclaim(id, &query);
    let list = |scope, viewer: &Viewer| Some(Unused::new(scope, viewer.clone(), query.list, now));
    asked.of(&id, page, list).await
}

async fn groups(asked: Asked, Path(id): Path<String>) -> Response {
    let query: GroupsQuery = asked.query.read();
    let page = |id: &OrganizationId| paths::groups(id, &query);
    asked.of(&id, page, |scope, _| Some(Groups::new(scope, query.clone()))).await
}

async fn changes(asked: Asked, Path((id, group)): Path<(String, String)>) -> Response {
    let (query, group): (GroupQuery, _) = (asked.query.read(), GroupId::parse(&group));
    let page = |id: &OrganizationId| {
        group.as_ref().map(|group| paths::group(id, group, &query)).unwrap_or_default()
    };
    let list = |scope, _: &_| Some(Changes::new(scope, group.clone()?, query.clone()));
    asked.of(&id, page, list).await
}

async fn waitlist(asked: Asked, Path(id): Path<String>) -> Response {
    let filter: WaitlistFilter = asked.query.read();
    let page = |id: &OrganizationId| {
        let query = WaitlistQuery { filter: filter.clone(), ..WaitlistQuery::default() };
        paths::waitlist(id, &query)
    };
    asked.of(&id, page, |scope, _| Some(Waitlist::new(scope, filter.clone()))).await
}

async fn activity_of(asked: Asked, Path(id): Path<String>) -> Response {
    let query: AuditQuery = asked.query.read();
    let page = |id: &OrganizationId| {
        paths::activity(&AuditQuery { organization: Some(id.clone()), ..query.clone() })
    };
    asked.of(&id, page, |scope, viewer| Some(Activity::of(scope, viewer, query.clone()))).await
}

async fn alerts_of(asked: Asked, Path(id): Path<String>) -> Response {
    let query: AlertsQuery = asked.query.read();
    let page = |id: &OrganizationId| {
        paths::alerts(&AlertsQuery { organization: Some(id.clone()), ..query.clone() })
    };
    asked.of(&id, page, |scope, viewer| Some(Alerts::of(scope, viewer, query.clone()))).await
}

async fn requests_of(asked: Asked, Path(id): Path<String>) -> Response {
    let query: RequestsQuery = asked.query.read();
    let page = paths::requests_of;
    asked.of(&id, page, |scope, _| Some(Requests::of(scope, query.clone()))).await
}

async fn history(asked: Asked, Path(id): Path<String>) -> Response {
    let query: HistoryQuery = asked.query.read();
    let today = Day::of(asked.state.clock.now());
    let page = |id: &OrganizationId| paths::history(id, &query);
    asked.of(&id, page, |scope, _| Some(History::new(scope, query.clone(), today))).await
}

async fn resyncs(asked: Asked, Path(id): Path<String>) -> Response {
    let page = |id: &OrganizationId| paths::resyncs(id, None);
    asked.of(&id, page, |scope, viewer| Some(Resyncs::new(scope, viewer.clone()))).await
}

async fn import_rows(asked: Asked, Path((id, import)): Path<(String, String)>) -> Response {
    let import = ImportId::parse(&import);
    let page = |id: &OrganizationId| paths::resyncs(id, None);
    let list = |scope, _: &_| Some(ImportRows::new(scope, import.clone()?));
    asked.of(&id, page, list).await
}

async fn plan(asked: Asked, Path((id, run)): Path<(String, String)>) -> Response {
    let (query, run): (ResyncQuery, _) = (asked.query.read(), ResyncId::parse(&run));
    let page = |id: &OrganizationId| {
        run.as_ref().map(|run| paths::resync(id, run, &query)).unwrap_or_default()
    };
    let list = |scope, _: &_| Some(Plan::new(scope, run.clone()?, query.only));
    asked.of(&id, page, list).await
}

/// A request for a list.
struct Asked {
    state: AppState,
    session: Session,
    query: Query,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = <Session as FromRequestParts<AppState>>::Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self {
            state: state.clone(),
            session: Session::from_request_parts(parts, state).await?,
            query: Query::of(parts.uri.query().unwrap_or_default()),
        })
    }
}

impl Asked {
    /// A list of the whole installation; it is for staff. `page` is the address of its page.
    async fn all<L: Csv>(self, page: &str, list: impl FnOnce(Staff) -> L) -> Response {
        self.of_installation(page, Viewer::staff, list).await
    }

    /// The same, for viewers who have this right.
    async fn of_installation<L: Csv, R>(
        self,
        page: &str,
        right: impl FnOnce(&Viewer) -> Option<R>,
        list: impl FnOnce(R) -> L,
    ) -> Response {
        settled(
            async {
                let viewer = self.viewer(page).await?;
                let list = list(right(&viewer).ok_or(Refused::Missing)?);
                let allowed = Allowed { account: viewer.account, organization: None, list };
                answer(&self.state, allowed).await
            }
            .await,
        )
    }

    /// A list of an organization that the viewer may read; `None`: there is no such list.
    async fn of<L: Csv>(
        self,
        id: &str,
        page: impl Fn(&OrganizationId) -> String,
        list: impl FnOnce(OrganizationScope, &Viewer) -> Option<L>,
    ) -> Response {
        settled(
            async {
                let id = OrganizationId::parse(id);
                let viewer = self.viewer(&id.as_ref().map(page).unwrap_or_default()).await?;
                let id = id.ok_or(Refused::Missing)?;
                let scope = viewer.scope(&id).ok_or(Refused::Missing)?;
                let list = list(scope, &viewer).ok_or(Refused::Missing)?;
                let allowed = Allowed { account: viewer.account, organization: Some(id), list };
                answer(&self.state, allowed).await
            }
            .await,
        )
    }

    async fn viewer(&self, page: &str) -> Result<Viewer, Refused> {
        let viewer = self.session.viewer(&self.state).await;
        let viewer = viewer.map_err(|error| Refused::of(&self.state, &error))?;
        viewer.ok_or_else(|| Refused::SignIn(page.to_owned()))
    }
}
