//! The people who hold a seat and seem not to use it. The rule is [`ReclaimRule`]; the statements
//! repeat it, so that a page reads the rows of the page alone.
//!
//! The order is by the time since when a person is not known to use the seat
//! (`SeatUse::idle_since`), the longest time first.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        id::DirectoryUserId,
        reclaim::{ReclaimRule, SeatUse},
        time::Timestamp,
    },
    store::KEYS_AT_ONCE,
};

/// A place in a list: a time, and the person.
pub type Place = (Timestamp, DirectoryUserId);

/// A person who is suggested, or whose suggestion is ignored.
#[derive(Clone, Debug)]
pub struct Listed {
    pub user: DirectoryUserId,
    pub seat: SeatUse,
    /// Who ignored the suggestion, and whether that is staff.
    pub ignored_by: Option<(String, bool)>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    since: i64,
    last_used_at: Option<i64>,
    ignored_at: Option<i64>,
    ignored_by: Option<String>,
    is_by_staff: Option<bool>,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            user: DirectoryUserId::new(row.id),
            seat: SeatUse {
                seat_since: Timestamp::from_nanos(row.since),
                last_used_at: row.last_used_at.map(Timestamp::from_nanos),
                left_groups_at: None,
                ignored_at: row.ignored_at.map(Timestamp::from_nanos),
            },
            ignored_by: row.ignored_by.zip(row.is_by_staff),
        }
    }
}

/// Whether some person who is in a group holds a seat.
pub async fn has_seats_by_groups(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from directory_groups
        where organization_id = $1 and provisioned > 0
        limit 1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.is_some())
}

/// The people who are suggested, behind a place.
pub async fn suggested(
    tx: &mut Tx,
    organization: &OrganizationScope,
    rule: &ReclaimRule,
    after: Option<&Place>,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select u.id, u.since, u.last_used_at, i.ignored_at, i.ignored_by, i.is_by_staff
        from (
            select d.organization_id, d.id, d.since, s.last_used_at,
              case when s.last_used_at > d.since then s.last_used_at else d.since end as idle_since
            from directory_users d
            left join usage_signals s
              on s.organization_id = d.organization_id and s.user_id = d.id
            where d.organization_id = $1 and d.state = 'provisioned' and d.since <= $2
          ) u
        left join ignored_suggestions i
          on i.organization_id = u.organization_id and i.user_id = u.id
        where u.idle_since <= $2 and (u.idle_since, u.id) > ($3, $4)
          and (i.ignored_at is null or i.ignored_at < u.idle_since)
          and (
            ($5 and u.last_used_at is not null)
            or ($6 and u.last_used_at is null)
            or (
              $7
              and not exists (
                select m.group_id
                from memberships m
                where m.organization_id = u.organization_id and m.user_id = u.id
              )
              and (
                select max(c.at)
                from membership_changes c
                where c.organization_id = u.organization_id and c.user_id = u.id and not c.joined
              ) <= $2
            )
          )
        order by u.idle_since, u.id
        limit $8
        ",
        organization.id().as_str(),
        rule.cutoff().nanos(),
        at,
        id,
        rule.signals_count(),
        rule.silence_counts(),
        rule.has_seats_by_groups,
        most,
    )?;
    let mut listed: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    let left = left_groups(tx, organization, &listed).await?;
    for one in &mut listed {
        one.seat.left_groups_at = left.get(one.user.as_str()).copied();
    }
    Ok(listed)
}

/// How many people are suggested, counted up to `most`.
pub async fn count_suggested(
    tx: &mut Tx,
    organization: &OrganizationScope,
    rule: &ReclaimRule,
    most: i64,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
            select u.id
            from (
                select d.organization_id, d.id, s.last_used_at,
                  case when s.last_used_at > d.since then s.last_used_at else d.since end
                    as idle_since
                from directory_users d
                left join usage_signals s
                  on s.organization_id = d.organization_id and s.user_id = d.id
                where d.organization_id = $1 and d.state = 'provisioned' and d.since <= $2
              ) u
            left join ignored_suggestions i
              on i.organization_id = u.organization_id and i.user_id = u.id
            where u.idle_since <= $2 and (i.ignored_at is null or i.ignored_at < u.idle_since)
              and (
                ($3 and u.last_used_at is not null)
                or ($4 and u.last_used_at is null)
                or (
                  $5
                  and not exists (
                    select m.group_id
                    from memberships m
                    where m.organization_id = u.organization_id and m.user_id = u.id
                  )
                  and (
                    select max(c.at)
                    from membership_changes c
                    where c.organization_id = u.organization_id and c.user_id = u.id
                      and not c.joined
                  ) <= $2
                )
              )
            limit $6
          ) suggested
        ",
        organization.id().as_str(),
        rule.cutoff().nanos(),
        rule.signals_count(),
        rule.silence_counts(),
        rule.has_seats_by_groups,
        most,
    )
}

/// The people who keep a seat because an admin ignored the suggestion, the last one first.
pub async fn ignored(
    tx: &mut Tx,
    organization: &OrganizationScope,
    before: Option<&Place>,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()));
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select u.id, u.since, s.last_used_at, i.ignored_at, i.ignored_by, i.is_by_staff
        from ignored_suggestions i
        join directory_users u on u.organization_id = i.organization_id and u.id = i.user_id
        left join usage_signals s on s.organization_id = u.organization_id and s.user_id = u.id
        where i.organization_id = $1 and (i.ignored_at, i.user_id) < ($2, $3)
          and u.state = 'provisioned' and u.since <= i.ignored_at
          and (s.last_used_at is null or s.last_used_at <= i.ignored_at)
        order by i.ignored_at desc, i.user_id desc
        limit $4
        ",
        organization.id().as_str(),
        at,
        id,
        most,
    )?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

/// When these people left the last group, if they are in none any more.
async fn left_groups(
    tx: &mut Tx,
    organization: &OrganizationScope,
    people: &[Listed],
) -> sqlx::Result<HashMap<String, Timestamp>> {
    let keys: Vec<(&str, &str)> =
        people.iter().map(|one| (organization.id().as_str(), one.user.as_str())).collect();
    let rows: Vec<(String, i64)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select c.user_id, max(c.at)
        from membership_changes c
        where (c.organization_id, c.user_id) in ({keys}) and not c.joined
          and not exists (
            select m.group_id
            from memberships m
            where m.organization_id = c.organization_id and m.user_id = c.user_id
          )
        group by c.user_id
        order by c.user_id
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|(user, at)| (user, Timestamp::from_nanos(at))).collect())
}
