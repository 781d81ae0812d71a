-- Invitations, the role that an account was given in each organization, and when an account was used last.

create table invitations (
    -- empty: to the staff
    organization_id text not null,
    -- inv_…
    id text not null,
    email text not null,
    -- the folded address
    email_key text not null,
    role text not null check (role in ('staff-admin', 'staff', 'tenant-admin', 'tenant-viewer')),
    -- the name of the person who invites, as the invited person reads it
    invited_by text not null,
    -- when it was sent last
    invited_at bigint not null,
    expires_at bigint not null,
    -- counts how often it was sent: only the links of the last time work
    sending bigint not null,
    -- expired: another invitation to the same address followed
    state text not null check (state in ('open', 'accepted', 'revoked', 'expired')),
    primary key (organization_id, id)
);
create unique index invitations_open on invitations (organization_id, email_key) where state = 'open';
create index invitations_open_by_id on invitations (id) where state = 'open';
create index invitations_by_age on invitations (expires_at);

-- The links of invitations. One is made whenever an e-mail is composed, perhaps again after a crash: every copy of an e-mail works.
create table invitation_links (
    organization_id text not null,
    -- SHA-256 of the token in the link, in base64: a stolen database accepts no invitation
    token_hash text not null,
    invitation_id text not null,
    sending bigint not null,
    primary key (organization_id, token_hash)
);
create index invitation_links_by_token on invitation_links (token_hash);
create index invitation_links_of_invitation on invitation_links (organization_id, invitation_id);

-- how many invitations left in the last hour
create index outbox_invitations on outbox (organization_id, created_at) where message = 'invitation';

-- The role that people gave the account in this organization; `role` is that, or a higher one from a group.
alter table account_organizations add column given_role text not null default 'tenant-viewer';
update account_organizations
set given_role = (select a.role from accounts a where a.id = account_organizations.account_id)
where exists (
    select 1
    from accounts a
    where a.id = account_organizations.account_id and a.role in ('tenant-admin', 'tenant-viewer')
  );

-- The last use of any session, to the minute; null: it was never used.
alter table accounts add column last_used_at bigint;
update accounts
set last_used_at = coalesce(
    (select max(s.used_at) from sessions s where s.account_id = accounts.id),
    (select max(d.seen_at) from known_devices d where d.account_id = accounts.id)
  );
