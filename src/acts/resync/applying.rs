//! Exactly the stored plan, a part in each transaction, through the seat rules: releases, then claims, in order of id. The
//! stamps of the domain leave alone whoever a newer webhook touched.

use std::{collections::BTreeMap, time::Duration};

use super::{
    super::{
        Error,
        merge_placeholder::merge_placeholder,
        settle,
        shut_out::{Departures, Leaving, shut_out},
        take_deliveries::{head_of_line, memberships},
    },
    run::{Halt, Job},
};
use crate::{
    db::Tx,
    domain::{
        directory::{Change, Listed, removal},
        directory_user::{Stamp, Weight},
        event::DirectoryChange,
        id::{DirectoryId, DirectoryUserId, GroupId},
        resync::{Resync, ResyncState, SetAsideKind},
        seats::{self, Command, Decision},
        time::Timestamp,
    },
    store::{
        decisions::{self, Decided},
        directories, directory_users, former_addresses,
        groups::{self, GroupNews},
        organizations::{self, Locked},
        resync_listings,
        resync_plans::{self, Place},
        resyncs,
    },
};

/// People in one transaction, at first and at most.
const FIRST: i64 = 100;
const MOST: i64 = 500;
/// A transaction that takes longer keeps deliveries waiting: the next one is smaller. On SQLite everybody's deliveries wait,
/// on Postgres this organization's.
const LONG_ON_SQLITE: Duration = Duration::from_millis(5);
const LONG_ON_POSTGRES: Duration = Duration::from_millis(40);
/// Groups in one transaction.
const GROUPS: i64 = 200;

type ToDo = (Listed, Change, Option<DirectoryUserId>);

pub(super) async fn apply(job: &mut Job<'_>) -> Result<(), Halt> {
    apply_directories(job).await?;
    while apply_groups(job).await? {}
    let long = if job.desk.db.is_postgres() { LONG_ON_POSTGRES } else { LONG_ON_SQLITE };
    let (mut part, mut after) = (FIRST, Place::default());
    while let Some(began) = apply_people(job, &mut after, part).await? {
        let quick = job.desk.clock.now().since(began) < long; // a step of the clock makes one part smaller or larger
        job.breathe(began).await;
        part = if quick { (part * 2).min(MOST) } else { (part / 2).max(FIRST / 4) };
    }
    finish(job).await
}

async fn lock(tx: &mut Tx, job: &Job<'_>) -> Result<Locked, Halt> {
    let locked = organizations::lock(tx, job.organization()).await?.ok_or(Error::Missing)?;
    if locked.roster.archived {
        let why = "The organization was deleted in Scalekit meanwhile.";
        return Err(Halt::Stopped(Resync::ORGANIZATION_DELETED, why.to_owned()));
    }
    Ok(locked)
}

async fn apply_directories(job: &mut Job<'_>) -> Result<(), Halt> {
    let mut tx = job.desk.db.write().await?;
    let locked = lock(&mut tx, job).await?;
    job.keep(&mut tx).await?;
    take_over_directories(&mut tx, job, &locked).await?;
    tx.commit().await?;
    Ok(())
}

/// What the listing says of directories. One that was set aside may be any of those that are not there: then none is gone.
pub(super) async fn take_over_directories(tx: &mut Tx, job: &mut Job<'_>, locked: &Locked) -> Result<(), Halt> {
    let at = job.resync().since.unwrap_or(Timestamp::NEVER);
    let listed = resync_listings::directories(tx, job.run()).await?;
    let known = directories::of_organization(tx, &locked.scope).await?;
    for directory in &listed {
        let change = if directory.enabled { DirectoryChange::Enabled } else { DirectoryChange::Disabled };
        // one that was only created is not enabled either
        let same = known.iter().any(|known| known.id == directory.id && known.state.is_enabled() == directory.enabled);
        if !same {
            let stamp = Stamp { at, weight: Weight::Active, event: 0 };
            let id = DirectoryId::new(&directory.id);
            directories::hear(tx, &locked.scope, (&id, directory.provider.as_deref()), change, stamp).await?;
        }
    }
    if resync_listings::count_set_aside(tx, job.run(), "", SetAsideKind::Directory).await? > 0 {
        return Ok(());
    }
    for gone in known.iter().filter(|known| listed.iter().all(|directory| directory.id != known.id)) {
        let stamp = Stamp { at, weight: Weight::Deleted, event: 0 };
        directories::hear(tx, &locked.scope, (&DirectoryId::new(&gone.id), None), DirectoryChange::Deleted, stamp).await?;
    }
    Ok(())
}

/// A part of the groups. False: none is left.
async fn apply_groups(job: &mut Job<'_>) -> Result<bool, Halt> {
    let mut tx = job.desk.db.write().await?;
    let locked = lock(&mut tx, job).await?;
    let rows = resync_listings::groups_to_do(&mut tx, job.run(), GROUPS).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    job.keep_further(&mut tx).await?;
    for row in &rows {
        let deleted = row.change == "removed";
        let weight = if deleted { Weight::Deleted } else { Weight::Active };
        let (id, directory) = (GroupId::new(&row.id), row.directory_id.as_ref().map(DirectoryId::new));
        let stamp = Stamp { at: Timestamp::from_nanos(row.asked_at), weight, event: 0 };
        let news = GroupNews { id: &id, directory: directory.as_ref(), name: row.name.as_deref(), deleted, stamp };
        groups::hear(&mut tx, &locked.scope, &news).await?;
    }
    resync_listings::groups_done(&mut tx, job.run(), &rows).await?;
    tx.commit().await?;
    Ok(true)
}

