//! Who is in which group. The newest of three statements counts: the full list of a user's groups,
//! an update of a single membership, and the deletion of the group. Only what differs from the
//! stored rows is written.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    counts, of_users,
    updates::{MembershipUpdate, newer_than_lists},
};
use crate::{
    db::{Tx, bulk, listed},
    domain::{
        directory_user::{DirectoryUser, SeatState, Version},
        id::{DirectoryUserId, GroupId, OrganizationId},
        membership_changes::{Followed, Said, follow},
        time::Timestamp,
    },
    store::{KEYS_AT_ONCE, ROWS_AT_ONCE, columns, exactly},
};

/// A user whose groups or whose state may differ from what is stored.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    pub organization: &'a OrganizationId,
    pub user: &'a DirectoryUserId,
    /// The state that is stored; `None`: the user is new.
    pub stored: Option<SeatState>,
    pub state: SeatState,
    /// What this transaction has heard about the groups of the user.
    pub said: Vec<(Version, Said)>,
    /// The groups whose deletion has just ended a stored membership of the user.
    pub ended: BTreeSet<GroupId>,
    /// There may be stored updates of single memberships.
    pub has_updates: bool,
}

/// False: neither the groups of the user nor the numbers of the groups change, unless there are
/// updates of single memberships. Nothing is read to know that. `stored` is the state that is
/// stored; a user whose state changes counts in other numbers of their groups.
pub fn may_differ(user: &DirectoryUser, stored: Option<SeatState>) -> bool {
    match (stored, &user.groups) {
        (None, groups) => groups.as_ref().is_some_and(|groups| !groups.is_empty()),
        (Some(stored), groups) => groups.is_some() || stored != user.state,
    }
}

/// A user joined a group or left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipChange {
    pub organization: OrganizationId,
    pub group: GroupId,
    pub user: DirectoryUserId,
    pub joined: bool,
    /// The time of the statement that changed the membership.
    pub at: Timestamp,
}

type User = (OrganizationId, DirectoryUserId);

/// Writes the memberships of these users, who are saved already, and the numbers of their groups.
/// Returns what has changed.
pub async fn write_memberships(
    tx: &mut Tx,
    members: Vec<Member<'_>>,
) -> sqlx::Result<Vec<MembershipChange>> {
    let keys = |is: fn(&Member<'_>) -> bool| -> Vec<User> {
        let members = members.iter().filter(|member| is(member));
        members.map(|member| (member.organization.clone(), member.user.clone())).collect()
    };
    let mut stored: BTreeMap<User, BTreeSet<GroupId>> = BTreeMap::new();
    for (organization, user, group) in of_users(tx, &keys(|member| member.stored.is_some())).await?
    {
        stored.entry((organization, user)).or_default().insert(group);
    }
    let mut updates: BTreeMap<User, Vec<MembershipUpdate>> = BTreeMap::new();
    for update in newer_than_lists(tx, &keys(|member| member.has_updates)).await? {
        let user = (update.organization.clone(), update.user.clone());
        updates.entry(user).or_default().push(update);
    }
    let mut users: Vec<Written<'_>> = Vec::with_capacity(members.len());
    for member in members {
        let user = (member.organization.clone(), member.user.clone());
        let stored = stored.remove(&user).unwrap_or_default();
        users.push(Written::of(member, stored, updates.remove(&user).unwrap_or_default()));
    }
    leave(tx, &users).await?;
    join(tx, &mut users).await?;
    let mut numbers = counts::Changes::default();
    for user in &users {
        let before = user.was.unwrap_or(user.is);
        for group in &user.stored {
            numbers.add((user.organization, group), before, -1);
        }
        for group in user.now.groups.keys() {
            numbers.add((user.organization, group), user.is, 1);
        }
    }
    counts::change(tx, &numbers).await?;
    Ok(users.into_iter().flat_map(Written::changes).collect())
}

/// The groups of one user, as stored and as they are now.
struct Written<'a> {
    organization: &'a OrganizationId,
    user: &'a DirectoryUserId,
    was: Option<SeatState>,
    is: SeatState,
    stored: BTreeSet<GroupId>,
    now: Followed,
}

impl<'a> Written<'a> {
    fn of(member: Member<'a>, stored: BTreeSet<GroupId>, updates: Vec<MembershipUpdate>) -> Self {
        let Member { organization, user, stored: was, state: is, mut said, ended, .. } = member;
        for MembershipUpdate { group, joined, stamp, .. } in updates {
            let (joins, leaves) = (Said::Joined(group.clone()), Said::Left(group));
            let single = |said: &Said| *said == joins || *said == leaves;
            if !said.iter().any(|(version, said)| *version == stamp && single(said)) {
                // what was said just now about this membership is older
                said.retain(|(_, said)| !single(said));
                said.push((stamp, if joined { joins } else { leaves }));
            }
        }
        let now = follow(stored.clone(), ended, said);
        Self { organization, user, was, is, stored, now }
    }

