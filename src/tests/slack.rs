//! Alerts are posted to a Slack channel: that of the organization, and that of staff.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use domain::{access::Role, id::OrganizationId, organization::SeatLimit, refusal::Refusal};
use seatkeeper::{
    channels::{
        address::AllowedAddresses,
        slack::{SlackPoster, SlackWebhook},
    },
    commands::{Error, set_slack},
    jobs::send_messages::{self, Way},
    state::{AppState, Settings},
};
use serde_json::Value;

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    an_alert_is_posted_to_the_channel_of_the_organization_and_of_staff,
    a_receiver_that_is_busy_gets_the_post_later_and_one_that_is_gone_never,
    a_redirect_is_not_followed,
    an_address_in_the_own_network_is_refused_where_it_is_dialled,
    an_address_that_was_removed_gets_nothing,
}

/// What a receiver answers.
type Answer = (StatusCode, HeaderMap);

/// A local receiver of posts.
struct Receiver {
    url: String,
    posts: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<Answer>>,
}

type Shared = (Arc<Mutex<Vec<Value>>>, Arc<Mutex<Answer>>);

async fn receive(State((posts, answer)): State<Shared>, body: Bytes) -> Answer {
    posts.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    answer.lock().unwrap().clone()
}

impl Receiver {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let posts = Arc::default();
        let answer = Arc::new(Mutex::new((StatusCode::OK, HeaderMap::new())));
        let shared: Shared = (Arc::clone(&posts), Arc::clone(&answer));
        let router = Router::new().route("/hooks/{id}", post(receive)).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/secret", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, posts, answer }
    }

    fn webhook(&self) -> SlackWebhook {
        SlackWebhook::parse(&self.url, AllowedAddresses::Private).unwrap()
    }

    fn answers(&self, status: StatusCode, headers: &[(header::HeaderName, &str)]) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        *self.answer.lock().unwrap() = (status, headers.collect());
    }

    fn texts(&self) -> Vec<String> {
        let posts = self.posts.lock().unwrap();
        posts.iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect()
    }
}

/// The state of an installation that may post to its own network.
fn at_home(world: &TestApp, staff: Option<&Receiver>) -> AppState {
    let mut settings = Settings::clone(&world.state.settings);
    settings.operations.allowed_addresses = AllowedAddresses::Private;
    settings.operations.slack = staff.map(Receiver::webhook);
    AppState { settings: Arc::new(settings), ..world.state.clone() }
}

/// Posts what is due. Gives how many posts were accepted.
async fn posted(state: &AppState, allowed: AllowedAddresses) -> usize {
    let way = Way::Slack(SlackPoster::new(allowed).unwrap());
    send_messages::work_off_all(state, &way).await.unwrap()
}

async fn full(world: &TestApp, state: &AppState, receiver: &Receiver) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let acme = OrganizationId::new(ACME);
    set_slack(state, &operator(), &acme, &receiver.url).await.unwrap();
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_secs(61));
}

async fn fates(world: &TestApp) -> Vec<String> {
    let statement = "select recipient || ' ' || case when sent_at is not null then 'sent' \
         when failed_at is not null then 'failed' when dropped_at is not null then 'dropped' \
         else 'waits' end || ' ' || coalesce(last_error, '') from outbox where channel = 'slack' \
         order by recipient";
    world.texts(statement).await
}

