//! Imports of people: a file comes in as a stream, and a job applies it.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    access::OrganizationScope,
    api_key::KeyScope,
    id::{ImportId, ResyncId},
    import::ImportFormat,
    resync::ResyncState,
    time::Timestamp,
};
use futures_util::{Stream, StreamExt, stream};
use seatkeeper::{
    commands::{self, KeptAnswer, NewImport, Once, Upload},
    queries::{
        self, ImportRecord,
        api::schemas,
        export::{Export, ImportRows},
    },
    state::AppState,
};
use serde::Serialize;
use utoipa::ToSchema;
use views::resyncs::ResyncQuery;

use super::{
    Caller, Problem,
    input::{self, At, Nothing, Parameters, says},
    once::{named, repeated},
    resyncs::Confirm,
};
use crate::{
    export::{header_row, rows},
    paths,
};

/// An import, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportItem {
    #[schema(value_type = String)]
    id: ImportId,
    /// `queued`, `planning`, `waiting` (until the plan is confirmed), `applying`, `done`,
    /// `cancelled` or `failed`.
    #[schema(value_type = schemas::ImportState)]
    state: &'static str,
    /// It only shows what would change.
    dry_run: bool,
    /// The file has all people: those who are not in it are removed.
    whole: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Rows of the file, and those that cannot be taken or belong to a directory.
    rows: i64,
    refused: i64,
    left_to_directory: i64,
    /// How many rows are compared, and how many changes are applied.
    compared: i64,
    applied: i64,
    /// The plan.
    created: i64,
    updated: i64,
    reactivated: i64,
    deactivated: i64,
    removed: i64,
    /// Created and reactivated people who get no free seat.
    no_free_seat: i64,
    /// Why the plan waits to be confirmed.
    warning: Option<&'static str>,
    /// The number of people that confirms a plan with a warning: so many are taken away, or added.
    people_to_confirm: Option<i64>,
    /// Why the import failed or was cancelled.
    error: Option<String>,
    /// The run in lists of resyncs, and its page.
    #[schema(value_type = String)]
    resync_id: ResyncId,
    page: String,
}

impl ImportItem {
    fn of(state: &AppState, record: ImportRecord) -> Self {
        let ImportRecord { import, run } = record;
        let page = paths::resync(&run.organization, &run.id, &ResyncQuery::default());
        Self {
            id: import.id,
            state: match run.state {
                ResyncState::Listing => "planning",
                state => state.as_str(),
            },
            dry_run: run.dry_run,
            whole: import.is_whole,
            created_at: import.created_at.rfc3339(),
            ended_at: run.finished_at.map(Timestamp::rfc3339),
            rows: import.row_count,
            refused: import.refused,
            left_to_directory: import.of_directory,
            compared: run.listed,
            applied: run.applied,
            created: run.counts.created,
            updated: run.counts.updated,
            reactivated: run.counts.reactivated,
            deactivated: run.counts.deactivated,
            removed: run.counts.removed,
            no_free_seat: run.counts.blocked,
            people_to_confirm: run.to_confirm(),
            warning: run.warning.map(domain::directory::PlanWarning::sentence),
            error: run.error.map(|(_, sentence)| sentence),
            resync_id: run.id,
            page: format!("{}{page}", &*state.settings.public_url),
        }
    }
}

