//! After a change of the default role or of the roles of a group, tells the product of each person
//! whose application roles are others: one event for each, some hundreds in a transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, seat_transaction::SeatTransaction, update_roles::RolesChanged};
use crate::{
    domain::{
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId, OrganizationId},
        role::RoleRules,
    },
    state::AppState,
    store::{
        directory_users, groups,
        jobs::{self, Claimed},
        role_changes::{self, Untold},
        role_mappings,
    },
};

/// People looked at in one transaction.
const PEOPLE: i64 = 500;

type User = (OrganizationId, DirectoryUserId);

/// Tells the next people of the first change. False: no person is left to be told.
pub async fn tell_role_changes(state: &AppState, job: &Claimed) -> Result<bool, Error> {
    let mut tx = state.db.read().await?;
    let Some(untold) = role_changes::first(&mut tx).await? else { return Ok(false) };
    let mut people = role_changes::next_people(&mut tx, &untold, PEOPLE).await?;
    drop(tx);
    let Some((organization, _)) = people.first().cloned() else {
        let mut tx = state.db.write().await?;
        jobs::keep(&mut tx, job).await?;
        role_changes::remove(&mut tx, untold.number).await?;
        tx.commit().await?;
        return Ok(true);
    };
    people.retain(|(id, _)| *id == organization);
    let mut seats = SeatTransaction::begin(state, &organization).await?;
    jobs::keep(seats.tx(), job).await?;
    let changed = changed(&mut seats, &untold, &people).await?;
    seats.tell_roles(&organization, changed);
    let mut tx = seats.write().await?;
    if let Some(last) = people.last() {
        role_changes::note_told(&mut tx, untold.number, last).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Those of these people of a locked organization whose roles are others after the change. Their
/// groups are those of now: who joined or left one was told with that.
async fn changed(
    seats: &mut SeatTransaction<'_>,
    untold: &Untold,
    people: &[User],
) -> Result<Vec<RolesChanged>, Error> {
    let Some((organization, _)) = people.first() else { return Ok(Vec::new()) };
    let scope = seats.scope(organization)?;
    // before the later changes: one that comes in between is undone twice and not forgotten
    let default = seats.settings().await?.default_role.clone();
    let mapping = role_mappings::of(seats.tx(), &scope).await?;
    let later = role_changes::later(seats.tx(), untold.number, organization).await?;
    let (before, after) = RoleRules { mapping, default }.around(&untold.change, &later);
    let mut groups_of: BTreeMap<DirectoryUserId, BTreeSet<GroupId>> = BTreeMap::new();
    for (_, user, group) in groups::of_users(seats.tx(), people).await? {
        groups_of.entry(user).or_default().insert(group);
    }
    let found = directory_users::with_ids(seats.tx(), people).await?;
    let there = found.into_iter().filter(|(_, user)| user.state != SeatState::Removed);
    let changed = there.filter_map(|(organization, user)| {
        let groups = groups_of.remove(&user.id).unwrap_or_default();
        let (before, after) = (before.names(&groups), after.names(&groups));
        (before != after).then_some(RolesChanged {
            organization,
            user: Some(user.id),
            roles: Some((before, after)),
        })
    });
    Ok(changed.collect())
}
