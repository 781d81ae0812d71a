//! Compares the listing with the known users and makes the plan, a part at a time. After a crash
//! the plan is made again from the start.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    super::{alerts, seat_transaction::SeatTransaction},
    PART, imported,
    runner::{Abort, Job},
    waiting_plans,
};
use crate::{
    domain::{
        alert::AlertKind,
        directory::{self, Change, ListedUser, PlanWarning, PlannedChange, room, trust},
        directory_user::{DirectoryUser, SeatState},
        id::{DirectoryUserId, GroupId, OrganizationId},
        resync::{ResyncCounts, ResyncState},
        roster::Roster,
        time::Timestamp,
    },
    store::{
        attributes, directory_users, organizations, resync_listings,
        resync_plans::{self, Place},
        resyncs, settings,
    },
};

pub(super) async fn plan(job: &mut Job<'_>) -> Result<(), Abort> {
    if job.claimed.lease.taken.claim > 1 {
        forget_plan(job).await?;
    }
    let mentioned = plan_listed(job).await?;
    let since = job.resync().since.unwrap_or(Timestamp::NEVER);
    if job.resync().is_complete {
        plan_removals(job, since).await?;
    }
    let groups = if job.resync().is_import() {
        imported::put_in_order(job).await?;
        0
    } else {
        plan_groups(job, since, mentioned).await?
    };
    let (roster, found, live) = look(job).await?;
    let from = |state| {
        found
            .iter()
            .filter(|(change, from, _)| change.is_release() && *from == Some(state))
            .map(|(.., n)| n)
            .sum()
    };
    let blocked = match room(
        roster.usage(),
        &roster.policy,
        from(SeatState::Provisioned),
        from(SeatState::Blocked),
    ) {
        Some(room) => mark_blocked(job, room).await?,
        None => 0,
    };
    let fixed = &job.state.settings.fixed;
    let guard = settings::values(&mut job.state.db.read().await?, fixed).await?.plan_guard;
    let is_one_empty = is_one_empty(job).await?;
    let resync = job.resync();
    resync.counts = counts(&found, blocked, groups);
    let is_suspicious = is_one_empty && resync.counts.removed > 0;
    let transitions = (resync.counts.takes_away(), resync.counts.adds());
    resync.warning = trust(transitions, live, resync.listed, &guard).err();
    if is_suspicious && resync.warning != Some(PlanWarning::RemovesMany) {
        resync.warning = Some(PlanWarning::Empty);
    }
    resync.state = match resync.warning {
        _ if resync.dry_run => ResyncState::Done,
        Some(_) => ResyncState::Waiting,
        None => ResyncState::Applying,
    };
    let mut seats = SeatTransaction::begin(job.state, job.organization()).await?;
    let (now, scope) = (seats.now(), seats.scope(job.organization())?);
    if job.resync().state != ResyncState::Applying && !job.resync().is_import() {
        // a dry run lists the directory like any other run
        alerts::resolve(seats.tx(), &scope, AlertKind::ResyncFailed, now).await?;
        seats.note_directories(scope.id());
    }
    if job.resync().state == ResyncState::Waiting {
        alerts::open(seats.tx(), job.state, &scope, waiting_plans::KIND, now).await?;
    }
    seats.edit(scope.id())?;
    let mut tx = seats.write().await?;
    resyncs::planned(&mut tx, &job.claimed, now).await?;
    tx.commit().await?;
    let listed = found.iter().filter(|(change, ..)| *change != Change::Removed);
    if listed.map(|(.., count)| count).sum::<i64>() != job.resync().listed {
        forget_unchanged(job).await?;
    }
    if job.resync().state != ResyncState::Applying {
        job.release_lease(Duration::ZERO, None).await?;
    }
    Ok(())
}

/// Discards the plan of an earlier attempt, because it describes an earlier state.
async fn forget_plan(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut after = String::new();
    loop {
        let began = job.state.clock.now();
        let mut tx = job.state.db.write().await?;
        job.keep(&mut tx).await?;
        let Some(until) = resync_plans::part_after(&mut tx, job.run(), &after, PART).await? else {
            resync_listings::unplan_groups(&mut tx, job.run()).await?;
            tx.commit().await?;
            return Ok(());
        };
        resync_plans::discard_plan(&mut tx, job.run(), (&after, &until)).await?;
        tx.commit().await?;
        after = until;
        job.yield_to_writers(began).await;
    }
}

