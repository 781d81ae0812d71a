//! The benchmarks find a place for their database however the server's address is written.

use seatkeeper::{clock::Clock, db::Db};

use crate::place::{Place, beside};

#[tokio::test]
async fn a_server_without_the_name_of_a_database_is_enough() {
    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    let bare = server.rsplit_once('/').unwrap().0;

    for address in [bare, &format!("{bare}/"), &server] {
        let place = Place::postgres(address).await.unwrap();
        let db = Db::open(&place.url.parse().unwrap(), Clock::machine()).await.unwrap();
        db.close().await;
    }
}

#[test]
fn the_rest_of_an_address_stays_as_it_is() {
    let of = |server| beside(server, "bench_1").map_err(|error| format!("{error:#}"));

    assert_eq!(
        of("postgres://a:b%2Fc@h:1?sslmode=disable").unwrap(),
        "postgres://a:b%2Fc@h:1/bench_1?sslmode=disable"
    );
    assert_eq!(of("postgresql://h/old").unwrap(), "postgresql://h/bench_1");
    for wrong in ["", "localhost", "postgres:bench", "/var/run/postgresql"] {
        let error = of(wrong).unwrap_err();
        assert!(error.contains("postgres://user@host:5432"), "{wrong}: {error}");
    }
}