    fn changes(self) -> impl Iterator<Item = MembershipChange> {
        let (organization, user) = (self.organization.clone(), self.user.clone());
        self.now.changes.into_iter().map(move |change| MembershipChange {
            organization: organization.clone(),
            group: change.group,
            user: user.clone(),
            joined: change.joined,
            at: change.version.at,
        })
    }
}

async fn leave(tx: &mut Tx, users: &[Written<'_>]) -> sqlx::Result<()> {
    let left = |user: &'_ Written<'_>| -> Vec<(String, String, String)> {
        let over = user.stored.iter().filter(|group| !user.now.groups.contains_key(group));
        let key = |group: &GroupId| {
            (user.organization.to_string(), user.user.to_string(), group.to_string())
        };
        over.map(key).collect()
    };
    let keys: Vec<(String, String, String)> = users.iter().flat_map(left).collect();
    let hit = bulk!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        delete from memberships
        where (organization_id, user_id, group_id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str(), key.2.as_str()],
    );
    exactly(keys.len() as u64, hit)
}

/// Adds memberships, but none in a group that was deleted later.
async fn join(tx: &mut Tx, users: &mut [Written<'_>]) -> sqlx::Result<()> {
    let mut joins: Vec<(usize, &GroupId, Version)> = Vec::new();
    for (at, user) in users.iter().enumerate() {
        let new = user.now.groups.iter().filter(|(group, _)| !user.stored.contains(group));
        joins.extend(new.map(|(group, version)| (at, group, version.unwrap_or(Version::NEVER))));
    }
    let rows: Vec<(String, String, String)> = listed!(
        tx,
        joins,
        ROWS_AT_ONCE,
        r"
        with said (organization_id, user_id, group_id, version_at, version_tie) as ({rows})
        insert into memberships (organization_id, user_id, group_id)
        select organization_id, user_id, group_id
        from said
        where not exists (
          select 1
          from directory_groups g
          where g.organization_id = said.organization_id and g.id = said.group_id
            and (g.deleted_at, g.deleted_tie) >= (said.version_at, said.version_tie)
        )
        on conflict (organization_id, user_id, group_id) do nothing
        returning organization_id, user_id, group_id
        ",
        |row| [
            users[row.0].organization.as_str(),
            users[row.0].user.as_str(),
            row.1.as_str(),
            row.2.at.nanos(),
            columns::tie(row.2),
        ],
    );
    if rows.len() < joins.len() {
        let joined: BTreeSet<_> = rows.into_iter().collect();
        let refused = joins.into_iter().filter(|(at, group, _)| {
            let user = &users[*at];
            !joined.contains(&(
                user.organization.to_string(),
                user.user.to_string(),
                group.to_string(),
            ))
        });
        let refused: Vec<(usize, GroupId)> =
            refused.map(|(at, group, _)| (at, group.clone())).collect();
        for (at, group) in refused {
            users[at].now.not_joined(&group);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory_user::Precedence;

    fn version(second: i64) -> Version {
        Version { at: Timestamp::from_seconds(second), weight: Precedence::Active, event: 1 }
    }

    fn groups(names: &[&str]) -> Vec<GroupId> {
        names.iter().map(|name| GroupId::new(*name)).collect()
    }

    #[test]
    fn a_stored_update_that_is_newer_counts_before_one_of_just_now() {
        let (organization, user) = (OrganizationId::new("org_1"), DirectoryUserId::new("ada"));
        let member = Member {
            organization: &organization,
            user: &user,
            stored: Some(SeatState::Blocked),
            state: SeatState::Blocked,
            said: vec![
                (version(5), Said::List(groups(&["b"]))),
                (version(6), Said::Joined(GroupId::new("a"))),
                (version(7), Said::Joined(GroupId::new("c"))),
                (version(8), Said::Left(GroupId::new("c"))),
            ],
            ended: BTreeSet::new(),
            has_updates: true,
        };
        let update = |group: &str, joined, second| MembershipUpdate {
            organization: organization.clone(),
            user: user.clone(),
            group: GroupId::new(group),
            joined,
            stamp: version(second),
        };
        let stored = groups(&["b"]).into_iter().collect();

        let written =
            Written::of(member, stored, vec![update("a", false, 9), update("c", false, 8)]);

        let changes: Vec<_> = written.changes().map(|change| (change.joined, change.at)).collect();
        assert_eq!(changes, [(true, version(7).at), (false, version(8).at)], "of c alone");
    }

    #[test]
    fn an_update_that_changes_neither_groups_nor_state_reads_nothing() {
        let seat = Some(SeatState::Provisioned);
        let user = |state, groups| DirectoryUser {
            state,
            groups,
            ..DirectoryUser::unknown(DirectoryUserId::new("ada"))
        };
        assert!(!may_differ(&user(SeatState::Provisioned, None), seat));
        assert!(!may_differ(&user(SeatState::Provisioned, Some(Vec::new())), None));
        assert!(may_differ(&user(SeatState::Provisioned, Some(Vec::new())), seat));
        assert!(may_differ(&user(SeatState::Provisioned, Some(groups(&["a"]))), None));
        assert!(may_differ(&user(SeatState::Inactive, None), seat));
    }
}
