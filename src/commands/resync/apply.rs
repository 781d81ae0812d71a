//! Applies exactly the stored plan, a part in each transaction, through the seat rules: releases
//! first, then all other changes, in order of id. A user with a newer version from a webhook is not
//! changed.

use std::{collections::BTreeMap, time::Duration};

use super::{
    super::{
        Error,
        ingest_deliveries::{load_waitlist_head, memberships},
        merge_placeholder::merge_placeholder,
        revoke_access::{Departures, Leaving, revoke_access},
        update_alerts,
    },
    runner::{Abort, Job},
};
use crate::{
    db::Tx,
    domain::{
        directory::{Change, ListedUser, removal},
        directory_user::{Precedence, Version},
        event::DirectoryChange,
        id::{DirectoryId, DirectoryUserId, GroupId},
        resync::{Resync, ResyncState, SetAsideKind},
        seats::{self, Command, SeatOutcome},
        time::Timestamp,
    },
    store::{
        decisions::{self, DecisionRecord},
        directories, directory_users, former_addresses,
        groups::{self, GroupUpdate},
        organizations::{self, Locked},
        resync_listings,
        resync_plans::{self, Place},
        resyncs,
    },
};

/// Users in one transaction, at first and at most.
const FIRST: i64 = 100;
const MOST: i64 = 500;
/// A transaction that takes longer than this delays deliveries, so the next one is smaller. On
/// SQLite it delays the deliveries of every organization, on Postgres those of this organization.
const LONG_ON_SQLITE: Duration = Duration::from_millis(5);
const LONG_ON_POSTGRES: Duration = Duration::from_millis(40);
/// Groups in one transaction.
const GROUPS: i64 = 200;

type ToDo = (ListedUser, Change, Option<DirectoryUserId>);

pub(super) async fn apply(job: &mut Job<'_>) -> Result<(), Abort> {
    apply_directories(job).await?;
    while apply_groups(job).await? {}
    let long = if job.state.db.is_postgres() { LONG_ON_POSTGRES } else { LONG_ON_SQLITE };
    let (mut part, mut after) = (FIRST, Place::default());
    while let Some(began) = apply_people(job, &mut after, part).await? {
        // a step of the clock changes the size of one part only
        let quick = job.state.clock.now().since(began) < long;
        job.yield_to_writers(began).await;
        part = if quick { (part * 2).min(MOST) } else { (part / 2).max(FIRST / 4) };
    }
    finish(job).await
}

async fn lock(tx: &mut Tx, job: &Job<'_>) -> Result<Locked, Abort> {
    let locked = organizations::lock(tx, job.organization()).await?.ok_or(Error::Missing)?;
    if locked.roster.archived {
        let why = "The organization was deleted in Scalekit meanwhile.";
        return Err(Abort::Stopped(Resync::ORGANIZATION_DELETED, why.to_owned()));
    }
    Ok(locked)
}

