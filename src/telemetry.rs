//! Logs go to standard error: as text on a terminal, otherwise as JSON lines. Only a terminal gets
//! colours, and none if `NO_COLOR` is set. At `info` and above a
//! log line holds ids, counts and durations, but no addresses, names or secrets.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// The format of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object on each line, for machines; the fields of the event are at its top level.
    Json,
}

/// Sends all logs from now on to standard error, filtered by `log` (the syntax of `RUST_LOG`). A
/// second call changes nothing: tests start many servers in one process.
pub fn start(log: &str, format: Option<LogFormat>) -> Result<(), ParseError> {
    let logs = fmt().with_env_filter(EnvFilter::try_new(log)?).with_writer(io::stderr);
    let is_terminal = io::stderr().is_terminal();
    // On a terminal the library looks at `NO_COLOR` by itself.
    let logs = if is_terminal { logs } else { logs.with_ansi(false) };
    let usual = if is_terminal { LogFormat::Text } else { LogFormat::Json };
    let started = if format.unwrap_or(usual) == LogFormat::Text {
        logs.compact().with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    drop(started);
    Ok(())
}
