//! Scalekit is asked, page by page, with no transaction open meanwhile. Each page is durable with the token of the next one
//! before that one's answer is looked at; while one page is written the next is on its way.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::{
    PART,
    applying::take_over_directories,
    naming,
    run::{Halt, Job},
    setting_aside::set_aside,
};
use crate::{
    acts::Error,
    domain::{
        directory::{Listed, gone},
        event::UserNews,
        id::DirectoryId,
        page::{DirectoryRow, DirectoryState},
        resync::{Resync, SetAsideKind},
        time::Timestamp,
    },
    scalekit::client::{Ending, Page, Paging, SetAside},
    store::{
        directories, organizations,
        resync_listings::{self, Listing, count_set_aside},
        resync_plans,
    },
};

/// How often a directory's list is gone through while it changes underway.
const PASSES: i64 = 3;
/// How often it is begun again because Scalekit refuses a token of its own.
const RESTARTS: i64 = 3;

pub(super) async fn list(job: &mut Job<'_>) -> Result<(), Halt> {
    if job.resync().started_at.is_none() {
        look_at_directories(job).await?;
        naming::learn_name(job).await?;
    }
    let mut tx = job.desk.db.read().await?;
    let directories = resync_listings::directories(&mut tx, job.run()).await?;
    drop(tx);
    if !directories.is_empty() && directories.iter().all(|directory| !directory.enabled) {
        return Err(none_enabled(job, &directories).await?);
    }
    go_through(job, directories).await?;
    while let Some(again) = seek_missing(job).await? {
        go_through(job, again).await?;
    }
    if job.resync().whole { look_again(job).await } else { Ok(()) }
}

/// Why nothing is compared. What the listing says of the directories is taken over all the same.
async fn none_enabled(job: &mut Job<'_>, listed: &[Listing]) -> Result<Halt, Halt> {
    let mut tx = job.desk.db.write().await?;
    let locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(Error::Missing)?;
    job.keep(&mut tx).await?;
    let known = directories::of_organization(&mut tx, &locked.scope).await?;
    if !job.resync().dry_run {
        take_over_directories(&mut tx, job, &locked).await?;
        organizations::save(&mut tx, &[&locked], job.desk.clock.now()).await?;
    }
    tx.commit().await?;
    let is_new =
        |listing: &Listing| known.iter().find(|known| known.id == listing.id).is_none_or(|known| known.state == DirectoryState::Created);
    if listed.iter().all(is_new) && resync_plans::live(&mut job.desk.db.read().await?, job.organization()).await? == 0 {
        let why = "No directory of this organization is enabled yet, so there is nothing to compare.";
        return Ok(Halt::Quiet(Resync::NOT_ENABLED, why.to_owned()));
    }
    let why = "Every directory of this organization is disabled in Scalekit, so nothing it says can be trusted.";
    Ok(Halt::Stopped("DIRECTORY_DISABLED", why.to_owned()))
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
    let answer = job.patiently(client.directories(&organization)).await?;
    let now = answer.items;
    let mut tx = job.desk.db.write().await?;
    let before = resync_listings::directories(&mut tx, job.run()).await?;
    let locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(Error::Missing)?;
    let known = directories::of_organization(&mut tx, &locked.scope).await?;
    let is_there = |listing: &Listing| now.iter().any(|directory| directory.id.as_str() == listing.id && directory.enabled);
    let is_listed = |known: &DirectoryRow| before.iter().any(|listing| listing.id == known.id);
    set_aside(job, &mut tx, ("", SetAsideKind::Directory), &answer.set_aside).await?;
    job.resync().whole &= before.len() == now.len() && before.iter().all(is_there) && known.iter().all(is_listed);
    job.keep(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn look_at_directories(job: &mut Job<'_>) -> Result<(), Halt> {
    let (client, organization) = (job.client.clone(), job.organization().clone());
    let started_at = job.desk.clock.now();
    let answer = job.patiently(client.directories(&organization)).await?;
    let Page { items: directories, set_aside: strange, asked_at, .. } = answer;
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
            restarts: 0,
        })
        .collect();
    let said: Option<i64> = directories.iter().filter(|d| d.enabled).map(|d| d.people).sum();
    let resync = job.resync();
    (resync.started_at, resync.since) = (Some(started_at), Some(asked_at));
    resync.whole = directories.iter().all(|directory| directory.enabled);
    resync.total = said.filter(|said| *said > 0);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    job.claimed.wanted_at = organizations::resync_wish(&mut tx, job.organization()).await?;
    set_aside(job, &mut tx, ("", SetAsideKind::Directory), &strange).await?;
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
    let first = job.patiently(client.users(&organization, &id, directory.next_token.as_deref())).await;
    let Some(mut page) = or_from_the_start(job, directory, first).await? else { return Ok(()) };
    loop {
        paging.turn(&page, |news| news.user.clone())?;
        directory.next_token.clone_from(&page.next);
        let Some(token) = page.next.clone() else { break };
        // whoever lets go of the run lets go of this call, too
        let mut next = JoinSet::new();
        next.spawn({
            let (client, organization, id) = (client.clone(), organization.clone(), id.clone());
            async move { client.users(&organization, &id, Some(&token)).await }
        });
        keep_people(job, directory, page, None).await?;
        let answer = job.patiently(async { next.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(broken())) }).await;
        let Some(further) = or_from_the_start(job, directory, answer).await? else { return Ok(()) };
        page = further;
    }
    keep_people(job, directory, page, Some(&paging)).await
}

