-- What each person is told by e-mail, and when; digests; more recipients of an organization.

create table preferences (
    account_id text not null references accounts (id),
    topic text not null,
    frequency text not null check (frequency in ('at_once', 'daily', 'weekly', 'never')),
    changed_at bigint not null,
    primary key (account_id, topic)
);
create index preferences_by_frequency on preferences (frequency, account_id) where frequency in ('daily', 'weekly');

-- One digest to one account. What it says is composed when it leaves.
create table digests (
    -- dig_…
    id text primary key not null,
    account_id text not null references accounts (id),
    period text not null check (period in ('daily', 'weekly')),
    from_at bigint not null,
    to_at bigint not null,
    -- who knows it may end the digests of the account: it is in the e-mail alone
    token text not null
);
create unique index digests_by_account on digests (account_id, period, to_at);
create unique index digests_by_token on digests (token);
create index digests_by_age on digests (to_at);

-- Addresses beside those of the admins that get the e-mails of an organization.
create table extra_recipients (
    organization_id text not null references organizations (id),
    -- the folded address
    email_key text not null,
    email text not null,
    primary key (organization_id, email_key)
);
