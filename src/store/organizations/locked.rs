//! The lock on an organization's row, which puts all changes of that organization in order.

use std::collections::BTreeSet;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        alert::UsageThresholds,
        details::Details,
        id::{AccountId, OrganizationId},
        organization::Usage,
        roster::{Counts, Roster},
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE,
        columns::{DeletedVersion, ExternalIdVersion, Limit, NameVersion, OwnVersion, Policy},
        rows::{Keyed, Stored, Text},
    },
};

/// An organization that this transaction has locked, with its pending changes.
#[derive(Clone, Debug)]
pub struct Locked {
    pub scope: OrganizationScope,
    pub details: Details,
    /// The revision that this transaction writes.
    pub revision: i64,
    pub limit_version: i64,
    pub policy_version: i64,
    /// 0: no group has ever had a role.
    pub roles_version: i64,
    /// When its admins are notified of the usage; `None`: as the installation's setting says.
    pub usage_thresholds: Option<UsageThresholds>,
    pub resync_wanted_at: Option<Timestamp>,
    /// There were updates of single memberships (one user, one group).
    pub has_membership_updates: bool,
    /// When the row was changed last; once its transaction has begun, the time of this change.
    pub changed_at: Timestamp,
    /// The number of decisions of this revision so far.
    pub decided: i64,
    /// The numbers as stored, before this transaction.
    pub before: Usage,
    /// Whether it was archived, as stored.
    pub was_archived: bool,
    /// Limit, counts and switches; the directory users are loaded later.
    pub roster: Roster,
}

impl Locked {
    pub fn id(&self) -> &OrganizationId {
        self.scope.id()
    }

    /// Whether an event by which the organization exists at this time may restore removed users.
    pub fn may_restore_users(&self, at: Timestamp) -> bool {
        self.roster.archived || self.roster.revived.is_some_and(|revived| at < revived)
    }
}

#[derive(FromRow)]
struct LockedRow {
    id: String,
    name: String,
    #[sqlx(flatten)]
    name_version: NameVersion,
    external_id: Option<String>,
    #[sqlx(flatten)]
    external_id_version: ExternalIdVersion,
    account_manager_id: Option<String>,
    details_version: i64,
    #[sqlx(flatten)]
    limit: Limit,
    limit_version: i64,
    limit_set_at: Option<i64>,
    used: i64,
    waiting: i64,
    first_position: i64,
    last_position: i64,
    #[sqlx(flatten)]
    policy: Policy,
    policy_version: i64,
    roles_version: i64,
    archived: bool,
    revision: i64,
    #[sqlx(flatten)]
    version: OwnVersion,
    #[sqlx(flatten)]
    deleted: DeletedVersion,
    deleted_by_hand: bool,
    revived_at: Option<i64>,
    resync_wanted_at: Option<i64>,
    has_membership_updates: bool,
    usage_thresholds: Option<Text<UsageThresholds>>,
    changed_at: i64,
}

