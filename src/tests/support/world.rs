//! A whole Seatkeeper on a fresh database of either engine, with a clock that stands still, behind
//! its real router.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use domain::{
    access::{OrganizationScope, Role, Viewer},
    directory_user::SeatState,
    id::{AccountId, OrganizationId, WebhookId},
    organization::Usage,
    setting::FixedSettings,
    text::ExternalText,
    time::Timestamp,
};
use http_body_util::BodyExt;
use seatkeeper::{
    clock::Clock,
    commands::Actor,
    config::PublicUrl,
    db::Db,
    http::{self, BodyRoom, HttpState, session::with_sessions},
    ingest::Intake,
    queries,
    scalekit::signature::{self, Secret, Secrets},
    state::{AppState, Operations, Settings},
};
use tokio::{sync::watch, task::JoinHandle};
use tower::ServiceExt;
use views::{OrganizationPage, PeopleQuery, PersonRow};

use super::databases::Database;

pub const SECRET: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
/// The organization of most tests.
pub const ACME: &str = "org_1001";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct TestApp {
    pub state: AppState,
    pub clock: Clock,
    pub url: String,
    router: Router,
    secret: Secret,
    next: AtomicU64,
    /// The ingest tasks and the listener for database changes: a crash ends them.
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    /// `None`: it belongs to the process that this one runs beside.
    database: Option<Database>,
}

/// Makes two tests of each function, one for each engine. A story that exists on one engine only is
/// named behind that engine: `stories! { a, b; postgres: c }`.
macro_rules! stories {
    (
        $($both:ident),* $(,)?
        $(; sqlite: $($sqlite:ident),* $(,)?)?
        $(; postgres: $($postgres:ident),* $(,)?)?
    ) => {
        mod sqlite {
            $($crate::support::world::story!(Sqlite, $both);)*
            $($($crate::support::world::story!(Sqlite, $sqlite);)*)?
        }
        mod postgres {
            $($crate::support::world::story!(Postgres, $both);)*
            $($($crate::support::world::story!(Postgres, $postgres);)*)?
        }
    };
}
macro_rules! story {
    ($engine:ident, $name:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            use $crate::support::world::{Engine, TestApp};
            super::$name(TestApp::open(Engine::$engine).await).await;
        }
    };
}
pub(crate) use stories;
pub(crate) use story;

impl TestApp {
    pub async fn open(engine: Engine) -> Self {
        let database = Database::fresh(engine).await;
        let url = database.url.clone();
        let clock = Clock::still(Timestamp::from_seconds(1_790_000_000), 7);
        let (state, router, tasks, stop) = started(&url, &clock).await;
        Self {
            state,
            clock,
            url,
            router,
            secret: Secret::parse(SECRET).unwrap(),
            next: AtomicU64::new(1),
            tasks,
            stop,
            database: Some(database),
        }
    }

    /// Drops everything in memory, at any point of the work; the new process finds what was
    /// committed.
    pub async fn crash(&mut self) {
        self.stop().await;
        (self.state, self.router, self.tasks, self.stop) = started(&self.url, &self.clock).await;
    }

    /// A second process on the same database.
    pub async fn beside(&self) -> Self {
        let (clock, url) = (self.clock.clone(), self.url.clone());
        let (state, router, tasks, stop) = started(&url, &clock).await;
        let (secret, next) = (self.secret.clone(), AtomicU64::new(1_000_000));
        Self { state, clock, url, router, secret, next, tasks, stop, database: None }
    }

