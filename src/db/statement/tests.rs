//! The lists inside statements, and a test that prepares every statement on both engines.

use std::{collections::BTreeMap, str::FromStr};

use sqlx::{
    Connection, Executor, PgConnection, Postgres, SqlSafeStr, SqliteConnection, Type,
    postgres::{PgConnectOptions, PgTypeInfo},
};

use super::*;
use crate::{clock::Clock, db::open::MIGRATIONS};

#[test]
fn rows_are_cut_into_few_different_lengths() {
    let lengths = |rows: usize| chunks(&vec![(); rows], 256).map(<[()]>::len).collect::<Vec<_>>();
    assert_eq!(lengths(0), [0; 0]);
    assert_eq!(lengths(1), [1]);
    assert_eq!(lengths(27), [16, 11]);
    assert_eq!(lengths(47), [32, 15]);
    assert_eq!(lengths(600), [256, 256, 64, 16, 8]);
    assert_eq!(lengths(255), [128, 64, 48, 15]);
}

#[test]
fn keys_are_filled_up_with_the_last_one_and_rows_never() {
    let keys = List::of("select a from t where a in ({keys})");
    let rows = List::of("insert into t (a) {rows} returning a");
    let of = |list, most| asked(&[1, 2, 3, 4, 5], most, list);
    assert_eq!(of(keys, 64), [[&1, &2, &3, &4, &5, &5, &5, &5]]);
    assert_eq!(of(keys, 3), [vec![&1, &2, &3], vec![&4, &5]]);
    assert_eq!(of(rows, 64), [[&1, &2, &3, &4, &5]]);
    assert!(asked::<i32>(&[], 64, keys).is_empty());
}

#[test]
fn each_column_is_an_array() {
    let list = List::of("insert into t (a, b) {rows} on conflict do nothing");
    assert_eq!(
        list.arrays(2).0,
        "insert into t (a, b) select * from unnest($1, $2) on conflict do nothing"
    );
}

#[test]
fn only_a_lock_at_the_end_is_left_out() {
    assert_eq!(
        without_lock("select id from t order by id for update\n  "),
        "select id from t order by id "
    );
    assert_eq!(without_lock("select id from t for no key update"), "select id from t ");
    assert_eq!(
        without_lock("select o.id from t o for no key update of o"),
        "select o.id from t o "
    );
    assert_eq!(without_lock("select ' for update' from t"), "select ' for update' from t");
}

#[tokio::test]
async fn sqlite_can_prepare_every_statement() {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    MIGRATIONS.run(&mut connection).await.unwrap();
    let mut wrong = Vec::new();

    for statement in statements() {
        for text in statement.for_sqlite() {
            if let Err(error) = connection.prepare(AssertSqlSafe(text).into_sql_str()).await {
                wrong.push(format!("{statement} cannot be prepared on SQLite: {error}"));
            }
        }
    }

    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn postgres_can_prepare_every_statement() {
    let mut connection = fresh_postgres().await;
    let types = columns(&mut connection).await;
    let mut wrong = Vec::new();

    for statement in statements() {
        let (text, types) = statement.for_postgres(&types);
        let text = AssertSqlSafe(text).into_sql_str();
        if let Err(error) = connection.prepare_with(text, &types).await {
            wrong.push(format!("{statement} cannot be prepared on Postgres: {error}"));
        }
    }

    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every statement, in the order of the sources.
fn statements() -> Vec<&'static Statement> {
    let mut all: Vec<_> = inventory::iter::<Statement>.into_iter().collect();
    assert!(!all.is_empty());
    all.sort_by_key(|statement| (statement.file, statement.line));
    all
}

/// The types of all columns, by table and name.
type Columns = BTreeMap<(String, String), PgTypeInfo>;

impl std::fmt::Display for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Statement {
    /// With one row and with the most rows: SQLite counts the values of a statement.
    fn for_sqlite(&self) -> Vec<String> {
        let Some((columns, most)) = self.list else {
            return vec![without_lock(self.text).to_owned()];
        };
        let list = List::of(self.text);
        let listed = |rows: usize| {
            let mut query = list.begin();
            query.push_values(0..rows, |mut row, _| {
                for _ in 0..columns {
                    row.push_bind(0_i64);
                }
            });
            list.end(&mut query).sql().as_str().to_owned()
        };
        vec![listed(1), listed(most)]
    }

    /// The text and the types of its arrays, which Postgres cannot guess.
    fn for_postgres(&self, types: &Columns) -> (String, Vec<PgTypeInfo>) {
        let Some((columns, _)) = self.list else {
            return (self.text.to_owned(), Vec::new());
        };
        let list = List::of(self.text);
        let names = names_before_list(list.head);
        assert_eq!(names.len(), columns, "{self} has another number of values than of columns");
        let types = names.iter().map(|name| self.type_of(name, types)).collect();
        (list.arrays(columns).0, types)
    }

    /// The type of a column of this name: of a table that the statement mentions, or of any table.
    fn type_of(&self, name: &str, types: &Columns) -> PgTypeInfo {
        let words: Vec<&str> =
            self.text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let named = || types.iter().filter(|((_, column), _)| column == name);
        let mentioned = named().find(|((table, _), _)| words.contains(&table.as_str()));
        let found = mentioned.or_else(|| named().next());
        found.unwrap_or_else(|| panic!("{self}: no table has a column {name}")).1.clone()
    }
}

/// The columns of a list: `insert into t (a, b) `, `with t (a, b) as (`, `(t.a, t.b) in (`, or
/// `a in (`.
fn names_before_list(head: &str) -> Vec<&str> {
    let head = head.trim_end().trim_end_matches('(').trim_end();
    let head = [" as", " in"].iter().find_map(|end| head.strip_suffix(end)).unwrap_or(head);
    let names = match head.strip_suffix(')') {
        Some(head) => head.rsplit('(').next(),
        None => head.split_whitespace().next_back(),
    };
    let names = names.unwrap_or_default().split(',').map(str::trim);
    names.map(|name| name.rsplit('.').next().unwrap_or(name)).collect()
}

async fn columns(connection: &mut PgConnection) -> Columns {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        r"
        select table_name::text, column_name::text, data_type::text
        from information_schema.columns
        where table_schema = 'public'
        ",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let array = |kind: &str| match kind {
        "text" => <Vec<String> as Type<Postgres>>::type_info(),
        "bigint" => <Vec<i64> as Type<Postgres>>::type_info(),
        "boolean" => <Vec<bool> as Type<Postgres>>::type_info(),
        _ => <Vec<Vec<u8>> as Type<Postgres>>::type_info(),
    };
    rows.into_iter().map(|(table, column, kind)| ((table, column), array(&kind))).collect()
}

async fn fresh_postgres() -> PgConnection {
    let admin = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let options = PgConnectOptions::from_str(&admin).unwrap();
    let name = Clock::machine().unique_name("statements");
    let mut server = PgConnection::connect_with(&options).await.unwrap();
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut server).await.unwrap();
    let mut connection = PgConnection::connect_with(&options.database(&name)).await.unwrap();
    MIGRATIONS.run(&mut connection).await.unwrap();
    connection
}
