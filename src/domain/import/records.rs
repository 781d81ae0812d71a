//! Splits the bytes of a file into rows, and the rows of a CSV into cells (RFC 4180). It keeps one
//! row in memory at most.

use super::{ImportFormat, LONGEST_ROW};
use crate::refusal::ImportRefusal;

/// A row that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it begins, counted from 1.
    pub line: i64,
    /// One cell with the whole line, if the file is NDJSON.
    pub cells: Vec<Vec<u8>>,
    /// A quotation mark stands where none may stand.
    pub is_torn: bool,
}

/// Where in a cell the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// After the quotation mark that ends the cell, or is the first one of two.
    Closed,
}

#[derive(Debug)]
pub(super) struct Records {
    /// Between cells; `None`: a row has one cell.
    separator: Option<u8>,
    place: Place,
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    is_torn: bool,
    /// Of the row so far, in bytes.
    length: usize,
    /// The present line, and the line on which the row begins.
    line: i64,
    began: i64,
}

impl Records {
    pub fn new(format: ImportFormat) -> Self {
        Self {
            separator: (format == ImportFormat::Csv).then_some(b','),
            place: Place::Start,
            cells: Vec::new(),
            cell: Vec::new(),
            is_torn: false,
            length: 0,
            line: 1,
            began: 1,
        }
    }

    /// Semicolons separate the cells, as some spreadsheets write them.
    pub fn take_semicolons(&mut self) {
        self.separator = Some(b';');
    }

    /// Takes one byte. Gives the row that it ends; an empty line is no row.
    pub fn push(&mut self, byte: u8) -> Result<Option<Record>, ImportRefusal> {
        let ends_line = byte == b'\n';
        self.line += i64::from(ends_line);
        if ends_line && self.place != Place::Quoted {
            return Ok(self.end());
        }
        self.length += 1;
        if self.length > LONGEST_ROW {
            return Err(ImportRefusal::LineTooLong(self.began));
        }
        let is_quote = byte == b'"' && self.separator.is_some();
        match self.place {
            Place::Quoted if is_quote => self.place = Place::Closed,
            Place::Closed if is_quote => {
                self.cell.push(byte);
                self.place = Place::Quoted;
            }
            Place::Start if is_quote => self.place = Place::Quoted,
            Place::Start | Place::Plain | Place::Closed if Some(byte) == self.separator => {
                self.cells.push(std::mem::take(&mut self.cell));
                self.place = Place::Start;
            }
            Place::Closed if byte == b'\r' => {}
            Place::Quoted => self.cell.push(byte),
            Place::Start | Place::Plain | Place::Closed => {
                self.is_torn |= is_quote || self.place == Place::Closed;
                self.cell.push(byte);
                self.place = Place::Plain;
            }
        }
        Ok(None)
    }

    /// The last row, if no line end follows it.
    pub fn finish(&mut self) -> Result<Option<Record>, ImportRefusal> {
        if self.place == Place::Quoted {
            return Err(ImportRefusal::QuoteNotClosed(self.began));
        }
        Ok(self.end())
    }

    fn end(&mut self) -> Option<Record> {
        if self.place == Place::Plain && self.cell.ends_with(b"\r") {
            self.cell.pop();
        }
        let (mut cells, cell) = (std::mem::take(&mut self.cells), std::mem::take(&mut self.cell));
        let (line, is_torn) = (self.began, self.is_torn);
        (self.place, self.is_torn) = (Place::Start, false);
        (self.length, self.began) = (0, self.line);
        if cells.is_empty() && cell.trim_ascii().is_empty() {
            return None;
        }
        cells.push(cell);
        Some(Record { line, cells, is_torn })
    }
}
