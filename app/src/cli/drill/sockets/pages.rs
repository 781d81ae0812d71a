//! One user of a large organization runs forty searches at once. For users of another organization,
//! the median page takes at most twice as long as before.

use std::time::Duration;

use domain::{access::Role, id::OrganizationId, organization::SeatLimit};
use seatkeeper::{
    clock::{Clock, Stopwatch},
    commands::{self, NewAccount, NewOrganization},
    config::Config,
};
use simulator::load::{self, Load, organization_id};
use tokio::{sync::watch, task::JoinSet};

use super::{
    CliError, end, http, serve,
    webhooks::{millis, part},
};

const SEARCHES: usize = 40;
const PASSWORD: &str = "a-drill-of-many-searches";
const READER: &str = "reader@seats.test";
const OTHER: &str = "other@seats.test";
/// The other user's organization.
const SMALL: &str = "org_of_few";
/// The pages that the other user loads, before the searches and during them.
const PAGES: usize = 200;
/// The allowed answers to a search: the page, or that the user asks for too much at once.
const ANSWERS: [u16; 2] = [200, 429];

pub(super) async fn run(config: &Config, people: u64) -> Result<(), CliError> {
    prepare(config).await?;
    let mut serving = serve(config, None, &[]).await?;
    fill(config, people).await?;
    let sign_in =
        async |email| http::sign_in(config.listen, email, PASSWORD).await.map_err(CliError::failed);
    let (reader, other) = (sign_in(READER).await?, sign_in(OTHER).await?);
    let quiet = pages(config, &other).await?;

    let (enough, stop) = watch::channel(false);
    let mut searches = JoinSet::new();
    for number in 0..SEARCHES {
        searches.spawn(search(config.clone(), reader.clone(), number, stop.clone()));
    }
    let busy = pages(config, &other).await;
    let _ = enough.send(true); // the searches live as long as `searches`
    let answers = searches.join_all().await.into_iter().flatten().collect::<Vec<_>>();
    end(&mut serving).await?;

    let (busy, found) = (busy?, answers.iter().filter(|status| **status == 200).count());
    let said = format!(
        "{SEARCHES} searches at once among {people} people, {found} answered and {} refused for now: a page of another \
         organization takes {:.1} ms instead of {:.1} (half of {PAGES}), 99 % within {:.1} ms instead of {:.1}.",
        answers.len() - found,
        millis(part(&busy, 50)),
        millis(part(&quiet, 50)),
        millis(part(&busy, 99)),
        millis(part(&quiet, 99))
    );
    let is_fair = part(&busy, 50) <= 2 * part(&quiet, 50)
        && answers.iter().all(|status| ANSWERS.contains(status))
        && found > 0;
    if !is_fair {
        return Err(CliError::failed(said));
    }
    println!("{said}");
    Ok(())
}

async fn prepare(config: &Config) -> Result<(), CliError> {
    let state = crate::cli::state(config).await?;
    let small = OrganizationId::new(SMALL);
    let new = NewOrganization {
        id: small.clone(),
        name: "A few people".to_owned(),
        external_id: None,
        limit: Some(SeatLimit::Unlimited),
    };
    commands::add_organization(&state, &crate::cli::operator(), &new).await?;
    for (email, organization) in [(READER, organization_id(0)), (OTHER, small)] {
        let (name, password) = (email.to_owned(), PASSWORD.to_owned());
        let new = NewAccount {
            email: email.to_owned(),
            name,
            role: Role::TenantViewer,
            organizations: vec![organization],
            password,
        };
        commands::add_account(&state, &crate::cli::operator(), &new).await?;
    }
    state.db.close().await;
    Ok(())
}

/// Adds `people` people to the first organization.
async fn fill(config: &Config, people: u64) -> Result<(), CliError> {
    const LONGEST: u64 = 1_800;
    let secret = config.webhook_secrets().map_err(CliError::refused)?.first().clone();
    let to = format!("http://{}/webhooks/scalekit", config.listen);
    let load =
        Load { organizations: 1, most: Some(people), seconds: LONGEST, ..Load::new(to, secret) };
    let figures = load::run(load, Clock::machine()).await.map_err(CliError::failed)?;
    if figures.acknowledged < people {
        return Err(CliError::failed(format!(
            "{} of {people} people were added",
            figures.acknowledged
        )));
    }
    Ok(())
}

/// The times that the other user's pages take, one after the other; sorted, the shortest first.
async fn pages(config: &Config, cookie: &str) -> Result<Vec<Duration>, CliError> {
    let mut times = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let began = Stopwatch::start();
        let (status, _) = page(config, cookie, &format!("/organizations/{SMALL}/people")).await?;
        times.push(began.elapsed());
        if status != 200 {
            return Err(CliError::failed(format!(
                "a page of another organization is answered {status}"
            )));
        }
    }
    times.sort_unstable();
    Ok(times)
}

/// Searches again and again until `stop` is true; returns the status codes.
async fn search(
    config: Config,
    cookie: String,
    number: usize,
    stop: watch::Receiver<bool>,
) -> Vec<u16> {
    let path = format!("/organizations/{}/people?search=son+{number}", organization_id(0));
    let mut answers = Vec::new();
    while !*stop.borrow() {
        // a missing answer counts as status 0, which is not in `ANSWERS`
        answers.push(page(&config, &cookie, &path).await.map_or(0, |(status, _)| status));
    }
    answers
}

async fn page(config: &Config, cookie: &str, path: &str) -> Result<(u16, String), CliError> {
    let headers = format!("accept: text/html\r\ncookie: {cookie}\r\n");
    http::ask(config.listen, &format!("GET {path}"), &headers, "").await.map_err(CliError::failed)
}
