//! An import: people from a file, for an organization without a directory or before it has one. The
//! file is read as a stream; each row is a person or is refused with a sentence.
//!
//! An import is a resync whose directory is a file. Its rows become listed users, and the plan, the
//! guard and the seat rules are those of a resync.

mod columns;
mod matching;
mod reader;
mod records;
mod row;

use serde::{Deserialize, Serialize};

pub use self::{
    columns::Column,
    matching::{KnownPerson, Match, matched},
    reader::{ImportReader, ImportRow},
    row::{ImportedPerson, RowRefusal},
};

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// Cells with commas or semicolons between them; the first line names the columns.
    Csv,
    /// One JSON object in each line.
    Ndjson,
}

impl ImportFormat {
    pub const ALL: [Self; 2] = [Self::Csv, Self::Ndjson];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    /// The format that the name of a file shows; `None` if it shows none.
    ///
    /// ```
    /// use domain::import::ImportFormat;
    ///
    /// assert_eq!(ImportFormat::of_file("people.CSV"), Some(ImportFormat::Csv));
    /// assert_eq!(ImportFormat::of_file("people.jsonl"), Some(ImportFormat::Ndjson));
    /// assert_eq!(ImportFormat::of_file("people"), None);
    /// ```
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// The largest import.
pub const MOST_ROWS: i64 = 100_000;
/// The longest file, in bytes.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The longest row, in bytes.
pub const LONGEST_ROW: usize = 16 * 1024;

#[cfg(test)]
mod tests;
