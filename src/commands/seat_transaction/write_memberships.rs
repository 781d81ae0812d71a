//! Writes who is in which group, and records who joined and who left. No other code writes the
//! changes of memberships.

use std::collections::{BTreeMap, BTreeSet};

use super::group_statements::{GroupStatements, User};
use crate::{
    db::Tx,
    domain::{
        directory_user::{DirectoryUser, SeatState},
        id::OrganizationId,
        membership_changes::Said,
        time::Timestamp,
    },
    store::{
        groups::{self, Member, MembershipChange},
        membership_changes::{self, Recorded},
        organizations::Locked,
    },
};

/// How many users are read and written together.
const PART: usize = 1_024;

/// The users whose groups or whose state may differ from what is stored.
pub(super) fn members<'a>(
    revised: &[&'a Locked],
    named_by_groups: &BTreeSet<User>,
    statements: &mut GroupStatements,
) -> Vec<Member<'a>> {
    let mut members = Vec::new();
    let mut add = |locked: &'a Locked, user: &'a DirectoryUser, stored: Option<SeatState>| {
        let has_updates = locked.has_membership_updates;
        if has_updates
            || groups::may_differ(user, stored)
            || statements.is_about(locked.id(), &user.id)
        {
            let (mut said, ended) = statements.take(locked.id(), &user.id);
            let list = user.groups.iter().cloned();
            said.extend(list.map(|groups| (user.groups_version, Said::List(groups))));
            let (organization, state) = (locked.id(), user.state);
            let user = &user.id;
            members.push(Member { organization, user, stored, state, said, ended, has_updates });
        }
    };
    for locked in revised {
        for (user, stored) in locked.roster.touched_with_stored_state() {
            add(locked, user, stored);
        }
    }
    for (organization, user) in named_by_groups {
        let locked = revised.iter().find(|locked| locked.id() == organization);
        let known = locked.and_then(|locked| Some((*locked, locked.roster.person(user)?)));
        if let Some((locked, user)) = known.filter(|(o, user)| !o.roster.is_touched(&user.id)) {
            add(locked, user, Some(user.state));
        }
    }
    members
}

/// The memberships that ended with their groups, of the users who are no [`members`].
pub(super) fn ended(statements: GroupStatements) -> impl Iterator<Item = MembershipChange> {
    statements.ended().map(|((organization, user), group, version)| MembershipChange {
        organization,
        group,
        user,
        joined: false,
        at: version.at,
    })
}

/// Writes the memberships of these users, a part at a time, and records the changes behind those
/// that were made earlier in this transaction. Gives all changes, in order. Call it after the users
/// are saved.
pub(super) async fn write_memberships(
    tx: &mut Tx,
    revised: &[&Locked],
    (mut members, mut changes): (Vec<Member<'_>>, Vec<MembershipChange>),
    now: Timestamp,
) -> sqlx::Result<Vec<MembershipChange>> {
    let numbers = revised.iter().map(|locked| (locked.id().clone(), (locked.revision, 0)));
    let mut numbers: BTreeMap<OrganizationId, (i64, i64)> = numbers.collect();
    record(tx, &changes, (&mut numbers, now)).await?;
    while !members.is_empty() {
        let part: Vec<_> = members.drain(..members.len().min(PART)).collect();
        let more = groups::write_memberships(tx, part).await?;
        record(tx, &more, (&mut numbers, now)).await?;
        changes.extend(more);
    }
    Ok(changes)
}

/// `numbers` has the revision of each organization, and the ordinal of its next change.
async fn record(
    tx: &mut Tx,
    changes: &[MembershipChange],
    (numbers, now): (&mut BTreeMap<OrganizationId, (i64, i64)>, Timestamp),
) -> sqlx::Result<()> {
    let recorded = changes.iter().filter_map(|change| {
        // an organization with a change is revised, so it has its numbers
        let (revision, next) = numbers.get_mut(&change.organization)?;
        let ordinal = *next;
        *next += 1;
        Some(Recorded { change, revision: *revision, ordinal, at: now })
    });
    membership_changes::add(tx, &recorded.collect::<Vec<_>>()).await
}