async fn an_alert_is_posted_to_the_channel_of_the_organization_and_of_staff(world: TestApp) {
    let (acme, ours) = (Receiver::start().await, Receiver::start().await);
    let state = at_home(&world, Some(&ours));
    full(&world, &state, &acme).await;

    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);

    let text = "1 person is waiting at org_1001 Ltd. The plan has no seats.\n\
        <https://seats.example/organizations/org_1001/waitlist|Open in Seatkeeper>";
    assert_eq!(acme.texts(), [text]);
    assert_eq!(ours.texts(), [""; 0], "the state of the webhooks knows no channel of staff");
    assert_eq!(fates(&world).await, ["organization sent "]);
    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    let limit = seatkeeper::commands::NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(40),
        reason: "More".to_owned(),
        expected_version: None,
    };
    seatkeeper::commands::set_seat_limit(&state, &operator(), &limit).await.unwrap();
    world.clock.pass(Duration::from_secs(61));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    assert!(acme.texts()[1].starts_with("The waitlist is empty at org_1001 Ltd."));

    let limit = seatkeeper::commands::NewLimit { limit: SeatLimit::Seats(0), ..limit };
    seatkeeper::commands::set_seat_limit(&state, &operator(), &limit).await.unwrap();
    world.clock.pass(Duration::from_secs(61));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 2, "both hear of it");
    assert!(ours.texts()[0].starts_with("1 seat over the limit at org_1001 Ltd."));
}

async fn a_receiver_that_is_busy_gets_the_post_later_and_one_that_is_gone_never(world: TestApp) {
    let receiver = Receiver::start().await;
    let state = at_home(&world, None);
    full(&world, &state, &receiver).await;
    receiver.answers(StatusCode::TOO_MANY_REQUESTS, &[(header::RETRY_AFTER, "30")]);
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
    receiver.answers(StatusCode::OK, &[]);

    world.clock.pass(Duration::from_secs(20));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0, "the server asked for 30 s");
    world.clock.pass(Duration::from_secs(20));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);

    world.left(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.clock.pass(Duration::from_secs(61));
    receiver.answers(StatusCode::NOT_FOUND, &[]);
    posted(&state, AllowedAddresses::Private).await;
    let failed = "select last_error from outbox where failed_at is not null order by last_error";
    assert!(world.texts(failed).await.iter().all(|why| why == "The server answered 404."));
    assert!(!world.texts(failed).await.is_empty());
}

async fn a_redirect_is_not_followed(world: TestApp) {
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    let state = at_home(&world, None);
    full(&world, &state, &receiver).await;
    receiver.answers(StatusCode::TEMPORARY_REDIRECT, &[(header::LOCATION, &elsewhere.url)]);

    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);

    assert_eq!(elsewhere.texts(), [""; 0]);
    assert_eq!(fates(&world).await, ["organization failed The server answered 307."]);
}

async fn an_address_in_the_own_network_is_refused_where_it_is_dialled(world: TestApp) {
    let receiver = Receiver::start().await;
    let acme = OrganizationId::new(ACME);
    world.organization(ACME, SeatLimit::Seats(0)).await;
    for bad in [receiver.url.as_str(), "https://127.0.0.1/x", "nonsense"] {
        let refused = set_slack(&world.state, &operator(), &acme, bad).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::SlackWebhook))), "{bad}");
    }
    // a name tells only where it is dialled
    let by_name = receiver.url.replace("http://127.0.0.1", "https://localhost");
    set_slack(&world.state, &operator(), &acme, &by_name).await.unwrap();
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_secs(61));

    assert_eq!(posted(&world.state, AllowedAddresses::Public).await, 0);

    assert_eq!(receiver.texts(), [""; 0]);
    let fates = fates(&world).await;
    assert!(fates[0].starts_with("organization failed The address is in a private network."));
    let entries = "select coalesce(before_value, '') || after_value from audit_log where action = 'set_slack'";
    assert!(world.texts(entries).await[0].ends_with("://localhost/…"), "the secret is not logged");
}

async fn an_address_that_was_removed_gets_nothing(world: TestApp) {
    let receiver = Receiver::start().await;
    let state = at_home(&world, None);
    full(&world, &state, &receiver).await;
    let acme = OrganizationId::new(ACME);

    assert_eq!(set_slack(&state, &operator(), &acme, "  ").await.unwrap(), None);

    world.clock.pass(Duration::from_secs(61));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
    assert_eq!(fates(&world).await, ["organization dropped No Slack address is set any more."]);
}
