//! The three receivers that are compared. Each prints its address and serves until it is killed.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::post,
    serve::ListenerExt,
};
use domain::setting::{FixedSettings, SettingName};
use seatkeeper::{
    clock::Clock,
    config::PublicUrl,
    db::{self, Db},
    http::{self, BodyRoom, HttpState},
    ingest::Intake,
    scalekit::signature::{self, Headers, Secrets},
    state::{AppState, Operations, Settings},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{net::TcpListener, sync::watch};

use super::{child::SECRET, sign_ins};

pub const GATE: &str = "gate";
pub const GATE_AND_SIGN_IN: &str = "gate-and-sign-in";
pub const ONLY_VERIFIES: &str = "only-verifies";
pub const ONE_BY_ONE: &str = "one-by-one";

/// The tables of the public cookbook.
const COOKBOOK_TABLES: &str = "
    create table seat_limits (organization_id text primary key, seat_limit integer not null, used integer not null default 0);
    create table provisioned_users (
        directory_user_id text primary key, organization_id text not null references seat_limits, email text not null, status text not null,
        created_at timestamptz not null default now());
    create table processed_events (event_id text primary key, processed_at timestamptz not null default now());";
/// The cookbook's transaction, also for `pgbench`.
pub const LOCK: &str =
    "select seat_limit, used from seat_limits where organization_id = $1 for update";
pub const NOTE: &str = "insert into processed_events (event_id) values ($1) on conflict do nothing";
pub const ADD: &str = "insert into provisioned_users (directory_user_id, organization_id, email, status) values ($1, $2, $3, 'active')";
pub const COUNT: &str = "update seat_limits set used = used + 1 where organization_id = $1";

pub async fn serve(role: &str, database: &str) -> Result<()> {
    let router = match role {
        GATE => routes(state(database).await?)?,
        GATE_AND_SIGN_IN => {
            let state = state(database).await?;
            routes(state.clone())?.merge(sign_ins::route(&state).await?)
        }
        ONLY_VERIFIES => Router::new()
            .route("/webhooks/scalekit", post(only_verify))
            .with_state(Arc::new(Secrets::parse(SECRET)?)),
        ONE_BY_ONE => {
            let pool = PgPoolOptions::new()
                .max_connections(32)
                .acquire_timeout(Duration::from_secs(30))
                .connect(database)
                .await?;
            let shop = Shop { pool, secrets: Arc::new(Secrets::parse(SECRET)?) };
            Router::new().route("/webhooks/scalekit", post(one_by_one)).with_state(shop)
        }
        unknown => bail!("there is no receiver “{unknown}”"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|tcp| {
        let _ = tcp.set_nodelay(true); // without it the receiver is slower, and still works
    });
    Ok(axum::serve(listener, router).await?)
}

async fn state(database: &str) -> Result<AppState> {
    let clock = Clock::machine();
    let db = Db::open(&database.parse()?, clock.clone()).await?;
    tokio::spawn(db::listen(db.clone()));
    tokio::spawn(db::count_new_tables(db.clone()));
    tokio::spawn(db::checkpoint(db.clone()));
    // Every user gets a seat: this is the ordinary case, and no endless waitlist grows.
    let mut fixed = FixedSettings::default();
    fixed.fix(SettingName::DefaultSeatLimit, "unlimited")?;
    let settings = Settings {
        public_url: PublicUrl::parse("http://localhost").map_err(anyhow::Error::msg)?,
        fixed,
        operations: Operations::default(),
    };
    Ok(AppState::new(db, clock, settings))
}

/// Seatkeeper's HTTP routes, without its pages.
fn routes(state: AppState) -> Result<Router> {
    let (intake, _) = Intake::open(&state);
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move { stop.closed().await });
    let door = HttpState {
        state,
        intake,
        secrets: Arc::new(Secrets::parse(SECRET)?),
        body_limit: 1 << 20,
        body_room: BodyRoom::new(1 << 20),
        stopping,
    };
    Ok(http::routes(door))
}

fn is_signed(secrets: &Secrets, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    let signed = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    signature::verify(secrets, signed, body, Clock::machine().now()).is_ok()
}

async fn only_verify(
    State(secrets): State<Arc<Secrets>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if is_signed(&secrets, &headers, &body) { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}

#[derive(Clone)]
struct Shop {
    pool: PgPool,
    secrets: Arc<Secrets>,
}

async fn one_by_one(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_signed(&shop.secrets, &headers, &body) {
        return StatusCode::BAD_REQUEST;
    }
    match take(&shop.pool, &body).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            eprintln!("{error:#}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

async fn take(pool: &PgPool, body: &[u8]) -> Result<()> {
    let event: serde_json::Value = serde_json::from_slice(body)?;
    let text = |pointer: &str| {
        event
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .with_context(|| pointer.to_owned())
    };
    let (organization, user, email) =
        (text("/organization_id")?, text("/data/id")?, text("/data/email")?);
    let mut tx = pool.begin().await?;
    let seats: (i32, i32) = sqlx::query_as(LOCK).bind(organization).fetch_one(&mut *tx).await?;
    let new = sqlx::query(NOTE).bind(text("/id")?).execute(&mut *tx).await?.rows_affected() == 1;
    if new && seats.1 < seats.0 {
        sqlx::query(ADD).bind(user).bind(organization).bind(email).execute(&mut *tx).await?;
        sqlx::query(COUNT).bind(organization).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Makes the cookbook's tables, and the limits of the organizations of the load.
pub async fn prepare_cookbook(
    database: &str,
    organizations: impl Iterator<Item = String>,
) -> Result<()> {
    let pool = PgPool::connect(database).await?;
    sqlx::raw_sql(COOKBOOK_TABLES).execute(&pool).await?;
    let ids: Vec<String> = organizations.collect();
    sqlx::query("insert into seat_limits (organization_id, seat_limit) select id, 2000000000 from unnest($1) as id")
        .bind(ids)
        .execute(&pool)
        .await?;
    pool.close().await;
    Ok(())
}
