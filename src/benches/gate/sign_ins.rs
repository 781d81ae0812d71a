//! Deliveries while people sign in: whether a storm of sign-ins holds up the gate.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use domain::access::Role;
use seatkeeper::{
    commands::{
        Actor, Error, NewAccount, add_account,
        sign_in::{Passed, SignIn, sign_in},
    },
    http::session::{Session, with_sessions},
    state::AppState,
};
use simulator::load::{Figures, Load};

use super::{
    child::Receiver, parts::ORGANIZATIONS, place::Place, receivers::GATE_AND_SIGN_IN, table,
};

const PEOPLE: u32 = 50;
const EACH_SECOND: u32 = 50;
/// Far below what the gate can take, so that only the sign-ins change its times.
const DELIVERIES_EACH_SECOND: f64 = 1_000.0;
const ROUNDS: usize = 3;
const PASSWORD: &str = "a passphrase of this benchmark";
pub const PATH: &str = "/sign-in";

/// A route that signs a person in, with a session, as the page does.
pub async fn route(state: &AppState) -> Result<Router> {
    for person in 0..PEOPLE {
        let new = NewAccount {
            email: address(person),
            name: format!("Person {person}"),
            role: Role::Staff,
            organizations: Vec::new(),
            password: PASSWORD.to_owned(),
        };
        // a receiver that starts again finds them
        let _ = add_account(state, &Actor::command_line("bench"), &new).await;
    }
    let router = Router::new().route(PATH, post(enter)).with_state(state.clone());
    Ok(with_sessions(router, state, false))
}

async fn enter(session: Session, State(state): State<AppState>, email: String) -> StatusCode {
    let password = PASSWORD.to_owned();
    let attempt = SignIn { email, password, source: None, device: None };
    let entered = async {
        let Passed::In(welcome) = sign_in(&state, attempt).await? else {
            return Err(Error::Missing); // no account of the bench has a factor
        };
        session.begin(&state, &welcome.person).await
    };
    match entered.await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            eprintln!("a sign-in failed: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn address(person: u32) -> String {
    format!("person-{person}@seats.example")
}

/// The same rate of deliveries, alternately without and with sign-ins.
pub async fn measure(place: &Place, seconds: u64) -> Result<()> {
    let receiver = Receiver::start(GATE_AND_SIGN_IN, &place.url)?;
    let load = || {
        let load = receiver.load(seconds, ORGANIZATIONS)?;
        anyhow::Ok(Load { per_second: Some(DELIVERIES_EACH_SECOND), ..load })
    };
    let head = ["", "half within", "99 % within", "sign-ins"].map(str::to_owned);
    let (mut lines, mut quiet, mut busy) = (vec![head.to_vec()], Vec::new(), Vec::new());
    receiver.take(load()?).await?; // the first one fills caches
    for _ in 0..ROUNDS {
        let alone = receiver.take(load()?).await?;
        lines.push(row("without sign-ins", &alone, 0));
        quiet.push(p99(&alone)?);
        let (beside, entered) = tokio::join!(receiver.take(load()?), storm(&receiver, seconds));
        let (beside, entered) = (beside?, entered?);
        lines.push(row("beside sign-ins", &beside, entered));
        busy.push(p99(&beside)?);
    }
    println!("\n{}, {DELIVERIES_EACH_SECOND} deliveries a second", place.name);
    table::print(&lines);
    let ratio = median(busy) / median(quiet);
    println!("  99 % within: {} of what it is without sign-ins", table::times(ratio));
    Ok(())
}

/// Begins a sign-in each fiftieth of a second, and waits for none of them. Gives how many there
/// were.
async fn storm(receiver: &Receiver, seconds: u64) -> Result<u32> {
    // an error means that one is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let mut beats = tokio::time::interval(Duration::from_secs(1) / EACH_SECOND);
    let most = u32::try_from(seconds)? * EACH_SECOND;
    let mut begun = tokio::task::JoinSet::new();
    for number in 0..most {
        beats.tick().await;
        let request = client.post(receiver.url(PATH)).body(address(number % PEOPLE));
        begun.spawn(request.send());
    }
    for answer in begun.join_all().await {
        let status = answer?.status();
        ensure!(status.is_success(), "a sign-in was answered with {status}");
    }
    Ok(most)
}

fn p99(figures: &Figures) -> Result<f64> {
    figures.p99_ms.context("no delivery was acknowledged")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn row(what: &str, figures: &Figures, sign_ins: u32) -> Vec<String> {
    let (half, most) = (table::ms(figures.p50_ms), table::ms(figures.p99_ms));
    vec![what.to_owned(), half, most, table::thousands(sign_ins.into())]
}
