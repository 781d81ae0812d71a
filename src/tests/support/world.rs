//! A whole Seatkeeper on a fresh database of either engine, with a clock that stands still, behind its real router.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::place;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use http_body_util::BodyExt;
use seatkeeper::{
    acts::{self, Actor, NewAccount, NewLimit, NewOrganization, sign_in::SignedIn},
    clock::Clock,
    db::Db,
    desk::{Desk, Operations, Settings},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, OrganizationId, WebhookId},
        organization::{SeatLimit, Usage},
        page::{OrganizationPage, PeopleQuery, PersonRow},
        time::Timestamp,
    },
    http::{
        self, Door,
        session::{Session, with_sessions},
    },
    reads,
    scalekit::signature::{self, Secret, Secrets},
    work::intake::Intake,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use tower::ServiceExt;

pub const SECRET: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
/// The organization most stories are about.
pub const ACME: &str = "org_1001";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct World {
    pub desk: Desk,
    pub clock: Clock,
    pub url: String,
    router: Router,
    secret: Secret,
    next: AtomicU64,
    /// The lanes, and whoever listens for changes: what a crash takes away.
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    _folder: TempDir,
}

/// Stamps each story for both engines.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::world::World::open($crate::support::world::Engine::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::world::World::open($crate::support::world::Engine::Postgres).await).await;
            })*
        }
    };
}
pub(crate) use stories;

