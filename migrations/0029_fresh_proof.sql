-- When the person of a session proved last who they are, and sessions that get another token.

-- when the password or a factor was given in this session last
alter table sessions add column proved_at bigint not null default 0;
-- the token before the present one: requests that were under way when it changed are still answered
alter table sessions add column former_token_hash text;
-- when the token changed last
alter table sessions add column renewed_at bigint not null default 0;
-- the rights of the account changed: the next request gets another token
alter table sessions add column must_renew boolean not null default false;
update sessions set proved_at = created_at;
create index sessions_by_former_token on sessions (former_token_hash) where former_token_hash is not null;
