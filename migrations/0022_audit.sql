-- The audit log also holds what is done to accounts and to the installation, names the account of the person who did it, and keeps
-- what was refused.
create table audit_of_all (
    -- empty: about the installation, not about one organization
    organization_id text not null,
    id text not null,
    -- the name at that time: of a person, of the command line's user, or of what did it by itself
    actor text not null,
    -- acc_…: the account that did it; none for the command line and for what happens by itself
    actor_id text,
    action text not null,
    -- the id of what it was done to, where that is not the organization itself
    target_id text,
    -- and its name at that time; where there is no such thing, what was asked for
    target text,
    outcome text not null check (outcome in ('done', 'refused')),
    before_value text,
    after_value text,
    -- why it was done, or why it was refused
    reason text,
    at bigint not null,
    primary key (organization_id, id)
);
insert into audit_of_all (organization_id, id, actor, action, outcome, before_value, after_value, reason, at)
select organization_id, id, actor, action, 'done', before_value, after_value, reason, at from audit;
drop table audit;
alter table audit_of_all rename to audit;
