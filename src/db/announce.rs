//! How a change of an organization or of an account's access reaches every process that shows it.
//! Inside one process: a channel, after the commit. On Postgres: `NOTIFY`, inside the transaction.
//! On SQLite, changes of other processes (the command line) are found with `pragma data_version`,
//! which costs almost nothing.

use std::{collections::HashMap, time::Duration};

use sqlx::{PgPool, SqlitePool, postgres::PgListener};
use tracing::warn;

use super::{Announcement, Connection, Db, Engine, Tx};
use crate::domain::{
    id::{AccountId, OrganizationId},
    time::Timestamp,
};

const CHANNEL: &str = "seatkeeper";
/// Postgres takes less than 8,000 bytes; several announcements share one notification.
const MOST_BYTES: usize = 7_000;
/// Stands before the newest number of the outgoing events.
const EVENTS: &str = "events";
/// Stands before an account's id, where an organization's line has its revision.
const ACCESS: &str = "access";
const POLL: Duration = Duration::from_millis(250);
/// Other processes take the time before they commit; the search looks back this far so that it
/// misses none.
const LOOK_BACK: Duration = Duration::from_mins(1);

/// On Postgres, the announcements become part of the transaction.
pub(super) async fn notify(tx: &mut Tx) -> sqlx::Result<()> {
    let Connection::Postgres(connection) = &mut tx.connection else { return Ok(()) };
    let mut payload = String::new();
    let lines = tx.announcements.iter().filter_map(|announcement| match announcement {
        Announcement::Changed { organization, revision } => {
            Some(format!("{revision} {organization}\n"))
        }
        Announcement::AccessChanged(account) => Some(format!("{ACCESS} {account}\n")),
        Announcement::EventsNumbered(newest) => Some(format!("{EVENTS} {newest}\n")),
        Announcement::Anything => None,
    });
    for line in lines.chain([String::new()]) {
        let is_last = line.is_empty();
        if !payload.is_empty() && (is_last || payload.len() + line.len() > MOST_BYTES) {
            sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(std::mem::take(&mut payload))
                .execute(&mut **connection)
                .await?;
        }
        payload.push_str(&line);
    }
    Ok(())
}

/// Receives the changes of other processes and passes them on, until the database is closed. One
/// task for each process.
pub async fn listen(db: Db) {
    match &db.engine {
        Engine::Postgres { read, .. } => listen_on_postgres(&db, read).await,
        Engine::Sqlite { read, .. } => watch_sqlite(&db, read).await,
    }
}

async fn listen_on_postgres(db: &Db, pool: &PgPool) {
    while !pool.is_closed() {
        match hear_postgres(db, pool).await {
            Ok(()) => {}
            Err(error) => {
                warn!(%error, "listening for changes was interrupted; trying again");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

async fn hear_postgres(db: &Db, pool: &PgPool) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    let _ = db.announcements.send(Announcement::Anything); // earlier notifications were missed
    loop {
        let Some(notification) = listener.try_recv().await? else { return Ok(()) };
        for announcement in notification.payload().lines().filter_map(read_line) {
            let _ = db.announcements.send(announcement); // an error means that no page listens
        }
    }
}

/// A line of another version of Seatkeeper that this version does not know is skipped.
fn read_line(line: &str) -> Option<Announcement> {
    let (what, id) = line.split_once(' ')?;
    if what == ACCESS {
        return AccountId::parse(id).map(Announcement::AccessChanged);
    }
    if what == EVENTS {
        return id.parse().ok().map(Announcement::EventsNumbered);
    }
    let (revision, organization) = (what.parse().ok()?, OrganizationId::parse(id)?);
    Some(Announcement::Changed { organization, revision })
}

async fn watch_sqlite(db: &Db, pool: &SqlitePool) {
    let mut seen = Seen {
        version: 0,
        since: db.clock.now(),
        revisions: HashMap::new(),
        access: HashMap::new(),
        events: 0,
    };
    while !pool.is_closed() {
        if let Err(error) = look_at_sqlite(db, pool, &mut seen).await {
            warn!(%error, "looking for changes failed; trying again");
            seen = Seen {
                version: 0,
                since: seen.since,
                revisions: HashMap::new(),
                access: HashMap::new(),
                events: 0,
            };
            tokio::time::sleep(POLL).await;
        }
    }
}

struct Seen {
    version: i64,
    since: Timestamp,
    revisions: HashMap<String, i64>,
    /// The last access change of each account.
    access: HashMap<String, i64>,
    /// The newest number of the outgoing events.
    events: i64,
}

/// `data_version` belongs to one connection, so the same connection is used as long as it works.
async fn look_at_sqlite(db: &Db, pool: &SqlitePool, seen: &mut Seen) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    loop {
        let version: i64 =
            sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        if version != seen.version {
            seen.version = version;
            let now = db.clock.now();
            let since = seen.since.minus(LOOK_BACK).nanos();
            let changed: Vec<(String, i64)> = sqlx::query_as(
                r"
                select id, revision
                from organizations
                where changed_at >= $1
                order by changed_at, id
                ",
            )
            .bind(since)
            .fetch_all(&mut *connection)
            .await?;
            let access: Vec<(String, i64)> = sqlx::query_as(
                r"
                select id, access_changed_at
                from accounts
                where access_changed_at >= $1
                order by access_changed_at, id
                ",
            )
            .bind(since)
            .fetch_all(&mut *connection)
            .await?;
            let events: i64 = sqlx::query_scalar("select last from event_sequence")
                .fetch_one(&mut *connection)
                .await?;
            if events != seen.events {
                seen.events = events;
                let _ = db.announcements.send(Announcement::EventsNumbered(events));
            }
            for (id, changed_at) in &access {
                if seen.access.get(id) != Some(changed_at) {
                    // an error means that no page listens
                    let _ = db.announcements.send(Announcement::AccessChanged(AccountId::new(id)));
                }
            }
            seen.access = access.into_iter().collect();
            for (id, revision) in &changed {
                if seen.revisions.get(id) != Some(revision) {
                    let _ = db.announcements.send(Announcement::Changed {
                        organization: OrganizationId::new(id),
                        revision: *revision,
                    });
                }
            }
            seen.revisions = changed.into_iter().collect();
            seen.since = now;
        }
        if pool.is_closed() {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}
