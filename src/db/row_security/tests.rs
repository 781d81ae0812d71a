//! The role that reads pages, on a real server and with the rights of an ordinary owner.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::*;
use crate::{
    clock::Clock,
    db::{Connection, Db, Tx},
    domain::id::OrganizationId,
};

const ACME: &str = "org_1";
/// Text that would end an array, a string or a statement.
const HOSTILE: &str = r#"org_'"},{\ ); select 'all"#;

/// A database of its own, whose owner is no superuser.
async fn fresh(rights: &str) -> Db {
    let admin = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let mut server = PgConnection::connect(&admin).await.unwrap();
    let name = Clock::machine().unique_name("rows");
    for statement in [
        format!("create role {name} login {rights} password '{name}'"),
        format!("create database {name} owner {name}"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut server).await.unwrap();
    }
    let mut url = url::Url::parse(&admin).unwrap();
    url.set_path(&name);
    url.set_username(&name).unwrap();
    url.set_password(Some(&name)).unwrap();
    let db = Db::open(&url.as_str().parse().unwrap(), Clock::machine()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    for id in [ACME, "org_2", HOSTILE] {
        execute(
            &mut tx,
            "insert into audit_log (organization_id, id, actor, action, outcome, at) \
             values ($1, 'aud_1', 'Kim', 'settings', 'done', 0)",
            id,
        )
        .await;
    }
    tx.commit().await.unwrap();
    db
}

fn postgres(tx: &mut Tx) -> &mut PgConnection {
    let Connection::Postgres(tx) = &mut tx.connection else { panic!("Postgres was opened") };
    tx
}

async fn execute(tx: &mut Tx, statement: &'static str, value: &str) {
    sqlx::query(statement).bind(value).execute(postgres(tx)).await.unwrap();
}

/// What a statement finds that names no organization.
async fn found(db: &Db, reach: Reach<'_>) -> BTreeSet<String> {
    let mut tx = db.read_for_page(reach).await.unwrap();
    let all = sqlx::query_scalar("select organization_id from audit_log");
    let rows: Vec<String> = all.fetch_all(postgres(&mut tx)).await.unwrap();
    rows.into_iter().collect()
}

fn scope(id: &str) -> OrganizationScope {
    OrganizationScope::of_locked_row(OrganizationId::new(id))
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_forgets_its_organization_finds_no_other_tenants_rows() {
    let db = fresh("createrole").await;
    let all = set(&[ACME, "org_2", HOSTILE]);

    assert_eq!(found(&db, Reach::Organization(&scope(ACME))).await, set(&[ACME]));
    assert_eq!(found(&db, Reach::Organization(&scope(HOSTILE))).await, set(&[HOSTILE]));
    assert_eq!(found(&db, Reach::Organization(&scope(""))).await, set(&[]));
    assert_eq!(found(&db, Reach::Installation).await, all);
    // and the owner sees and writes everything, although the rules hold for the owner, too
    let mut tx = db.read().await.unwrap();
    let count = sqlx::query_scalar("select count(*) from audit_log");
    let count: i64 = count.fetch_one(postgres(&mut tx)).await.unwrap();
    assert_eq!(count, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_has_rows_only_where_a_transaction_names_their_organization() {
    let db = fresh("createrole").await;
    let mut tx = db.read_for_page(Reach::Organization(&scope(ACME))).await.unwrap();
    let role: (String, bool, bool) = sqlx::query_as(
        "select current_user::text, rolsuper, rolbypassrls from pg_roles where rolname = current_user",
    )
    .fetch_one(postgres(&mut tx))
    .await
    .unwrap();
    assert!(role.0.ends_with("_pages"), "{role:?}");
    assert_eq!((role.1, role.2), (false, false));
    sqlx::query("select set_config('seatkeeper.organization', '', true)")
        .execute(postgres(&mut tx))
        .await
        .unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from audit_log")
        .fetch_one(postgres(&mut tx))
        .await
        .unwrap();
    assert_eq!(rows, 0);
    for secret in [
        "select password_hash from accounts",
        "select client_secret from identity_providers",
        "select state from passkey_ceremonies",
    ] {
        let mut tx = db.read_for_page(Reach::Organization(&scope(ACME))).await.unwrap();
        let refused = sqlx::query(secret).fetch_all(postgres(&mut tx)).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{secret}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_organizations_is_protected() {
    let db = fresh("createrole").await;
    let mut tx = db.read().await.unwrap();

    let open: Vec<String> = sqlx::query_scalar(
        r"
        select c.relname::text
        from pg_class c
        where c.relnamespace = 'public'::regnamespace
          and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and (c.relname = 'organizations' or exists (
            select 1 from pg_attribute a
            where a.attrelid = c.oid and a.attname = 'organization_id'
          ))
          and not coalesce(c.relkind = 'v' and c.reloptions @> '{security_invoker=true}', false)
          and not (
            c.relrowsecurity
            and c.relforcerowsecurity
            and c.relowner <> (current_user || '_pages')::regrole
            and (select count(*) from pg_policy p where p.polrelid = c.oid) = 2
            and exists (
              select 1 from pg_policy p
              where p.polrelid = c.oid
                and p.polcmd = 'r'
                and p.polroles = array[(current_user || '_pages')::regrole::oid]
                and pg_get_expr(p.polqual, p.polrelid) like '%seatkeeper.organization%'
            )
          )
        ",
    )
    .fetch_all(postgres(&mut tx))
    .await
    .unwrap();
    assert_eq!(open, [""; 0]);

    let writable: Vec<String> = sqlx::query_scalar(
        r"
        select c.relname::text
        from pg_class c
        where c.relnamespace = 'public'::regnamespace
          and has_table_privilege(
            current_user || '_pages', c.oid, 'insert, update, delete, truncate, references, trigger'
          )
        ",
    )
    .fetch_all(postgres(&mut tx))
    .await
    .unwrap();
    assert_eq!(writable, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_to_make_a_role_pages_are_read_as_the_owner() {
    let db = fresh("nocreaterole").await;

    let rows = found(&db, Reach::Organization(&scope(ACME))).await;

    assert_eq!(rows, set(&[ACME, "org_2", HOSTILE]), "it works, and the log has a warning");
}
