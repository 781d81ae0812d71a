//! What a row must be, and how many rows a write must change. Both errors mean a bug, a change by
//! hand, or a newer program that has used the database; nothing is written after them.

use sqlx::{ColumnIndex, Database, Decode, FromRow, Type, error::BoxDynError};

/// A row with a value that its column cannot have.
#[derive(Debug, thiserror::Error)]
#[error("the row {key} of {table} has no valid {column}")]
pub struct InconsistentRow {
    pub table: &'static str,
    pub column: String,
    pub key: String,
}

/// A statement that changed another number of rows than it must.
#[derive(Debug, thiserror::Error)]
#[error("a statement changed {actual} rows; it must change {expected}")]
pub struct RowsAffected {
    pub expected: u64,
    pub actual: u64,
}

impl From<InconsistentRow> for sqlx::Error {
    fn from(error: InconsistentRow) -> Self {
        Self::Decode(error.into())
    }
}

impl From<RowsAffected> for sqlx::Error {
    fn from(error: RowsAffected) -> Self {
        Self::Decode(error.into())
    }
}

/// Checks that a statement has changed exactly one row.
pub fn exactly_one(hit: u64) -> sqlx::Result<()> {
    exactly(1, hit)
}

/// Checks that a statement has changed as many rows as it must.
pub fn exactly(expected: u64, actual: u64) -> sqlx::Result<()> {
    if actual == expected { Ok(()) } else { Err(RowsAffected { expected, actual }.into()) }
}

/// Where the rows of a type are stored.
pub trait Stored {
    const TABLE: &'static str;
    /// The columns that name the row in an error; text columns that the statement selects.
    const KEY: &'static [&'static str];
}

/// A row whose errors name its table and its key.
#[derive(Clone, Debug)]
pub struct Keyed<T>(pub T);

impl<'r, R, T> FromRow<'r, R> for Keyed<T>
where
    R: sqlx::Row,
    T: FromRow<'r, R> + Stored,
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        T::from_row(row).map(Self).map_err(|error| match error {
            sqlx::Error::ColumnDecode { index, .. } => {
                let part = |column: &&'static str| row.try_get(*column).unwrap_or_default();
                let key: Vec<String> = T::KEY.iter().map(part).collect();
                let column = index.trim_matches('"').to_owned();
                InconsistentRow { table: T::TABLE, column, key: key.join(" ") }.into()
            }
            error => error,
        })
    }
}

/// A value of the domain that is stored as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

/// Reads a value from its text; `None`: the value has no such text.
pub trait FromText: Sized {
    fn from_text(text: &str) -> Option<Self>;
}

#[derive(Debug, thiserror::Error)]
#[error("the text is no value of the column")]
struct UnknownText;

impl<DB: Database, T> Type<DB> for Text<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(kind: &DB::TypeInfo) -> bool {
        String::compatible(kind)
    }
}

impl<'r, DB: Database, T: FromText> Decode<'r, DB> for Text<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str>::decode(value)?;
        T::from_text(text).map(Self).ok_or_else(|| UnknownText.into())
    }
}
