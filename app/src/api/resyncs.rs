//! Resyncs: an organization is compared with its directories, and a plan that waits is confirmed.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    access::OrganizationScope,
    api_key::KeyScope,
    directory::PlanWarning,
    id::ResyncId,
    resync::{Resync, ResyncCause},
    time::Timestamp,
};
use seatkeeper::{
    commands::resync::{cancel_resync, confirm_resync, start_resync},
    queries::{self, api::schemas, export::Resyncs},
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Caller, Problem,
    input::{At, Body, Nothing, PageParameters, Parameters, Whole, cursor},
    output::{Items, part},
};

/// A resync.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resync)]
pub struct ResyncItem {
    #[schema(value_type = String)]
    id: ResyncId,
    /// `waiting`: the plan has a warning and waits to be confirmed.
    #[schema(value_type = schemas::ResyncState)]
    state: &'static str,
    #[schema(value_type = schemas::ResyncCause)]
    cause: &'static str,
    /// It only shows what would change.
    dry_run: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    created: i64,
    updated: i64,
    reactivated: i64,
    deactivated: i64,
    removed: i64,
    /// Why the plan waits to be confirmed.
    warning: Option<&'static str>,
    /// The number of people that confirms a plan with a warning: so many are taken away, or added.
    people_to_confirm: Option<i64>,
}

impl From<Resync> for ResyncItem {
    fn from(run: Resync) -> Self {
        let people_to_confirm = run.to_confirm();
        Self {
            id: run.id,
            state: run.state.as_str(),
            cause: run.cause.as_str(),
            dry_run: run.dry_run,
            created_at: run.created_at.rfc3339(),
            ended_at: run.finished_at.map(Timestamp::rfc3339),
            created: run.counts.created,
            updated: run.counts.updated,
            reactivated: run.counts.reactivated,
            deactivated: run.counts.deactivated,
            removed: run.counts.removed,
            warning: run.warning.map(PlanWarning::sentence),
            people_to_confirm,
        }
    }
}

/// List the resyncs.
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/resyncs",
    operation_id = "listResyncs",
    tag = "Resyncs",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = Items<ResyncItem>)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Items<ResyncItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    let page = parameters.page::<ResyncId>()?;
    let resyncs = Resyncs::new(scope.clone(), caller.viewer.clone());
    let (rows, next) = part(&state, &caller, Some(&scope), resyncs, page).await?;
    Ok(Items {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor: next.as_ref().map(cursor),
    })
}

/// Read a resync.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/resyncs/{resync}",
    operation_id = "getResync",
    tag = "Resyncs",
    responses((status = 200, description = "The resync.", body = ResyncItem)),
    extensions(("x-scope" = json!("read"))),
)]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At((id, run)): At<(String, String)>,
    parameters: Parameters,
) -> Result<Json<ResyncItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Read)?;
    parameters.end()?;
    let run = ResyncId::parse(&run).ok_or_else(Problem::missing)?;
    Ok(Json(queries::resync(&state, &scope, &run).await?.into()))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartResync {
    /// Only show what would change.
    #[serde(default)]
    dry_run: bool,
}

/// Start a resync.
///
/// If one is under way, that is the answer. A plan with unusual changes waits until it is
/// confirmed, on the dashboard or by *Confirm a resync*.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/resyncs",
    operation_id = "startResync",
    tag = "Resyncs",
    request_body = StartResync,
    responses((status = 202, description = "The resync.", body = ResyncItem)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["no-directory-api", "resync-under-way", "archived"])),
    ),
)]
pub async fn start(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<StartResync>,
) -> Result<(StatusCode, Json<ResyncItem>), Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let (actor, cause) = (caller.actor(), ResyncCause::Form);
    let id = start_resync(&state, Some(&actor), scope.id(), cause, body.dry_run);
    let id = id.await?;
    let run = queries::resync(&state, &scope, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// What a program has read in the plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmPlan)]
pub struct Confirm {
    /// The `people_to_confirm` of the plan; without a warning none is needed.
    #[schema(value_type = Option<i64>, minimum = 0)]
    people: Option<Whole>,
}

impl Confirm {
    /// Applies the plan, as a person does on its page.
    pub async fn apply(
        self,
        state: &AppState,
        caller: &Caller,
        (scope, run): (&OrganizationScope, &ResyncId),
    ) -> Result<(), Problem> {
        let people = self.people.map(|Whole(people)| people);
        confirm_resync(state, &caller.actor(), scope.id(), run, people).await?;
        Ok(())
    }
}

/// Confirm a resync.
///
/// Applies a plan that waits, or the one of a dry run. A plan with a warning asks for the number of
/// people that it takes away or adds.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/resyncs/{resync}/confirm",
    operation_id = "confirmResync",
    tag = "Resyncs",
    request_body = Confirm,
    responses((status = 202, description = "The resync, which goes on.", body = ResyncItem)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["people", "people-added", "plan-not-open", "plan-outdated", "no-directory-api"])),
    ),
)]
pub async fn confirm(
    State(state): State<AppState>,
    caller: Caller,
    At((id, run)): At<(String, String)>,
    Body(body): Body<Confirm>,
) -> Result<(StatusCode, Json<ResyncItem>), Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let run = ResyncId::parse(&run).ok_or_else(Problem::missing)?;
    body.apply(&state, &caller, (&scope, &run)).await?;
    let run = queries::resync(&state, &scope, &run).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// Cancel a resync.
///
/// One that is not over. What was applied stays.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/resyncs/{resync}/cancel",
    operation_id = "cancelResync",
    tag = "Resyncs",
    request_body = Nothing,
    responses((status = 200, description = "The resync, which is over.", body = ResyncItem)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-problems" = json!(["resync-over"])),
    ),
)]
pub async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    At((id, run)): At<(String, String)>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<ResyncItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Write)?;
    let run = ResyncId::parse(&run).ok_or_else(Problem::missing)?;
    cancel_resync(&state, &caller.actor(), scope.id(), &run).await?;
    Ok(Json(queries::resync(&state, &scope, &run).await?.into()))
}
