//! `sql!`, `bulk!` and `listed!`: a statement is written once and runs on the engine that is open.
//! Its text is a constant, and a test prepares each one on both engines.
//!
//! A statement that locks the rows it reads ends in `for update`, `for no key update` or
//! `for no key update of o`. SQLite has only one writer and gets the statement without these words.

#[cfg(test)]
mod tests;

use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

/// `sql!(execute(tx), "update …", a, b)` returns the number of rows; `all`, `one` and `optional`
/// return rows as the expected type; `value` and `values` return the only column.
macro_rules! sql {
    (execute($tx:expr), $text:expr $(, $arg:expr)* $(,)?) => {{
        const TEXT: &str = $text;
        const WITHOUT_LOCK: &str = $crate::db::without_lock(TEXT);
        $crate::db::collect!(TEXT, None);
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(connection) => {
                let query = sqlx::query(WITHOUT_LOCK)$(.bind($arg))*;
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            $crate::db::Connection::Postgres(connection) => {
                let query = sqlx::query(TEXT)$(.bind($arg))*;
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        }
    }};
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
    (@run $tx:expr, $make:ident, $text:expr, [$($arg:expr),*], $method:ident) => {{
        const TEXT: &str = $text;
        const WITHOUT_LOCK: &str = $crate::db::without_lock(TEXT);
        $crate::db::collect!(TEXT, None);
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(connection) => {
                sqlx::$make(WITHOUT_LOCK)$(.bind($arg))*.$method(&mut **connection).await
            }
            $crate::db::Connection::Postgres(connection) => {
                sqlx::$make(TEXT)$(.bind($arg))*.$method(&mut **connection).await
            }
        }
    }};
}

/// Writes or deletes many rows with few statements:
/// `bulk!(tx, rows, MOST, "insert into t (a, b) {rows}", |row| [row.a, row.b])`, or
/// `bulk!(tx, keys, MOST, "delete from t where (a, b) in ({keys})", |key| [key.a, key.b])`.
/// The list stands in the place of `{rows}` or `{keys}`; one statement takes `MOST` of it. Returns
/// the number of rows that were written or deleted.
macro_rules! bulk {
    (
        $tx:expr, $rows:expr, $most:expr, $text:expr,
        |$row:ident| [$($value:expr),* $(,)?] $(,)?
    ) => {{
        const MOST: usize = $most;
        const COLUMNS: usize = [$(stringify!($value)),*].len();
        const LIST: $crate::db::List = $crate::db::List::of($text);
        $crate::db::collect!($text, Some((COLUMNS, MOST)));
        let mut hit = 0;
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => {
                for chunk in $crate::db::chunks(&$rows, MOST) {
                    let mut query = LIST.begin();
                    query.push_values(chunk, |mut tuple, $row| { $(tuple.push_bind($value);)* });
                    hit += LIST.end(&mut query).build().execute(&mut **c).await?.rows_affected();
                }
            }
            $crate::db::Connection::Postgres(c) => {
                for chunk in $rows.chunks(MOST) {
                    let query = sqlx::query(LIST.arrays(COLUMNS));
                    let query = $crate::db::bound!(query, chunk, |$row| [$($value),*]);
                    hit += query.execute(&mut **c).await?.rows_affected();
                }
            }
        }
        hit
    }};
}

/// Runs a statement for the rows whose keys are listed, and returns what it selects:
/// `listed!(tx, keys, MOST, "select … where (a, b) in ({keys})", |key| [key.a, key.b])`. The keys
/// stand in the place of `{keys}`; one statement takes `MOST` of them. A statement that writes
/// `{rows}` returns what it says behind `returning`.
macro_rules! listed {
    (
        $tx:expr, $keys:expr, $most:expr, $text:expr,
        |$key:ident| [$($value:expr),* $(,)?] $(,)?
    ) => {{
        const MOST: usize = $most;
        const COLUMNS: usize = [$(stringify!($value)),*].len();
        const LIST: $crate::db::List = $crate::db::List::of($text);
        $crate::db::collect!($text, Some((COLUMNS, MOST)));
        let mut found = Vec::new();
        match &mut $tx.connection {
            $crate::db::Connection::Sqlite(c) => {
                for chunk in $crate::db::asked(&$keys, MOST, LIST) {
                    let mut query = LIST.begin();
                    query.push_values(chunk, |mut tuple, $key| { $(tuple.push_bind($value);)* });
                    let query = LIST.end(&mut query).build_query_as();
                    found.extend(query.fetch_all(&mut **c).await?);
                }
            }
            $crate::db::Connection::Postgres(c) => {
                for chunk in $keys.chunks(MOST) {
                    let query = sqlx::query_as(LIST.arrays(COLUMNS));
                    let query = $crate::db::bound!(query, chunk, |$key| [$($value),*]);
                    found.extend(query.fetch_all(&mut **c).await?);
                }
            }
        }
        found
    }};
}

