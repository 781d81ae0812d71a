//! The audit log is append-only: the engine itself refuses to change or to remove one of its rows.
//! The two engines write such a trigger differently, so it is not in a migration.

use sqlx::{PgConnection, SqlitePool};

/// Whatever changes or removes rows, also with another program than this one, gets this error.
const SQLITE: &str = r"
create trigger if not exists audit_log_no_update before update on audit_log
begin
  select raise(abort, 'rows of audit_log are only ever added');
end;
create trigger if not exists audit_log_no_delete before delete on audit_log
begin
  select raise(abort, 'rows of audit_log are only ever added');
end
";

/// A trigger that is there already is not made again: to make one waits for the open transactions
/// of other instances.
const POSTGRES: &str = r"
do $$
begin
  if not exists (
    select 1 from pg_trigger
    where tgname = 'audit_log_append_only' and tgrelid = 'audit_log'::regclass
  ) then
    create or replace function refuse_changes() returns trigger language plpgsql as $function$
    begin
      raise exception 'rows of % are only ever added', tg_table_name;
    end
    $function$;
    create or replace trigger audit_log_append_only
      before update or delete or truncate on audit_log
      for each statement execute function refuse_changes();
  end if;
end
$$
";

pub(super) async fn protect_sqlite(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::raw_sql(SQLITE).execute(pool).await.map(|_| ())
}

pub(super) async fn protect_postgres(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(POSTGRES).execute(connection).await.map(|_| ())
}
