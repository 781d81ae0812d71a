//! Reads a file as its bytes arrive. It keeps one row, and of the rows before it only what tells
//! that a person stands in the file twice.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    ImportFormat, MOST_BYTES, MOST_ROWS,
    columns::Column,
    records::{Record, Records},
    row::{ImportedPerson, RowRefusal},
};
use crate::{directory_user::email_key, refusal::ImportRefusal, text::ExternalText};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The line on which it begins, counted from 1.
    pub line: i64,
    pub person: Result<ImportedPerson, RowRefusal>,
}

/// Reads a file part by part.
///
/// ```
/// use domain::import::{ImportFormat, ImportReader};
///
/// let mut reader = ImportReader::new(ImportFormat::Csv);
/// let mut rows = reader.push(b"email,name\nada@acme.te")?;
/// rows.extend(reader.push(b"st,Ada\n")?);
/// rows.extend(reader.finish()?);
///
/// assert_eq!((rows.len(), rows[0].line), (1, 2));
/// # Ok::<(), domain::refusal::ImportRefusal>(())
/// ```
#[derive(Debug)]
pub struct ImportReader {
    format: ImportFormat,
    records: Records,
    /// The columns of a CSV, once its first line was read.
    columns: Vec<Column>,
    is_begun: bool,
    bytes: u64,
    rows: i64,
    emails: Seen,
    external_ids: Seen,
}

impl ImportReader {
    pub fn new(format: ImportFormat) -> Self {
        Self {
            format,
            records: Records::new(format),
            columns: Vec::new(),
            is_begun: false,
            bytes: 0,
            rows: 0,
            emails: Seen::default(),
            external_ids: Seen::default(),
        }
    }

    /// Takes the next bytes, and gives the rows that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<ImportRow>, ImportRefusal> {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.bytes > MOST_BYTES {
            return Err(ImportRefusal::TooLarge);
        }
        let mut rows = Vec::new();
        for byte in bytes {
            if let Some(record) = self.records.push(*byte)? {
                rows.extend(self.row(record)?);
            }
        }
        Ok(rows)
    }

    /// The file is complete.
    pub fn finish(mut self) -> Result<Vec<ImportRow>, ImportRefusal> {
        let last = match self.records.finish()? {
            Some(record) => self.row(record)?,
            None => None,
        };
        if self.rows == 0 {
            return Err(ImportRefusal::Empty);
        }
        Ok(last.into_iter().collect())
    }

    fn row(&mut self, mut record: Record) -> Result<Option<ImportRow>, ImportRefusal> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        if is_first
            && let Some(cell) = record.cells.first_mut()
            && cell.starts_with(BYTE_ORDER_MARK)
        {
            cell.drain(..BYTE_ORDER_MARK.len());
        }
        let (line, is_torn) = (record.line, record.is_torn);
        let cells: Result<Vec<String>, _> =
            record.cells.into_iter().map(String::from_utf8).collect();
        let cells = cells.map_err(|_| ImportRefusal::NotUtf8(line))?;
        if is_first && self.format == ImportFormat::Csv {
            self.name_columns(&cells)?;
            return Ok(None);
        }
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(ImportRefusal::TooManyRows);
        }
        let person = match self.format {
            _ if is_torn => Err(RowRefusal::Quote),
            ImportFormat::Csv => self.person(&cells),
            ImportFormat::Ndjson => ImportedPerson::of_json(cells[0].trim()),
        };
        let person = person.and_then(|person| self.only_once(line, person));
        Ok(Some(ImportRow { line, person }))
    }

    /// Reads the first line of a CSV.
    fn name_columns(&mut self, cells: &[String]) -> Result<(), ImportRefusal> {
        let names: Vec<&str> = match cells {
            [one] if one.contains(';') => {
                self.records.take_semicolons();
                one.split(';').map(|name| name.trim_matches('"')).collect()
            }
            cells => cells.iter().map(String::as_str).collect(),
        };
        for name in names {
            let shown = || ExternalText::label(name).as_str().to_owned();
            let column =
                Column::named(name).ok_or_else(|| ImportRefusal::UnknownColumn(shown()))?;
            if self.columns.contains(&column) {
                return Err(ImportRefusal::ColumnTwice(column.as_str().to_owned()));
            }
            self.columns.push(column);
        }
        if self.columns.contains(&Column::Email) { Ok(()) } else { Err(ImportRefusal::NoEmails) }
    }

    fn person(&self, cells: &[String]) -> Result<ImportedPerson, RowRefusal> {
        let (found, expected) = (cells.len(), self.columns.len());
        if found != expected {
            return Err(RowRefusal::Cells { found, expected });
        }
        let cells = self.columns.iter().copied().zip(cells.iter().map(String::as_str));
        ImportedPerson::of_cells(&cells.collect::<Vec<_>>())
    }

    /// Refuses a person who stands in an earlier row.
    fn only_once(
        &mut self,
        line: i64,
        person: ImportedPerson,
    ) -> Result<ImportedPerson, RowRefusal> {
        if let Some(earlier) = self.emails.line_of(&email_key(&person.email), line) {
            return Err(RowRefusal::SameEmail(earlier));
        }
        let id = person.external_id.as_deref();
        match id.and_then(|id| self.external_ids.line_of(id, line)) {
            Some(earlier) => Err(RowRefusal::SameExternalId(earlier)),
            None => Ok(person),
        }
    }
}

/// The texts of earlier rows with their lines, as hashes: with the largest file they need a few
/// megabytes, whatever stands in it.
#[derive(Debug, Default)]
struct Seen(HashMap<u64, i64>);

impl Seen {
    /// The line of the same text in an earlier row; a text that is new is kept.
    fn line_of(&mut self, text: &str, line: i64) -> Option<i64> {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let known = *self.0.entry(hasher.finish()).or_insert(line);
        (known != line).then_some(known)
    }
}
