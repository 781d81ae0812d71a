-- A large change of a seat limit waits for a second staff member. Staff see an organization as its admin does.

create table limit_proposals (
    organization_id text not null references organizations (id),
    -- lpr_…
    id text not null,
    -- open: it waits, unless it has expired
    state text not null check (state in ('open', 'approved', 'rejected', 'withdrawn', 'expired')),
    -- the limit at that time, in words, and its version: another version means that the limit was changed meanwhile
    before_value text not null,
    limit_version bigint not null,
    -- the proposed limit, and when it ends; null: it does not end
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint,
    ends_at bigint,
    reason text not null,
    -- the seat request that the approval answers, and what the organization reads then
    request_id text,
    text text not null,
    -- the name and the account of the person who proposes it
    proposed_by text not null,
    account_id text not null,
    proposed_at bigint not null,
    expires_at bigint not null,
    -- the name of the person who answered or withdrew it; null while it is open
    answered_by text,
    answer text,
    answered_at bigint,
    primary key (organization_id, id),
    foreign key (organization_id, request_id) references seat_requests (organization_id, id)
);
-- an organization has one proposal that is open
create unique index limit_proposals_open on limit_proposals (organization_id) where state = 'open';
-- the queue of staff, and what expires
create index limit_proposals_queue on limit_proposals (proposed_at, id) where state = 'open';
create index limit_proposals_by_account on limit_proposals (account_id) where state = 'open';

-- until when the session of a staff member shows this organization as its admin sees it, and why; null: it shows the staff's pages
alter table sessions add column view_organization text;
alter table sessions add column view_reason text;
alter table sessions add column view_until bigint;
create index sessions_by_view on sessions (view_until) where view_until is not null;
