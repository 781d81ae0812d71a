//! Row-level security: on Postgres, pages are read by a role that sees the rows of the
//! organizations which the transaction names, and no others. A statement that forgets its
//! organization then finds nothing, instead of the rows of another tenant. SQLite has no roles.

#[cfg(test)]
mod tests;

use sqlx::{PgConnection, Row};
use tracing::warn;

use crate::domain::{
    access::{OrganizationScope, Viewer},
    id::OrganizationId,
};

/// Whose rows a page reads.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// The rows of one organization.
    Organization(&'a OrganizationScope),
    /// The rows of the account's organizations; for staff, of all.
    Account(&'a Viewer),
    /// All rows: for pages of staff, and for links whose token is the right to what they show.
    Installation,
}

impl<'a> Reach<'a> {
    /// One organization; without one, all of them, which only staff ask for.
    pub fn of(scope: Option<&'a OrganizationScope>) -> Self {
        scope.map_or(Self::Installation, Self::Organization)
    }

    fn is_all(self) -> bool {
        match self {
            Self::Organization(_) => false,
            Self::Account(viewer) => viewer.role.is_staff(),
            Self::Installation => true,
        }
    }

    fn organizations(self) -> Vec<&'a str> {
        match self {
            Self::Organization(scope) => vec![scope.id().as_str()],
            Self::Account(viewer) => {
                viewer.organizations.keys().map(OrganizationId::as_str).collect()
            }
            Self::Installation => Vec::new(),
        }
    }

    /// Names the organizations for the transaction that has begun on the connection.
    pub(super) async fn name(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query(NAME)
            .bind(if self.is_all() { "all" } else { "named" })
            .bind(self.organizations())
            .execute(connection)
            .await
            .map(|_| ())
    }
}

/// The text of the array is Postgres' own work: no id, whatever is in it, becomes part of SQL.
const NAME: &str = r"
select
  set_config('seatkeeper.reach', $1, true),
  set_config('seatkeeper.organizations', $2::text[]::text, true)
";

/// Makes the role, its rights and the policies that are not there yet. The role belongs to the user
/// of the connection: other installations on the server have another user, and so another role.
///
/// The rules are forced, so they hold for the owner of the tables, too; a second policy lets the
/// owner see and write everything. What is there already is not made again, because that would wait
/// for the open transactions of other instances.
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
    select c.oid, c.relkind as kind, c.reloptions as options, c.relname as name, a.attname as organization
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
      and attname not in ('password_hash')
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
        'create policy pages on %I for select to %I using ('
        '(select current_setting(''seatkeeper.reach'', true) = ''all'')'
        ' or %I = any ((select coalesce(nullif('
        'current_setting(''seatkeeper.organizations'', true), ''''), ''{}'')::text[])::text[]))',
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
