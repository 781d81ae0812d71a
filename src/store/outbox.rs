//! The outbox: letters that still have to leave, written in the transaction that caused them.

use std::time::Duration;

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        id::{EpisodeId, LetterId, OrganizationId},
        time::Timestamp,
    },
};

/// A letter to one person.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: LetterId,
    /// None where the letter is about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub episode: EpisodeId,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// One for each episode and recipient, whoever adds it how often.
pub async fn add(tx: &mut Tx, rows: &[Outgoing], now: Timestamp) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        128,
        "insert into outbox (id, organization_id, episode_id, recipient, subject, text_body, html_body, created_at, due_at, attempts, lease_until) ",
        |row| [
            row.id.as_str(),
            row.organization.as_ref().map(OrganizationId::as_str),
            row.episode.as_str(),
            row.recipient.as_str(),
            row.subject.as_str(),
            row.text.as_str(),
            row.html.as_str(),
            now.nanos(),
            now.nanos(),
            0_i64,
            0_i64,
        ],
        " on conflict (episode_id, recipient) do nothing"
    );
    Ok(())
}

#[derive(Clone, Debug, FromRow)]
pub struct Claimed {
    pub id: String,
    pub recipient: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    /// How often it was tried before.
    pub attempts: i64,
}

/// Takes the letter that has been due longest, for nobody else until `lease_until`.
pub async fn claim(tx: &mut Tx, now: Timestamp, lease_until: Timestamp) -> sqlx::Result<Option<Claimed>> {
    sql!(
        optional(tx),
        "update outbox set lease_until = $2 where id = (select id from outbox where sent_at is null and failed_at is null and due_at <= $1 \
         and lease_until <= $1 order by due_at, id limit 1) and lease_until <= $1 \
         returning id, recipient, subject, text_body, html_body, attempts",
        now.nanos(),
        lease_until.nanos(),
    )
}

pub async fn sent(tx: &mut Tx, id: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(execute(tx), "update outbox set sent_at = $2, attempts = attempts + 1, last_error = null where id = $1", id, now.nanos())
        .and_then(exactly_one)
}

/// Tried in vain; again at `due`.
pub async fn postpone(tx: &mut Tx, id: &str, due: Timestamp, why: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update outbox set due_at = $2, lease_until = 0, attempts = attempts + 1, last_error = $3 where id = $1",
        id,
        due.nanos(),
        why,
    )
    .and_then(exactly_one)
}

/// Will never be taken: the address does not exist, or the server says so.
pub async fn give_up(tx: &mut Tx, id: &str, now: Timestamp, why: &str) -> sqlx::Result<()> {
    sql!(execute(tx), "update outbox set failed_at = $2, attempts = attempts + 1, last_error = $3 where id = $1", id, now.nanos(), why,)
        .and_then(exactly_one)
}

/// What waits, and how long.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Standing {
    /// Letters that have not left; counted up to `MOST`.
    pub waiting: i64,
    oldest_due: Option<i64>,
}

impl Standing {
    pub const MOST: i64 = 10_000;

    /// How long the oldest letter that nobody is at has been due.
    pub fn due_for(&self, now: Timestamp) -> Duration {
        self.oldest_due.map(|due| now.since(Timestamp::from_nanos(due))).unwrap_or_default()
    }
}

pub async fn standing(tx: &mut Tx, now: Timestamp) -> sqlx::Result<Standing> {
    sql!(
        one(tx),
        "select count(*) as waiting, min(case when lease_until <= $1 then due_at end) as oldest_due from \
         (select due_at, lease_until from outbox where sent_at is null and failed_at is null order by due_at limit $2) o",
        now.nanos(),
        Standing::MOST,
    )
}

/// Letters given up, counted up to `Standing::MOST`.
pub async fn given_up(tx: &mut Tx) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from (select failed_at from outbox where failed_at is not null order by failed_at desc limit $1) o",
        Standing::MOST,
    )
}

/// Why the letter that waits longest did not leave; else why the last one was given up.
pub async fn last_error(tx: &mut Tx) -> sqlx::Result<Option<String>> {
    let waiting: Option<(Option<String>,)> =
        sql!(optional(tx), "select last_error from outbox where sent_at is null and failed_at is null order by due_at desc limit 1")?;
    if let Some((Some(error),)) = waiting {
        return Ok(Some(error));
    }
    let given_up: Option<(Option<String>,)> =
        sql!(optional(tx), "select last_error from outbox where failed_at is not null order by failed_at desc limit 1")?;
    Ok(given_up.and_then(|(error,)| error))
}
