-- Alerts, and the e-mails that they send.

create table alerts (
    organization_id text not null references organizations (id),
    id text not null,
    kind text not null,
    opened_at bigint not null,
    resolved_at bigint,
    -- sent; suppressed: a replay without e-mails opened it; owed: there was no recipient to notify, or none of its e-mails may be
    -- sent any more
    notice text not null check (notice in ('sent', 'suppressed', 'owed')),
    primary key (organization_id, id)
);
create unique index alerts_open on alerts (organization_id, kind) where resolved_at is null;
create index alerts_owed on alerts (organization_id) where notice = 'owed' and resolved_at is null;

-- Alerts about the whole installation.
create table system_alerts (
    id text primary key not null,
    kind text not null,
    opened_at bigint not null,
    resolved_at bigint,
    notice text not null check (notice in ('sent', 'owed'))
);
create unique index system_alerts_open on system_alerts (kind) where resolved_at is null;
create index system_alerts_owed on system_alerts (kind) where notice = 'owed' and resolved_at is null;

create table outbox (
    -- empty: about the installation
    organization_id text not null,
    id text not null,
    -- one e-mail for each alert and recipient
    alert_id text not null,
    recipient text not null,
    subject text not null,
    text_body text not null,
    html_body text not null,
    created_at bigint not null,
    -- not sent before
    due_at bigint not null,
    attempts bigint not null,
    -- the lease on this row (src/store/lease.rs): how often it was taken, how many heartbeats its holders sent, and for how
    -- many milliseconds after a heartbeat it is held (0: it is free)
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0,
    sent_at bigint,
    -- given up
    failed_at bigint,
    -- the recipient could no longer receive it; last_error says why
    dropped_at bigint,
    last_error text,
    primary key (organization_id, id)
);
create unique index outbox_once on outbox (organization_id, alert_id, recipient);
create index outbox_due on outbox (due_at) where sent_at is null and failed_at is null and dropped_at is null;
create index outbox_failed on outbox (failed_at) where failed_at is not null;
create index outbox_ended on outbox ((coalesce(sent_at, failed_at, dropped_at)), id);
