//! Lists the directories from Scalekit, and then the users and groups of each one, with no
//! transaction open during a call.

use super::{
    PART,
    apply::take_over_directories,
    naming,
    pages::{list_groups, list_people},
    runner::{Abort, Job},
    setting_aside::set_aside,
};
use crate::{
    commands::{Error, seat_transaction::SeatTransaction},
    domain::{
        directory::{DirectoryState, gone},
        resync::{Resync, SetAsideKind},
        time::Timestamp,
    },
    scalekit::client::Page,
    store::{
        directories::{self, Known},
        imports, organizations,
        resync_listings::{self, Listing},
        resync_plans,
    },
};

pub(super) async fn list(job: &mut Job<'_>) -> Result<(), Abort> {
    if job.resync().started_at.is_none() {
        look_at_directories(job).await?;
        naming::learn_name(job).await?;
    }
    let mut tx = job.state.db.read().await?;
    let directories = resync_listings::directories(&mut tx, job.run()).await?;
    if directories.is_empty() && imports::exist(&mut tx, job.organization()).await? {
        // else a resync would plan to remove all people that a file has brought
        let why = "No directory is connected. The people of this organization came from imports.";
        return Err(Abort::Quiet(Resync::NOT_ENABLED, why.to_owned()));
    }
    drop(tx);
    if !directories.is_empty() && directories.iter().all(|directory| !directory.enabled) {
        return Err(none_enabled(job, &directories).await?);
    }
    go_through(job, directories).await?;
    while let Some(again) = seek_missing(job).await? {
        go_through(job, again).await?;
    }
    if job.resync().is_complete { look_again(job).await } else { Ok(()) }
}

/// Gives the reason why nothing is compared. The states of the directories are taken over
/// nevertheless.
async fn none_enabled(job: &mut Job<'_>, listed: &[Listing]) -> Result<Abort, Abort> {
    let mut seats = SeatTransaction::begin(job.state, job.organization()).await?;
    let scope = seats.scope(job.organization())?;
    job.keep(seats.tx()).await?;
    let known = directories::of_organization(seats.tx(), &scope).await?;
    if !job.resync().dry_run {
        take_over_directories(seats.tx(), job, &scope).await?;
        seats.note_directories(scope.id());
        seats.edit(scope.id())?;
    }
    seats.commit().await?;
    let is_new = |listing: &Listing| {
        known
            .iter()
            .find(|known| known.id == listing.id)
            .is_none_or(|known| known.state == DirectoryState::Created)
    };
    if listed.iter().all(is_new)
        && resync_plans::live(&mut job.state.db.read().await?, job.organization(), false).await?
            == 0
    {
        let why =
            "No directory of this organization is enabled yet, so there is nothing to compare.";
        return Ok(Abort::Quiet(Resync::NOT_ENABLED, why.to_owned()));
    }
    let why = "Every directory of this organization is disabled in Scalekit, so nothing it says can be trusted.";
    Ok(Abort::Stopped("DIRECTORY_DISABLED", why.to_owned()))
}

async fn go_through(job: &mut Job<'_>, directories: Vec<Listing>) -> Result<(), Abort> {
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

/// The directories to list a second time, because a user would be removed. If pages are counted by
/// position, a user at the edge of a page is skipped when an earlier user leaves during the
/// listing, and the total still fits when another user joins. So only a user who is missing twice
/// is gone.
async fn seek_missing(job: &mut Job<'_>) -> Result<Option<Vec<Listing>>, Abort> {
    let mut tx = job.state.db.read().await?;
    let all = resync_listings::directories(&mut tx, job.run()).await?;
    drop(tx);
    let mut again: Vec<Listing> =
        all.into_iter().filter(|directory| directory.enabled && !directory.again).collect();
    if again.is_empty() || !job.resync().is_complete || !is_anybody_missing(job).await? {
        return Ok(None);
    }
    let mut tx = job.state.db.write().await?;
    job.record_progress(&mut tx).await?;
    for directory in &mut again {
        "users".clone_into(&mut directory.step);
        directory.again = true;
        resync_listings::save_directory(&mut tx, job.run(), directory).await?;
    }
    tx.commit().await?;
    Ok(Some(again))
}

async fn is_anybody_missing(job: &mut Job<'_>) -> Result<bool, Abort> {
    let since = job.resync().since.unwrap_or(Timestamp::NEVER);
    let mut after = String::new();
    loop {
        let mut tx = job.state.db.read().await?;
        let unlisted = resync_plans::unlisted_after(&mut tx, job.run(), &after, PART).await?;
        let Some((last, _)) = unlisted.last() else { return Ok(false) };
        after = last.id.to_string();
        if !gone(unlisted.iter().map(|(user, _)| user), since).is_empty() {
            return Ok(true);
        }
    }
}

/// Lists the directories again at the end: users count as missing only if every directory was
/// enabled and listed from the first page to the last.
async fn look_again(job: &mut Job<'_>) -> Result<(), Abort> {
    let (client, organization) = (job.client()?, job.organization().clone());
    let answer = job.with_heartbeat(client.directories(&organization)).await?;
    let now = answer.items;
    let mut tx = job.state.db.write().await?;
    let before = resync_listings::directories(&mut tx, job.run()).await?;
    let locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(Error::Missing)?;
    let known = directories::of_organization(&mut tx, &locked.scope).await?;
    let is_there = |listing: &Listing| {
        now.iter().any(|directory| directory.id.as_str() == listing.id && directory.enabled)
    };
    let is_listed = |known: &Known| before.iter().any(|listing| listing.id == known.id);
    set_aside(job, &mut tx, ("", SetAsideKind::Directory), &answer.set_aside).await?;
    job.resync().is_complete &=
        before.len() == now.len() && before.iter().all(is_there) && known.iter().all(is_listed);
    job.keep(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn look_at_directories(job: &mut Job<'_>) -> Result<(), Abort> {
    let (client, organization) = (job.client()?, job.organization().clone());
    let started_at = job.state.clock.now();
    let answer = job.with_heartbeat(client.directories(&organization)).await?;
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
    resync.is_complete = directories.iter().all(|directory| directory.enabled);
    resync.total = said.filter(|said| *said > 0);
    let mut tx = job.state.db.write().await?;
    job.announce_progress(&mut tx).await?;
    job.claimed.wanted_at = organizations::resync_wish(&mut tx, job.organization()).await?;
    set_aside(job, &mut tx, ("", SetAsideKind::Directory), &strange).await?;
    job.record_progress(&mut tx).await?;
    resync_listings::add_directories(&mut tx, job.run(), &rows).await?;
    tx.commit().await?;
    Ok(())
}