/// Whether an enabled directory lists no users: this is more likely an error of the directory than
/// a departure of every user.
async fn is_one_empty(job: &mut Job<'_>) -> Result<bool, Abort> {
    let mut tx = job.state.db.read().await?;
    for directory in resync_listings::directories(&mut tx, job.run()).await? {
        if directory.enabled
            && resync_plans::count_of_directory(&mut tx, job.run(), &directory.id).await? == 0
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn plan_groups(
    job: &mut Job<'_>,
    since: Timestamp,
    mentioned: BTreeSet<GroupId>,
) -> Result<u64, Abort> {
    let whole = job.resync().is_complete;
    let mut tx = job.state.db.write().await?;
    job.keep(&mut tx).await?;
    let mut groups = resync_listings::plan_groups(&mut tx, job.run()).await?;
    if whole {
        let mentioned: Vec<GroupId> = mentioned.into_iter().collect();
        groups += resync_listings::plan_gone_groups(&mut tx, job.run(), since, &mentioned).await?;
    }
    tx.commit().await?;
    Ok(groups)
}

/// The roster of the organization, the counts of the plan, and the number of users who could be
/// removed.
async fn look(
    job: &mut Job<'_>,
) -> Result<(Roster, Vec<(Change, Option<SeatState>, i64)>, i64), Abort> {
    let mut tx = job.state.db.write().await?;
    let locked = organizations::lock(&mut tx, job.organization())
        .await?
        .ok_or(crate::commands::Error::Missing)?;
    job.keep(&mut tx).await?;
    tx.commit().await?;
    let mut tx = job.state.db.read().await?;
    let found = resync_plans::counts(&mut tx, job.run()).await?;
    drop(tx);
    let only_imported = !imported::removes_all(job).await?;
    let mut tx = job.state.db.read().await?;
    let live = resync_plans::live(&mut tx, job.organization(), only_imported).await?;
    Ok((locked.roster, found, live))
}

/// Marks all claims after the first `room` ones as blocked, a part at a time. Gives their number.
async fn mark_blocked(job: &mut Job<'_>, room: i64) -> Result<i64, Abort> {
    let mut last_with_seat = Place::default();
    if room > 0 {
        let mut tx = job.state.db.read().await?;
        let Some(last) = resync_plans::last_with_room(&mut tx, job.run(), room).await? else {
            return Ok(0);
        };
        last_with_seat = last;
    }
    let (mut after, mut blocked) = (String::new(), 0);
    loop {
        let began = job.state.clock.now();
        let mut tx = job.state.db.write().await?;
        let Some(until) = resync_plans::part_after(&mut tx, job.run(), &after, PART).await? else {
            return Ok(blocked);
        };
        job.keep(&mut tx).await?;
        let part = (after.as_str(), until.as_str());
        let marked = resync_plans::mark_blocked(&mut tx, job.run(), &last_with_seat, part).await?;
        tx.commit().await?;
        blocked += i64::try_from(marked).unwrap_or(0);
        after = until;
        job.yield_to_writers(began).await;
    }
}

/// Plans the listed users; gives the groups that they are in.
async fn plan_listed(job: &mut Job<'_>) -> Result<BTreeSet<GroupId>, Abort> {
    let mut mentioned = BTreeSet::new();
    let mut after = String::new();
    loop {
        let mut tx = job.state.db.read().await?;
        let listed = resync_plans::people_after(&mut tx, job.run(), &after, PART).await?;
        let Some(last) = listed.last() else { return Ok(mentioned) };
        after = last.user.to_string();
        let known = known(&mut tx, job.organization(), &listed).await?;
        let of_users: Vec<_> =
            known.values().map(|user| (job.organization().clone(), user.id.clone())).collect();
        let attributes = if listed.iter().any(|listed| listed.attributes.is_some()) {
            attributes::of_users(&mut tx, &of_users).await?
        } else {
            BTreeMap::new()
        };
        drop(tx);
        mentioned.extend(
            listed
                .iter()
                .flat_map(|listed| listed.groups.iter().flatten().map(|(group, _)| group.clone())),
        );
        let planned = directory::plan((&known, &attributes), &listed);
        let began = job.state.clock.now();
        let mut tx = job.state.db.write().await?;
        job.keep(&mut tx).await?;
        resync_plans::plan(&mut tx, job.run(), &planned).await?;
        tx.commit().await?;
        job.yield_to_writers(began).await;
    }
}

/// The known users that these entries name, by id or by placeholder id, with their groups. A user
/// who was imported stands under the id of the entry with the same external id.
async fn known(
    tx: &mut crate::db::Tx,
    organization: &OrganizationId,
    listed: &[ListedUser],
) -> sqlx::Result<BTreeMap<DirectoryUserId, DirectoryUser>> {
    let ids = listed
        .iter()
        .flat_map(|listed| [Some(listed.user.clone()), listed.placeholder()])
        .flatten();
    let keys: Vec<_> = ids.map(|id| (organization.clone(), id)).collect();
    let people = directory_users::with_ids(tx, &keys).await?;
    let mut known: BTreeMap<_, _> = people
        .into_iter()
        .map(|(_, user)| (user.id.clone(), DirectoryUser { groups: Some(Vec::new()), ..user }))
        .collect();
    for (user, group) in resync_plans::memberships(tx, &keys).await? {
        if let Some(groups) =
            known.get_mut(&DirectoryUserId::new(user)).and_then(|user| user.groups.as_mut())
        {
            groups.push(GroupId::new(group));
        }
    }
    for user in known.values_mut() {
        // the database may sort in another order
        user.groups.iter_mut().for_each(|groups| groups.sort());
    }
    for (id, user) in imported::by_external_id(tx, organization, &known, listed).await? {
        known.insert(id, DirectoryUser { groups: Some(Vec::new()), ..user });
    }
    Ok(known)
}

async fn plan_removals(job: &mut Job<'_>, since: Timestamp) -> Result<(), Abort> {
    let removes_all = imported::removes_all(job).await?;
    let mut after = String::new();
    loop {
        let mut tx = job.state.db.read().await?;
        let unlisted = resync_plans::unlisted_after(&mut tx, job.run(), &after, PART).await?;
        drop(tx);
        let Some((last, _)) = unlisted.last() else { return Ok(()) };
        after = last.id.to_string();
        let gone = directory::gone(unlisted.iter().map(|(user, _)| user), since);
        let labels: BTreeMap<_, _> =
            unlisted.into_iter().map(|(user, profile)| (user.id, profile)).collect();
        let label = |planned: PlannedChange| {
            let label = labels.get(&planned.user).cloned().unwrap_or_default();
            (planned, label)
        };
        let gone = gone.into_iter().filter(|gone| removes_all || gone.user.is_by_email());
        let rows: Vec<_> = gone.map(label).collect();
        let mut tx = job.state.db.write().await?;
        job.keep(&mut tx).await?;
        resync_plans::plan_removals(&mut tx, job.run(), since, &rows).await?;
        tx.commit().await?;
    }
}

fn counts(found: &[(Change, Option<SeatState>, i64)], blocked: i64, groups: u64) -> ResyncCounts {
    let of = |change| found.iter().filter(|(other, ..)| *other == change).map(|(.., n)| n).sum();
    ResyncCounts {
        created: of(Change::Created),
        updated: of(Change::Updated),
        reactivated: of(Change::Reactivated),
        deactivated: of(Change::Deactivated),
        removed: of(Change::Removed),
        blocked,
        groups: i64::try_from(groups).unwrap_or(i64::MAX),
    }
}

/// Removes the listed users without a change: only the plan is kept.
async fn forget_unchanged(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut after = String::new();
    loop {
        let began = job.state.clock.now();
        let mut tx = job.state.db.write().await?;
        let Some(until) = resync_plans::part_after(&mut tx, job.run(), &after, PART).await? else {
            return Ok(());
        };
        job.keep(&mut tx).await?;
        resync_plans::forget_unchanged(&mut tx, job.run(), (&after, &until)).await?;
        tx.commit().await?;
        after = until;
        job.yield_to_writers(began).await;
    }
}
