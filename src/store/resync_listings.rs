//! How far a resync has come in the directories' lists, and the groups it found.

use sqlx::FromRow;

use super::{
    columns::Run,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        id::{DirectoryId, GroupId},
        resync::SetAsideKind,
        time::Timestamp,
    },
};

/// Directories written in one statement.
const DIRECTORIES_AT_ONCE: usize = 128;
/// Groups written in one statement.
const GROUPS_AT_ONCE: usize = 128;
/// Unreadable entries written in one statement.
const ENTRIES_AT_ONCE: usize = 128;

/// A directory and the progress of its lists.
#[derive(Clone, Debug, FromRow)]
pub struct Listing {
    pub id: String,
    pub provider: Option<String>,
    pub enabled: bool,
    /// `users`, `groups`, `done`
    pub step: String,
    pub next_token: Option<String>,
    pub pass: i64,
    /// The lists are read a second time, because a known user was missing.
    pub again: bool,
    /// How often a list was started again because a page token was refused.
    pub restarts: i64,
}

pub async fn add_directories(tx: &mut Tx, run: Run<'_>, rows: &[Listing]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        DIRECTORIES_AT_ONCE,
        r"
        insert into resync_directories (organization_id, resync_id, id, provider, enabled, step,
            pass)
        {rows}
        on conflict (organization_id, resync_id, id) do nothing
        ",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            row.id.as_str(),
            row.provider.as_deref(),
            row.enabled,
            row.step.as_str(),
            row.pass
        ],
    );
    Ok(())
}

pub async fn directories(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<Vec<Listing>> {
    sql!(
        all(tx),
        r"
        select id, provider, enabled, step, next_token, pass, again, restarts
        from resync_directories
        where organization_id = $1 and resync_id = $2
        order by id
        limit 1000
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )
}

pub async fn save_directory(tx: &mut Tx, run: Run<'_>, listing: &Listing) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update resync_directories
        set step = $4, next_token = $5, pass = $6, again = $7, restarts = $8
        where organization_id = $1 and resync_id = $2 and id = $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        listing.id.as_str(),
        listing.step.as_str(),
        listing.next_token.as_deref(),
        listing.pass,
        listing.again,
        listing.restarts,
    )
    .and_then(super::exactly_one)
}

pub async fn add_groups(
    tx: &mut Tx,
    run: Run<'_>,
    directory: &DirectoryId,
    asked_at: Timestamp,
    rows: &[(GroupId, Option<String>)],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        GROUPS_AT_ONCE,
        r"
        insert into resync_groups (organization_id, resync_id, id, directory_id, name, asked_at,
            change)
        {rows}
        on conflict (organization_id, resync_id, id) do update
        set directory_id = excluded.directory_id, name = excluded.name,
            asked_at = excluded.asked_at
        where excluded.asked_at > resync_groups.asked_at
        ",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            row.0.as_str(),
            directory.as_str(),
            row.1.as_deref(),
            asked_at.nanos(),
            "listed"
        ],
    );
    Ok(())
}

/// The number of groups of a directory that this resync has found.
pub async fn count_groups(tx: &mut Tx, run: Run<'_>, directory: &DirectoryId) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from resync_groups
        where organization_id = $1 and resync_id = $2 and directory_id = $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        directory.as_str(),
    )
}

/// Marks the groups that are new, renamed, moved to another directory, or back from a deletion,
/// unless a newer update is known.
pub async fn plan_groups(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update resync_groups
        set change = 'changed'
        where organization_id = $1 and resync_id = $2 and change = 'listed'
          and not exists (
            select 1
            from directory_groups g
            where g.organization_id = $1 and g.id = resync_groups.id
              and (g.version_at >= resync_groups.asked_at
                or (not g.deleted and g.directory_id = resync_groups.directory_id
                  and coalesce(g.name, '') = coalesce(resync_groups.name, g.name, '')))
          )
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )
}

/// Adds the groups that no longer exist: known before the resync began, not listed, and without a
/// listed user.
pub async fn plan_gone_groups(
    tx: &mut Tx,
    run: Run<'_>,
    since: Timestamp,
    mentioned: &[GroupId],
) -> sqlx::Result<u64> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select g.id
        from directory_groups g
        where g.organization_id = $1 and not g.deleted and g.version_at < $3
          and not exists (
            select 1
            from resync_groups r
            where r.organization_id = $1 and r.resync_id = $2 and r.id = g.id
          )
        order by g.id
        ",
        run.organization.as_str(),
        run.id.as_str(),
        since.nanos(),
    )?;
    let rows: Vec<String> = ids
        .into_iter()
        .filter(|id| mentioned.binary_search_by(|group| group.as_str().cmp(id)).is_err())
        .collect();
    Ok(bulk!(
        tx,
        rows,
        GROUPS_AT_ONCE,
        r"
        insert into resync_groups (organization_id, resync_id, id, asked_at, change)
        {rows}
        on conflict (organization_id, resync_id, id) do nothing
        ",
        |id| [run.organization.as_str(), run.id.as_str(), id.as_str(), since.nanos(), "removed"],
    ))
}

