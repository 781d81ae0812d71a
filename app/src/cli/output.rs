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

/// Prints some lines. `println!` would panic if the reader is gone.
pub fn print(text: &str) -> Result<Reader, CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Reads),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CliError::failed(format!("The output cannot be written: {error}."))),
    }
}
