//! What a command prints on standard output.

use std::io::{ErrorKind, Write};

use super::CliError;

/// Whether the program that reads the output is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Reads,
    /// It has read enough and has ended, as `head` does. That is no error; the command ends.
    Gone,
}

/// A JSON array that is printed part by part, one line for each item.
#[derive(Debug, Default)]
pub struct JsonArray {
    has_items: bool,
}

impl JsonArray {
    /// Adds an item, which is JSON, to the text that is printed next.
    pub fn push(&mut self, text: &mut String, item: &str) {
        text.push_str(if self.has_items { ",\n" } else { "[\n" });
        text.push_str(item);
        self.has_items = true;
    }

    /// The text that ends the array.
    pub fn end(&self) -> &'static str {
        if self.has_items { "\n]\n" } else { "[]\n" }
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