impl Stored for LockedRow {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<LockedRow> for Locked {
    fn from(row: LockedRow) -> Self {
        let counts = Counts {
            used: row.used,
            waiting: row.waiting,
            first_position: row.first_position,
            last_position: row.last_position,
        };
        let mut roster = Roster::new(row.limit.0, row.policy.0, counts);
        roster.archived = row.archived;
        roster.version = row.version.0;
        roster.limit_at = row.limit_set_at.map(Timestamp::from_nanos);
        roster.deleted = row.deleted.0;
        roster.deleted_by_hand = row.deleted_by_hand;
        roster.revived = row.revived_at.map(Timestamp::from_nanos);
        Self {
            scope: OrganizationScope::of_locked_row(OrganizationId::new(row.id)),
            details: Details {
                name: row.name,
                name_version: row.name_version.0,
                external_id: row.external_id,
                external_id_version: row.external_id_version.0,
                account_manager: row.account_manager_id.map(AccountId::new),
                version: row.details_version,
            },
            revision: row.revision + 1,
            usage_thresholds: row.usage_thresholds.map(|Text(thresholds)| thresholds),
            limit_version: row.limit_version,
            policy_version: row.policy_version,
            roles_version: row.roles_version,
            resync_wanted_at: row.resync_wanted_at.map(Timestamp::from_nanos),
            has_membership_updates: row.has_membership_updates,
            changed_at: Timestamp::from_nanos(row.changed_at),
            decided: 0,
            before: roster.usage(),
            was_archived: roster.archived,
            roster,
        }
    }
}

/// Locks one organization until the transaction ends. The lock lets rows refer to the organization:
/// Postgres checks the reference of a row that a transaction writes twice, and would wait there for
/// the stronger lock. Returns it with its next revision; a caller that changes it must
/// [save](super::save) it.
pub async fn lock(tx: &mut Tx, id: &OrganizationId) -> sqlx::Result<Option<Locked>> {
    let row: Option<Keyed<LockedRow>> = sql!(
        optional(tx),
        r"
        select id, name, name_at, name_tie, external_id, external_id_at, external_id_tie,
          account_manager_id, details_version, limit_kind, limit_seats, limit_version, limit_set_at,
          used, waiting, first_position, last_position, policy, policy_groups, policy_version,
          roles_version, archived, revision, version_at, version_tie, deleted_at, deleted_tie,
          deleted_by_hand,
          revived_at, resync_wanted_at, has_membership_updates, usage_thresholds, changed_at
        from organizations
        where id = $1
        for no key update
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Locks the existing organizations among `ids`, one after the other in the order of their ids, as
/// all code does.
pub async fn lock_all(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<Vec<Locked>> {
    let ids: BTreeSet<&OrganizationId> = ids.iter().collect();
    let mut locked = Vec::with_capacity(ids.len());
    for id in ids {
        locked.extend(lock(tx, id).await?);
    }
    Ok(locked)
}

/// The same in one statement, for a batch of deliveries; `ids` are sorted. With one statement for
/// each of fifty organizations a batch takes at least a third longer on Postgres. The order of the
/// locks is given here, because a collation of the database may sort otherwise.
pub async fn lock_batch(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<Vec<Locked>> {
    if let [id] = ids {
        return Ok(lock(tx, id).await?.into_iter().collect());
    }
    let numbered: Vec<(i64, &OrganizationId)> = (0..).zip(ids).collect();
    let rows: Vec<Keyed<LockedRow>> = listed!(
        tx,
        numbered,
        KEYS_AT_ONCE,
        r"
        with asked (ordinal, id) as ({keys})
        select o.id, o.name, o.name_at, o.name_tie, o.external_id, o.external_id_at,
          o.external_id_tie, o.account_manager_id, o.details_version, o.limit_kind, o.limit_seats,
          o.limit_version, o.limit_set_at, o.used, o.waiting, o.first_position, o.last_position,
          o.policy, o.policy_groups, o.policy_version, o.roles_version, o.archived, o.revision,
          o.version_at,
          o.version_tie, o.deleted_at, o.deleted_tie, o.deleted_by_hand, o.revived_at,
          o.resync_wanted_at, o.has_membership_updates, o.usage_thresholds, o.changed_at
        from asked
        join organizations o on o.id = asked.id
        order by asked.ordinal
        for no key update of o
        ",
        |asked| [asked.0, asked.1.as_str()],
    );
    // a key may be asked for twice
    let mut locked: Vec<Locked> = rows.into_iter().map(|Keyed(row)| row.into()).collect();
    locked.dedup_by(|one, other| one.id() == other.id());
    Ok(locked)
}

/// An organization without a lock, for a preview in a read transaction; it is never saved.
pub async fn unlocked(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<Locked>> {
    let row: Option<Keyed<LockedRow>> = sql!(
        optional(tx),
        r"
        select id, name, name_at, name_tie, external_id, external_id_at, external_id_tie,
          account_manager_id, details_version, limit_kind, limit_seats, limit_version, limit_set_at,
          used, waiting, first_position, last_position, policy, policy_groups, policy_version,
          roles_version, archived, revision, version_at, version_tie, deleted_at, deleted_tie,
          deleted_by_hand,
          revived_at, resync_wanted_at, has_membership_updates, usage_thresholds, changed_at
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}