/// Discards the plan for the groups; the listed groups stay.
pub async fn unplan_groups(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from resync_groups
        where organization_id = $1 and resync_id = $2 and change = 'removed'
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        update resync_groups
        set change = 'listed'
        where organization_id = $1 and resync_id = $2 and change = 'changed'
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )?;
    Ok(())
}

/// A planned change of a group.
#[derive(Clone, Debug, FromRow)]
pub struct GroupChange {
    pub id: String,
    pub directory_id: Option<String>,
    pub name: Option<String>,
    pub asked_at: i64,
    pub change: String,
}

/// The planned changes of groups that are not applied yet, in order of id.
pub async fn groups_to_do(tx: &mut Tx, run: Run<'_>, most: i64) -> sqlx::Result<Vec<GroupChange>> {
    sql!(
        all(tx),
        r"
        select id, directory_id, name, asked_at, change
        from resync_groups
        where organization_id = $1 and resync_id = $2 and change <> 'listed'
        order by id
        limit $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        most,
    )
}

/// Removes the planned changes up to this group: they are applied.
pub async fn groups_done(tx: &mut Tx, run: Run<'_>, last: &GroupChange) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from resync_groups
        where organization_id = $1 and resync_id = $2 and change <> 'listed' and id <= $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        last.id.as_str(),
    )?;
    Ok(())
}

/// An entry of a list that could not be read.
#[derive(Clone, Debug)]
pub struct NewSetAside<'a> {
    pub directory: &'a str,
    pub kind: SetAsideKind,
    pub fingerprint: u64,
    pub id: Option<&'a str>,
    pub why: &'a str,
}

/// The same, as it is stored.
#[derive(Clone, Debug)]
pub struct SetAside {
    pub kind: SetAsideKind,
    /// The id of the entry, if it has one.
    pub id: Option<String>,
    /// The reason, as a sentence.
    pub why: String,
}

/// Stores entries that could not be read. Returns how many of them are new to this resync.
pub async fn set_aside(tx: &mut Tx, run: Run<'_>, rows: &[NewSetAside<'_>]) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        rows,
        ENTRIES_AT_ONCE,
        r"
        insert into resync_set_aside (organization_id, resync_id, fingerprint, directory_id, kind,
            entry_id, why)
        {rows}
        on conflict (organization_id, resync_id, fingerprint) do nothing
        ",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            format!("{}/{}/{:016x}", row.directory, row.kind.as_str(), row.fingerprint),
            row.directory,
            row.kind.as_str(),
            row.id,
            row.why,
        ],
    ))
}

/// The number of entries of a directory's list that could not be read.
pub async fn count_set_aside(
    tx: &mut Tx,
    run: Run<'_>,
    directory: &str,
    kind: SetAsideKind,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from resync_set_aside
        where organization_id = $1 and resync_id = $2 and directory_id = $3 and kind = $4
        ",
        run.organization.as_str(),
        run.id.as_str(),
        directory,
        kind.as_str(),
    )
}

/// At most `most` entries that could not be read, for the resync's page.
pub async fn all_set_aside(tx: &mut Tx, run: Run<'_>, most: i64) -> sqlx::Result<Vec<SetAside>> {
    let rows: Vec<Keyed<SetAsideRow>> = sql!(
        all(tx),
        r"
        select organization_id, resync_id, fingerprint, kind, entry_id, why
        from resync_set_aside
        where organization_id = $1 and resync_id = $2
        order by kind, fingerprint
        limit $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        most,
    )?;
    let entry = |Keyed(row): Keyed<SetAsideRow>| SetAside {
        kind: row.kind.0,
        id: row.entry_id,
        why: row.why,
    };
    Ok(rows.into_iter().map(entry).collect())
}

#[derive(FromRow)]
struct SetAsideRow {
    kind: Text<SetAsideKind>,
    entry_id: Option<String>,
    why: String,
}

impl Stored for SetAsideRow {
    const TABLE: &'static str = "resync_set_aside";
    const KEY: &'static [&'static str] = &["organization_id", "resync_id", "fingerprint"];
}