// The body is read as a stream, so the call does not pass the layer that keeps the bodies of named
// calls. Here its name counts once the file is complete.
/// Import people from a file.
///
/// Up to 100,000 people as CSV or NDJSON, as `Content-Type` says. The columns are `email`, which
/// must be there, `external_id`, `name` or `given_name` and `family_name`, and `active`. A person
/// is known by the external id or the address. People of a directory are left as they are. A plan
/// with unusual changes waits until it is confirmed, on the dashboard or by *Confirm an import*.
/// The same file may be sent twice.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/imports",
    operation_id = "importPeople",
    tag = "Imports",
    params(
        ("whole" = Option<bool>, Query, description = "`true`: people who are not in the file are removed."),
        ("dry_run" = Option<bool>, Query, description = "`true`: only show what would change."),
    ),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses((status = 202, description = "The import.", body = ImportItem)),
    extensions(
        ("x-scope" = json!("import")),
        ("x-problems" = json!(["import-empty", "import-not-utf8", "import-line-too-long", "import-quote", "import-too-many-rows", "import-too-large", "import-column", "import-column-twice", "import-no-emails", "resync-under-way", "archived", "too-often"])),
    ),
)]
pub async fn send(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    mut parameters: Parameters,
    request: Request,
) -> Result<Response, Problem> {
    let scope = caller.reach(&id, KeyScope::Import)?;
    let flag = |text: &str| text.parse().ok();
    let is_whole = parameters.parse("whole", flag, "Write true or false.")?;
    let dry_run = parameters.parse("dry_run", flag, "Write true or false.")?;
    parameters.end()?;
    let new = NewImport {
        organization: scope.id().clone(),
        format: format(request.headers())?,
        is_whole: is_whole.unwrap_or(false),
        dry_run: dry_run.unwrap_or(false),
    };
    let (name, path) = (named(request.headers())?, request.uri().to_string());
    let mut upload = Upload::begin(&state, &caller.actor(), new).await?;
    let mut body = request.into_body().into_data_stream();
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| Problem::body("it ended before it was complete"))?;
        upload.push(&part).await?;
    }
    let Some(name) = name else { return answer(&state, &scope, upload).await };
    let call = (&caller.key, name.as_str());
    match commands::begin_once(&state, call, &[path.as_bytes(), &upload.digest()]).await? {
        Once::First => {}
        Once::Done(answer) => return Ok(repeated(answer)),
        Once::InFlight => return Err(Problem::in_flight()),
        Once::InDoubt => return Err(Problem::in_doubt()),
        Once::Another => return Err(Problem::another_call()),
    }
    let done = answer(&state, &scope, upload).await;
    let (status, body) = match done {
        Ok(response) => {
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
            (status, body.map_err(Problem::internal)?)
        }
        Err(problem) => {
            commands::end_once(&state, call, None).await?;
            return Err(problem);
        }
    };
    let text = String::from_utf8_lossy(&body).into_owned();
    let kept = KeptAnswer { status: status.as_u16(), body: text, etag: None };
    commands::end_once(&state, call, Some(&kept)).await?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, json, body).into_response())
}

fn format(headers: &HeaderMap) -> Result<ImportFormat, Problem> {
    if says(headers, "text/csv") {
        return Ok(ImportFormat::Csv);
    }
    let ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
    if ndjson.iter().any(|kind| says(headers, kind)) {
        return Ok(ImportFormat::Ndjson);
    }
    Err(Problem::content_type("text/csv or application/x-ndjson"))
}

/// Queues the import of a complete file.
async fn answer(
    state: &AppState,
    scope: &OrganizationScope,
    upload: Upload,
) -> Result<Response, Problem> {
    let (id, _) = upload.finish().await?;
    let record = queries::import(state, scope, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(ImportItem::of(state, record))).into_response())
}

/// A key that imports may see what became of it, and so may one that reads.
fn reach(caller: &Caller, id: &str) -> Result<OrganizationScope, Problem> {
    let imports = caller.key.scopes.allow(KeyScope::Import);
    caller.reach(id, if imports { KeyScope::Import } else { KeyScope::Read })
}

/// Follow an import.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/imports/{import}",
    operation_id = "getImport",
    tag = "Imports",
    responses((status = 200, description = "The import.", body = ImportItem)),
    extensions(("x-scope" = json!("import"))),
)]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At((id, import)): At<(String, String)>,
    parameters: Parameters,
) -> Result<Json<ImportItem>, Problem> {
    let scope = reach(&caller, &id)?;
    parameters.end()?;
    let _share = caller.share(&state, Some(&scope)).await?;
    let record = found(&state, &scope, &import).await?;
    Ok(Json(ImportItem::of(&state, record)))
}

