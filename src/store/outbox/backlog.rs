//! What waits in the outbox, what was given up, and the removal of old rows.

use std::time::Duration;

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// The backlog of the outbox.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Backlog {
    /// E-mails that wait and that no worker holds; counted up to `MOST`.
    pub waiting: i64,
    oldest_due: Option<i64>,
}

impl Backlog {
    pub const MOST: i64 = 10_000;

    /// How long the oldest e-mail that no worker holds has been due.
    pub fn due_for(&self, now: Timestamp) -> Duration {
        self.oldest_due.map(|due| now.since(Timestamp::from_nanos(due))).unwrap_or_default()
    }
}

pub async fn backlog(tx: &mut Tx, now: Timestamp) -> sqlx::Result<Backlog> {
    sql!(
        one(tx),
        r"
        select count(*) as waiting, (
            select min(due_at)
            from outbox
            where sent_at is null and failed_at is null and dropped_at is null
              and lease_millis = 0 and channel = 'email' and due_at <= $1
          ) as oldest_due
        from (
            select channel
            from outbox
            where sent_at is null and failed_at is null and dropped_at is null
              and lease_millis = 0 and channel = 'email'
            limit $2
          ) o
        ",
        now.nanos(),
        Backlog::MOST,
    )
}

/// E-mails that were given up, counted up to `Backlog::MOST`.
pub async fn given_up(tx: &mut Tx) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
            select failed_at
            from outbox
            where failed_at is not null
            order by failed_at desc
            limit $1
          ) o
        ",
        Backlog::MOST,
    )
}

/// The last error of the waiting e-mail with the latest due time; without one, the error of the
/// e-mail that was given up last.
pub async fn last_error(tx: &mut Tx) -> sqlx::Result<Option<String>> {
    let waiting: Option<(Option<String>,)> = sql!(
        optional(tx),
        r"
        select last_error
        from outbox
        where sent_at is null and failed_at is null and dropped_at is null and lease_millis = 0
          and channel = 'email'
        order by due_at desc
        limit 1
        ",
    )?;
    if let Some((Some(error),)) = waiting {
        return Ok(Some(error));
    }
    let given_up: Option<(Option<String>,)> = sql!(
        optional(tx),
        r"
        select last_error
        from outbox
        where failed_at is not null
        order by failed_at desc
        limit 1
        ",
    )?;
    Ok(given_up.and_then(|(error,)| error))
}

/// Deletes messages that were sent, dropped or given up before `before`, because they hold
/// addresses. Those of an open alert stay: what follows goes to the same recipients. Returns how
/// many.
pub async fn remove_old(tx: &mut Tx, before: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from outbox
        where (organization_id, id) in (
            select organization_id, id
            from outbox
            where coalesce(sent_at, failed_at, dropped_at) < $1
              and not exists (
                select 1
                from alerts l
                where l.organization_id = outbox.organization_id and l.id = outbox.about_id
                  and l.resolved_at is null
              )
            order by coalesce(sent_at, failed_at, dropped_at), id
            limit $2
          )
        ",
        before.nanos(),
        most,
    )
}
