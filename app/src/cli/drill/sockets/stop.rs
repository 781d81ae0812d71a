//! SIGTERM while requests are half sent, live connections are open, and the queue is full.

use std::{sync::Arc, time::Duration};

use domain::access::Role;
use seatkeeper::{
    clock::Stopwatch,
    commands::{self, NewAccount},
    config::Config,
};
use simulator::load::{drill::Drill, organization_id};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    process::Command,
    time::{sleep, timeout},
};

use super::{CliError, http, serve};
use crate::cli::drill::senders;

const HALF_HEADS: usize = 50;
const HALF_BODIES: usize = 50;
const HALF_BODY: &str =
    "POST /webhooks/scalekit HTTP/1.1\r\nHost: seats\r\nContent-Length: 100\r\n\r\n{";
const ACCOUNTS: usize = 25;
const LIVE_OF_EACH: usize = 20;
/// More than the queue of one shard holds.
const SENDERS: u32 = 1_200;
const PASSWORD: &str = "a-drill-of-many-sockets";
const WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, drill: &Arc<Drill>) -> Result<(), CliError> {
    let accounts = accounts(config).await?;
    let mut serving = serve(config, None, &[]).await?;
    let mut live = Vec::new();
    for account in &accounts {
        let cookie =
            http::sign_in(config.listen, account, PASSWORD).await.map_err(CliError::failed)?;
        for _ in 0..LIVE_OF_EACH {
            live.push(open_live(config, &cookie).await?);
        }
    }
    let mut half = Vec::new();
    for text in std::iter::repeat_n("GET / HTTP/1.1\r\nHo", HALF_HEADS)
        .chain(std::iter::repeat_n(HALF_BODY, HALF_BODIES))
    {
        half.push(
            http::begin([127, 0, 0, 1].into(), config.listen, text.as_bytes())
                .await
                .map_err(CliError::failed)?,
        );
    }
    let (enough, senders) = senders(drill, SENDERS);
    sleep(Duration::from_secs(1)).await;
    let (before, began) = (drill.counts(), Stopwatch::start());
    let process = serving.id().unwrap_or_default().to_string();
    Command::new("kill").args(["-TERM", &process]).status().await.map_err(CliError::failed)?;
    let ended = timeout(WITHIN, serving.wait()).await;
    let took = began.elapsed();
    let _ = enough.send(true); // the senders live as long as `senders`
    senders.join_all().await;
    let status = ended.map_err(|_| {
        CliError::failed(format!("SIGTERM was not enough within {} s", WITHIN.as_secs()))
    })?;
    let (status, after) = (status.map_err(CliError::failed)?, drill.counts());
    if !status.success() {
        return Err(CliError::failed(format!("after SIGTERM it ended with {status}")));
    }
    println!(
        "SIGTERM with {} half-sent requests, {} live connections and {SENDERS} senders: it ended within {:.2} s; {} deliveries \
         acknowledged before, {} while it stopped.",
        half.len(),
        live.len(),
        took.as_secs_f64(),
        before.acknowledged,
        after.acknowledged - before.acknowledged
    );
    Ok(())
}

async fn accounts(config: &Config) -> Result<Vec<String>, CliError> {
    let state = crate::cli::state(config).await?;
    let mut all = Vec::new();
    for number in 0..ACCOUNTS {
        let email = format!("drill.{number}@seats.test");
        let organizations = vec![organization_id(0)];
        let (name, password) = (email.clone(), PASSWORD.to_owned());
        let new = NewAccount {
            email: email.clone(),
            name,
            role: Role::TenantViewer,
            organizations,
            password,
        };
        commands::add_account(&state, &crate::cli::operator(), &new).await?;
        all.push(email);
    }
    state.db.close().await;
    Ok(all)
}

async fn open_live(config: &Config, cookie: &str) -> Result<TcpStream, CliError> {
    let organization = organization_id(0);
    let request = format!(
        "GET /live?organization={organization} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n",
        config.listen
    );
    let mut stream = http::begin([127, 0, 0, 1].into(), config.listen, request.as_bytes())
        .await
        .map_err(CliError::failed)?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).await.map_err(CliError::failed)?;
    if !answer[..length].starts_with(b"HTTP/1.1 200") {
        return Err(CliError::failed(format!(
            "a live connection was answered {:?}",
            String::from_utf8_lossy(&answer[..length])
        )));
    }
    Ok(stream)
}
