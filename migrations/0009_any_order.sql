-- Which turn of working on a replay it is: nothing is written by somebody who has lost theirs.
alter table replays add column claim bigint not null default 0;

-- Where a group's name comes from and of when it is. What the group's own events say counts before what people's news says.
alter table directory_groups add column name_is_own boolean not null default false;
alter table directory_groups add column name_at bigint not null default -9223372036854775807;
alter table directory_groups add column name_tie bigint not null default 0;
-- the newest deletion, whatever came after it: nobody is in by a word that is older
alter table directory_groups add column deleted_at bigint;
alter table directory_groups add column deleted_tie bigint;
update directory_groups set name_is_own = true, name_at = news_at, name_tie = news_tie
    where news_at > -9223372036854775807 and name is not null;
update directory_groups set deleted_at = news_at, deleted_tie = news_tie where deleted;
-- the owner of a group, for events that name no organization
create index directory_groups_by_id on directory_groups (id, organization_id);

-- What was said of one person and one group alone, even of somebody nobody knows yet. It counts where it is newer than the
-- full set of the person's groups.
create table membership_news (
    organization_id text not null references organizations (id),
    user_id text not null,
    group_id text not null,
    joined boolean not null,
    news_at bigint not null,
    news_tie bigint not null,
    primary key (organization_id, user_id, group_id)
);

-- an account that is disabled signs nobody in and gets no letters
alter table accounts add column disabled_at bigint;
-- since when it counts again, where it was disabled once
alter table accounts add column enabled_at bigint;
