//! Row-level security: on Postgres, what a page shows of one organization is read by a role that
//! sees the rows of the organization which the transaction names, and no others. A statement that
//! forgets its organization then finds nothing of another tenant. SQLite has no roles.

#[cfg(test)]
mod tests;

use sqlx::{PgConnection, Row};
use tracing::warn;

use crate::domain::access::{OrganizationScope, Viewer};

/// Whose rows a page reads.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// The rows of one organization.
    Organization(&'a OrganizationScope),
    /// What an account sees around every page and on its own pages. These reads ask by the account,
    /// and for organizations that its rights name.
    Account(&'a Viewer),
    /// All rows: for pages of staff, and for links whose token is the right to what they show.
    Installation,
}

impl<'a> Reach<'a> {
    /// One organization; without one, all of them, which only staff ask for.
    pub fn of(scope: Option<&'a OrganizationScope>) -> Self {
        scope.map_or(Self::Installation, Self::Organization)
    }

    pub(super) fn organization(self) -> Option<&'a OrganizationScope> {
        match self {
            Self::Organization(scope) => Some(scope),
            Self::Account(_) | Self::Installation => None,
        }
    }
}

/// Names the organization for the transaction that has begun on the connection. The id is a value
/// and never a part of SQL, whatever is in it.
pub(super) async fn name(
    connection: &mut PgConnection,
    organization: &OrganizationScope,
) -> sqlx::Result<()> {
    sqlx::query("select set_config('seatkeeper.organization', $1, true)")
        .bind(organization.id().as_str())
        .execute(connection)
        .await
        .map(|_| ())
}

/// Makes the role, its rights and the policies that are not there yet. The role belongs to the user
/// of the connection: other installations on the server have another user, and so another role.
///
/// The rules are forced, so they hold for the owner of the tables, too; a second policy lets the
/// owner see and write everything.
///
/// The policy is a plain equality, because the planner then compares the named organization with
/// that of the statement once, and not with each row. What is there already is not made again,
/// because that would wait for the open transactions of other instances.
const PROTECT: &str = r"
do $$
declare
  pages text := left(current_user, 57) || '_pages';
  belonging record;
  readable text;
begin
  perform pg_advisory_xact_lock(24232); -- any number that no other code uses
  if not exists (select 1 from pg_roles where rolname = pages) then
    execute format('create role %I nologin', pages);
    execute format('grant %I to %I', pages, current_user);
  end if;
  if not pg_has_role(current_user, pages, 'member') then
    execute format('grant %I to %I', pages, current_user);
  end if;
  if not has_schema_privilege(pages, current_schema(), 'usage') then
    execute format('grant usage on schema %I to %I', current_schema(), pages);
  end if;

  for belonging in
    select
      c.oid, c.relkind as kind, c.reloptions as options, c.relname as name,
      a.attname as organization
    from pg_class c
    left join pg_attribute a
      on a.attrelid = c.oid
      and a.attname = case c.relname when 'organizations' then 'id' else 'organization_id' end
      and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace
      and c.relkind in ('r', 'p', 'v')
      and pg_has_role(c.relowner, 'usage')
  loop
    select string_agg(format('%I', attname), ', ')
    into readable
    from pg_attribute
    where attrelid = belonging.oid
      and attnum > 0
      and not attisdropped
      and (belonging.name::text, attname::text) not in (
        ('accounts', 'password_hash'), ('authenticator_apps', 'secret'), ('factor_steps', 'state'),
        ('identity_providers', 'client_secret'), ('webhook_secrets', 'secret'),
        ('passkey_ceremonies', 'state')
      )
      and not has_column_privilege(pages, attrelid, attnum, 'select');
    if readable is not null then
      execute format('grant select (%s) on %I to %I', readable, belonging.name, pages);
    end if;

    -- a view reads with the rights of its owner, unless it is told otherwise (Postgres 15)
    if belonging.kind = 'v' then
      if current_setting('server_version_num')::int >= 150000
        and not coalesce(belonging.options @> '{security_invoker=true}', false)
      then
        execute format('alter view %I set (security_invoker = true)', belonging.name);
      end if;
    elsif belonging.organization is not null
      and not exists (select 1 from pg_policy where polrelid = belonging.oid and polname = 'pages')
    then
      execute format(
        'create policy owner on %I to %I using (true) with check (true)',
        belonging.name, current_user
      );
      execute format(
        'create policy pages on %I for select to %I '
        'using (%I = current_setting(''seatkeeper.organization'', true))',
        belonging.name, pages, belonging.organization
      );
      execute format('alter table %I enable row level security', belonging.name);
      execute format('alter table %I force row level security', belonging.name);
    end if;
  end loop;
end
$$
";

/// The role for pages, if the connection's user has it or may make it.
pub(super) async fn protect(connection: &mut PgConnection) -> sqlx::Result<Option<String>> {
    match sqlx::raw_sql(PROTECT).execute(&mut *connection).await {
        Ok(_) => {}
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_RIGHT) => {
            warn!(
                %error,
                "the database user may not make the role that reads pages: the server does not \
                 hold the organizations apart. Let a superuser run `alter role … createrole` for \
                 this user, then start again"
            );
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let role = sqlx::query("select left(current_user, 57) || '_pages'").fetch_one(connection);
    role.await?.try_get(0).map(Some)
}

const NO_RIGHT: &str = "42501";
