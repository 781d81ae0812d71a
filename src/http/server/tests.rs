//! Raw sockets against a small router, with limits of some hundred milliseconds.

use axum::{
    body::Bytes,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};

use super::*;
use crate::metrics::Metrics;

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(30);
const REQUEST: &str = "GET / HTTP/1.1\r\nhost: seats\r\n\r\n";
const HALF_HEAD: &str = "GET / HTTP/1.1\r\nhost: sea";
const HALF_BODY: &str = "POST /body HTTP/1.1\r\nhost: seats\r\ncontent-length: 10\r\n\r\nhalf";

/// Limits that no test reaches.
const WIDE: Limits = Limits {
    connections: 64,
    new_per_address: 64,
    head: LONG,
    body: LONG,
    sending: LONG,
    idle: LONG,
    grace: LONG,
};

struct Served {
    address: SocketAddr,
    metrics: Metrics,
    /// Lets the requests to `/wait` be answered.
    go: Arc<Notify>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn with(limits: Limits) -> Self {
        let (go, metrics) = (Arc::new(Notify::new()), Metrics::default());
        let wait = go.clone();
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/body", post(|body: Bytes| async move { body }))
            .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
            .route("/wait", get(move || async move { wait.notified().await }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, (stop, stopping)) = (listener.local_addr().unwrap(), watch::channel(false));
        let serving =
            tokio::spawn(serve(listener, router, limits, metrics.traffic.clone(), stopping));
        Self { address, metrics, go, stop, serving }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    fn counted(&self, line: &str) -> bool {
        let text = self.metrics.text(&[]).unwrap();
        text.lines().any(|found| found == format!("seatkeeper_{line}"))
    }

    async fn wait_until_counted(&self, line: &str) {
        let counted = async {
            while !self.counted(line) {
                sleep(LOOK).await;
            }
        };
        assert!(
            timeout(LONG, counted).await.is_ok(),
            "{line} in {}",
            self.metrics.text(&[]).unwrap()
        );
    }
}

/// What the server sent until it closed the connection, and how long that took.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let (began, mut text) = (Instant::now(), Vec::new());
    let _ = timeout(LONG, stream.read_to_end(&mut text))
        .await
        .expect("the connection is closed in the end"); // or the connection is reset
    (String::from_utf8_lossy(&text).into_owned(), began.elapsed())
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4_096];
    let length = timeout(LONG, stream.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    timeout(LOOK, stream.read(&mut [0])).await.is_ok_and(|read| read.unwrap_or(0) == 0)
}

#[tokio::test]
async fn a_head_that_is_not_complete_in_time_ends_its_connection() {
    let served = Served::with(Limits { head: SHORT, ..WIDE }).await;

    for text in ["", HALF_HEAD, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = served.send(text).await;
        let (_, after) = until_closed(&mut stream).await;
        assert!(after > SHORT / 2 && after < LONG / 2, "{text:?}: {after:?}");
    }
    served.wait_until_counted("connections_closed_total{reason=\"head_time\"} 3").await;
    served.wait_until_counted("connections 0").await;
}

#[tokio::test]
async fn a_connection_between_two_requests_stays_as_long_as_the_idle_limit_says() {
    let served = Served::with(Limits { head: SHORT, idle: 4 * SHORT, ..WIDE }).await;
    let mut stream = served.send(REQUEST).await;
    assert!(answer(&mut stream).await.ends_with("here"));

    let (_, after) = until_closed(&mut stream).await;

    assert!(after > 3 * SHORT, "{after:?}");
    served.wait_until_counted("connections_closed_total{reason=\"idle_time\"} 1").await;
}

#[tokio::test]
async fn a_later_head_has_to_be_complete_in_time_too() {
    let served = Served::with(Limits { head: SHORT, ..WIDE }).await;
    let mut stream = served.send(REQUEST).await;
    assert!(answer(&mut stream).await.ends_with("here"));

    stream.write_all(HALF_HEAD.as_bytes()).await.unwrap();

    let (_, after) = until_closed(&mut stream).await;
    assert!(after < LONG / 2, "{after:?}");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_left() {
    let served = Served::with(Limits { sending: SHORT, ..WIDE }).await;
    let _stream = served.send("GET /large HTTP/1.1\r\nhost: seats\r\n\r\n").await;

    served.wait_until_counted("connections_closed_total{reason=\"sending_time\"} 1").await;
}

#[tokio::test]
async fn silent_connections_displace_each_other_and_no_request() {
    let served = Served::with(Limits { connections: 8, ..WIDE }).await;
    let mut at_work = served.send("GET /wait HTTP/1.1\r\nhost: seats\r\n\r\n").await;
    let mut silent = Vec::new();

    for number in 0..60 {
        silent.push(served.send(if number % 2 == 0 { HALF_HEAD } else { HALF_BODY }).await);
        if number % 10 == 0 {
            assert!(answer(&mut served.send(REQUEST).await).await.ends_with("here"), "{number}");
        }
    }

    served.go.notify_one();
    assert!(answer(&mut at_work).await.starts_with("HTTP/1.1 200"));
    assert!(is_closed(&mut silent[0]).await, "the oldest");
    assert!(!is_closed(silent.last_mut().unwrap()).await, "the newest");
    drop(silent);
    served.wait_until_counted("connections 1").await;
}

#[tokio::test]
async fn one_address_has_few_connections_without_a_request() {
    let served = Served::with(Limits { new_per_address: 2, ..WIDE }).await;
    let mut known = served.send(REQUEST).await;
    assert!(answer(&mut known).await.ends_with("here"));

    let mut silent = [
        served.send("").await,
        served.send("").await,
        served.send("").await,
        served.send("").await,
    ];

    served.wait_until_counted("connections_closed_total{reason=\"too_many_new\"} 2").await;
    assert!(is_closed(&mut silent[0]).await && is_closed(&mut silent[1]).await);
    assert!(!is_closed(&mut silent[3]).await && !is_closed(&mut known).await);
}

#[tokio::test]
async fn connections_wait_where_all_others_are_at_work() {
    let served = Served::with(Limits { connections: 1, ..WIDE }).await;
    let mut at_work = served.send("GET /wait HTTP/1.1\r\nhost: seats\r\n\r\n").await;
    served.wait_until_counted("connections 1").await;
    let mut next = served.send(REQUEST).await;
    assert!(!is_closed(&mut next).await);

    served.go.notify_one();

    assert!(answer(&mut at_work).await.starts_with("HTTP/1.1 200"));
    assert!(answer(&mut next).await.ends_with("here"));
}

#[tokio::test]
async fn a_stop_waits_for_requests_in_progress_and_for_nothing_else() {
    let served = Served::with(WIDE).await;
    let mut idle = served.send(REQUEST).await;
    assert!(answer(&mut idle).await.ends_with("here"));
    let mut waiting = [served.send("").await, served.send(HALF_HEAD).await, idle];
    let mut body = served.send(HALF_BODY).await;
    let mut at_work = served.send("GET /wait HTTP/1.1\r\nhost: seats\r\n\r\n").await;
    served.wait_until_counted("connections 5").await;

    served.stop.send(true).unwrap();

    for stream in &mut waiting {
        let (_, after) = until_closed(stream).await;
        assert!(after < LONG / 10, "{after:?}");
    }
    body.write_all(b" a body").await.unwrap();
    assert!(until_closed(&mut body).await.0.contains("half a "));
    served.go.notify_one();
    assert!(until_closed(&mut at_work).await.0.starts_with("HTTP/1.1 200"));
    timeout(LONG / 10, served.serving).await.expect("it ends once they are answered").unwrap();
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_the_grace_time() {
    let served = Served::with(Limits { grace: SHORT, ..WIDE }).await;
    let mut open = [
        served.send(HALF_BODY).await,
        served.send("GET /wait HTTP/1.1\r\nhost: seats\r\n\r\n").await,
    ];
    served.wait_until_counted("connections 2").await;

    served.stop.send(true).unwrap();

    timeout(LONG / 10, served.serving).await.expect("it ends in time").unwrap();
    for stream in &mut open {
        assert_eq!(until_closed(stream).await.0, "");
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let served = Served::with(WIDE).await;

    for (head, status) in [
        ("GET / HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\r\nhost:\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: seats\r\nhost: seats\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: seats, other\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: me@seats\r\n", 400),
        ("GET http://seats/ HTTP/1.1\r\n", 400),
        ("POST /body HTTP/1.1\r\ncontent-length: 10\r\n", 400),
        ("GET / HTTP/1.0\r\nhost: seats\r\nhost: other\r\n", 400),
        ("GET / HTTP/1.0\r\n", 200),
        ("GET / HTTP/1.1\r\nhost: seats_1.test:3000\r\n", 200),
        ("GET / HTTP/1.1\r\nhost: [::1]:3000\r\n", 200),
    ] {
        let mut stream = served.send(&format!("{head}\r\n")).await;
        let got = answer(&mut stream).await;
        assert_eq!(got.split(' ').nth(1), Some(status.to_string().as_str()), "{head:?}: {got:?}");
        assert!(status == 200 || is_closed(&mut stream).await, "{head:?}");
    }
}

/// GET / on this many streams, each reset at once, as raw HTTP/2 frames.
fn resets(streams: u32) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for stream in (0..streams).map(|number| (2 * number + 1).to_be_bytes()) {
        bytes.extend([0, 0, 10, 1, 5]); // HEADERS, complete and without a body
        bytes.extend(stream);
        bytes.extend(*b"\x82\x84\x86\x41\x05seats");
        bytes.extend([0, 0, 4, 3, 0]); // RST_STREAM
        bytes.extend(stream);
        bytes.extend([0, 0, 0, 8]);
    }
    bytes
}

#[tokio::test]
async fn a_client_that_resets_what_it_asks_is_left_and_others_are_answered() {
    let served = Served::with(WIDE).await;
    let mut attacker = TcpStream::connect(served.address).await.unwrap();

    let _ = attacker.write_all(&resets(10_000)).await; // or the connection is already closed

    let (_, after) = until_closed(&mut attacker).await;
    assert!(after < LONG / 2, "{after:?}");
    assert!(answer(&mut served.send(REQUEST).await).await.ends_with("here"));
}