impl World {
    pub async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("seatkeeper.db").display()),
            Engine::Postgres => fresh_postgres().await,
        };
        let clock = Clock::still(Timestamp::from_seconds(1_790_000_000), 7);
        let (desk, router, tasks, stop) = started(&url, &clock).await;
        Self { desk, clock, url, router, secret: Secret::parse(SECRET).unwrap(), next: AtomicU64::new(1), tasks, stop, _folder: folder }
    }

    /// Everything in memory is gone, wherever it was just then; what comes up again finds what was committed.
    pub async fn crash(&mut self) {
        self.stop().await;
        (self.desk, self.router, self.tasks, self.stop) = started(&self.url, &self.clock).await;
    }

    /// A second process on the same database.
    pub async fn beside(&self) -> Self {
        let (clock, url) = (self.clock.clone(), self.url.clone());
        let (desk, router, tasks, stop) = started(&url, &clock).await;
        let (secret, next) = (self.secret.clone(), AtomicU64::new(1_000_000));
        Self { desk, clock, url, router, secret, next, tasks, stop, _folder: tempfile::tempdir().unwrap() }
    }

    async fn stop(&mut self) {
        let _ = self.stop.send(true); // whether or not somebody listens
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await; // it is gone, which is what was wanted
        }
    }

    /// Gives its connections back: for a story that opens many worlds.
    pub async fn close(mut self) {
        self.stop().await;
        self.desk.db.close().await;
    }

    /// A number nobody else in this world has.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub async fn organization(&self, id: &str, limit: SeatLimit) {
        let new = NewOrganization { id: OrganizationId::new(id), name: format!("{id} Ltd"), limit };
        acts::add_organization(&self.desk, &operator(), &new).await.unwrap();
    }

    pub async fn set_limit(&self, id: &str, limit: SeatLimit) -> Result<(), acts::Error> {
        let new = NewLimit { organization: OrganizationId::new(id), limit, reason: "A story".to_owned(), expected_version: None };
        acts::set_seat_limit(&self.desk, &operator(), &new).await.map(|_| ())
    }

    /// Somebody joins, time passes by a second.
    pub async fn joined(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(organization, user, "organization.directory.user_created", "\"active\":true,").await
    }

    pub async fn deactivated(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(organization, user, "organization.directory.user_updated", "\"active\":false,").await
    }

    pub async fn left(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(organization, user, "organization.directory.user_deleted", "").await
    }

    async fn user_event(&self, organization: &str, user: &str, kind: &str, active: &str) -> StatusCode {
        self.clock.pass(Duration::from_secs(1));
        let body = self.body(organization, user, kind, active);
        self.post(&body).await
    }

    /// A real envelope around one person, as of now.
    pub fn body(&self, organization: &str, user: &str, kind: &str, active: &str) -> String {
        let (event, at) = (self.number(), self.clock.now().rfc3339());
        let id = diruser(user);
        format!(
            r#"{{"spec_version":"1","id":"evt_{event}","type":"{kind}","object":"DirectoryUser","occurred_at":"{at}","environment_id":"env_1","organization_id":"{organization}","data":{{{active}"id":"{id}","organization_id":"{organization}","email":"{user}@acme.test","name":"{user}"}}}}"#
        )
    }

    /// Posts a body as a delivery of its own.
    pub async fn post(&self, body: &str) -> StatusCode {
        self.deliver(&format!("msg_{}", self.number()), body).await
    }

    /// Posts a body under a `webhook-id`, signed for now.
    pub async fn deliver(&self, webhook_id: &str, body: &str) -> StatusCode {
        self.send(self.request(webhook_id, body)).await
    }

    /// What the sender posts: the body under a `webhook-id`, signed for now.
    pub fn request(&self, webhook_id: &str, body: &str) -> Request<Body> {
        self.clock.pass(Duration::from_millis(1));
        let now = self.clock.now().seconds();
        let signature = signature::sign(&self.secret, &WebhookId::new(webhook_id), now, body.as_bytes());
        Request::post("/webhooks/scalekit")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature)
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// The way in, for a request that is sent while the story goes on.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn answered(router: Router, request: Request<Body>) -> StatusCode {
        router.oneshot(request).await.unwrap().status()
    }

    pub async fn send(&self, request: Request<Body>) -> StatusCode {
        Self::answered(self.router(), request).await
    }

    /// What a plain request is answered.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        answer(self.router(), request).await
    }

    /// A delivery somebody else has signed.
    pub async fn forged(&self) -> StatusCode {
        let now = self.clock.now().seconds();
        let request = Request::post("/webhooks/scalekit")
            .header("webhook-id", "msg_forged")
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .body(Body::from("{}"))
            .unwrap();
        self.send(request).await
    }

    /// What Prometheus reads.
    pub async fn metrics(&self) -> String {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        answer(http::metrics(self.desk.clone()), request).await.1
    }

    pub async fn account(&self, email: &str, role: Role, organizations: &[&str]) {
        let organizations = organizations.iter().map(|id| OrganizationId::new(*id)).collect();
        let (email, password) = (email.to_owned(), "correct horse battery".to_owned());
        let new = NewAccount { name: email.clone(), email, role, organizations, password };
        acts::add_account(&self.desk, &operator(), &new).await.unwrap();
    }

    /// The cookie that a browser of this account would have from here on.
    pub async fn cookie_of(&self, account: &AccountId) -> String {
        let hash = self.texts(&format!("select password_hash from accounts where id = '{account}'")).await.concat();
        let person = SignedIn { account: account.clone(), password_hash: hash };
        self.begin_session("", person).await.unwrap()
    }

    /// The same, from a browser with this cookie; none where the session was refused.
    pub async fn begin_session(&self, cookie: &str, person: SignedIn) -> Option<String> {
        let desk = self.desk.clone();
        let begin = post(move |session: Session| async move {
            let begun = session.begin(&desk, &person).await;
            if begun.is_ok() { StatusCode::OK } else { StatusCode::FORBIDDEN }
        });
        let response = self.in_session(Router::new().route("/", begin), Request::post("/"), cookie).await;
        let cookie = response.headers().get(header::SET_COOKIE)?.to_str().unwrap();
        Some(cookie.split(';').next().unwrap().to_owned())
    }

    /// Signs out, and gives what the browser is told about its cookie.
    pub async fn end_session(&self, cookie: &str) -> String {
        let desk = self.desk.clone();
        let end = post(move |session: Session| async move { session.end(&desk).await.unwrap() });
        let response = self.in_session(Router::new().route("/", end), Request::post("/"), cookie).await;
        response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
    }

    /// Who looks, as a page asks; `headers` as the browser sends them.
    pub async fn viewer(&self, cookie: &str, headers: &[(&'static str, &str)]) -> Option<Viewer> {
        let (desk, found) = (self.desk.clone(), Arc::new(std::sync::Mutex::new(None)));
        let seen = Arc::clone(&found);
        let look = get(move |session: Session| async move { *seen.lock().unwrap() = session.viewer(&desk).await.unwrap() });
        let request = headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        self.in_session(Router::new().route("/", look), request, cookie).await;
        found.lock().unwrap().take()
    }

    async fn in_session(&self, router: Router, request: axum::http::request::Builder, cookie: &str) -> Response {
        let request = request.header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        with_sessions(router, &self.desk, false).oneshot(request).await.unwrap()
    }

    pub async fn page(&self, organization: &str) -> OrganizationPage {
        reads::organization(&self.desk, &scope(organization)).await.unwrap()
    }

    pub async fn usage(&self, organization: &str) -> Usage {
        self.page(organization).await.usage
    }

    pub async fn people(&self, organization: &str) -> Vec<PersonRow> {
        let query = PeopleQuery { page: 1, ..PeopleQuery::default() };
        reads::people(&self.desk, &scope(organization), &query).await.unwrap().rows
    }

    /// Who waits, in order, by the short name the story gave them.
    pub async fn line(&self, organization: &str) -> Vec<String> {
        self.page(organization).await.line.into_iter().filter_map(|row| row.name).map(|name| name.to_string()).collect()
    }

    /// The only column of a statement, as text, straight from the tables.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.desk.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap()
        }
    }

    /// Changes rows behind everybody's back.
    pub async fn tamper(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.desk.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
        }
    }

    /// Somebody else has locked every organization until this is dropped.
    pub async fn hold_everything(&self) -> Box<dyn std::any::Any + Send> {
        let lock = "update organizations set name = name";
        if self.desk.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql("begin").execute(&mut connection).await.unwrap();
            sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
            Box::new(connection)
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
            sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
            Box::new(connection)
        }
    }

    /// The outcomes of all deliveries, in order of arrival.
    pub async fn outcomes(&self) -> Vec<String> {
        self.texts("select outcome from deliveries order by received_at, id").await
    }

    /// Every invariant holds; recounted from the rows.
    pub async fn check(&self) {
        assert_eq!(reads::check(&self.desk).await.unwrap(), []);
    }
}

