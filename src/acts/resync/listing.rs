//! Scalekit is asked, page by page, with no transaction open meanwhile. Each page is durable with the token of the next one
//! before that one's answer is looked at; while one page is written the next is on its way.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::{
    PART, naming,
    run::{Halt, Job},
};
use crate::{
    acts::Error,
    domain::{
        directory::{Listed, gone},
        event::UserNews,
        id::DirectoryId,
        page::DirectoryRow,
        time::Timestamp,
    },
    scalekit::client::{Ending, Page, Paging},
    store::{
        directories, organizations,
        resync_listings::{self, Listing},
        resync_plans,
    },
};

/// How often a directory's list is gone through while it changes underway.
const PASSES: i64 = 3;

pub(super) async fn list(job: &mut Job<'_>) -> Result<(), Halt> {
    if job.resync().started_at.is_none() {
        look_at_directories(job).await?;
        naming::learn_name(job).await?;
    }
    let mut tx = job.desk.db.read().await?;
    let directories = resync_listings::directories(&mut tx, job.run()).await?;
    drop(tx);
    if !directories.is_empty() && directories.iter().all(|directory| !directory.enabled) {
        let why = "Every directory of this organization is disabled in Scalekit, so nothing it says can be trusted.";
        return Err(Halt::Stopped("DIRECTORY_DISABLED", why.to_owned()));
    }
    go_through(job, directories).await?;
    while let Some(again) = seek_missing(job).await? {
        go_through(job, again).await?;
    }
    if job.resync().whole { look_again(job).await } else { Ok(()) }
}

async fn go_through(job: &mut Job<'_>, directories: Vec<Listing>) -> Result<(), Halt> {
    for mut directory in directories {
        while directory.step == "users" {
            list_people(job, &mut directory).await?;
        }
        while directory.step == "groups" {
            list_groups(job, &mut directory).await?;
        }
    }
    Ok(())
}

/// The directories to go through a second time, because somebody would be removed. Where pages are counted by position, whoever
/// stands at an edge is passed over when somebody before them leaves underway, and the numbers still fit when another joins:
/// only who is missing twice is gone.
async fn seek_missing(job: &mut Job<'_>) -> Result<Option<Vec<Listing>>, Halt> {
    let mut tx = job.desk.db.read().await?;
    let all = resync_listings::directories(&mut tx, job.run()).await?;
    drop(tx);
    let mut again: Vec<Listing> = all.into_iter().filter(|directory| directory.enabled && !directory.again).collect();
    if again.is_empty() || !job.resync().whole || !is_anybody_missing(job).await? {
        return Ok(None);
    }
    let mut tx = job.desk.db.write().await?;
    job.keep_further(&mut tx).await?;
    for directory in &mut again {
        "users".clone_into(&mut directory.step);
        directory.again = true;
        resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    }
    tx.commit().await?;
    Ok(Some(again))
}

async fn is_anybody_missing(job: &mut Job<'_>) -> Result<bool, Halt> {
    let since = job.resync().since.unwrap_or(Timestamp::NEVER);
    let mut after = String::new();
    loop {
        let mut tx = job.desk.db.read().await?;
        let unlisted = resync_plans::unlisted_after(&mut tx, job.run(), &after, PART).await?;
        let Some((last, _)) = unlisted.last() else { return Ok(false) };
        after = last.id.to_string();
        if !gone(unlisted.iter().map(|(user, _)| user), since).is_empty() {
            return Ok(true);
        }
    }
}

/// People are missed only where every directory was enabled and there from the first page to the last.
async fn look_again(job: &mut Job<'_>) -> Result<(), Halt> {
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let now = job.patiently(client.directories(&organization)).await?.items;
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
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let started_at = job.desk.clock.now();
    let Page { items: directories, asked_at, .. } = job.patiently(client.directories(&organization)).await?;
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
            again: false,
        })
        .collect();
    let said: Option<i64> = directories.iter().filter(|d| d.enabled).map(|d| d.people).sum();
    let resync = job.resync();
    (resync.started_at, resync.since) = (Some(started_at), Some(asked_at));
    resync.whole = directories.iter().all(|directory| directory.enabled);
    resync.total = said.filter(|said| *said > 0);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    job.keep_further(&mut tx).await?;
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
    let mut page = job.patiently(client.users(&organization, &id, directory.next_token.as_deref())).await?;
    loop {
        paging.turn(&page)?;
        directory.next_token.clone_from(&page.next);
        let Some(token) = page.next.clone() else { break };
        // whoever lets go of the run lets go of this call, too
        let mut next = JoinSet::new();
        next.spawn({
            let (client, organization, id) = (client.clone(), organization.clone(), id.clone());
            async move { client.users(&organization, &id, Some(&token)).await }
        });
        keep_people(job, directory, page, None).await?;
        page = job.patiently(async { next.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(broken())) }).await?;
    }
    keep_people(job, directory, page, Some(&paging)).await
}

