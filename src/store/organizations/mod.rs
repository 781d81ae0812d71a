//! The rows of organizations. The lock on a row puts all changes of that organization in order.

mod card;
mod search_keys;

use sqlx::FromRow;

use self::search_keys::search_key;
pub use self::{
    card::{Card, card, names, revision},
    search_keys::{SearchKey, search_keys_after, set_search_key},
};
use super::{
    KEYS_AT_ONCE, ROWS_AT_ONCE, SHORT_ROWS_AT_ONCE,
    columns::{self, DeletedVersion, Limit, OwnVersion, Policy},
    exactly, exactly_one,
    rows::{Keyed, Stored},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        admission::AdmissionPolicy,
        id::OrganizationId,
        organization::SeatLimit,
        roster::{Counts, Roster},
        time::Timestamp,
    },
};

/// An organization that this transaction has locked, with its pending changes.
#[derive(Clone, Debug)]
pub struct Locked {
    pub scope: OrganizationScope,
    pub name: String,
    pub external_id: Option<String>,
    /// The revision that this transaction writes.
    pub revision: i64,
    pub limit_version: i64,
    pub policy_version: i64,
    /// A user was waiting when the row was locked.
    pub waited: bool,
    pub resync_wanted_at: Option<Timestamp>,
    /// There were updates of single memberships (one user, one group).
    pub has_membership_updates: bool,
    /// The number of decisions of this revision so far.
    pub decided: i64,
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
    external_id: Option<String>,
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
    archived: bool,
    revision: i64,
    #[sqlx(flatten)]
    version: OwnVersion,
    #[sqlx(flatten)]
    deleted: DeletedVersion,
    revived_at: Option<i64>,
    resync_wanted_at: Option<i64>,
    has_membership_updates: bool,
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
        roster.revived = row.revived_at.map(Timestamp::from_nanos);
        Self {
            scope: OrganizationScope::of_locked_row(OrganizationId::new(row.id)),
            name: row.name,
            external_id: row.external_id,
            revision: row.revision + 1,
            waited: row.waiting > 0,
            limit_version: row.limit_version,
            policy_version: row.policy_version,
            resync_wanted_at: row.resync_wanted_at.map(Timestamp::from_nanos),
            has_membership_updates: row.has_membership_updates,
            decided: 0,
            roster,
        }
    }
}

/// Locks one organization.
pub async fn lock(tx: &mut Tx, id: &OrganizationId) -> sqlx::Result<Option<Locked>> {
    Ok(lock_all(tx, std::slice::from_ref(id)).await?.pop())
}

