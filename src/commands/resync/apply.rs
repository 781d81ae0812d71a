//! Applies exactly the stored plan, a part in each transaction, through the seat rules: releases
//! first, then all other changes, in order of id. A user with a newer version from a webhook is not
//! changed.

use std::{collections::BTreeSet, time::Duration};

use super::{
    super::{
        Error, Notify,
        alerts::update_directory_alert,
        seat_transaction::{Cause, Needs, SeatTransaction},
    },
    imported,
    runner::{Abort, Job},
};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        decision::Outcome,
        directory::{Change, removal},
        directory_user::{Precedence, Version},
        event::DirectoryChange,
        id::{DirectoryId, DirectoryUserId, GroupId},
        resync::{Resync, ResyncState, SetAsideKind},
        seats::Command,
        time::Timestamp,
    },
    store::{
        directories,
        groups::GroupUpdate,
        organizations::{self, Locked},
        resync_listings,
        resync_plans::{self, Place, ToDo},
        resyncs,
    },
};

/// Users in one transaction, at first and at most.
const FIRST: i64 = 100;
const MOST: i64 = 500;
/// A transaction that takes longer than this delays deliveries, so the next one is smaller. On
/// Postgres it delays those of this organization, on SQLite those of every organization: there it
/// is shorter while deliveries come in.
const LONG: Duration = Duration::from_millis(40);
const LONG_ON_SQLITE: Duration = Duration::from_millis(5);
/// Groups in one transaction.
const GROUPS: i64 = 200;

pub(super) async fn apply(job: &mut Job<'_>) -> Result<(), Abort> {
    if !job.resync().is_import() {
        apply_directories(job).await?;
        while apply_groups(job).await? {}
    }
    let (mut part, mut after) = (FIRST, Place::default());
    while let Some(began) = apply_people(job, &mut after, part).await? {
        // a step of the clock changes the size of one part only
        let took = job.state.clock.now().since(began);
        job.yield_to_writers(began).await;
        let delays_all = !job.state.db.is_postgres() && !job.pauses.are_rare();
        let quick = took < if delays_all { LONG_ON_SQLITE } else { LONG };
        part = if quick { (part * 2).min(MOST) } else { (part / 2).max(FIRST / 4) };
    }
    finish(job).await
}

async fn lock(tx: &mut Tx, job: &Job<'_>) -> Result<Locked, Abort> {
    let locked = organizations::lock(tx, job.organization()).await?.ok_or(Error::Missing)?;
    check(&locked)?;
    Ok(locked)
}

fn check(locked: &Locked) -> Result<(), Abort> {
    if locked.roster.archived {
        let why = "The organization was archived meanwhile.";
        return Err(Abort::Stopped(Resync::ORGANIZATION_DELETED, why.to_owned()));
    }
    Ok(())
}

