-- Tenant admins ask for seats, and staff answer.

create table seat_requests (
    organization_id text not null references organizations (id),
    id text not null,
    -- open: it waits for staff; question: staff asked back, and it waits for the organization
    state text not null check (state in ('open', 'question', 'approved', 'declined', 'withdrawn')),
    -- how many more seats are wanted
    seats bigint not null,
    reason text not null,
    -- the name and the account of the person who asks
    asked_by text not null,
    account_id text not null,
    asked_at bigint not null,
    -- when its state changed last
    changed_at bigint not null,
    -- when the side that must act is reminded; null: it was, or the request is over
    remind_at bigint,
    -- counts what people did
    version bigint not null,
    primary key (organization_id, id)
);
-- an organization has one request that is not over
create unique index seat_requests_open on seat_requests (organization_id) where state in ('open', 'question');
-- the queue of staff, and what was answered
create index seat_requests_queue on seat_requests (asked_at, id) where state in ('open', 'question');
create index seat_requests_over on seat_requests (changed_at, id) where state not in ('open', 'question');
-- the list of an organization, newest first
create index seat_requests_by_time on seat_requests (organization_id, asked_at, id);
create index seat_requests_to_remind on seat_requests (remind_at) where remind_at is not null;

-- The conversation: the request itself, questions, replies, the answer, and reminders.
create table seat_request_entries (
    organization_id text not null,
    id text not null,
    request_id text not null,
    kind text not null check (
        kind in ('asked', 'question', 'reply', 'approved', 'declined', 'withdrawn', 'reminder')
    ),
    -- the name of the person; empty: Seatkeeper itself
    actor text not null,
    text text not null,
    -- the limit after an approval
    limit_kind text,
    limit_seats bigint,
    at bigint not null,
    primary key (organization_id, id),
    foreign key (organization_id, request_id) references seat_requests (organization_id, id)
);
create index seat_request_entries_of_request on seat_request_entries (organization_id, request_id, id);

-- For which waiting people a request is. A user may be merged into another one since.
create table seat_request_people (
    organization_id text not null,
    request_id text not null,
    user_id text not null,
    primary key (organization_id, request_id, user_id),
    foreign key (organization_id, request_id) references seat_requests (organization_id, id)
);
