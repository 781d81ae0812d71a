-- What an organization was at any moment: its decisions tell it alone.

-- where the user waits after the decision; null: nowhere, or before this was kept
alter table decisions add column waitlist_rank bigint;
alter table decisions add column waitlist_position bigint;
-- the user was a placeholder with this id, until the revision that gave the placeholder its present id
alter table decisions add column placeholder_id text;
alter table decisions add column placeholder_until bigint;
create index decisions_of_placeholders on decisions (organization_id, placeholder_until) where placeholder_id is not null;

-- The place of everyone who waits now belongs to that user's last decision.
update decisions
set waitlist_rank = (
    select u.waitlist_rank from directory_users u
    where u.organization_id = decisions.organization_id and u.id = decisions.user_id
  ),
  waitlist_position = (
    select u.waitlist_position from directory_users u
    where u.organization_id = decisions.organization_id and u.id = decisions.user_id
  )
where to_state = 'blocked'
  and (organization_id, revision, ordinal) in (
    select organization_id, revision, ordinal
    from (
      select organization_id, revision, ordinal,
        row_number() over (partition by organization_id, user_id order by revision desc, ordinal desc) as newest
      from decisions
    ) numbered
    where newest = 1
  );

-- Every change of a limit: also of one that admits no person, the first limit, and the end of a limit with its organization.
-- Rows are only ever added. They are numbered together with the decisions.
create table limit_decisions (
    organization_id text not null references organizations (id),
    -- 0: the organization was added
    revision bigint not null,
    ordinal bigint not null,
    -- the limit from here on, and whether the organization was deleted in Scalekit
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint,
    archived boolean not null,
    -- the used seats
    used bigint not null,
    -- the clock was set back before this revision: its time is earlier than the time of the revision before it
    clock_was_set_back boolean not null,
    -- the event's type, or the name of the command; null: the organization was added, or the clock was set back
    cause text,
    -- evt_…, if an event is the cause
    event_id text,
    -- the person, if a person is the cause
    actor text,
    decided_at bigint not null,
    primary key (organization_id, revision, ordinal),
    check ((limit_kind = 'seats') = (limit_seats is not null))
);

-- An organization that exists began with the limit that its first decision saw, or with the one that it has now.
insert into limit_decisions (
  organization_id, revision, ordinal, limit_kind, limit_seats, archived, used, clock_was_set_back, decided_at
)
select o.id, 0, 0, coalesce(d.limit_kind, o.limit_kind), case when d.limit_kind is null then o.limit_seats else d.limit_seats end,
  d.limit_kind is null and o.archived, 0, false, o.created_at
from organizations o
left join (
  select organization_id, limit_kind, limit_seats,
    row_number() over (partition by organization_id order by revision, ordinal) as oldest
  from decisions
) d on d.organization_id = o.id and d.oldest = 1;

-- The limits in between are known as far as decisions saw them.
insert into limit_decisions (
  organization_id, revision, ordinal, limit_kind, limit_seats, archived, used, clock_was_set_back, decided_at
)
select organization_id, revision, ordinal, limit_kind, limit_seats, false, used, at_before > decided_at, decided_at
from (
  select organization_id, revision, ordinal, limit_kind, limit_seats, used, decided_at,
    lag(limit_kind) over before_it as kind_before,
    lag(limit_seats) over before_it as seats_before,
    lag(decided_at) over before_it as at_before
  from decisions
  window before_it as (partition by organization_id order by revision, ordinal)
) seen
where kind_before is not null
  and (limit_kind <> kind_before or coalesce(limit_seats, -1) <> coalesce(seats_before, -1) or at_before > decided_at);

-- The limit that holds now is known.
insert into limit_decisions (
  organization_id, revision, ordinal, limit_kind, limit_seats, archived, used, clock_was_set_back, decided_at
)
select id, revision, 1000000000, limit_kind, limit_seats, archived, used, false, changed_at
from organizations
where revision > 0;