async fn apply_directories(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut tx = job.state.db.write().await?;
    let locked = lock(&mut tx, job).await?;
    job.keep(&mut tx).await?;
    take_over_directories(&mut tx, job, &locked.scope).await?;
    // at once, because the run may fail after this
    update_directory_alert(&mut tx, job.state, &locked, (job.state.clock.now(), Notify::Sent))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes over the states of the directories from the listing. An unreadable directory entry may be
/// any of the missing directories: then none counts as deleted.
pub(super) async fn take_over_directories(
    tx: &mut Tx,
    job: &mut Job<'_>,
    organization: &OrganizationScope,
) -> Result<(), Abort> {
    let at = job.resync().since.unwrap_or(Timestamp::NEVER);
    let listed = resync_listings::directories(tx, job.run()).await?;
    let known = directories::of_organization(tx, organization).await?;
    for directory in &listed {
        let change =
            if directory.enabled { DirectoryChange::Enabled } else { DirectoryChange::Disabled };
        // A directory that was only created is not enabled either.
        let same = known
            .iter()
            .any(|known| known.id == directory.id && known.state.is_enabled() == directory.enabled);
        if !same {
            let stamp = Version { at, weight: Precedence::Active, event: 0 };
            let id = DirectoryId::new(&directory.id);
            directories::apply_update(
                tx,
                organization,
                (&id, directory.provider.as_deref()),
                change,
                stamp,
            )
            .await?;
        }
    }
    if resync_listings::count_set_aside(tx, job.run(), "", SetAsideKind::Directory).await? > 0 {
        return Ok(());
    }
    for gone in known.iter().filter(|known| listed.iter().all(|directory| directory.id != known.id))
    {
        let stamp = Version { at, weight: Precedence::Deleted, event: 0 };
        directories::apply_update(
            tx,
            organization,
            (&DirectoryId::new(&gone.id), None),
            DirectoryChange::Deleted,
            stamp,
        )
        .await?;
    }
    Ok(())
}

/// Applies a part of the groups. False: none is left.
async fn apply_groups(job: &mut Job<'_>) -> Result<bool, Abort> {
    let state = job.state;
    let mut tx = state.db.write().await?;
    let rows = resync_listings::groups_to_do(&mut tx, job.run(), GROUPS).await?;
    let Some(last) = rows.last() else { return Ok(false) };
    let mut seats = SeatTransaction::lock(state, tx, job.organization()).await?;
    check(seats.organization(job.organization())?)?;
    let scope = seats.scope(job.organization())?;
    job.record_progress(seats.tx()).await?;
    let by = job.resync().confirmed_by.clone().or_else(|| job.resync().by.clone());
    let mut needs = Needs::default();
    for row in rows.iter().filter(|row| row.change == "removed") {
        needs.group_deleted(scope.id(), &GroupId::new(&row.id));
    }
    seats.load(needs).await?;
    for row in &rows {
        let deleted = row.change == "removed";
        let weight = if deleted { Precedence::Deleted } else { Precedence::Active };
        let (id, directory) =
            (GroupId::new(&row.id), row.directory_id.as_ref().map(DirectoryId::new));
        let stamp = Version { at: Timestamp::from_nanos(row.asked_at), weight, event: 0 };
        let update = GroupUpdate {
            id: &id,
            directory: directory.as_ref(),
            name: row.name.as_deref(),
            deleted,
            stamp,
        };
        seats.update_group(scope.id(), &update).await?;
        if deleted {
            let command = Command::GroupDeleted(id, stamp);
            seats.decide(scope.id(), &command, Cause::Resync { by: by.as_deref() }).await?;
        }
    }
    let mut tx = seats.write().await?;
    resync_listings::groups_done(&mut tx, job.run(), last).await?;
    tx.commit().await?;
    Ok(true)
}

/// Applies the part of the users after a position, and moves the position. Gives the time after the
/// lock was taken, so that a wait for the lock does not count as slow. None: every user is done.
async fn apply_people(
    job: &mut Job<'_>,
    after: &mut Place,
    most: i64,
) -> Result<Option<Timestamp>, Abort> {
    let state = job.state;
    let mut tx = state.db.write().await?;
    let rows = resync_plans::to_do(&mut tx, job.run(), after, most).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    *after = last.place.clone();
    let mut seats = SeatTransaction::lock(state, tx, job.organization()).await?;
    check(seats.organization(job.organization())?)?;
    let now = seats.now();
    let outcomes = decide(&mut seats, job, &rows).await?;
    let mut tx = seats.write().await?;
    resync_plans::note_outcomes(&mut tx, job.run(), &outcomes).await?;
    job.resync().applied += i64::try_from(rows.len()).unwrap_or(0);
    job.record_progress(&mut tx).await?;
    tx.commit().await?;
    Ok(Some(now))
}

/// Decides the rows in order. Gives the outcome of each user.
async fn decide(
    seats: &mut SeatTransaction<'_>,
    job: &mut Job<'_>,
    rows: &[ToDo],
) -> Result<Vec<(DirectoryUserId, &'static str)>, Abort> {
    let began = job.resync().since.unwrap_or(Timestamp::NEVER);
    let is_import = job.resync().is_import();
    let by = job.resync().confirmed_by.clone().or_else(|| job.resync().by.clone());
    let by = by.as_deref();
    let cause = if is_import { Cause::Import { by } } else { Cause::Resync { by } };
    let organization = job.organization();
    let command = |row: &ToDo| {
        Command::UserUpdate(if row.change == Change::Removed {
            removal(row.listed.user.clone(), began)
        } else {
            row.listed.update()
        })
    };
    let commands: Vec<Command> = rows.iter().map(command).collect();
    let mut needs = Needs::of(organization, &commands);
    rows.iter()
        .filter_map(|row| row.placeholder.as_ref())
        .for_each(|placeholder| needs.user(organization, placeholder));
    if is_import {
        imported::need_namesakes(&mut needs, organization, rows);
    }
    seats.load(needs).await?;
    let of_directory = if is_import {
        imported::now_of_directory(&seats.organization(organization)?.roster, rows)
    } else {
        BTreeSet::new()
    };
    let mut outcomes = Vec::with_capacity(rows.len());
    for (ToDo { listed, placeholder, .. }, command) in rows.iter().zip(&commands) {
        if of_directory.contains(&listed.user) {
            outcomes.push((listed.user.clone(), Outcome::Stale.as_str()));
            continue;
        }
        if let Some(placeholder) = placeholder {
            seats.identify_placeholder(organization, (placeholder, &listed.user), cause)?;
        }
        let version = Version { at: listed.asked_at, weight: Precedence::Active, event: 0 };
        for (group, name) in listed.groups.iter().flatten() {
            seats.mention_group(organization, group, name.as_deref(), version);
        }
        let decided = seats.decide(organization, command, cause).await?;
        let said = listed.attributes.as_ref();
        seats.record_attributes(organization, &listed.user, said, listed.stamp()).await?;
        outcomes.push((listed.user.clone(), decided.outcome.as_str()));
    }
    Ok(outcomes)
}

async fn finish(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut seats = SeatTransaction::begin(job.state, job.organization()).await?;
    check(seats.organization(job.organization())?)?;
    let now = seats.now();
    resyncs::end(seats.tx(), &job.claimed, ResyncState::Done, now).await?;
    job.fulfil(&mut seats).await?;
    seats.commit().await?;
    job.resync().state = ResyncState::Done;
    Ok(())
}
