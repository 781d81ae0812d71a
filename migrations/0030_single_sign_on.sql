-- Single sign-on: the identity provider of an organization, who it lets in, and sign-ins that are under way.

create table identity_providers (
    organization_id text primary key not null references organizations (id),
    -- scalekit: the installation's Scalekit client is used, and the three columns after this one are empty
    kind text not null check (kind in ('oidc', 'scalekit')),
    -- compared to the letter with what the provider says
    issuer text not null,
    client_id text not null,
    -- false: a public client, which proves itself by PKCE alone
    has_secret boolean not null,
    -- pages do not read it (src/db/row_security)
    client_secret text,
    -- people without an account get one at their first sign-in, if a group or a domain lets them in
    creates_accounts boolean not null default false,
    -- people who belong to this organization alone cannot sign in with a password
    is_required boolean not null default false,
    check (has_secret = (client_secret is not null))
);

-- Domains of e-mail addresses that staff have entered for an organization. Such an address leads to the organization's provider.
create table sign_on_domains (
    organization_id text not null references organizations (id),
    -- the part of a folded address behind its @
    domain text not null,
    primary key (organization_id, domain)
);
create index sign_on_domains_by_domain on sign_on_domains (domain);

-- A person as an identity provider knows them. An address can change hands, so it is never the key.
create table identities (
    issuer text not null,
    subject text not null,
    account_id text not null references accounts (id),
    linked_at bigint not null,
    -- the last sign-in
    used_at bigint,
    primary key (issuer, subject)
);
create index identities_by_account on identities (account_id);

-- Sign-ins that wait for the answer of an identity provider. A row is used once.
create table sign_on_flows (
    -- SHA-256 of the state. The nonce and the code verifier follow from the state and the browser's token, which are not stored.
    state_hash text primary key not null,
    -- SHA-256 of the token in the cookie of the browser that began
    browser_hash text not null,
    -- empty: the provider of the staff
    organization_id text not null,
    -- the provider may be changed meanwhile: then the sign-in ends
    issuer text not null,
    client_id text not null,
    -- the account that is connected with an identity; null: a person signs in
    account_id text,
    -- where the person goes afterwards
    next text not null,
    expires_at bigint not null
);
create index sign_on_flows_by_time on sign_on_flows (expires_at);

-- How the session began: `password` or `single-sign-on`.
alter table sessions add column method text not null default 'password';

-- Only a group gives this membership: it ends when the person is in no group with a role in the dashboard.
alter table account_organizations add column by_group boolean not null default false;