async fn apply_directories(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut tx = job.state.db.write().await?;
    let locked = lock(&mut tx, job).await?;
    job.keep(&mut tx).await?;
    take_over_directories(&mut tx, job, &locked).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes over the states of the directories from the listing. An unreadable directory entry may be
/// any of the missing directories: then none counts as deleted.
pub(super) async fn take_over_directories(tx: &mut Tx, job: &mut Job<'_>, locked: &Locked) -> Result<(), Abort> {
    let at = job.resync().since.unwrap_or(Timestamp::NEVER);
    let listed = resync_listings::directories(tx, job.run()).await?;
    let known = directories::of_organization(tx, &locked.scope).await?;
    for directory in &listed {
        let change = if directory.enabled { DirectoryChange::Enabled } else { DirectoryChange::Disabled };
        // A directory that was only created is not enabled either.
        let same = known.iter().any(|known| known.id == directory.id && known.state.is_enabled() == directory.enabled);
        if !same {
            let stamp = Version { at, weight: Precedence::Active, event: 0 };
            let id = DirectoryId::new(&directory.id);
            directories::apply_update(tx, &locked.scope, (&id, directory.provider.as_deref()), change, stamp).await?;
        }
    }
    if resync_listings::count_set_aside(tx, job.run(), "", SetAsideKind::Directory).await? > 0 {
        return Ok(());
    }
    for gone in known.iter().filter(|known| listed.iter().all(|directory| directory.id != known.id)) {
        let stamp = Version { at, weight: Precedence::Deleted, event: 0 };
        directories::apply_update(tx, &locked.scope, (&DirectoryId::new(&gone.id), None), DirectoryChange::Deleted, stamp).await?;
    }
    Ok(())
}

/// Applies a part of the groups. False: none is left.
async fn apply_groups(job: &mut Job<'_>) -> Result<bool, Abort> {
    let mut tx = job.state.db.write().await?;
    let locked = lock(&mut tx, job).await?;
    let rows = resync_listings::groups_to_do(&mut tx, job.run(), GROUPS).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    job.record_progress(&mut tx).await?;
    for row in &rows {
        let deleted = row.change == "removed";
        let weight = if deleted { Precedence::Deleted } else { Precedence::Active };
        let (id, directory) = (GroupId::new(&row.id), row.directory_id.as_ref().map(DirectoryId::new));
        let stamp = Version { at: Timestamp::from_nanos(row.asked_at), weight, event: 0 };
        let news = GroupUpdate { id: &id, directory: directory.as_ref(), name: row.name.as_deref(), deleted, stamp };
        groups::apply_update(&mut tx, &locked.scope, &news).await?;
    }
    resync_listings::groups_done(&mut tx, job.run(), &rows).await?;
    tx.commit().await?;
    Ok(true)
}

/// Applies the part of the users after a position, and moves the position. Gives the time after the
/// lock was taken, so that a wait for the lock does not count as slow. None: every user is done.
async fn apply_people(job: &mut Job<'_>, after: &mut Place, most: i64) -> Result<Option<Timestamp>, Abort> {
    let mut tx = job.state.db.write().await?;
    let rows = resync_plans::to_do(&mut tx, job.run(), after, most).await?;
    let Some((last, change, _)) = rows.last() else { return Ok(None) };
    *after = Place::of(*change, &last.user);
    let mut locked = lock(&mut tx, job).await?;
    let now = job.state.clock.now();
    load(&mut tx, &mut locked, &rows).await?;
    let (outcomes, departures) = decide(&mut tx, job, &mut locked, &rows, now).await?;
    if locked.roster.is_short() {
        return Err(Error::ShortRoster(locked.id().to_string()).into());
    }
    write_people(&mut tx, &locked, &rows, now).await?;
    revoke_access(&mut tx, job.state, &departures, &[&locked], now).await?;
    resync_plans::note_outcomes(&mut tx, job.run(), &outcomes).await?;
    job.resync().applied += i64::try_from(rows.len()).unwrap_or(0);
    job.record_progress(&mut tx).await?;
    update_alerts::update_alerts(&mut tx, job.state, std::iter::once(&locked), now).await?;
    tx.commit().await?;
    Ok(Some(now))
}

async fn load(tx: &mut Tx, locked: &mut Locked, rows: &[ToDo]) -> Result<(), Abort> {
    let ids = rows.iter().flat_map(|(listed, _, adopts)| [Some(&listed.user), adopts.as_ref()]).flatten();
    let keys: Vec<_> = ids.map(|id| (locked.id().clone(), id.clone())).collect();
    for (_, user) in directory_users::with_ids(tx, &keys).await? {
        locked.roster.add(user);
    }
    // A claim may free a seat, too: a waiting user may turn out to be deactivated.
    load_waitlist_head(tx, locked, i64::try_from(rows.len()).unwrap_or(i64::MAX)).await?;
    Ok(())
}

async fn decide(
    tx: &mut Tx,
    job: &mut Job<'_>,
    locked: &mut Locked,
    rows: &[ToDo],
    now: Timestamp,
) -> Result<(Vec<(DirectoryUserId, &'static str)>, Departures), Abort> {
    let began = job.resync().since.unwrap_or(Timestamp::NEVER);
    let actor = job.resync().confirmed_by.clone().or_else(|| job.resync().by.clone());
    let (mut outcomes, mut decided, mut departures) = (Vec::with_capacity(rows.len()), Vec::new(), Departures::default());
    for (listed, change, adopts) in rows {
        if let Some(stand_in) = adopts
            && locked.roster.identify_placeholder(stand_in, &listed.user)
        {
            merge_placeholder(tx, &locked.scope, stand_in, &listed.user).await?;
            for written in decided.iter_mut().filter(|written: &&mut DecisionRecord| written.step.user == *stand_in) {
                written.step.user = listed.user.clone();
            }
        }
        let news = if *change == Change::Removed { removal(listed.user.clone(), began) } else { listed.news() };
        let leaving = Leaving::by(&news, &locked.roster);
        let SeatOutcome { outcome, transitions, .. } =
            seats::decide(&mut locked.roster, &Command::UserUpdate(news), now).map_err(Error::from)?;
        departures.decided(leaving, outcome, &locked.roster, (&locked.scope, "resync"));
        outcomes.push((listed.user.clone(), outcome.as_str()));
        for step in transitions {
            decided.push(DecisionRecord {
                organization: locked.id().clone(),
                revision: locked.revision,
                ordinal: locked.decided,
                step,
                cause: "resync".to_owned(),
                event: None,
                actor: actor.clone(),
                at: now,
            });
            locked.decided += 1;
        }
    }
    decisions::add(tx, &decided).await?;
    Ok((outcomes, departures))
}

async fn write_people(tx: &mut Tx, locked: &Locked, rows: &[ToDo], now: Timestamp) -> Result<(), Abort> {
    organizations::save(tx, &[locked], now).await?;
    let people: Vec<_> = locked.roster.touched().map(|user| (locked.id(), user)).collect();
    directory_users::save(tx, &people).await?;
    let learnt: Vec<_> = locked.roster.learnt_addresses().map(|former| (locked.id(), former)).collect();
    former_addresses::add(tx, &learnt).await?;
    let mut named: BTreeMap<&GroupId, Option<(String, Version)>> = BTreeMap::new();
    for (listed, ..) in rows {
        let stamp = Version { at: listed.asked_at, weight: Precedence::Active, event: 0 };
        for (group, name) in listed.groups.iter().flatten() {
            let known = named.entry(group).or_default();
            *known = name.clone().map(|name| (name, stamp)).or_else(|| known.take());
        }
    }
    let mentioned: Vec<_> = named.iter().map(|(group, name)| (locked.id(), *group, name.as_ref())).collect();
    groups::mention(tx, &mentioned).await?;
    let regrouped: Vec<_> = people.iter().filter(|(_, user)| user.groups.is_some()).map(|(o, user)| (*o, &user.id)).collect();
    groups::replace_memberships(tx, &regrouped, &memberships(&people)).await?;
    if locked.has_membership_news {
        let concerned: Vec<_> = people.iter().map(|(o, user)| (*o, &user.id)).collect();
        groups::follow_memberships(tx, &concerned).await?;
    }
    Ok(())
}

async fn finish(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut tx = job.state.db.write().await?;
    let mut locked = lock(&mut tx, job).await?;
    let now = job.state.clock.now();
    if !resyncs::end(&mut tx, &job.claimed, ResyncState::Done, now).await? {
        return Err(Abort::Lost);
    }
    // The resync request that existed at the start is fulfilled; a newer one is not, whatever the
    // clock says.
    locked.resync_wanted_at = locked.resync_wanted_at.filter(|wanted| Some(*wanted) != job.claimed.wanted_at);
    update_alerts::resync_worked(&mut tx, &locked, now).await?;
    organizations::save(&mut tx, &[&locked], now).await?;
    tx.commit().await?;
    job.resync().state = ResyncState::Done;
    Ok(())
}
