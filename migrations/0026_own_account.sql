-- A person's own account: sessions that can be told apart, and links by e-mail that need no sign-in.

-- ses_…
alter table sessions add column id text not null default '';
-- `Chrome on Windows`, from what the browser said of itself at the sign-in
alter table sessions add column device text not null default '';
-- the client's address at the sign-in; null: not known
alter table sessions add column address text;
update sessions set id = 'ses_' || token_hash;
create unique index sessions_by_id on sessions (id);

create table account_links (
    -- lnk_…
    id text primary key not null,
    account_id text not null references accounts (id),
    kind text not null check (kind in ('password_reset', 'address_confirm')),
    -- the new address; null: a reset
    email text,
    created_at bigint not null,
    expires_at bigint not null,
    -- when it was used, or when another change ended it
    ended_at bigint
);
create index account_links_by_account on account_links (account_id, kind);
create index account_links_by_expiry on account_links (expires_at);

-- Each copy of the e-mail has a token of its own: an e-mail that leaves twice works in either copy.
create table account_link_tokens (
    -- SHA-256 of the token, in base64: a stolen database opens no link
    token_hash text primary key not null,
    link_id text not null references account_links (id)
);
create index account_link_tokens_by_link on account_link_tokens (link_id);
