-- Which turn of working on a replay it is: nothing is written by somebody who has lost theirs.
alter table replays add column claim bigint not null default 0;
