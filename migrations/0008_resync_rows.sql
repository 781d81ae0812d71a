-- How often a run was taken up in vain.

-- taken up since it last got any further
alter table resyncs add column fruitless bigint not null default 0;
