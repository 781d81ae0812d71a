//! Scalekit is asked, page by page, with no transaction open meanwhile. Each page is durable with the token of the next one
//! before that one's answer is looked at; while one page is written the next is on its way.

use super::run::{Halt, Job};
use crate::{
    acts::Error,
    domain::{directory::Listed, event::UserNews, id::DirectoryId, page::DirectoryRow, time::Timestamp},
    scalekit::client::{Ending, Page, Paging},
    store::{
        directories, organizations,
        resync_listings::{self, Listing},
        resync_plans,
    },
};

/// How often a directory's people are gone through while they change underway.
const PASSES: i64 = 3;

pub(super) async fn list(job: &mut Job<'_>) -> Result<(), Halt> {
    if job.resync().started_at.is_none() {
        look_at_directories(job).await?;
    }
    let mut tx = job.desk.db.read().await?;
    let directories = resync_listings::directories(&mut tx, job.run()).await?;
    drop(tx);
    if !directories.is_empty() && directories.iter().all(|directory| !directory.enabled) {
        let why = "Every directory of this organization is disabled in Scalekit, so nothing it says can be trusted.";
        return Err(Halt::Stopped("DIRECTORY_DISABLED", why.to_owned()));
    }
    for mut directory in directories {
        while directory.step == "users" {
            list_people(job, &mut directory).await?;
        }
        if directory.step == "groups" {
            list_groups(job, &mut directory).await?;
        }
    }
    if job.resync().whole { look_again(job).await } else { Ok(()) }
}

/// People are missed only where every directory was enabled and there from the first page to the last.
async fn look_again(job: &mut Job<'_>) -> Result<(), Halt> {
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let now = job.patiently(client.directories(&organization)).await?;
    let mut tx = job.desk.db.write().await?;
    let before = resync_listings::directories(&mut tx, job.run()).await?;
    let locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(Error::Missing)?;
    let known = directories::of_organization(&mut tx, &locked.scope).await?;
    let is_there = |listing: &Listing| now.iter().any(|directory| directory.id.as_str() == listing.id && directory.enabled);
    let is_listed = |known: &DirectoryRow| before.iter().any(|listing| listing.id == known.id);
    job.resync().whole = before.len() == now.len() && before.iter().all(is_there) && known.iter().all(is_listed);
    job.keep(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn look_at_directories(job: &mut Job<'_>) -> Result<(), Halt> {
    let (client, organization, started_at) = (job.client.clone(), job.organization().clone(), job.desk.clock.now());
    let directories = job.patiently(client.directories(&organization)).await?;
    let step = |enabled| if enabled { "users" } else { "done" };
    let rows: Vec<Listing> = directories
        .iter()
        .map(|directory| Listing {
            id: directory.id.to_string(),
            provider: directory.provider.clone(),
            enabled: directory.enabled,
            step: step(directory.enabled).to_owned(),
            next_token: None,
            pass: 1,
        })
        .collect();
    let said: Option<i64> = directories.iter().filter(|d| d.enabled).map(|d| d.people).sum();
    let resync = job.resync();
    resync.started_at = Some(started_at);
    resync.whole = directories.iter().all(|directory| directory.enabled);
    resync.total = said.filter(|said| *said > 0);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    job.keep(&mut tx).await?;
    resync_listings::add_directories(&mut tx, job.run(), &rows).await?;
    tx.commit().await?;
    Ok(())
}

/// Once through the people of a directory. Where they changed underway, it is gone through again: who is on none of the
/// pages of any pass is not there.
async fn list_people(job: &mut Job<'_>, directory: &mut Listing) -> Result<(), Halt> {
    let id = DirectoryId::new(&directory.id);
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let mut paging = Paging::default();
    let mut asked_at = job.desk.clock.now();
    let mut page = job.patiently(client.users(&organization, &id, directory.next_token.as_deref())).await?;
    loop {
        paging.turn(&page)?;
        directory.next_token.clone_from(&page.next);
        let Some(token) = page.next.clone() else { break };
        let next_asked_at = job.desk.clock.now();
        let next = tokio::spawn({
            let (client, organization, id) = (client.clone(), organization.clone(), id.clone());
            async move { client.users(&organization, &id, Some(&token)).await }
        });
        keep_people(job, directory, (page, asked_at), None).await?;
        asked_at = next_asked_at;
        page = job.patiently(async { next.await.unwrap_or_else(|_| Err(broken())) }).await?;
    }
    keep_people(job, directory, (page, asked_at), Some(&paging)).await
}

fn broken() -> crate::scalekit::client::Error {
    crate::scalekit::client::Error::Surprise("its answer could not be read".to_owned())
}

async fn keep_people(
    job: &mut Job<'_>,
    directory: &mut Listing,
    (page, asked_at): (Page<UserNews>, Timestamp),
    last: Option<&Paging>,
) -> Result<(), Halt> {
    let people: Vec<Listed> = page.items.into_iter().filter_map(|news| listed(news, asked_at)).collect();
    let id = DirectoryId::new(&directory.id);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    let new = resync_plans::add_people(&mut tx, job.run(), &id, directory.pass, &people).await?;
    let resync = job.resync();
    resync.listed += i64::try_from(new).unwrap_or(0);
    resync.total = resync.total.max(page.total).map(|total| total.max(resync.listed));
    if let Some(paging) = last {
        let known = resync_plans::count_of_directory(&mut tx, job.run(), &directory.id).await?;
        let (step, pass) = after(paging.ending(known), directory.pass)?;
        step.clone_into(&mut directory.step);
        directory.pass = pass;
    }
    job.keep(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(())
}

/// What follows a pass: the groups, or another pass, or the insight that its numbers do not fit.
fn after(ending: Ending, pass: i64) -> Result<(&'static str, i64), Halt> {
    match ending {
        Ending::Whole => Ok(("groups", pass)),
        Ending::Unsure { .. } if pass < PASSES => Ok(("users", pass + 1)),
        Ending::Unsure { missing, moved, .. } if missing <= moved => Ok(("groups", pass)),
        Ending::Unsure { missing, said, .. } => {
            let why = format!("Scalekit says this directory has {said} people and lists {} of them.", said - missing);
            Err(Halt::Stopped("INCOMPLETE_LIST", why))
        }
    }
}

fn listed(news: UserNews, asked_at: Timestamp) -> Option<Listed> {
    let UserNews { user, active, profile, groups, roles, .. } = news;
    Some(Listed { user: user?, active, profile, groups, roles, asked_at })
}

async fn list_groups(job: &mut Job<'_>, directory: &mut Listing) -> Result<(), Halt> {
    let id = DirectoryId::new(&directory.id);
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let mut paging = Paging::default();
    while directory.step == "groups" {
        let asked_at = job.desk.clock.now();
        let page = job.patiently(client.groups(&organization, &id, directory.next_token.as_deref())).await?;
        paging.turn(&page)?;
        let groups: Vec<_> = page.items.into_iter().map(|group| (group.id, group.name)).collect();
        directory.next_token = page.next;
        if directory.next_token.is_none() {
            "done".clone_into(&mut directory.step);
        }
        let mut tx = job.desk.db.write().await?;
        job.keep(&mut tx).await?;
        resync_listings::add_groups(&mut tx, job.run(), &id, asked_at, &groups).await?;
        resync_listings::save_directory(&mut tx, job.run(), directory).await?;
        tx.commit().await?;
    }
    Ok(())
}
