//! The rows of organizations.

mod alert_settings;
mod card;
mod choices;
mod known_usage;
mod locked;
mod search_keys;

use std::collections::BTreeSet;

use self::search_keys::search_key;
pub use self::{
    alert_settings::{
        set_slack_webhook, set_usage_thresholds, slack_webhook, usage_after, usage_thresholds,
    },
    card::{AccountManager, Card, card, is_archived, names, revision},
    choices::{Choice, choices, choices_among},
    known_usage::{known_usage, note_usage},
    locked::{Locked, lock, lock_all, lock_batch, unlocked},
    search_keys::{SearchKey, search_keys_after, set_search_key},
};
use super::{ROWS_AT_ONCE, SHORT_ROWS_AT_ONCE, columns, exactly, exactly_one};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        admission::AdmissionPolicy,
        id::{AccountId, OrganizationId},
        organization::SeatLimit,
        time::Timestamp,
    },
};

/// Adds new organizations under `name`; an organization that already exists stays as it is. Returns
/// how many were added.
pub async fn add(
    tx: &mut Tx,
    rows: &[(OrganizationId, String)],
    (limit, policy): (SeatLimit, &AdmissionPolicy),
    now: Timestamp,
) -> sqlx::Result<u64> {
    let (kind, seats) = columns::from_limit(limit);
    let (policy, groups) = columns::from_policy(policy);
    let added = bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into organizations (
          id, name, search_key, limit_kind, limit_seats, limit_version, used, waiting,
          first_position, last_position, policy, policy_groups, policy_version, archived, revision, created_at,
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
            groups.clone(),
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
pub async fn save(tx: &mut Tx, rows: &[&Locked]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        with changed (
          id, limit_kind, limit_seats, limit_version, used, waiting, first_position, last_position,
          policy, policy_groups, policy_version, archived, revision, version_at, version_tie,
          deleted_at, deleted_tie, deleted_by_hand, revived_at, resync_wanted_at,
          has_membership_updates, changed_at
        ) as ({rows})
        update organizations
        set limit_kind = changed.limit_kind, limit_seats = changed.limit_seats,
          limit_version = changed.limit_version, used = changed.used, waiting = changed.waiting,
          first_position = changed.first_position, last_position = changed.last_position,
          policy = changed.policy, policy_groups = changed.policy_groups,
          policy_version = changed.policy_version, archived = changed.archived,
          revision = changed.revision, version_at = changed.version_at,
          version_tie = changed.version_tie, deleted_at = changed.deleted_at,
          deleted_tie = changed.deleted_tie, deleted_by_hand = changed.deleted_by_hand,
          revived_at = changed.revived_at, resync_wanted_at = changed.resync_wanted_at,
          has_membership_updates = changed.has_membership_updates,
          changed_at = changed.changed_at,
          limit_set_by =
            case when changed.limit_kind = 'not_set' then null else organizations.limit_set_by end,
          limit_set_at =
            case when changed.limit_kind = 'not_set' then null else organizations.limit_set_at end,
          archived_by = case when changed.deleted_by_hand then organizations.archived_by end,
          archive_reason = case when changed.deleted_by_hand then organizations.archive_reason end
        from changed
        where organizations.id = changed.id
        ",
        |o| [
            o.id().as_str(),
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
            o.roster.deleted_by_hand,
            o.roster.revived.map(Timestamp::nanos),
            o.resync_wanted_at.map(Timestamp::nanos),
            o.has_membership_updates,
            o.changed_at.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)?;
    for organization in rows {
        tx.announce(organization.id().clone(), organization.revision);
    }
    Ok(())
}

/// Writes the names, the external ids and the account managers of locked organizations. They change
/// rarely, so [`save`] leaves them out.
pub async fn save_details(tx: &mut Tx, rows: &[&Locked]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        with changed (
          id, name, name_at, name_tie, search_key, external_id, external_id_at, external_id_tie,
          account_manager_id, details_version
        ) as ({rows})
        update organizations
        set name = changed.name, name_at = changed.name_at, name_tie = changed.name_tie,
          search_key = changed.search_key, external_id = changed.external_id,
          external_id_at = changed.external_id_at, external_id_tie = changed.external_id_tie,
          account_manager_id = changed.account_manager_id,
          details_version = changed.details_version
        from changed
        where organizations.id = changed.id
        ",
        |o| [
            o.id().as_str(),
            o.details.name.as_str(),
            o.details.name_version.map(|version| version.at.nanos()),
            o.details.name_version.map(columns::tie),
            search_key(o.id(), &o.details.name),
            o.details.external_id.as_deref(),
            o.details.external_id_version.map(|version| version.at.nanos()),
            o.details.external_id_version.map(columns::tie),
            o.details.account_manager.as_ref().map(AccountId::as_str),
            o.details.version,
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// Writes a new revision for a change outside the row itself, so that open pages reload. The time
/// stays if the clock was set back: the next decision has to find that out.
pub async fn touch(tx: &mut Tx, id: &OrganizationId, now: Timestamp) -> sqlx::Result<()> {
    let revision: Option<(i64,)> = sql!(
        optional(tx),
        r"
        update organizations
        set revision = revision + 1,
          changed_at = case when changed_at < $2 then $2 else changed_at end
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
/// caller works in parts, and each part is written in order of id, so that no transaction waits for
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
    let in_order: BTreeSet<&OrganizationId> = ids.iter().collect();
    // an older request may be cleared by a resync that began before this request
    for id in in_order {
        sql!(
            execute(tx),
            r"
            update organizations
            set resync_wanted_at = $2
            where id = $1
            ",
            id.as_str(),
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

/// Records who archives the organization by hand, and why. It stays as long as no newer deletion is
/// known.
pub async fn note_archived(
    tx: &mut Tx,
    organization: &OrganizationScope,
    by: &str,
    reason: &str,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update organizations
        set archived_by = $2, archive_reason = $3
        where id = $1
        ",
        organization.id().as_str(),
        by,
        reason,
    )
    .and_then(exactly_one)
}
