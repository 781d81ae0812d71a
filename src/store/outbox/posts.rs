//! The posts that are due. One customer's Slack channel must not delay the others, so each channel
//! gets one post at a time, and one that fails gets none for a while.

use super::Due;
use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// The first post that is due for each Slack channel, of those that no worker holds. The posts to a
/// channel that fails wait until it is tried again. A time later than any retry pause (`furthest`)
/// was written before the clock was set back, so it counts as passed.
pub(super) async fn due(
    tx: &mut Tx,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    sql!(
        all(tx),
        r"
        select organization_id, id, recipient, claim, heartbeats, lease_millis
        from (
            select w.organization_id, w.id, w.recipient, w.claim, w.heartbeats, w.lease_millis,
              w.due_at, row_number() over (partition by w.receiver order by w.due_at, w.id) as number
            from (
                select o.organization_id, o.id, o.recipient, o.claim, o.heartbeats, o.lease_millis,
                  o.due_at,
                  case when o.recipient = 'organization' then o.organization_id else '' end
                    as receiver
                from outbox o
                where o.sent_at is null and o.failed_at is null and o.dropped_at is null
                  and o.lease_millis = 0 and o.channel = 'slack'
                  and (o.due_at <= $1 or o.due_at > $2)
              ) w
            where not exists (
                select 1
                from failing_channels f
                where f.organization_id = w.receiver and f.channel = 'slack'
                  and f.retry_at > $1 and f.retry_at <= $2
              )
          ) n
        where number = 1
        order by due_at, id
        limit $3
        ",
        now.nanos(),
        furthest.nanos(),
        most,
    )
}
