//! What an organization was at a moment, from its decisions.

use sqlx::FromRow;

use super::rows::{Keyed, Stored, Text};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        as_of::{Decided, Placeholder},
        decision::used_after,
        directory_user::SeatState,
        id::DirectoryUserId,
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    revision: i64,
    ordinal: i64,
    user_id: String,
    placeholder_id: Option<String>,
    placeholder_until: Option<i64>,
    from_state: Option<Text<SeatState>>,
    to_state: Text<SeatState>,
    used: i64,
    waitlist_rank: Option<i64>,
    waitlist_position: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "decisions";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

impl From<Keyed<Row>> for Decided {
    fn from(Keyed(row): Keyed<Row>) -> Self {
        let to = row.to_state.0;
        let placeholder = row.placeholder_id.zip(row.placeholder_until);
        Self {
            revision: row.revision,
            ordinal: row.ordinal,
            user: DirectoryUserId::new(row.user_id),
            placeholder: placeholder
                .map(|(id, until)| Placeholder { id: DirectoryUserId::new(id), until }),
            to,
            used: used_after(row.used, row.from_state.map(|Text(state)| state), to),
            place: row.waitlist_rank.zip(row.waitlist_position),
        }
    }
}

/// The newest revision with a decision.
pub async fn newest_revision(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<i64>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select revision
        from decisions
        where organization_id = $1
        order by revision desc
        limit 1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|(revision,)| revision))
}

/// The first revision with a decision from `first` to `last`, and the time of its decisions.
pub async fn first_revision(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (first, last): (i64, i64),
) -> sqlx::Result<Option<(i64, Timestamp)>> {
    let row: Option<(i64, i64)> = sql!(
        optional(tx),
        r"
        select revision, decided_at
        from decisions
        where organization_id = $1 and revision >= $2 and revision <= $3
        order by revision
        limit 1
        ",
        organization.id().as_str(),
        first,
        last,
    )?;
    Ok(row.map(|(revision, at)| (revision, Timestamp::from_nanos(at))))
}

/// The decisions of the last revision up to this one that changed each user, in any order. This
/// looks up each user of the organization in an index, and reads no other decision.
pub async fn last_of_each_user(
    tx: &mut Tx,
    organization: &OrganizationScope,
    revision: i64,
) -> sqlx::Result<Vec<Decided>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        with recursive users (user_id) as (
          select min(user_id)
          from decisions
          where organization_id = $1
          union all
          select (
            select min(next.user_id)
            from decisions next
            where next.organization_id = $1 and next.user_id > users.user_id
          )
          from users
          where users.user_id is not null
        ),
        last (user_id, revision) as (
          select users.user_id, (
            select max(own.revision)
            from decisions own
            where own.organization_id = $1 and own.user_id = users.user_id
              and own.revision <= $2
              and (own.placeholder_until is null or own.placeholder_until <= $2)
          )
          from users
          where users.user_id is not null
        )
        select d.organization_id, d.revision, d.ordinal, d.user_id, d.placeholder_id,
          d.placeholder_until, d.from_state, d.to_state, d.used, d.waitlist_rank,
          d.waitlist_position
        from last
        join decisions d on d.organization_id = $1 and d.user_id = last.user_id
          and d.revision = last.revision
        ",
        organization.id().as_str(),
        revision,
    )?;
    Ok(rows.into_iter().map(Decided::from).collect())
}

/// All decisions up to this revision about users who were placeholders then, in any order.
pub async fn of_placeholders(
    tx: &mut Tx,
    organization: &OrganizationScope,
    revision: i64,
) -> sqlx::Result<Vec<Decided>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, revision, ordinal, user_id, placeholder_id, placeholder_until,
          from_state, to_state, used, waitlist_rank, waitlist_position
        from decisions
        where organization_id = $1 and placeholder_id is not null and placeholder_until > $2
          and revision <= $2
        ",
        organization.id().as_str(),
        revision,
    )?;
    Ok(rows.into_iter().map(Decided::from).collect())
}
