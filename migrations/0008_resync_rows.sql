-- How often a run was taken up in vain, and what is left of it once it is over.

-- by Scalekit's clock, when it was asked first: nobody heard of later than that is removed. `started_at` is by our own clock.
alter table resyncs add column since bigint;
update resyncs set since = started_at;
-- taken up since it last got any further
alter table resyncs add column stalled_attempts bigint not null default 0;
-- gone through a second time, because somebody was missing
alter table resync_directories add column again boolean not null default false;
-- what was listed and is in no plan is gone
alter table resyncs add column listing_swept boolean not null default false;
-- the people of its plan: 0 kept, 1 on their way out and to be applied no more, 2 gone
alter table resyncs add column plan_swept bigint not null default 0;
create index resyncs_listing_left on resyncs (finished_at) where not listing_swept;
create index resyncs_plan_left on resyncs (finished_at) where plan_swept < 2;
