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
    commands::{Again, Error, NewLimit, send_again, set_seat_limit, set_slack},
    jobs::send_messages::{self, Way},
    state::{AppState, Settings},
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    an_alert_is_posted_to_the_channel_of_the_organization_and_of_staff,
    a_receiver_that_is_busy_gets_the_post_later_and_one_that_is_gone_never,
    a_redirect_is_not_followed,
    an_address_in_the_own_network_is_refused_where_it_is_dialled,
    an_address_that_was_removed_gets_nothing,
    a_receiver_that_never_answers_delays_no_other,
    a_receiver_that_fails_gets_one_post_at_a_time_and_the_others_wait_with_it,
}

/// What a receiver answers.
type Answer = (StatusCode, HeaderMap);

/// A local receiver of posts.
pub struct Receiver {
    pub url: String,
    posts: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<Answer>>,
    came: Arc<Notify>,
}

type Shared = (Arc<Mutex<Vec<Value>>>, Arc<Mutex<Answer>>, Arc<Notify>);

/// A receiver with this answer takes a post and never answers.
const NEVER: StatusCode = StatusCode::CONTINUE;

async fn receive(State((posts, answer, came)): State<Shared>, body: Bytes) -> Answer {
    posts.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    came.notify_waiters();
    let answer = answer.lock().unwrap().clone();
    if answer.0 == NEVER { std::future::pending().await } else { answer }
}

impl Receiver {
    pub async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (posts, came) = (Arc::default(), Arc::default());
        let answer = Arc::new(Mutex::new((StatusCode::OK, HeaderMap::new())));
        let shared: Shared = (Arc::clone(&posts), Arc::clone(&answer), Arc::clone(&came));
        let router = Router::new().route("/hooks/{id}", post(receive)).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/secret", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, posts, answer, came }
    }

    fn webhook(&self) -> SlackWebhook {
        SlackWebhook::parse(&self.url, AllowedAddresses::Private).unwrap()
    }

    pub fn answers(&self, status: StatusCode, headers: &[(header::HeaderName, &str)]) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        *self.answer.lock().unwrap() = (status, headers.collect());
    }

    /// Waits up to five seconds for `n` posts; a post may take eight.
    async fn wait_for(&self, n: usize) {
        let enough = async {
            loop {
                let came = self.came.notified();
                if self.texts().len() >= n {
                    return;
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), enough).await.unwrap();
    }

    pub fn texts(&self) -> Vec<String> {
        let posts = self.posts.lock().unwrap();
        posts.iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect()
    }
}

/// The state of an installation that may post to its own network.
pub fn at_home(world: &TestApp, staff: Option<&Receiver>) -> AppState {
    let mut settings = Settings::clone(&world.state.settings);
    settings.operations.allowed_addresses = AllowedAddresses::Private;
    settings.operations.slack = staff.map(Receiver::webhook);
    AppState { settings: Arc::new(settings), ..world.state.clone() }
}

/// Posts what is due. Gives how many posts were accepted.
pub async fn posted(state: &AppState, allowed: AllowedAddresses) -> usize {
    let way = Way::Slack(SlackPoster::new(allowed).unwrap());
    send_messages::work_off_all(state, &way).await.unwrap()
}

pub async fn full(world: &TestApp, state: &AppState, receiver: &Receiver) {
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
    let limit = NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(40),
        until: None,
        reason: "More".to_owned(),
        expected_version: None,
    };
    set_seat_limit(&state, &operator(), &limit).await.unwrap();
    world.clock.pass(Duration::from_secs(61));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 2);
    let mut texts = acme.texts().split_off(1);
    texts.sort();
    assert!(texts[0].starts_with("The seat limit is 40 seats now at org_1001 Ltd."), "{texts:?}");
    assert!(texts[1].starts_with("The waitlist is empty at org_1001 Ltd."), "{texts:?}");

    let limit = NewLimit { limit: SeatLimit::Seats(0), ..limit };
    set_seat_limit(&state, &operator(), &limit).await.unwrap();
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
    // no given-up post: it looks like a name without an address
    let waits = "organization waits The address is in a private network.";
    assert!(fates[0].starts_with(waits), "{fates:?}");
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

async fn a_receiver_that_never_answers_delays_no_other(world: TestApp) {
    let (silent, good) = (Receiver::start().await, Receiver::start().await);
    silent.answers(NEVER, &[]);
    let state = at_home(&world, None);
    let blocked = async |id: &str, receiver: &Receiver| {
        world.organization(id, SeatLimit::Seats(0)).await;
        let organization = OrganizationId::new(id);
        set_slack(&state, &operator(), &organization, &receiver.url).await.unwrap();
        world.joined(id, "ada").await;
    };
    // more of them than a batch once had, and all of them before the good one
    for n in 0..12 {
        blocked(&format!("org_silent{n:02}"), &silent).await;
    }
    blocked("org_good", &good).await;
    world.clock.pass(Duration::from_secs(61));

    let sending = {
        let state = state.clone();
        tokio::spawn(async move { posted(&state, AllowedAddresses::Private).await })
    };
    good.wait_for(1).await;
    silent.wait_for(12).await;
    blocked("org_later", &good).await;
    world.clock.pass(Duration::from_secs(61));
    good.wait_for(2).await;

    assert!(!sending.is_finished(), "twelve posts are still on their way");
    sending.abort();
}

async fn a_receiver_that_fails_gets_one_post_at_a_time_and_the_others_wait_with_it(world: TestApp) {
    let (acme, ours) = (Receiver::start().await, Receiver::start().await);
    let state = at_home(&world, Some(&ours));
    full(&world, &state, &acme).await;
    for n in 0..3 {
        let id = format!("org_over{n}");
        world.organization(&id, SeatLimit::Seats(1)).await;
        world.joined(&id, "ada").await;
        let limit = NewLimit {
            organization: OrganizationId::new(&id),
            limit: SeatLimit::Seats(0),
            until: None,
            reason: "Less".to_owned(),
            expected_version: None,
        };
        set_seat_limit(&state, &operator(), &limit).await.unwrap();
    }
    world.clock.pass(Duration::from_secs(61));
    ours.answers(StatusCode::SERVICE_UNAVAILABLE, &[]);
    let tried = async || {
        let sent = posted(&state, AllowedAddresses::Private).await;
        (sent, ours.texts().len())
    };

    assert_eq!(tried().await, (1, 1), "that of the customer leaves");
    assert_eq!(tried().await, (0, 1), "the other two wait with the first one");
    world.clock.pass(Duration::from_secs(7));
    assert_eq!(tried().await, (0, 2));
    world.clock.pass(Duration::from_secs(7));
    assert_eq!(tried().await, (0, 2), "the pause has doubled");
    world.clock.pass(Duration::from_secs(6));
    ours.answers(StatusCode::OK, &[]);
    assert_eq!(tried().await, (3, 5), "after a success nothing waits");

    ours.answers(StatusCode::NOT_FOUND, &[]);
    world.tamper("update outbox set sent_at = null where recipient = 'staff'").await;
    assert_eq!(tried().await, (0, 6));
    ours.answers(StatusCode::OK, &[]);
    assert_eq!(tried().await, (0, 6), "the receiver gets no post for a while");
    send_again(&state, &operator(), &Again::All).await.unwrap();
    assert_eq!(tried().await, (3, 9), "staff have repaired it");
    assert_eq!(world.texts("select channel from failing_channels").await, [""; 0]);
}
