-- Who holds a piece of work is judged by signs of life that are counted, and by no wall clock: `lease_until` says only whether
-- it is held (0: it is free).

-- grows with each worker that takes the e-mail
alter table outbox add column claim bigint not null default 0;
-- grows with each sign of life of the worker that holds the replay
alter table replays add column signs bigint not null default 0;
-- the same of a duty, and with each worker that takes it
alter table duties add column claim bigint not null default 0;
alter table duties add column signs bigint not null default 0;
-- grows each time the duty is finished
alter table duties add column finished bigint not null default 0;
