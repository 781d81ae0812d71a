//! What was listed beside what is known: the plan, a part at a time. Made again from the start after a crash.

use std::collections::{BTreeMap, BTreeSet};

use super::run::{Halt, Job};
use crate::{
    domain::{
        directory::{self, Change, Listed, Planned, room, trust},
        directory_user::{DirectoryUser, SeatState},
        id::{DirectoryUserId, GroupId, OrganizationId},
        resync::{ResyncCounts, ResyncState},
        time::Timestamp,
    },
    store::{directory_users, organizations, resync_listings, resync_plans, resyncs},
};

/// People looked at together.
const PART: i64 = 500;

pub(super) async fn plan(job: &mut Job<'_>) -> Result<(), Halt> {
    let mentioned = plan_listed(job).await?;
    let since = job.resync().started_at.unwrap_or(Timestamp::NEVER);
    if job.resync().whole {
        plan_removals(job, since).await?;
    }
    let (run_is_whole, mentioned): (bool, Vec<GroupId>) = (job.resync().whole, mentioned.into_iter().collect());
    let mut tx = job.desk.db.write().await?;
    let mut groups = resync_listings::plan_groups(&mut tx, job.run()).await?;
    if run_is_whole {
        groups += resync_listings::plan_gone_groups(&mut tx, job.run(), since, &mentioned).await?;
    }
    let locked = organizations::lock(&mut tx, job.organization()).await?.ok_or(crate::acts::Error::Missing)?;
    let found = resync_plans::counts(&mut tx, job.run()).await?;
    let from = |state| found.iter().filter(|(change, from, _)| change.is_release() && *from == Some(state)).map(|(.., n)| n).sum();
    let (freed, left_the_line): (i64, i64) = (from(SeatState::Provisioned), from(SeatState::Blocked));
    let blocked = match room(locked.roster.usage(), locked.roster.automatic, freed, left_the_line) {
        Some(room) => resync_plans::mark_blocked(&mut tx, job.run(), room).await?,
        None => 0,
    };
    let live = resync_plans::live(&mut tx, job.organization()).await?;
    let most = job.desk.resyncs.most_taken_away;
    let resync = job.resync();
    resync.counts = counts(&found, blocked, groups);
    resync.doubt = trust(resync.counts.takes_away(), live, resync.listed, most).err();
    resync.state = match resync.doubt {
        _ if resync.dry_run => ResyncState::Done,
        Some(_) => ResyncState::Waiting,
        None => ResyncState::Applying,
    };
    let now = job.desk.clock.now();
    if !resyncs::planned(&mut tx, &job.claimed, now).await? {
        return Err(Halt::Lost);
    }
    organizations::touch(&mut tx, job.organization(), now).await?;
    tx.commit().await?;
    forget_unchanged(job).await
}

/// Plans whoever was listed; gives the groups they are in.
async fn plan_listed(job: &mut Job<'_>) -> Result<BTreeSet<GroupId>, Halt> {
    let mut mentioned = BTreeSet::new();
    let mut after = String::new();
    loop {
        let mut tx = job.desk.db.read().await?;
        let listed = resync_plans::people_after(&mut tx, job.run(), &after, PART).await?;
        let Some(last) = listed.last() else { return Ok(mentioned) };
        after = last.user.to_string();
        let known = known(&mut tx, job.organization(), &listed).await?;
        drop(tx);
        mentioned.extend(listed.iter().flat_map(|listed| listed.groups.iter().flatten().map(|(group, _)| group.clone())));
        let planned = directory::plan(&known, &listed);
        let mut tx = job.desk.db.write().await?;
        job.keep(&mut tx).await?;
        resync_plans::plan(&mut tx, job.run(), &planned).await?;
        tx.commit().await?;
    }
}

/// Whoever these name, by id or by stand-in, with their groups.
async fn known(
    tx: &mut crate::db::Tx,
    organization: &OrganizationId,
    listed: &[Listed],
) -> sqlx::Result<BTreeMap<DirectoryUserId, DirectoryUser>> {
    let ids = listed.iter().flat_map(|listed| [Some(listed.user.clone()), listed.stand_in()]).flatten();
    let keys: Vec<_> = ids.map(|id| (organization.clone(), id)).collect();
    let people = directory_users::with_ids(tx, &keys).await?;
    let mut known: BTreeMap<_, _> =
        people.into_iter().map(|(_, user)| (user.id.clone(), DirectoryUser { groups: Some(Vec::new()), ..user })).collect();
    for (user, group) in resync_plans::memberships(tx, &keys).await? {
        if let Some(groups) = known.get_mut(&DirectoryUserId::new(user)).and_then(|user| user.groups.as_mut()) {
            groups.push(GroupId::new(group));
        }
    }
    for user in known.values_mut() {
        user.groups.iter_mut().for_each(|groups| groups.sort()); // the engine's order may be another
    }
    Ok(known)
}

async fn plan_removals(job: &mut Job<'_>, since: Timestamp) -> Result<(), Halt> {
    let mut after = String::new();
    loop {
        let mut tx = job.desk.db.read().await?;
        let unlisted = resync_plans::unlisted_after(&mut tx, job.run(), &after, PART).await?;
        drop(tx);
        let Some((last, _)) = unlisted.last() else { return Ok(()) };
        after = last.id.to_string();
        let gone = directory::gone(unlisted.iter().map(|(user, _)| user), since);
        let labels: BTreeMap<_, _> = unlisted.into_iter().map(|(user, profile)| (user.id, profile)).collect();
        let label = |planned: Planned| {
            let label = labels.get(&planned.user).cloned().unwrap_or_default();
            (planned, label)
        };
        let rows: Vec<_> = gone.into_iter().map(label).collect();
        let mut tx = job.desk.db.write().await?;
        job.keep(&mut tx).await?;
        resync_plans::plan_removals(&mut tx, job.run(), since, &rows).await?;
        tx.commit().await?;
    }
}

fn counts(found: &[(Change, Option<SeatState>, i64)], blocked: u64, groups: u64) -> ResyncCounts {
    let of = |change| found.iter().filter(|(other, ..)| *other == change).map(|(.., n)| n).sum();
    let whole = |n| i64::try_from(n).unwrap_or(i64::MAX);
    ResyncCounts {
        created: of(Change::Created),
        updated: of(Change::Updated),
        reactivated: of(Change::Reactivated),
        deactivated: of(Change::Deactivated),
        removed: of(Change::Removed),
        blocked: whole(blocked),
        groups: whole(groups),
    }
}

/// What is kept of a run is its plan; the pages it was made from are not needed any more.
async fn forget_unchanged(job: &Job<'_>) -> Result<(), Halt> {
    loop {
        let mut tx = job.desk.db.write().await?;
        let went = resync_plans::forget_unchanged(&mut tx, job.run(), 2_000).await?;
        tx.commit().await?;
        if went == 0 {
            return Ok(());
        }
    }
}
