-- More kinds of alerts, and messages that are composed when they leave.

create table alerts_with_target (
    organization_id text not null references organizations (id),
    id text not null,
    kind text not null,
    -- which of several conditions of this kind: a threshold of usage (`80%`, `1-left`); empty if the kind has one condition
    target text not null,
    opened_at bigint not null,
    resolved_at bigint,
    -- sent; suppressed: a replay without messages opened it; owed: there was no recipient to notify, or none of its messages may be
    -- sent any more; covered: an alert that counts more was open or opened with it, and notified instead
    notice text not null check (notice in ('sent', 'suppressed', 'owed', 'covered')),
    primary key (organization_id, id)
);
insert into alerts_with_target (organization_id, id, kind, target, opened_at, resolved_at, notice)
select organization_id, id, kind, '', opened_at, resolved_at, notice
from alerts;
-- Organizations that are over their limit: their alert is open now, and notifies as soon as Seatkeeper runs.
insert into alerts_with_target (organization_id, id, kind, target, opened_at, resolved_at, notice)
select id, 'alr_' || id, 'over_limit', '', changed_at, null, 'owed'
from organizations
where not archived and limit_kind = 'seats' and used > limit_seats;
drop table alerts;
alter table alerts_with_target rename to alerts;
create unique index alerts_open on alerts (organization_id, kind, target) where resolved_at is null;
create index alerts_owed on alerts (organization_id) where notice = 'owed' and resolved_at is null;
-- the list of an organization, newest first
create index alerts_by_time on alerts (organization_id, opened_at, id);
-- the list of all organizations
create index alerts_of_all_by_time on alerts (opened_at, id);

-- The percentages of used seats at which an organization is notified, such as `80, 90`, or `none`; null: those of the
-- installation.
alter table organizations add column usage_thresholds text;

-- Where its alerts are posted: an incoming webhook of Slack. A secret.
alter table organizations add column slack_webhook text;

-- The texts are composed when a message leaves, from the facts of that moment. The subject is kept once it left.
alter table outbox drop column text_body;
alter table outbox drop column html_body;
-- which message it is
alter table outbox add column message text not null default '';
update outbox
set message = coalesce(
    (select a.kind from alerts a where a.organization_id = outbox.organization_id and a.id = outbox.alert_id),
    (select s.kind from system_alerts s where outbox.organization_id = '' and s.id = outbox.alert_id),
    ''
  );
update outbox
set subject = ''
where sent_at is null;
-- the way on which it leaves: email, slack
alter table outbox add column channel text not null default 'email';
drop index outbox_once;
drop index outbox_due;
create index outbox_due on outbox (channel, due_at, id)
  where sent_at is null and failed_at is null and dropped_at is null and lease_millis = 0;
create index outbox_held on outbox (channel, due_at, id)
  where sent_at is null and failed_at is null and dropped_at is null and lease_millis <> 0;
-- one message for each alert, channel and recipient. Slack has the recipients `organization` and `staff`
create unique index outbox_once on outbox (organization_id, alert_id, message, channel, recipient);
-- the list of all messages, newest first; a message that was given up is found by its id
create index outbox_by_time on outbox (created_at, id);
create index outbox_by_id on outbox (id) where failed_at is not null;

-- The open alerts that an account has read: its bell does not count them any more, and their banners are dismissed.
create table alert_reads (
    -- empty: about the installation
    organization_id text not null,
    alert_id text not null,
    account_id text not null references accounts (id),
    primary key (organization_id, alert_id, account_id)
);