/// A process's worth of Seatkeeper on a database that may have been used before.
async fn started(url: &str, clock: &Clock) -> (Desk, Router, Vec<JoinHandle<()>>, watch::Sender<bool>) {
    let db = Db::open(url, clock.clone()).await.unwrap();
    let mut heard = db.announcements();
    let listening = tokio::spawn(seatkeeper::db::listen(db.clone()));
    if db.is_postgres() {
        heard.recv().await.unwrap(); // it listens now, and misses nothing
    }
    let settings = Settings {
        public_url: "https://seats.example".to_owned(),
        default_seat_limit: SeatLimit::NotSet,
        operations: Operations::default(),
    };
    let desk = Desk::new(db, clock.clone(), settings);
    let (intake, mut tasks) = Intake::open(&desk);
    tasks.push(listening);
    let (stop, stopping) = watch::channel(false);
    let door = Door { desk: desk.clone(), intake, secrets: Arc::new(Secrets::parse(SECRET).unwrap()), body_limit: 1 << 20, stopping };
    let live = with_sessions(http::live(door.clone()), &desk, false);
    (desk, http::routes(door).merge(live), tasks, stop)
}

async fn answer(router: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The right to an organization, as staff have it.
pub fn scope(organization: &str) -> OrganizationScope {
    staff().scope(&OrganizationId::new(organization)).unwrap()
}

pub fn diruser(user: &str) -> String {
    format!("diruser_{user}")
}

pub fn operator() -> Actor {
    Actor::CommandLine("story".to_owned())
}

pub fn staff() -> Viewer {
    let (name, email) = ("Sam".to_owned(), "sam@seats.example".to_owned());
    Viewer { account: AccountId::new("acc_sam"), name, email, role: Role::Staff, organizations: Vec::new() }
}

/// A database of its own in the server that `TEST_POSTGRES_URL` names.
async fn fresh_postgres() -> String {
    let admin = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names no Postgres server; `cargo xtask test` starts one. Example: postgres://postgres@127.0.0.1:5432/postgres",
    );
    let name = Clock::machine().id::<String>("story");
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    place::beside(&admin, &name).unwrap()
}
