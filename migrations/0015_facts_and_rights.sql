-- Alerts know whether their notification was sent, each fact of a profile has its own time, and an account's membership belongs
-- to a directory user.

-- sent; suppressed: the alert was opened by a replay without e-mails; owed: there was no recipient to notify.
alter table alert_episodes add column notice text not null default 'sent' check (notice in ('sent', 'suppressed', 'owed'));
update alert_episodes set notice = 'suppressed' where ended_at is null and kind in ('seat_limit_reached', 'limit_not_set')
    and not exists (select 1 from outbox o where o.episode_id = alert_episodes.id);

-- the news of each fact of the profile: an update that has no e-mail address says nothing of it, and changes the name all the same
alter table directory_users rename column profile_at to email_at;
alter table directory_users rename column profile_tie to email_tie;
alter table directory_users add column name_at bigint not null default 0;
alter table directory_users add column name_tie bigint not null default 0;
alter table directory_users add column external_id_at bigint not null default 0;
alter table directory_users add column external_id_tie bigint not null default 0;
update directory_users set name_at = email_at, name_tie = email_tie, external_id_at = email_at, external_id_tie = email_tie;

-- the directory user that the account belonged to when it got access; null: none had its address. A later change of that
-- address, or of the same address to another person, changes nothing about that.
alter table account_organizations add column user_id text;
-- when access was given: what the directory said before that takes nothing away
alter table account_organizations add column granted_at bigint not null default 0;
update account_organizations set granted_at = (select created_at from accounts a where a.id = account_organizations.account_id),
    user_id = (select min(u.id) from directory_users u join accounts a on a.email_key = u.email_key
        where a.id = account_organizations.account_id and u.organization_id = account_organizations.organization_id
        and u.state not in ('inactive', 'removed'));
create index account_organizations_by_user on account_organizations (organization_id, user_id) where user_id is not null;

-- the recipient could no longer receive it when it should have left; last_error says why
alter table outbox add column dropped_at bigint;
drop index outbox_due;
create index outbox_due on outbox (due_at) where sent_at is null and failed_at is null and dropped_at is null;
-- retention removes what has left, and what never will
create index outbox_ended on outbox ((coalesce(sent_at, failed_at, dropped_at)), id);
