-- An organization that is deleted and exists again has one outcome for every order of arrival.

-- the newest deletion, also if the organization exists again: when, and what wins at the same moment
alter table organizations add column deleted_at bigint;
alter table organizations add column deleted_tie bigint;
-- the oldest event after the newest deletion by which the organization exists again
alter table organizations add column revived_at bigint;
update organizations set deleted_at = news_at, deleted_tie = news_tie where archived;

-- the times of the events by which the organization existed: created or changed
create table organization_seen (
    organization_id text not null references organizations (id),
    seen_at bigint not null,
    primary key (organization_id, seen_at)
);

-- the oldest event about a person, as long as no event has said whether the person is active; 0: long ago
alter table directory_users add column known_since bigint not null default 0;