/// The page; or nothing, where Scalekit refuses the token that it gave itself: then the list begins again, a few times. Tokens
/// may be good for a while only, or for one process of theirs.
async fn or_from_the_start<T>(job: &mut Job<'_>, directory: &mut Listing, answer: Result<Page<T>, Halt>) -> Result<Option<Page<T>>, Halt> {
    let error = match answer {
        Err(Halt::Scalekit(error)) if directory.next_token.is_some() && error.may_be_the_page_token() => error,
        answer => return answer.map(Some),
    };
    if directory.restarts >= RESTARTS {
        let why = format!("Scalekit refused its own page tokens {} times, so its list cannot be read to the end ({error})", RESTARTS + 1);
        return Err(Halt::Stopped("PAGE_TOKEN_REFUSED", format!("{why}.")));
    }
    directory.restarts += 1;
    directory.next_token = None;
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    job.keep(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(None)
}

fn broken() -> crate::scalekit::client::Error {
    crate::scalekit::client::Error::Surprise("its answer could not be read".to_owned())
}

async fn keep_people(job: &mut Job<'_>, directory: &mut Listing, page: Page<UserNews>, last: Option<&Paging>) -> Result<(), Halt> {
    let (people, strange) = sorted_out(page.items, page.asked_at);
    let id = DirectoryId::new(&directory.id);
    let mut tx = job.desk.db.write().await?;
    job.tell(&mut tx).await?;
    let new = resync_plans::add_people(&mut tx, job.run(), &id, directory.pass, &people).await?;
    let (parts, entries): (Vec<_>, Vec<_>) = page.set_aside.into_iter().partition(|aside| aside.is_part);
    set_aside(job, &mut tx, (&directory.id, SetAsideKind::Membership), &parts).await?;
    set_aside(job, &mut tx, (&directory.id, SetAsideKind::Duplicate), &strange.twice).await?;
    for aside in [&entries, &strange.contradicted] {
        set_aside(job, &mut tx, (&directory.id, SetAsideKind::User), aside).await?;
    }
    let resync = job.resync();
    resync.listed += i64::try_from(new).unwrap_or(0);
    resync.total = resync.total.max(page.total).map(|total| total.max(resync.listed));
    if let Some(paging) = last {
        let known = resync_plans::count_of_directory(&mut tx, job.run(), &directory.id).await?;
        let aside = count_set_aside(&mut tx, job.run(), &directory.id, SetAsideKind::User).await?;
        if known == 0 && aside > 0 {
            let why = format!("Scalekit’s answer cannot be used: of {aside} people that it lists, not one can be read.");
            return Err(Halt::Stopped("UNUSABLE_ANSWER", why));
        }
        pass_on(job, directory, "groups", judged(paging.ending(known + aside), directory.pass, "people")?);
    }
    job.keep_further(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(())
}

/// People who were read, and are still not to be believed.
#[derive(Default)]
struct Strange {
    /// They stand on one page twice, with different words.
    twice: Vec<SetAside>,
    /// It is said that they are active, and that they are not: to guess would give a seat to a person who is switched off.
    contradicted: Vec<SetAside>,
}

/// A page that names a person twice means what it said last; one statement cannot write a row twice. Where it says that they are
/// active and that they are not, it means nothing.
fn sorted_out(items: Vec<UserNews>, asked_at: Timestamp) -> (Vec<Listed>, Strange) {
    let (mut people, mut strange): (BTreeMap<_, Listed>, _) = (BTreeMap::new(), Strange::default());
    let mut contradicted = BTreeSet::new();
    for person in items.into_iter().filter_map(|news| listed(news, asked_at)) {
        match people.get(&person.user).filter(|before| **before != person) {
            Some(before) if before.active != person.active => drop(contradicted.insert(person.user.clone())),
            Some(_) => strange.twice.push(SetAside::of_person(&person.user, "A page names this person twice; the last one counts.")),
            None => {}
        }
        people.insert(person.user.clone(), person);
    }
    for user in contradicted {
        people.remove(&user);
        strange.contradicted.push(SetAside::of_person(&user, "A page names this person twice, once as active and once as not."));
    }
    (people.into_values().collect(), strange)
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
        Ending::Unsure { missing, moved, repeated, .. } if missing <= moved + repeated => Ok(Pass::Patchy),
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
        let answer = job.patiently(client.groups(&organization, &id, directory.next_token.as_deref())).await;
        let Some(page) = or_from_the_start(job, directory, answer).await? else { return Ok(()) };
        paging.turn(&page, |group| group.id.clone())?;
        // a page that names a group twice means what it said last
        let groups: BTreeMap<_, _> = page.items.into_iter().map(|group| (group.id, group.name)).collect();
        let groups: Vec<_> = groups.into_iter().collect();
        directory.next_token = page.next;
        let mut tx = job.desk.db.write().await?;
        resync_listings::add_groups(&mut tx, job.run(), &id, page.asked_at, &groups).await?;
        set_aside(job, &mut tx, (&directory.id, SetAsideKind::Group), &page.set_aside).await?;
        let is_last = directory.next_token.is_none();
        if is_last {
            let known = resync_listings::count_groups(&mut tx, job.run(), &id).await?;
            let aside = count_set_aside(&mut tx, job.run(), &directory.id, SetAsideKind::Group).await?;
            pass_on(job, directory, "done", judged(paging.ending(known + aside), directory.pass, "groups")?);
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
        let unsure = |missing| Ending::Unsure { missing, said: 40, moved: 10, repeated: 0 };

        assert_eq!(judged(Ending::Whole, 1, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), 1, "people").unwrap(), Pass::Again);
        assert_eq!(judged(unsure(0), PASSES, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), PASSES, "people").unwrap(), Pass::Patchy);
        let twice = Ending::Unsure { missing: 11, said: 40, moved: 0, repeated: 11 };
        assert_eq!(judged(twice, PASSES, "people").unwrap(), Pass::Patchy, "some stand in it twice");
        let why = judged(unsure(11), PASSES, "people").unwrap_err().to_string();
        assert_eq!(why, "Scalekit says this directory has 40 people and lists 29 of them.");
    }
}
