//! One reader of a large organization searches forty times at once; readers of another organization wait no longer for it.

use std::time::Duration;

use seatkeeper::{
    acts::{self, NewAccount, NewOrganization},
    clock::{Clock, Stopwatch},
    config::Config,
    domain::{access::Role, id::OrganizationId, organization::SeatLimit},
    scalekit::{
        signature::Secret,
        simulator::load::{self, Load, organization_id},
    },
};
use tokio::{sync::watch, task::JoinSet};

use super::{
    End, end, http, serve,
    webhooks::{millis, part},
};

const SEARCHES: usize = 40;
const PASSWORD: &str = "a-drill-of-many-searches";
const READER: &str = "reader@seats.test";
const OTHER: &str = "other@seats.test";
/// The other reader's organization.
const SMALL: &str = "org_of_few";
/// Pages of the other reader, before and meanwhile.
const PAGES: usize = 200;
/// Answers to a search: the page, or that its reader asks too much at once.
const ANSWERS: [u16; 2] = [200, 429];

pub(super) async fn run(config: &Config, people: u64) -> Result<(), End> {
    prepare(config).await?;
    let mut serving = serve(config, None, &[]).await?;
    fill(config, people).await?;
    let sign_in = async |email| http::sign_in(config.listen, email, PASSWORD).await.map_err(End::failed);
    let (reader, other) = (sign_in(READER).await?, sign_in(OTHER).await?);
    let quiet = pages(config, &other).await?;

    let (enough, stop) = watch::channel(false);
    let mut searches = JoinSet::new();
    for number in 0..SEARCHES {
        searches.spawn(search(config.clone(), reader.clone(), number, stop.clone()));
    }
    let busy = pages(config, &other).await;
    let _ = enough.send(true); // the searches are there as long as `searches` is
    let answers = searches.join_all().await.into_iter().flatten().collect::<Vec<_>>();
    end(&mut serving).await?;

    let (busy, found) = (busy?, answers.iter().filter(|status| **status == 200).count());
    let said = format!(
        "{SEARCHES} searches at once among {people} people, {found} answered and {} told to come again: a page of another \
         organization takes {:.1} ms instead of {:.1} (half of {PAGES}), 99 % within {:.1} ms instead of {:.1}.",
        answers.len() - found,
        millis(part(&busy, 50)),
        millis(part(&quiet, 50)),
        millis(part(&busy, 99)),
        millis(part(&quiet, 99))
    );
    let is_fair = part(&busy, 50) <= 2 * part(&quiet, 50) && answers.iter().all(|status| ANSWERS.contains(status)) && found > 0;
    if !is_fair {
        return Err(End::failed(said));
    }
    println!("{said}");
    Ok(())
}

async fn prepare(config: &Config) -> Result<(), End> {
    let desk = crate::cli::desk(config).await?;
    let small = OrganizationId::new(SMALL);
    let new = NewOrganization { id: small.clone(), name: "A few people".to_owned(), limit: SeatLimit::Unlimited };
    acts::add_organization(&desk, &crate::cli::operator(), &new).await?;
    for (email, organization) in [(READER, organization_id(0)), (OTHER, small)] {
        let (name, password) = (email.to_owned(), PASSWORD.to_owned());
        let new = NewAccount { email: email.to_owned(), name, role: Role::TenantViewer, organizations: vec![organization], password };
        acts::add_account(&desk, &crate::cli::operator(), &new).await?;
    }
    desk.db.close().await;
    Ok(())
}

/// So many people in the first organization.
async fn fill(config: &Config, people: u64) -> Result<(), End> {
    const LONGEST: u64 = 1_800;
    let secret = config.webhook_secrets().map_err(End::refused)?.first().map_or("", |secret| secret.reveal());
    let secret = Secret::parse(secret).map_err(End::refused)?;
    let to = format!("http://{}/webhooks/scalekit", config.listen);
    let load = Load { organizations: 1, most: Some(people), seconds: LONGEST, ..Load::new(to, secret) };
    let figures = load::run(load, Clock::machine()).await.map_err(End::failed)?;
    if figures.acknowledged < people {
        return Err(End::failed(format!("of {people} people {} came", figures.acknowledged)));
    }
    Ok(())
}

/// How long the other reader's pages take, one after the other; the shortest first.
async fn pages(config: &Config, cookie: &str) -> Result<Vec<Duration>, End> {
    let mut times = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let began = Stopwatch::start();
        let (status, _) = page(config, cookie, &format!("/organizations/{SMALL}/people")).await?;
        times.push(began.elapsed());
        if status != 200 {
            return Err(End::failed(format!("a page of another organization is answered {status}")));
        }
    }
    times.sort_unstable();
    Ok(times)
}

/// Searches again and again; gives the answers.
async fn search(config: Config, cookie: String, number: usize, stop: watch::Receiver<bool>) -> Vec<u16> {
    let path = format!("/organizations/{}/people?search=son+{number}", organization_id(0));
    let mut answers = Vec::new();
    while !*stop.borrow() {
        // an answer that did not come is no answer that may come
        answers.push(page(&config, &cookie, &path).await.map_or(0, |(status, _)| status));
    }
    answers
}

async fn page(config: &Config, cookie: &str, path: &str) -> Result<(u16, String), End> {
    let headers = format!("accept: text/html\r\ncookie: {cookie}\r\n");
    http::ask(config.listen, &format!("GET {path}"), &headers, "").await.map_err(End::failed)
}