/// The part of the people after a place, which moves on. Since when it had its turn: waiting for it is nobody's slowness.
/// None: everybody is done.
async fn apply_people(job: &mut Job<'_>, after: &mut Place, most: i64) -> Result<Option<Timestamp>, Halt> {
    let mut tx = job.desk.db.write().await?;
    let rows = resync_plans::to_do(&mut tx, job.run(), after, most).await?;
    let Some((last, change, _)) = rows.last() else { return Ok(None) };
    *after = Place::of(*change, &last.user);
    let mut locked = lock(&mut tx, job).await?;
    let now = job.desk.clock.now();
    load(&mut tx, &mut locked, &rows).await?;
    let (outcomes, departures) = decide(&mut tx, job, &mut locked, &rows, now).await?;
    if locked.roster.is_short() {
        return Err(Error::ShortRoster(locked.id().to_string()).into());
    }
    write_people(&mut tx, &locked, &rows, now).await?;
    shut_out(&mut tx, job.desk, &departures, &[&locked], now).await?;
    resync_plans::note_outcomes(&mut tx, job.run(), &outcomes).await?;
    job.resync().applied += i64::try_from(rows.len()).unwrap_or(0);
    job.keep_further(&mut tx).await?;
    settle::settle(&mut tx, job.desk, std::iter::once(&locked), now).await?;
    tx.commit().await?;
    Ok(Some(now))
}

async fn load(tx: &mut Tx, locked: &mut Locked, rows: &[ToDo]) -> Result<(), Halt> {
    let ids = rows.iter().flat_map(|(listed, _, adopts)| [Some(&listed.user), adopts.as_ref()]).flatten();
    let keys: Vec<_> = ids.map(|id| (locked.id().clone(), id.clone())).collect();
    for (_, user) in directory_users::with_ids(tx, &keys).await? {
        locked.roster.add(user);
    }
    // a claim, too: of somebody who waits and turns out to be switched off
    head_of_line(tx, locked, i64::try_from(rows.len()).unwrap_or(i64::MAX)).await?;
    Ok(())
}

async fn decide(
    tx: &mut Tx,
    job: &mut Job<'_>,
    locked: &mut Locked,
    rows: &[ToDo],
    now: Timestamp,
) -> Result<(Vec<(DirectoryUserId, &'static str)>, Departures), Halt> {
    let began = job.resync().since.unwrap_or(Timestamp::NEVER);
    let actor = job.resync().confirmed_by.clone().or_else(|| job.resync().by.clone());
    let (mut outcomes, mut decided, mut departures) = (Vec::with_capacity(rows.len()), Vec::new(), Departures::default());
    for (listed, change, adopts) in rows {
        if let Some(stand_in) = adopts
            && locked.roster.adopt(stand_in, &listed.user)
        {
            merge_placeholder(tx, &locked.scope, stand_in, &listed.user).await?;
            for written in decided.iter_mut().filter(|written: &&mut Decided| written.step.user == *stand_in) {
                written.step.user = listed.user.clone();
            }
        }
        let news = if *change == Change::Removed { removal(listed.user.clone(), began) } else { listed.news() };
        let leaving = Leaving::by(&news, &locked.roster);
        let Decision { outcome, moves, .. } = seats::decide(&mut locked.roster, &Command::News(news), now).map_err(Error::from)?;
        departures.decided(leaving, outcome, &locked.roster, (&locked.scope, "resync"));
        outcomes.push((listed.user.clone(), outcome.as_str()));
        for step in moves {
            decided.push(Decided {
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

async fn write_people(tx: &mut Tx, locked: &Locked, rows: &[ToDo], now: Timestamp) -> Result<(), Halt> {
    organizations::save(tx, &[locked], now).await?;
    let people: Vec<_> = locked.roster.touched().map(|user| (locked.id(), user)).collect();
    directory_users::save(tx, &people).await?;
    let learnt: Vec<_> = locked.roster.learnt_addresses().map(|former| (locked.id(), former)).collect();
    former_addresses::add(tx, &learnt).await?;
    let mut named: BTreeMap<&GroupId, Option<(String, Stamp)>> = BTreeMap::new();
    for (listed, ..) in rows {
        let stamp = Stamp { at: listed.asked_at, weight: Weight::Active, event: 0 };
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

async fn finish(job: &mut Job<'_>) -> Result<(), Halt> {
    let mut tx = job.desk.db.write().await?;
    let mut locked = lock(&mut tx, job).await?;
    let now = job.desk.clock.now();
    if !resyncs::end(&mut tx, &job.claimed, ResyncState::Done, now).await? {
        return Err(Halt::Lost);
    }
    // the wish that there was when it began is fulfilled; a newer one is not, whatever the clock says
    locked.resync_wanted_at = locked.resync_wanted_at.filter(|wanted| Some(*wanted) != job.claimed.wanted_at);
    settle::resync_worked(&mut tx, &locked, now).await?;
    organizations::save(&mut tx, &[&locked], now).await?;
    tx.commit().await?;
    job.resync().state = ResyncState::Done;
    Ok(())
}