fn broken() -> crate::scalekit::client::Error {
    crate::scalekit::client::Error::Surprise("its answer could not be read".to_owned())
}

async fn keep_people(job: &mut Job<'_>, directory: &mut Listing, page: Page<UserNews>, last: Option<&Paging>) -> Result<(), Halt> {
    let people = page.items.into_iter().filter_map(|news| listed(news, page.asked_at));
    let people: Vec<Listed> = once_each(people.map(|listed| (listed.user.clone(), listed))).into_values().collect();
    let id = DirectoryId::new(&directory.id);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    let new = resync_plans::add_people(&mut tx, job.run(), &id, directory.pass, &people).await?;
    let resync = job.resync();
    resync.listed += i64::try_from(new).unwrap_or(0);
    resync.total = resync.total.max(page.total).map(|total| total.max(resync.listed));
    if let Some(paging) = last {
        let known = resync_plans::count_of_directory(&mut tx, job.run(), &directory.id).await?;
        pass_on(job, directory, "groups", judged(paging.ending(known), directory.pass, "people")?);
    }
    job.keep_further(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(())
}

/// What to make of a pass through a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    Whole,
    /// It was too restless to be sure that nobody is missing: good enough to add and to change, not to take away.
    Patchy,
    /// Its numbers do not fit: once more.
    Again,
}

/// An error says that its numbers do not fit however often one looks.
fn judged(ending: Ending, pass: i64, what: &str) -> Result<Pass, Halt> {
    match ending {
        Ending::Unsure { .. } if pass < PASSES => Ok(Pass::Again),
        Ending::Whole | Ending::Unsure { missing: 0, .. } => Ok(Pass::Whole),
        Ending::Unsure { missing, moved, .. } if missing <= moved => Ok(Pass::Patchy),
        Ending::Unsure { missing, said, .. } => {
            let why = format!("Scalekit says this directory has {said} {what} and lists {} of them.", said - missing);
            Err(Halt::Stopped("INCOMPLETE_LIST", why))
        }
    }
}

/// To the next list, or through this one once more.
fn pass_on(job: &mut Job<'_>, directory: &mut Listing, next: &str, pass: Pass) {
    if pass == Pass::Again {
        directory.pass += 1;
    } else {
        job.resync().whole &= pass == Pass::Whole;
        next.clone_into(&mut directory.step);
        directory.pass = 1;
    }
}

/// A page that names somebody twice means what it said last; one statement cannot write a row twice.
fn once_each<K: Ord, V>(page: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    page.collect()
}

fn listed(news: UserNews, asked_at: Timestamp) -> Option<Listed> {
    let UserNews { user, active, profile, groups, roles, .. } = news;
    Some(Listed { user: user?, active, profile, groups, roles, asked_at })
}

/// Once through the groups of a directory, with the same suspicion.
async fn list_groups(job: &mut Job<'_>, directory: &mut Listing) -> Result<(), Halt> {
    let id = DirectoryId::new(&directory.id);
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let mut paging = Paging::default();
    loop {
        let page = job.patiently(client.groups(&organization, &id, directory.next_token.as_deref())).await?;
        paging.turn(&page)?;
        let groups: Vec<_> = once_each(page.items.into_iter().map(|group| (group.id, group.name))).into_iter().collect();
        directory.next_token = page.next;
        let mut tx = job.desk.db.write().await?;
        resync_listings::add_groups(&mut tx, job.run(), &id, page.asked_at, &groups).await?;
        let is_last = directory.next_token.is_none();
        if is_last {
            let known = resync_listings::count_groups(&mut tx, job.run(), &id).await?;
            pass_on(job, directory, "done", judged(paging.ending(known), directory.pass, "groups")?);
        }
        job.keep_further(&mut tx).await?;
        resync_listings::save_directory(&mut tx, job.run(), directory).await?;
        tx.commit().await?;
        if is_last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_too_restless_to_be_sure_of_takes_nobody_away() {
        let unsure = |missing| Ending::Unsure { missing, said: 40, moved: 10 };

        assert_eq!(judged(Ending::Whole, 1, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), 1, "people").unwrap(), Pass::Again);
        assert_eq!(judged(unsure(0), PASSES, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), PASSES, "people").unwrap(), Pass::Patchy);
        let why = judged(unsure(11), PASSES, "people").unwrap_err().to_string();
        assert_eq!(why, "Scalekit says this directory has 40 people and lists 29 of them.");
    }
}
