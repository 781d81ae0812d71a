//! The largest numbers of used seats, and when an organization was over its limit no longer.

use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, time::Timestamp},
};

/// The used seats after the last decision up to a revision.
pub async fn used_after(
    tx: &mut Tx,
    organization: &OrganizationScope,
    revision: i64,
) -> sqlx::Result<Option<i64>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select used - case when from_state = 'provisioned' then 1 else 0 end
          + case when to_state = 'provisioned' then 1 else 0 end
        from decisions
        where organization_id = $1 and revision <= $2
        order by revision desc, ordinal desc
        limit 1
        ",
        organization.id().as_str(),
        revision,
    )?;
    Ok(row.map(|(used,)| used))
}

/// The largest number of used seats after a decision behind revision `after` and up to `last`, and
/// when it was reached first.
pub async fn most_used(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (after, last): (i64, i64),
) -> sqlx::Result<Option<(i64, Timestamp)>> {
    let row: Option<(i64, i64)> = sql!(
        optional(tx),
        r"
        select used_after, decided_at
        from (
          select used - case when from_state = 'provisioned' then 1 else 0 end
              + case when to_state = 'provisioned' then 1 else 0 end as used_after,
            decided_at, revision, ordinal
          from decisions
          where organization_id = $1 and revision > $2 and revision <= $3
        ) d
        order by used_after desc, revision, ordinal
        limit 1
        ",
        organization.id().as_str(),
        after,
        last,
    )?;
    Ok(row.map(|(used, at)| (used, Timestamp::from_nanos(at))))
}

/// When at most `seats` seats were used, for the first time behind one decision and before another
/// one, each as (revision, ordinal).
pub async fn first_at_most(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (after, before): ((i64, i64), (i64, i64)),
    seats: i64,
) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select decided_at
        from decisions
        where organization_id = $1 and (revision, ordinal) > ($2, $3)
          and (revision, ordinal) < ($4, $5)
          and used - case when from_state = 'provisioned' then 1 else 0 end
            + case when to_state = 'provisioned' then 1 else 0 end <= $6
        order by revision, ordinal
        limit 1
        ",
        organization.id().as_str(),
        after.0,
        after.1,
        before.0,
        before.1,
        seats,
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}
