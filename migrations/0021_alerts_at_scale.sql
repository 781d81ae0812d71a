-- Alerts and messages of many organizations.

-- the lists of the messages that were given up, not sent, and that wait, newest first
create index outbox_failed_by_time on outbox (created_at, id) where failed_at is not null;
create index outbox_dropped_by_time on outbox (created_at, id) where dropped_at is not null;
create index outbox_waiting_by_time on outbox (created_at, id)
  where sent_at is null and failed_at is null and dropped_at is null;

-- Who takes messages and has taken none since its last failure: the mail server, the Slack channel of staff (both with an empty
-- organization), or the Slack channel of an organization. The first message that it takes removes the row.
create table failing_channels (
    organization_id text not null,
    channel text not null,
    -- the first failure
    since bigint not null,
    tries bigint not null,
    -- a Slack channel gets no post before
    retry_at bigint not null,
    last_error text not null,
    primary key (organization_id, channel)
);

-- the list of all open alerts
create index alerts_open_by_time on alerts (opened_at, id) where resolved_at is null;

-- The alerts as lists show them.
create view shown_alerts as
select l.organization_id, l.id, l.kind, l.target, l.opened_at, l.resolved_at, l.notice,
  -- tenants do not see it
  l.kind in ('limit_not_set', 'channel_failing') as is_for_staff,
  -- an alert that counts more is shown in its place; a resolved one notified no one because of such an alert
  case
    when l.resolved_at is not null then l.notice = 'covered'
    else l.kind = 'seat_usage_high' and exists (
        select 1
        from alerts h
        where h.organization_id = l.organization_id and h.resolved_at is null
          and (
            h.kind in ('seat_limit_reached', 'over_limit')
            or h.kind = 'seat_usage_high'
              and (length(h.target), h.target) > (length(l.target), l.target)
          )
      )
  end as is_covered,
  -- no seat is left: a state of its own, although the alert is the same as at its threshold
  l.kind = 'seat_usage_high' and exists (
    select 1
    from organizations o
    where o.id = l.organization_id and o.limit_kind = 'seats' and o.used >= o.limit_seats
  ) as is_full
from alerts l;

-- An account reads an alert in a state: when the last seat is taken, its bell counts the alert again, and its banner is back.
create table alert_reads_of_states (
    -- empty: about the installation
    organization_id text not null,
    alert_id text not null,
    account_id text not null references accounts (id),
    is_full boolean not null,
    primary key (organization_id, alert_id, account_id, is_full)
);
insert into alert_reads_of_states (organization_id, alert_id, account_id, is_full)
select organization_id, alert_id, account_id, false
from alert_reads;
drop table alert_reads;
alter table alert_reads_of_states rename to alert_reads;
