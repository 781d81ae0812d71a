//! Lists the users and the groups of a directory, page by page. Each page is stored with the token
//! of the next page before the next answer is processed; the next call runs while a page of users
//! is stored.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::{
    runner::{Abort, Job},
    setting_aside::set_aside,
};
use crate::{
    domain::{
        directory::ListedUser, event::UserPayload, id::DirectoryId, resync::SetAsideKind,
        time::Timestamp,
    },
    scalekit::client::{Ending, Page, PageGuard, SetAside},
    store::{
        resync_listings::{self, Listing, count_set_aside},
        resync_plans, settings,
    },
};

/// How many passes a list gets while it changes during the listing.
const PASSES: i64 = 3;
/// How often a list is restarted because Scalekit refuses a page token of its own.
const RESTARTS: i64 = 3;

/// Lists the users of a directory once. If they change during the listing, the list is read again:
/// a user who is on no page of any pass is not in the directory.
pub(super) async fn list_people(job: &mut Job<'_>, directory: &mut Listing) -> Result<(), Abort> {
    let id = DirectoryId::new(&directory.id);
    let (client, organization) = (job.client()?, job.organization().clone());
    let mut paging = PageGuard::default();
    let first =
        job.with_heartbeat(client.users(&organization, &id, directory.next_token.as_deref())).await;
    let Some(mut page) = or_from_the_start(job, directory, first).await? else { return Ok(()) };
    loop {
        paging.turn(&page, |user_payload| user_payload.user.clone())?;
        directory.next_token.clone_from(&page.next);
        let Some(token) = page.next.clone() else { break };
        // When the run is dropped, the task set cancels this call, too.
        let mut next = JoinSet::new();
        next.spawn({
            let (client, organization, id) = (client.clone(), organization.clone(), id.clone());
            async move { client.users(&organization, &id, Some(&token)).await }
        });
        keep_people(job, directory, page, None).await?;
        let answer = job
            .with_heartbeat(async {
                next.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(broken()))
            })
            .await;
        let Some(further) = or_from_the_start(job, directory, answer).await? else { return Ok(()) };
        page = further;
    }
    keep_people(job, directory, page, Some(&paging)).await
}

/// The page; or none if Scalekit refuses a page token of its own: then the list restarts, a few
/// times. A token may be valid only for a short time, or only in one Scalekit process.
async fn or_from_the_start<T>(
    job: &mut Job<'_>,
    directory: &mut Listing,
    answer: Result<Page<T>, Abort>,
) -> Result<Option<Page<T>>, Abort> {
    let error = match answer {
        Err(Abort::Scalekit(error))
            if directory.next_token.is_some() && error.may_be_the_page_token() =>
        {
            error
        }
        answer => return answer.map(Some),
    };
    if directory.restarts >= RESTARTS {
        let why = format!(
            "Scalekit refused its own page tokens {} times, so its list cannot be read to the end ({error})",
            RESTARTS + 1
        );
        return Err(Abort::Stopped("PAGE_TOKEN_REFUSED", format!("{why}.")));
    }
    directory.restarts += 1;
    directory.next_token = None;
    let mut tx = job.state.db.write().await?;
    job.announce_progress(&mut tx).await?;
    job.keep(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(None)
}

fn broken() -> crate::scalekit::client::Error {
    crate::scalekit::client::Error::InvalidResponse("its answer could not be read".to_owned())
}

async fn keep_people(
    job: &mut Job<'_>,
    directory: &mut Listing,
    page: Page<UserPayload>,
    last: Option<&PageGuard>,
) -> Result<(), Abort> {
    let (mut people, strange) = sorted_out(page.items, page.asked_at);
    let id = DirectoryId::new(&directory.id);
    let mut tx = job.state.db.write().await?;
    let kept = settings::values(&mut tx, &job.state.settings.fixed).await?.kept_attributes;
    for person in &mut people {
        person.attributes = kept.of(person.attributes.as_ref());
    }
    job.announce_progress(&mut tx).await?;
    let new = resync_plans::add_people(&mut tx, job.run(), &id, directory.pass, &people).await?;
    let (parts, entries): (Vec<_>, Vec<_>) =
        page.set_aside.into_iter().partition(|aside| aside.is_part);
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
            let why = format!(
                "Scalekit’s answer cannot be used: of {aside} people that it lists, not one can be read."
            );
            return Err(Abort::Stopped("UNUSABLE_ANSWER", why));
        }
        pass_on(
            job,
            directory,
            "groups",
            judged(paging.ending(known + aside), directory.pass, "people")?,
        );
    }
    job.record_progress(&mut tx).await?;
    resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    tx.commit().await?;
    Ok(())
}

/// Users who were read, but whose entries contradict each other.
#[derive(Default)]
struct Strange {
    /// One page names the user twice with different values.
    twice: Vec<SetAside>,
    /// One page says both that the user is active and that the user is not: a guess could give a
    /// seat to a deactivated user.
    contradicted: Vec<SetAside>,
}

