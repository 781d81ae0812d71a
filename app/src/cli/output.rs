//! What a command prints on standard output.

use std::io::{ErrorKind, Write};

use domain::text::lines;
use serde::Serialize;

use super::CliError;

/// Whether the program that reads the output is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Reads,
    /// It has read enough and has ended, as `head` does. That is no error; the command ends.
    Gone,
}

/// Records that are printed part by part, as they are read: there may be many.
#[derive(Debug)]
pub struct Records {
    /// A JSON array, one line for each record. Otherwise they are lines for people.
    json: bool,
    printed: bool,
}

impl Records {
    pub fn new(json: bool) -> Self {
        Self { json, printed: false }
    }

    /// Prints some records.
    pub fn print<T: Serialize>(
        &mut self,
        records: &[T],
        line: impl Fn(&T) -> String,
    ) -> Result<Reader, CliError> {
        let mut text = String::new();
        for record in records {
            if self.json {
                text.push_str(if self.printed { ",\n" } else { "[\n" });
                let record = serde_json::to_string(record).map_err(CliError::failed)?;
                text.push_str(&lines(&record));
            } else {
                text.push_str(&line(record));
                text.push('\n');
            }
            self.printed = true;
        }
        print(&text)
    }

    /// Ends the array, or tells people that there is nothing.
    pub fn end(self, nothing: &str) -> Result<(), CliError> {
        match (self.json, self.printed) {
            (true, true) => print("\n]\n").map(|_| ()),
            (true, false) => print("[]\n").map(|_| ()),
            (false, true) => Ok(()),
            (false, false) => {
                eprintln!("{nothing}");
                Ok(())
            }
        }
    }
}

/// Prints some lines. `println!` would panic if the reader is gone.
pub fn print(text: &str) -> Result<Reader, CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Reads),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CliError::failed(format!("The output cannot be written: {error}."))),
    }
}