    async fn stop(&mut self) {
        let _ = self.stop.send(true); // fails if no task listens any more
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await; // the error says that the task was aborted
        }
    }

    /// Closes the connections, for a test that opens many apps.
    pub async fn close(mut self) {
        self.stop().await;
        self.state.db.close().await;
    }

    /// The folder with the files of a SQLite database.
    pub fn folder(&self) -> &Path {
        self.database.as_ref().unwrap().folder.path()
    }

    /// The engine of the database, to open another one like it.
    pub fn engine(&self) -> Engine {
        if self.state.db.is_postgres() { Engine::Postgres } else { Engine::Sqlite }
    }

    /// A number that no other call on this app returns.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The clock advances by a second; then a directory user joins.
    pub async fn joined(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(
            organization,
            user,
            "organization.directory.user_created",
            "\"active\":true,",
        )
        .await
    }

    pub async fn deactivated(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(
            organization,
            user,
            "organization.directory.user_updated",
            "\"active\":false,",
        )
        .await
    }

    pub async fn left(&self, organization: &str, user: &str) -> StatusCode {
        self.user_event(organization, user, "organization.directory.user_deleted", "").await
    }

    async fn user_event(
        &self,
        organization: &str,
        user: &str,
        kind: &str,
        active: &str,
    ) -> StatusCode {
        self.clock.pass(Duration::from_secs(1));
        let body = self.body(organization, user, kind, active);
        self.post(&body).await
    }

    /// A complete event about one directory user that happens now.
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

    /// Posts a body under a `webhook-id`, signed with the current time.
    pub async fn deliver(&self, webhook_id: &str, body: &str) -> StatusCode {
        self.send(self.request(webhook_id, body)).await
    }

    /// The sender's request: the body under a `webhook-id`, signed with the current time.
    pub fn request(&self, webhook_id: &str, body: &str) -> Request<Body> {
        self.clock.pass(Duration::from_millis(1));
        let now = self.clock.now().seconds();
        let signature =
            signature::sign(&self.secret, &WebhookId::new(webhook_id), now, body.as_bytes());
        Request::post("/webhooks/scalekit")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature)
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// The router, for a request that runs while the test continues.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn answered(router: Router, request: Request<Body>) -> StatusCode {
        router.oneshot(request).await.unwrap().status()
    }

    pub async fn send(&self, request: Request<Body>) -> StatusCode {
        Self::answered(self.router(), request).await
    }

    /// The answer to a `GET` without a session.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        answer(self.router(), request).await
    }

    /// Sends a delivery with a wrong signature.
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

    /// The text that Prometheus scrapes.
    pub async fn metrics(&self) -> String {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        answer(http::metrics(self.state.clone()), request).await.1
    }

    pub async fn page(&self, organization: &str) -> OrganizationPage {
        queries::organization(&self.state, &scope(organization), &staff()).await.unwrap()
    }

    pub async fn usage(&self, organization: &str) -> Usage {
        self.page(organization).await.usage
    }

    /// The first people on the waitlist in its order, then the others by name, also removed ones.
    pub async fn people(&self, organization: &str) -> Vec<PersonRow> {
        let of = async |state| {
            let query = PeopleQuery { state, ..PeopleQuery::default() };
            queries::people(&self.state, &scope(organization), &query).await.unwrap().rows
        };
        let mut people = of(Some(SeatState::Blocked)).await;
        let mut others = of(None).await;
        others.retain(|row| row.state != SeatState::Blocked);
        others.extend(of(Some(SeatState::Removed)).await);
        let text = |text: &Option<ExternalText>| text.as_ref().map(ToString::to_string);
        others.sort_by_key(|row| (text(&row.name), text(&row.email), row.user.clone()));
        people.extend(others);
        people
    }

    /// The names of the users on the waitlist, in order.
    pub async fn waitlist(&self, organization: &str) -> Vec<String> {
        self.page(organization)
            .await
            .waitlist
            .into_iter()
            .filter_map(|row| row.name)
            .map(|name| name.to_string())
            .collect()
    }

    /// The outcomes of all deliveries, in order of arrival.
    pub async fn outcomes(&self) -> Vec<String> {
        self.texts("select outcome from deliveries order by received_at, id").await
    }

    /// Asserts that every invariant holds, recounted from the rows.
    pub async fn check(&self) {
        assert_eq!(queries::check(&self.state).await.unwrap(), []);
        self.check_groups().await;
        self.check_seat_history().await;
    }
}

/// Starts one process of Seatkeeper on a database that may hold data already.
async fn started(
    url: &str,
    clock: &Clock,
) -> (AppState, Router, Vec<JoinHandle<()>>, watch::Sender<bool>) {
    let db = Db::open(&url.parse().unwrap(), clock.clone()).await.unwrap();
    let mut announcements = db.announcements();
    let listening = tokio::spawn(seatkeeper::db::listen(db.clone()));
    if db.is_postgres() {
        announcements.recv().await.unwrap(); // from here on the listener misses no change
    }
    let settings = Settings {
        public_url: PublicUrl::parse("https://seats.example").unwrap(),
        fixed: FixedSettings::default(),
        operations: Operations::default(),
    };
    let state = AppState::new(db, clock.clone(), settings);
    let (intake, mut tasks) = Intake::open(&state);
    tasks.push(listening);
    let (stop, stopping) = watch::channel(false);
    let http_state = HttpState {
        state: state.clone(),
        intake,
        secrets: Arc::new(Secrets::parse(SECRET).unwrap()),
        body_limit: 1 << 20,
        body_room: BodyRoom::new(1 << 20),
        stopping,
    };
    let live = with_sessions(http::live(http_state.clone()), &state, false);
    (state, http::routes(http_state).merge(live), tasks, stop)
}

async fn answer(router: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The organization as staff may see it.
pub fn scope(organization: &str) -> OrganizationScope {
    staff().scope(&OrganizationId::new(organization)).unwrap()
}

pub fn diruser(user: &str) -> String {
    format!("diruser_{user}")
}

pub fn operator() -> Actor {
    Actor::command_line("story")
}

pub fn staff() -> Viewer {
    let (name, email) = ("Sam".to_owned(), "sam@seats.example".to_owned());
    Viewer {
        account: AccountId::new("acc_sam"),
        name,
        email,
        role: Role::Staff,
        organizations: BTreeMap::new(),
        view_as: None,
    }
}
