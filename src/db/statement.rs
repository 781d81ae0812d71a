//! `sql!`, `bulk!` and `listed!`: a statement is written once and runs on whichever engine is open.

/// `sql!(execute(tx), "update …", a, b)` gives the rows it hit; `all`, `one`, `optional` give rows `as` a type; `value` and
/// `values` give the only column.
macro_rules! sql {
    (@run $tx:expr, $make:ident, $text:expr, [$($arg:expr),*], $method:ident) => {
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => sqlx::$make($text)$(.bind($arg))*.$method(&mut **c).await,
            $crate::db::Connection::Postgres(c) => sqlx::$make($text)$(.bind($arg))*.$method(&mut **c).await,
        }
    };
    (execute($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => sqlx::query($text)$(.bind($arg))*.execute(&mut **c).await.map(|done| done.rows_affected()),
            $crate::db::Connection::Postgres(c) => sqlx::query($text)$(.bind($arg))*.execute(&mut **c).await.map(|done| done.rows_affected()),
        }
    };
    (all($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => { $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_all) };
    (one($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => { $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_one) };
    (optional($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => { $crate::db::sql!(@run $tx, query_as, $text, [$($arg),*], fetch_optional) };
    (value($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => { $crate::db::sql!(@run $tx, query_scalar, $text, [$($arg),*], fetch_one) };
    (values($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => { $crate::db::sql!(@run $tx, query_scalar, $text, [$($arg),*], fetch_all) };
}

/// Writes many rows with few statements: `bulk!(tx, rows, most, "insert into t (a, b)", |row| [row.a, row.b], "on conflict …")`.
/// `most` rows go into one statement; the engines take some 32,000 parameters. Its text varies with the number of rows, so it
/// is not kept prepared: it would push out those that are used again.
macro_rules! bulk {
    ($tx:expr, $rows:expr, $most:expr, $head:expr, |$row:ident| [$($value:expr),* $(,)?], $tail:expr) => {{
        let mut hit = 0;
        for chunk in $rows.chunks($most) {
            hit += match &mut $tx.connection {
                $crate::db::Connection::Sqlite(c) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($head);
                    query.push_values(chunk, |mut tuple, $row| { $(tuple.push_bind($value);)* });
                    query.push($tail).build().persistent(false).execute(&mut **c).await?.rows_affected()
                }
                $crate::db::Connection::Postgres(c) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new($head);
                    query.push_values(chunk, |mut tuple, $row| { $(tuple.push_bind($value);)* });
                    query.push($tail).build().persistent(false).execute(&mut **c).await?.rows_affected()
                }
            };
        }
        hit
    }};
}

/// Reads the rows whose keys are listed; `(head, value, rest)` in place of the head binds a value on the way. `listed!(tx, keys, most, "select … where (a, b) in", |key| [key.a, key.b], "order by …")`.
macro_rules! listed {
    ($tx:expr, $keys:expr, $most:expr, ($head:expr, $bound:expr, $rest:expr), |$key:ident| [$($value:expr),* $(,)?], $tail:expr) => {
        $crate::db::listed!(@run $tx, $keys, $most, $head, [$bound, $rest], $key, [$($value),*], $tail)
    };
    ($tx:expr, $keys:expr, $most:expr, $head:expr, |$key:ident| [$($value:expr),* $(,)?], $tail:expr) => {
        $crate::db::listed!(@run $tx, $keys, $most, $head, [], $key, [$($value),*], $tail)
    };
    (@run $tx:expr, $keys:expr, $most:expr, $head:expr, [$($bound:expr, $rest:expr)?], $key:ident, [$($value:expr),*], $tail:expr) => {{
        let mut found = Vec::new();
        for chunk in $keys.chunks($most) {
            match &mut $tx.connection {
                $crate::db::Connection::Sqlite(c) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($head);
                    $(query.push_bind($bound).push($rest);)?
                    query.push(" (").push_values(chunk, |mut tuple, $key| { $(tuple.push_bind($value);)* });
                    found.extend(query.push(") ").push($tail).build_query_as().persistent(false).fetch_all(&mut **c).await?);
                }
                $crate::db::Connection::Postgres(c) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new($head);
                    $(query.push_bind($bound).push($rest);)?
                    query.push(" (").push_values(chunk, |mut tuple, $key| { $(tuple.push_bind($value);)* });
                    found.extend(query.push(") ").push($tail).build_query_as().persistent(false).fetch_all(&mut **c).await?);
                }
            }
        }
        found
    }};
}

pub(crate) use {bulk, listed, sql};