/// Locks the existing organizations among `ids` until the transaction ends, in order of id, as all
/// code does. The lock lets rows refer to the organization: Postgres checks the reference of a row
/// that a transaction writes twice, and would wait there for the stronger lock. Returns them with
/// their next revision; a caller that changes one must [`save`] it.
pub async fn lock_all(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<Vec<Locked>> {
    let rows: Vec<Keyed<LockedRow>> = listed!(
        tx,
        ids,
        KEYS_AT_ONCE,
        r"
        select id, name, external_id, limit_kind, limit_seats, limit_version, limit_set_at, used,
          waiting, first_position, last_position, policy, policy_groups, policy_version, archived,
          revision, version_at, version_tie, deleted_at, deleted_tie, revived_at,
          resync_wanted_at, has_membership_updates
        from organizations
        where id in ({keys})
        order by id
        for no key update
        ",
        |id| [id.as_str()],
    );
    let mut locked: Vec<Locked> = rows.into_iter().map(|Keyed(row)| row.into()).collect();
    locked.sort_by(|a, b| a.id().cmp(b.id()));
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
        select id, name, external_id, limit_kind, limit_seats, limit_version, limit_set_at, used,
          waiting, first_position, last_position, policy, policy_groups, policy_version, archived,
          revision, version_at, version_tie, deleted_at, deleted_tie, revived_at,
          resync_wanted_at, has_membership_updates
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Adds new organizations under `name`; an organization that already exists stays as it is. Returns
/// how many were added.
pub async fn add(
    tx: &mut Tx,
    rows: &[(OrganizationId, String)],
    limit: SeatLimit,
    now: Timestamp,
) -> sqlx::Result<u64> {
    let (kind, seats) = columns::from_limit(limit);
    let (policy, _) = columns::from_policy(&AdmissionPolicy::default());
    let added = bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into organizations (
          id, name, search_key, limit_kind, limit_seats, limit_version, used, waiting,
          first_position, last_position, policy, policy_version, archived, revision, created_at,
          changed_at
        )
        {rows}
        on conflict (id) do nothing
        ",
        |row| [
            row.0.as_str(),
            row.1.as_str(),
            search_key(&row.0, &row.1),
            kind,
            seats,
            0_i64,
            0_i64,
            0_i64,
            0_i64,
            0_i64,
            policy,
            0_i64,
            false,
            0_i64,
            now.nanos(),
            now.nanos(),
        ],
    );
    Ok(added)
}

/// Writes locked organizations under their next revision, and announces the changes.
pub async fn save(tx: &mut Tx, rows: &[&Locked], now: Timestamp) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        with changed (
          id, name, search_key, external_id, limit_kind, limit_seats, limit_version, used, waiting,
          first_position, last_position, policy, policy_groups, policy_version, archived, revision,
          version_at, version_tie, deleted_at, deleted_tie, revived_at, resync_wanted_at,
          has_membership_updates, changed_at
        ) as ({rows})
        update organizations
        set name = changed.name, search_key = changed.search_key,
          external_id = changed.external_id, limit_kind = changed.limit_kind,
          limit_seats = changed.limit_seats, limit_version = changed.limit_version,
          used = changed.used, waiting = changed.waiting,
          first_position = changed.first_position, last_position = changed.last_position,
          policy = changed.policy, policy_groups = changed.policy_groups,
          policy_version = changed.policy_version, archived = changed.archived,
          revision = changed.revision, version_at = changed.version_at,
          version_tie = changed.version_tie, deleted_at = changed.deleted_at,
          deleted_tie = changed.deleted_tie, revived_at = changed.revived_at,
          resync_wanted_at = changed.resync_wanted_at,
          has_membership_updates = changed.has_membership_updates,
          changed_at = changed.changed_at,
          limit_set_by =
            case when changed.limit_kind = 'not_set' then null else organizations.limit_set_by end,
          limit_set_at =
            case when changed.limit_kind = 'not_set' then null else organizations.limit_set_at end
        from changed
        where organizations.id = changed.id
        ",
        |o| [
            o.id().as_str(),
            o.name.as_str(),
            search_key(o.id(), &o.name),
            o.external_id.as_deref(),
            columns::from_limit(o.roster.limit).0,
            columns::from_limit(o.roster.limit).1,
            o.limit_version,
            o.roster.counts().used,
            o.roster.counts().waiting,
            o.roster.counts().first_position,
            o.roster.counts().last_position,
            columns::from_policy(&o.roster.policy).0,
            columns::from_policy(&o.roster.policy).1,
            o.policy_version,
            o.roster.archived,
            o.revision,
            o.roster.version.map(|s| s.at.nanos()),
            o.roster.version.map(columns::tie),
            o.roster.deleted.map(|s| s.at.nanos()),
            o.roster.deleted.map(columns::tie),
            o.roster.revived.map(Timestamp::nanos),
            o.resync_wanted_at.map(Timestamp::nanos),
            o.has_membership_updates,
            now.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)?;
    for organization in rows {
        tx.announce(organization.id().clone(), organization.revision);
    }
    Ok(())
}

/// Writes a new revision for a change outside the row itself, so that open pages reload.
pub async fn touch(tx: &mut Tx, id: &OrganizationId, now: Timestamp) -> sqlx::Result<()> {
    let revision: Option<(i64,)> = sql!(
        optional(tx),
        r"
        update organizations
        set revision = revision + 1, changed_at = $2
        where id = $1
        returning revision
        ",
        id.as_str(),
        now.nanos(),
    )?;
    if let Some((revision,)) = revision {
        tx.announce(id.clone(), revision);
    }
    Ok(())
}

/// When the organization's resync was requested, if one is wanted.
pub async fn resync_wish(tx: &mut Tx, id: &OrganizationId) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(Option<i64>,)> = sql!(
        optional(tx),
        r"
        select resync_wanted_at
        from organizations
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.and_then(|(at,)| at).map(Timestamp::from_nanos))
}

/// Requests resyncs of the next `most` organizations after `after`; returns the last of them. The
/// caller works in parts, and each part is locked in order of id, so that no transaction waits for
/// all organizations.
pub async fn want_resyncs(
    tx: &mut Tx,
    after: &str,
    most: i64,
    now: Timestamp,
) -> sqlx::Result<Option<String>> {
    let rows: Vec<(String,)> = sql!(
        all(tx),
        r"
        select id
        from organizations
        where id > $1 and not archived
        order by id
        limit $2
        ",
        after,
        most,
    )?;
    let ids: Vec<OrganizationId> = rows.into_iter().map(|(id,)| OrganizationId::new(id)).collect();
    let locked = lock_all(tx, &ids).await?;
    // an older request may be cleared by a resync that began before this request
    for organization in &locked {
        sql!(
            execute(tx),
            r"
            update organizations
            set resync_wanted_at = $2
            where id = $1
            ",
            organization.id().as_str(),
            now.nanos(),
        )
        .and_then(exactly_one)?;
    }
    Ok(ids.last().map(ToString::to_string))
}

/// Records who set the limit last, when and why.
pub async fn note_limit_set(
    tx: &mut Tx,
    organization: &OrganizationScope,
    by: &str,
    reason: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update organizations
        set limit_set_by = $2, limit_reason = $3, limit_set_at = $4
        where id = $1
        ",
        organization.id().as_str(),
        by,
        reason,
        now.nanos(),
    )
    .and_then(exactly_one)
}
