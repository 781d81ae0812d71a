-- Links that were asked for before this time open nothing: the password or the address is another one since.
alter table accounts add column links_count_from bigint not null default 0;