/// Binds one array for each column.
macro_rules! bound {
    ($query:expr, $chunk:expr, |$row:ident| [$($value:expr),*]) => {
        $query$(.bind($chunk.iter().map(|$row| { let _ = &$row; $value }).collect::<Vec<_>>()))*
    };
}

/// Makes a statement known to the test that prepares all of them, also one that no test runs.
macro_rules! collect {
    ($text:expr, $list:expr) => {
        #[cfg(test)]
        inventory::submit!($crate::db::Statement {
            file: file!(),
            line: line!(),
            text: $text,
            list: $list,
        });
    };
}

/// A statement of the program.
#[cfg(test)]
#[derive(Debug)]
pub struct Statement {
    pub file: &'static str,
    pub line: u32,
    pub text: &'static str,
    /// Of its list: how many columns it has, and how many rows at most.
    pub list: Option<(usize, usize)>,
}

#[cfg(test)]
inventory::collect!(Statement);

/// A statement around its list.
#[derive(Clone, Copy, Debug)]
pub struct List {
    head: &'static str,
    tail: &'static str,
    /// The list holds keys, not rows.
    is_keys: bool,
}

impl List {
    /// A statement without a place for its list, or with two, does not compile.
    pub const fn of(text: &'static str) -> Self {
        const ROWS: &str = "{rows}";
        const KEYS: &str = "{keys}";
        let (at, is_keys) = match (find(text, ROWS, 0), find(text, KEYS, 0)) {
            (Some(at), None) => (at, false),
            (None, Some(at)) => (at, true),
            _ => panic!("the statement has no place for its list, or two"),
        };
        let after = at + if is_keys { KEYS.len() } else { ROWS.len() };
        assert!(find(text, ROWS, after).is_none() && find(text, KEYS, after).is_none());
        Self { head: text.split_at(at).0, tail: text.split_at(after).1, is_keys }
    }

    /// The statement on SQLite up to its list, which is `values (…), (…)`. SQLite does not look up
    /// plain values in an index; selected values it does.
    pub fn begin(self) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(self.head);
        query.push(if self.is_keys { "select * from (" } else { "" });
        query
    }

    /// The statement on SQLite after its list.
    pub fn end(self, query: &mut QueryBuilder<Sqlite>) -> &mut QueryBuilder<Sqlite> {
        query.push(if self.is_keys { ")" } else { "" }).push(without_lock(self.tail))
    }

    /// The statement on Postgres: the list is one array for each column, so that one text serves
    /// any number of rows.
    pub fn arrays(self, columns: usize) -> AssertSqlSafe<String> {
        let Self { head, tail, .. } = self;
        let arrays: Vec<String> = (1..=columns).map(|n| format!("${n}")).collect();
        // consists of the program's own text only
        AssertSqlSafe(format!("{head}select * from unnest({}){tail}", arrays.join(", ")))
    }
}

/// Slices of `most` rows, then powers of two down to 64, then a multiple of 16, then the rest: few
/// statements for a batch, and so few different lengths that every statement stays prepared.
pub fn chunks<T>(mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            many if many >= most => most,
            many @ 64.. => 1 << many.ilog2(),
            some @ 16.. => some / 16 * 16,
            few => few,
        };
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

/// The parts of a list that a statement asks for. A list of keys is filled up to a power of two
/// with its last key: a key that is asked for twice is found once where the statement says `in`,
/// and one statement is quicker than several.
pub fn asked<T>(keys: &[T], most: usize, list: List) -> Vec<Vec<&T>> {
    if !list.is_keys {
        return chunks(keys, most).map(|part| part.iter().collect()).collect();
    }
    let fill = |part| filled(part, most);
    keys.chunks(most).map(fill).collect()
}

fn filled<T>(part: &[T], most: usize) -> Vec<&T> {
    let length = part.len().next_power_of_two().min(most);
    let last = part.last().into_iter().cycle();
    part.iter().chain(last).take(length).collect()
}

/// The statement without the lock of its rows at its end.
pub const fn without_lock(text: &'static str) -> &'static str {
    let text = without_end(text.trim_ascii_end(), "for no key update of o");
    without_end(without_end(text, "for no key update"), "for update")
}

const fn without_end(text: &'static str, end: &str) -> &'static str {
    match find(text, end, 0) {
        Some(at) if at + end.len() == text.len() => text.split_at(at).0,
        _ => text,
    }
}

/// Where `part` begins in `text`, from `at` on.
const fn find(text: &str, part: &str, mut at: usize) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    while at + part.len() <= text.len() {
        let mut same = 0;
        while same < part.len() && text[at + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return Some(at);
        }
        at += 1;
    }
    None
}

pub(crate) use {bound, bulk, collect, listed, sql};
