-- What the numbers of an organization were at any time, written in the transaction that changes them, for charts and forecasts.

-- One row for each change of the limit, of the used seats or of the waitlist's length. Rows are only ever added.
create table change_points (
    organization_id text not null references organizations (id),
    changed_at bigint not null,
    -- the organization's revision; if the clock was set back, the same times come twice, and later revisions count
    revision bigint not null,
    -- from here on
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint,
    used bigint not null,
    waiting bigint not null,
    primary key (organization_id, changed_at, revision),
    check ((limit_kind = 'seats') = (limit_seats is not null))
);

-- One row for each day with a decision. The other days are as the day before them ended.
create table daily_rollups (
    organization_id text not null references organizations (id),
    -- days since 1970, in UTC
    day bigint not null,
    -- of the last change of the day
    revision bigint not null,
    -- at the end of the day
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint,
    used bigint not null,
    waiting bigint not null,
    -- the largest numbers of the day, also what the day began with
    most_used bigint not null,
    most_waiting bigint not null,
    most_over bigint not null,
    -- how often a person was put on the waitlist, and got a seat
    blocked bigint not null,
    admitted bigint not null,
    primary key (organization_id, day),
    check ((limit_kind = 'seats') = (limit_seats is not null))
);

-- The history of organizations that exist is computed once from their decisions.
insert into change_points (organization_id, changed_at, revision, limit_kind, limit_seats, used, waiting)
select organization_id, decided_at, revision, limit_kind, limit_seats, used, waiting
from (
  select organization_id, decided_at, revision, limit_kind, limit_seats, used, waiting,
    lag(limit_kind) over before_it as kind_before,
    lag(limit_seats) over before_it as seats_before,
    lag(used) over before_it as used_before,
    lag(waiting) over before_it as waiting_before
  from (
    select organization_id, decided_at, revision, limit_kind, limit_seats, used,
      cast(sum(waits) over (
        partition by organization_id order by revision, ordinal, part rows unbounded preceding
      ) as bigint) as waiting,
      row_number() over (partition by organization_id, revision order by ordinal desc, part desc) as from_last
    from (
      select organization_id, revision, ordinal, 0 as part, decided_at, limit_kind, limit_seats, used, 0 as waits
      from limit_decisions
      union all
      select organization_id, revision, ordinal, 1, decided_at, limit_kind, limit_seats,
        used - case when from_state = 'provisioned' then 1 else 0 end + case when to_state = 'provisioned' then 1 else 0 end,
        case when to_state = 'blocked' then 1 else 0 end - case when from_state = 'blocked' then 1 else 0 end
      from decisions
    ) step
  ) numbered
  where from_last = 1
  window before_it as (partition by organization_id order by revision)
) revised
where kind_before is null or kind_before <> limit_kind or coalesce(seats_before, -1) <> coalesce(limit_seats, -1)
  or used_before <> used or waiting_before <> waiting;

insert into daily_rollups (
  organization_id, day, revision, limit_kind, limit_seats, used, waiting, most_used, most_waiting, most_over, blocked, admitted
)
select organization_id, day, max(revision), max(last_kind), max(last_seats), max(last_used), max(last_waiting),
  max(case when used_before > used then used_before else used end),
  max(case when waiting_before > waiting then waiting_before else waiting end),
  max(case when excess_before > excess then excess_before else excess end),
  sum(blocked), sum(admitted)
from (
  select organization_id, day, revision, used, waiting, excess, blocked, admitted,
    lag(used, 1, used) over in_order as used_before,
    lag(waiting, 1, waiting) over in_order as waiting_before,
    lag(excess, 1, excess) over in_order as excess_before,
    case when from_last = 1 then limit_kind end as last_kind,
    case when from_last = 1 then limit_seats end as last_seats,
    case when from_last = 1 then used end as last_used,
    case when from_last = 1 then waiting end as last_waiting
  from (
    select organization_id, revision, ordinal, part, decided_at / 86400000000000 as day, limit_kind, limit_seats, used,
      case when used > limit_seats then used - limit_seats else 0 end as excess,
      cast(sum(waits) over (
        partition by organization_id order by revision, ordinal, part rows unbounded preceding
      ) as bigint) as waiting,
      blocked, admitted,
      row_number() over (
        partition by organization_id, decided_at / 86400000000000 order by revision desc, ordinal desc, part desc
      ) as from_last
    from (
      select organization_id, revision, ordinal, 0 as part, decided_at, limit_kind, limit_seats, used,
        0 as waits, 0 as blocked, 0 as admitted
      from limit_decisions
      union all
      select organization_id, revision, ordinal, 1, decided_at, limit_kind, limit_seats,
        used - case when from_state = 'provisioned' then 1 else 0 end + case when to_state = 'provisioned' then 1 else 0 end,
        case when to_state = 'blocked' then 1 else 0 end - case when from_state = 'blocked' then 1 else 0 end,
        case when to_state = 'blocked' and coalesce(from_state, '') <> 'blocked' and reason <> 'merged' then 1 else 0 end,
        case when to_state = 'provisioned' and coalesce(from_state, '') <> 'provisioned' and reason <> 'merged' then 1 else 0 end
      from decisions
    ) step
  ) numbered
  window in_order as (partition by organization_id order by revision, ordinal, part)
) steps
group by organization_id, day;