/// Confirm an import.
///
/// Applies a plan that waits, or the one of a dry run. A plan with a warning asks for the number of
/// people that it takes away or adds.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/imports/{import}/confirm",
    operation_id = "confirmImport",
    tag = "Imports",
    request_body = Confirm,
    responses((status = 202, description = "The import, which goes on.", body = ImportItem)),
    extensions(
        ("x-scope" = json!("import")),
        ("x-problems" = json!(["people", "people-added", "plan-not-open", "plan-outdated"])),
    ),
)]
pub async fn confirm(
    State(state): State<AppState>,
    caller: Caller,
    At((id, import)): At<(String, String)>,
    input::Body(body): input::Body<Confirm>,
) -> Result<(StatusCode, Json<ImportItem>), Problem> {
    let scope = caller.reach(&id, KeyScope::Import)?;
    let ImportRecord { import, run } = found(&state, &scope, &import).await?;
    body.apply(&state, &caller, (&scope, &run.id)).await?;
    let record = queries::import(&state, &scope, &import.id).await?;
    Ok((StatusCode::ACCEPTED, Json(ImportItem::of(&state, record))))
}

/// Cancel an import.
///
/// One that is not over. What was applied stays.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/imports/{import}/cancel",
    operation_id = "cancelImport",
    tag = "Imports",
    request_body = Nothing,
    responses((status = 200, description = "The import, which is over.", body = ImportItem)),
    extensions(
        ("x-scope" = json!("import")),
        ("x-problems" = json!(["resync-over"])),
    ),
)]
pub async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    At((id, import)): At<(String, String)>,
    input::Body(Nothing {}): input::Body<Nothing>,
) -> Result<Json<ImportItem>, Problem> {
    let scope = caller.reach(&id, KeyScope::Import)?;
    let ImportRecord { import, run } = found(&state, &scope, &import).await?;
    commands::resync::cancel_resync(&state, &caller.actor(), scope.id(), &run.id).await?;
    let record = queries::import(&state, &scope, &import.id).await?;
    Ok(Json(ImportItem::of(&state, record)))
}

async fn found(
    state: &AppState,
    scope: &OrganizationScope,
    import: &str,
) -> Result<ImportRecord, Problem> {
    let import = ImportId::parse(import).ok_or_else(Problem::missing)?;
    Ok(queries::import(state, scope, &import).await?)
}

/// Read what became of each row.
///
/// CSV, in the order of the file.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/imports/{import}/result",
    operation_id = "getImportResult",
    tag = "Imports",
    responses((status = 200, description = "A line for each row.", body = String, content_type = "text/csv")),
    extensions(
        ("x-scope" = json!("import")),
        ("x-problems" = json!(["import-rows-removed"])),
    ),
)]
pub async fn result(
    State(state): State<AppState>,
    caller: Caller,
    At((id, import)): At<(String, String)>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let scope = reach(&caller, &id)?;
    parameters.end()?;
    let import = ImportId::parse(&import).ok_or_else(Problem::missing)?;
    let share = caller.share(&state, Some(&scope)).await?;
    let mut list = Export::new(state, ImportRows::new(scope, import));
    let first = list.part().await?.unwrap_or_default();
    let mut head = header_row::<ImportRows>();
    head.extend(rows::<ImportRows>(&first));
    let body = Body::from_stream(lines(list, head, share));
    let csv = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, csv)], body).into_response())
}

/// The lines of the CSV behind the first ones, part by part. The share is in use until they end.
fn lines<S: Send + 'static>(
    list: Export<ImportRows>,
    head: Vec<u8>,
    share: S,
) -> impl Stream<Item = Result<Bytes, commands::Error>> + Send {
    let others = stream::unfold((list, share), async |(mut list, share)| {
        let part = list.part().await.transpose()?;
        Some((part.map(|part| Bytes::from(rows::<ImportRows>(&part))), (list, share)))
    });
    // what compresses the answer asks once more behind its end
    stream::once(async move { Ok(Bytes::from(head)) }).chain(others).fuse()
}
