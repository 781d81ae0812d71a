//! Limit decisions: every change of an organization's limit, kept for ever. They are numbered
//! together with the decisions.

use sqlx::FromRow;

use super::{
    ROWS_AT_ONCE,
    columns::{self, Limit},
    exactly,
    organizations::Locked,
    rows::{Keyed, Stored},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        as_of::LimitDecided,
        id::{EventId, OrganizationId},
        time::Timestamp,
    },
};

/// A limit decision with its cause.
#[derive(Clone, Debug)]
pub struct LimitRecord {
    pub organization: OrganizationId,
    pub decided: LimitDecided,
    /// `None`: the clock was set back, and nothing else changed.
    pub cause: Option<RecordedCause>,
}

#[derive(Clone, Debug)]
pub struct RecordedCause {
    pub kind: String,
    pub event: Option<EventId>,
    pub actor: Option<String>,
}

impl LimitRecord {
    /// The limit that a locked organization has now, under the next number.
    pub fn of(locked: &mut Locked, was_set_back: bool, cause: Option<RecordedCause>) -> Self {
        let ordinal = locked.decided;
        locked.decided += 1;
        let decided = LimitDecided {
            revision: locked.revision,
            ordinal,
            limit: locked.roster.limit,
            archived: locked.roster.archived,
            used: locked.roster.usage().used,
            clock_was_set_back: was_set_back,
            at: locked.changed_at,
        };
        Self { organization: locked.id().clone(), decided, cause }
    }
}

pub async fn add(tx: &mut Tx, rows: &[LimitRecord]) -> sqlx::Result<()> {
    let cause = |row: &LimitRecord| row.cause.clone();
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into limit_decisions (
          organization_id, revision, ordinal, limit_kind, limit_seats, archived, used,
          clock_was_set_back, cause, event_id, actor, decided_at
        )
        {rows}
        ",
        |row| [
            row.organization.as_str(),
            row.decided.revision,
            row.decided.ordinal,
            columns::from_limit(row.decided.limit).0,
            columns::from_limit(row.decided.limit).1,
            row.decided.archived,
            row.decided.used,
            row.decided.clock_was_set_back,
            cause(row).map(|cause| cause.kind),
            cause(row).and_then(|cause| cause.event).map(String::from),
            cause(row).and_then(|cause| cause.actor),
            row.decided.at.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// The first limit of organizations that were just added, at revision 0. Others stay as they are.
pub async fn begin(tx: &mut Tx, locked: &[Locked]) -> sqlx::Result<()> {
    let new: Vec<&Locked> = locked.iter().filter(|locked| locked.revision == 1).collect();
    bulk!(
        tx,
        new,
        ROWS_AT_ONCE,
        r"
        insert into limit_decisions (
          organization_id, revision, ordinal, limit_kind, limit_seats, archived, used,
          clock_was_set_back, decided_at
        )
        {rows}
        on conflict (organization_id, revision, ordinal) do nothing
        ",
        |o| [
            o.id().as_str(),
            0_i64,
            0_i64,
            columns::from_limit(o.roster.limit).0,
            columns::from_limit(o.roster.limit).1,
            o.roster.archived,
            o.roster.usage().used,
            false,
            o.changed_at.nanos(),
        ],
    );
    Ok(())
}

#[derive(FromRow)]
struct Row {
    revision: i64,
    ordinal: i64,
    #[sqlx(flatten)]
    limit: Limit,
    archived: bool,
    used: i64,
    clock_was_set_back: bool,
    decided_at: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "limit_decisions";
    const KEY: &'static [&'static str] = &["organization_id"];
}

/// The revision and the time of the newest end of an organization. An end from before limit
/// decisions were kept is not known.
pub async fn end(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<(i64, Timestamp)>> {
    let row: Option<(i64, i64)> = sql!(
        optional(tx),
        r"
        select revision, decided_at
        from limit_decisions
        where organization_id = $1 and archived and cause is not null
        order by revision desc, ordinal desc
        limit 1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|(revision, at)| (revision, Timestamp::from_nanos(at))))
}

/// All limit decisions of an organization, in order.
pub async fn all(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<LimitDecided>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, revision, ordinal, limit_kind, limit_seats, archived, used,
          clock_was_set_back, decided_at
        from limit_decisions
        where organization_id = $1
        order by revision, ordinal
        ",
        organization.id().as_str(),
    )?;
    let decided = |Keyed(row): Keyed<Row>| LimitDecided {
        revision: row.revision,
        ordinal: row.ordinal,
        limit: row.limit.0,
        archived: row.archived,
        used: row.used,
        clock_was_set_back: row.clock_was_set_back,
        at: Timestamp::from_nanos(row.decided_at),
    };
    Ok(rows.into_iter().map(decided).collect())
}
