//! `sql!`, `bulk!` and `listed!`: a statement is written once and runs on the engine that is open.

/// `sql!(execute(tx), "update …", a, b)` returns the number of rows; `all`, `one` and `optional`
/// return rows as the expected type; `value` and `values` return the only column.
macro_rules! sql {
    (@run $tx:expr, $make:ident, $text:expr, [$($arg:expr),*], $method:ident) => {
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(connection) => {
                sqlx::$make($text)$(.bind($arg))*.$method(&mut **connection).await
            }
            $crate::db::Connection::Postgres(connection) => {
                sqlx::$make($text)$(.bind($arg))*.$method(&mut **connection).await
            }
        }
    };
    (execute($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(connection) => {
                let query = sqlx::query($text)$(.bind($arg))*;
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            $crate::db::Connection::Postgres(connection) => {
                let query = sqlx::query($text)$(.bind($arg))*;
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        }
    };
    (all($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_all)
    };
    (one($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_one)
    };
    (optional($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_optional)
    };
    (value($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::sql!(@run $tx, query_scalar, $text, [$($arg),*], fetch_one)
    };
    (values($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::sql!(@run $tx, query_scalar, $text, [$($arg),*], fetch_all)
    };
}

/// Writes many rows with few statements:
/// `bulk!(tx, rows, most, "insert into t (a, b)", |row| [row.a, row.b], "on conflict …")`; the rows
/// stand in the place of `values (…), (…)`. One statement takes `most` rows. Returns the number of
/// rows written.
macro_rules! bulk {
    (
        $tx:expr, $rows:expr, $most:expr,
        $head:expr, |$row:ident| [$($value:expr),* $(,)?], $tail:expr
    ) => {{
        let mut hit = 0;
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => {
                for chunk in $crate::db::chunks(&$rows, $most) {
                    let mut query =
                        $crate::db::listing!(sqlite, chunk, $head, |$row| [$($value),*], $tail);
                    hit += query.build().execute(&mut **c).await?.rows_affected();
                }
            }
            $crate::db::Connection::Postgres(c) => {
                for chunk in $rows.chunks($most) {
                    let text = $crate::db::listing!(postgres, $head, [$($value),*], $tail);
                    let query = sqlx::query(text);
                    let query = $crate::db::listing!(bound, query, chunk, |$row| [$($value),*]);
                    hit += query.execute(&mut **c).await?.rows_affected();
                }
            }
        }
        hit
    }};
}

/// Runs a statement for the rows whose keys are listed, and returns what it selects (or what a
/// `delete … returning` returns):
/// `listed!(tx, keys, most, "select … where (a, b) in", |key| [key.a, key.b], "order by …")`.
macro_rules! listed {
    (
        $tx:expr, $keys:expr, $most:expr,
        $head:expr, |$key:ident| [$($value:expr),* $(,)?], $tail:expr
    ) => {{
        let mut found = Vec::new();
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => {
                // SQLite does not look up plain values in an index here; selected values it does.
                let head = format!("{} (select * from (", $head);
                let (head, tail) = (head.as_str(), format!(")) {}", $tail));
                for chunk in $crate::db::chunks(&$keys, $most) {
                    let tail = tail.as_str();
                    let mut query =
                        $crate::db::listing!(sqlite, chunk, head, |$key| [$($value),*], tail);
                    found.extend(query.build_query_as().fetch_all(&mut **c).await?);
                }
            }
            $crate::db::Connection::Postgres(c) => {
                let (head, tail) = (format!("{} (", $head), format!(") {}", $tail));
                for chunk in $keys.chunks($most) {
                    let text = $crate::db::listing!(postgres, &head, [$($value),*], &tail);
                    let query = sqlx::query_as(text);
                    let query = $crate::db::listing!(bound, query, chunk, |$key| [$($value),*]);
                    found.extend(query.fetch_all(&mut **c).await?);
                }
            }
        }
        found
    }};
}

/// A list inside a statement, in the best form for each engine. SQLite: `values (…), (…)`.
/// Postgres: one array for each column, so that one text serves any number of rows.
macro_rules! listing {
    (sqlite, $chunk:expr, $head:expr, |$row:ident| [$($value:expr),*], $tail:expr) => {{
        let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($head);
        query.push_values($chunk, |mut tuple, $row| { $(tuple.push_bind($value);)* });
        query.push($tail);
        query
    }};
    (postgres, $head:expr, [$($value:expr),*], $tail:expr) => {{
        let columns = [$(stringify!($value)),*].len();
        // consists of the program's own text only
        sqlx::AssertSqlSafe($crate::db::arrays($head, columns, $tail))
    }};
    (bound, $query:expr, $chunk:expr, |$row:ident| [$($value:expr),*]) => {
        $query$(.bind($chunk.iter().map(|$row| { let _ = &$row; $value }).collect::<Vec<_>>()))*
    };
}

/// Slices of `most` rows, the rest in powers of two: so few different lengths that every statement
/// stays prepared.
pub fn chunks<T>(mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = if rows.len() >= most { most } else { 1 << rows.len().checked_ilog2()? };
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

/// `head select * from unnest($1, $2, …) tail`.
pub fn arrays(head: &str, columns: usize, tail: &str) -> String {
    let arrays: Vec<String> = (1..=columns).map(|n| format!("${n}")).collect();
    format!("{head} select * from unnest({}) {tail}", arrays.join(", "))
}

pub(crate) use {bulk, listed, listing, sql};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_different_lengths() {
        let lengths =
            |rows: usize| chunks(&vec![(); rows], 256).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(27), [16, 8, 2, 1]);
        assert_eq!(lengths(600), [256, 256, 64, 16, 8]);
    }

    #[test]
    fn each_column_is_an_array() {
        assert_eq!(
            arrays("insert into t (a, b)", 2, "on conflict do nothing"),
            "insert into t (a, b) select * from unnest($1, $2) on conflict do nothing"
        );
    }
}