/// If a page names a user twice, the last entry counts, because one statement cannot write a row
/// twice. If one entry is active and the other is not, none counts.
fn sorted_out(items: Vec<UserPayload>, asked_at: Timestamp) -> (Vec<ListedUser>, Strange) {
    let (mut people, mut strange): (BTreeMap<_, ListedUser>, _) =
        (BTreeMap::new(), Strange::default());
    let mut contradicted = BTreeSet::new();
    for person in items.into_iter().filter_map(|user_payload| listed(user_payload, asked_at)) {
        match people.get(&person.user).filter(|before| **before != person) {
            Some(before) if before.active != person.active => {
                contradicted.insert(person.user.clone());
            }
            Some(_) => strange.twice.push(SetAside::of_person(
                &person.user,
                "A page names this person twice; the last one counts.",
            )),
            None => {}
        }
        people.insert(person.user.clone(), person);
    }
    for user in contradicted {
        people.remove(&user);
        strange.contradicted.push(SetAside::of_person(
            &user,
            "A page names this person twice, once as active and once as not.",
        ));
    }
    (people.into_values().collect(), strange)
}

/// The result of one pass through a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    Whole,
    /// The list changed too much to be sure that no user is missing: the run may add and change
    /// users, but not remove them.
    Patchy,
    /// The numbers do not match: another pass follows.
    Again,
}

/// Judges a pass by its numbers. Error: the numbers do not match in any pass.
fn judged(ending: Ending, pass: i64, what: &str) -> Result<Pass, Abort> {
    match ending {
        Ending::Unsure { .. } if pass < PASSES => Ok(Pass::Again),
        Ending::Whole | Ending::Unsure { missing: 0, .. } => Ok(Pass::Whole),
        Ending::Unsure { missing, moved, repeated, .. } if missing <= moved + repeated => {
            Ok(Pass::Patchy)
        }
        Ending::Unsure { missing, said, .. } => {
            let why = format!(
                "Scalekit says this directory has {said} {what} and lists {} of them.",
                said - missing
            );
            Err(Abort::Stopped("INCOMPLETE_LIST", why))
        }
    }
}

/// Advances to the next list, or restarts this one.
fn pass_on(job: &mut Job<'_>, directory: &mut Listing, next: &str, pass: Pass) {
    if pass == Pass::Again {
        directory.pass += 1;
    } else {
        job.resync().is_complete &= pass == Pass::Whole;
        next.clone_into(&mut directory.step);
        directory.pass = 1;
    }
}

fn listed(user_payload: UserPayload, asked_at: Timestamp) -> Option<ListedUser> {
    let UserPayload { user, active, profile, groups, roles, attributes, .. } = user_payload;
    Some(ListedUser { user: user?, active, profile, groups, roles, attributes, asked_at })
}

/// Lists the groups of a directory once, with the same checks.
pub(super) async fn list_groups(job: &mut Job<'_>, directory: &mut Listing) -> Result<(), Abort> {
    let id = DirectoryId::new(&directory.id);
    let (client, organization) = (job.client()?, job.organization().clone());
    let mut paging = PageGuard::default();
    loop {
        let answer = job
            .with_heartbeat(client.groups(&organization, &id, directory.next_token.as_deref()))
            .await;
        let Some(page) = or_from_the_start(job, directory, answer).await? else { return Ok(()) };
        paging.turn(&page, |group| group.id.clone())?;
        // If a page names a group twice, the last entry counts.
        let groups: BTreeMap<_, _> =
            page.items.into_iter().map(|group| (group.id, group.name)).collect();
        let groups: Vec<_> = groups.into_iter().collect();
        directory.next_token = page.next;
        let mut tx = job.state.db.write().await?;
        resync_listings::add_groups(&mut tx, job.run(), &id, page.asked_at, &groups).await?;
        set_aside(job, &mut tx, (&directory.id, SetAsideKind::Group), &page.set_aside).await?;
        let is_last = directory.next_token.is_none();
        if is_last {
            let known = resync_listings::count_groups(&mut tx, job.run(), &id).await?;
            let aside =
                count_set_aside(&mut tx, job.run(), &directory.id, SetAsideKind::Group).await?;
            pass_on(
                job,
                directory,
                "done",
                judged(paging.ending(known + aside), directory.pass, "groups")?,
            );
        }
        job.record_progress(&mut tx).await?;
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
    fn a_list_that_changes_too_often_removes_no_person() {
        let unsure = |missing| Ending::Unsure { missing, said: 40, moved: 10, repeated: 0 };

        assert_eq!(judged(Ending::Whole, 1, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), 1, "people").unwrap(), Pass::Again);
        assert_eq!(judged(unsure(0), PASSES, "people").unwrap(), Pass::Whole);
        assert_eq!(judged(unsure(3), PASSES, "people").unwrap(), Pass::Patchy);
        let twice = Ending::Unsure { missing: 11, said: 40, moved: 0, repeated: 11 };
        assert_eq!(
            judged(twice, PASSES, "people").unwrap(),
            Pass::Patchy,
            "some stand in it twice"
        );
        let why = judged(unsure(11), PASSES, "people").unwrap_err().to_string();
        assert_eq!(why, "Scalekit says this directory has 40 people and lists 29 of them.");
    }
}
