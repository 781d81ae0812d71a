//! The rows of a file, as they are read and as they are matched with people.

use sqlx::FromRow;

use super::ImportKey;
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        id::DirectoryUserId,
        import::{Column, ImportRow, ImportedPerson, RowRefusal},
    },
    store::{Run, SHORT_ROWS_AT_ONCE},
};

/// Adds rows as they were read.
pub async fn add_rows(tx: &mut Tx, key: ImportKey<'_>, rows: &[ImportRow]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into import_rows (organization_id, import_id, line, state, external_id, email, name,
            active, wrong_column, why)
        {rows}
        ",
        |row| [
            key.organization.as_str(),
            key.id.as_str(),
            row.line,
            if row.person.is_ok() { "read" } else { "refused" },
            row.person.as_ref().ok().and_then(|person| person.external_id.as_deref()),
            row.person.as_ref().ok().map(|person| person.email.as_str()),
            row.person.as_ref().ok().and_then(|person| person.name.as_deref()),
            row.person.as_ref().ok().map(|person| person.active),
            row.person.as_ref().err().and_then(RowRefusal::column).map(Column::as_str),
            row.person.as_ref().err().map(ToString::to_string),
        ],
    );
    Ok(())
}

#[derive(FromRow)]
struct Read {
    line: i64,
    external_id: Option<String>,
    email: String,
    name: Option<String>,
    active: bool,
}

/// The rows after a line that are not matched yet, in order.
pub async fn unmatched_after(
    tx: &mut Tx,
    key: ImportKey<'_>,
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<(i64, ImportedPerson)>> {
    let rows: Vec<Read> = sql!(
        all(tx),
        r"
        select line, external_id, email, name, active
        from import_rows
        where organization_id = $1 and import_id = $2 and line > $3 and state = 'read'
        order by line
        limit $4
        ",
        key.organization.as_str(),
        key.id.as_str(),
        after,
        most,
    )?;
    let person = |row: Read| {
        let Read { line, external_id, email, name, active } = row;
        (line, ImportedPerson { external_id, email, name, active })
    };
    Ok(rows.into_iter().map(person).collect())
}

/// A row that is refused.
#[derive(Clone, Debug, FromRow)]
pub struct RefusedRow {
    pub line: i64,
    pub wrong_column: Option<String>,
    pub why: String,
}

/// The refused rows after a line, in order.
pub async fn refused_after(
    tx: &mut Tx,
    key: ImportKey<'_>,
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<RefusedRow>> {
    sql!(
        all(tx),
        r"
        select line, wrong_column, why
        from import_rows
        where organization_id = $1 and import_id = $2 and line > $3 and state = 'refused'
        order by line
        limit $4
        ",
        key.organization.as_str(),
        key.id.as_str(),
        after,
        most,
    )
}

/// The person that a row is about.
#[derive(Clone, Debug)]
pub struct MatchedRow {
    pub line: i64,
    /// `None`: the person belongs to a directory.
    pub user: Option<DirectoryUserId>,
    /// The person who was found, if the person is known.
    pub known: Option<DirectoryUserId>,
}

/// Notes the people that rows are about.
pub async fn note_matches(
    tx: &mut Tx,
    key: ImportKey<'_>,
    rows: &[MatchedRow],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        with found (organization_id, import_id, line, state, user_id, known_id) as (
          {rows}
        )
        update import_rows
        set state = found.state, user_id = found.user_id, known_id = found.known_id
        from found
        where import_rows.organization_id = found.organization_id
          and import_rows.import_id = found.import_id and import_rows.line = found.line
        ",
        |row| [
            key.organization.as_str(),
            key.id.as_str(),
            row.line,
            if row.user.is_some() { "matched" } else { "of_directory" },
            row.user.as_ref().map(DirectoryUserId::as_str),
            row.known.as_ref().map(DirectoryUserId::as_str),
        ],
    );
    Ok(())
}

/// Refuses rows that were read.
pub async fn note_refusals(
    tx: &mut Tx,
    key: ImportKey<'_>,
    rows: &[RefusedRow],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        with found (organization_id, import_id, line, wrong_column, why) as (
          {rows}
        )
        update import_rows
        set state = 'refused', wrong_column = found.wrong_column, why = found.why
        from found
        where import_rows.organization_id = found.organization_id
          and import_rows.import_id = found.import_id and import_rows.line = found.line
        ",
        |row| [
            key.organization.as_str(),
            key.id.as_str(),
            row.line,
            row.wrong_column.as_deref(),
            row.why.as_str(),
        ],
    );
    Ok(())
}

/// Puts the claims of a part of the plan into the order of the file.
///
/// `line + 0` is in no index: for `min(line)` SQLite would read the rows of the file in their order
/// until the user comes, for each user.
pub async fn put_in_order(
    tx: &mut Tx,
    (run, key): (Run<'_>, ImportKey<'_>),
    (after, until): (&str, &str),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update resync_people
        set apply_order = (
            select min(r.line + 0)
            from import_rows r
            where r.organization_id = $1 and r.import_id = $3 and r.user_id = resync_people.user_id
          )
        where organization_id = $1 and resync_id = $2 and user_id > $4 and user_id <= $5
          and apply_order > 0 and directory_id is not null
        ",
        run.organization.as_str(),
        run.id.as_str(),
        key.id.as_str(),
        after,
        until,
    )?;
    Ok(())
}
