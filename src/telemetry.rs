//! Logs go to standard error: for people on a terminal, as JSON lines otherwise. At `info` and above a line holds ids,
//! counts and durations; no addresses, no names, no secrets.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object on each line, the fields of what it is about among its own.
    Json,
}

/// Sends everything from now on to standard error, as much of it as `log` asks for (the words of `RUST_LOG`). A second
/// call changes nothing: tests start many servers in one process.
pub fn start(log: &str, format: Option<LogFormat>) -> Result<(), ParseError> {
    let logs = fmt().with_env_filter(EnvFilter::try_new(log)?).with_writer(io::stderr);
    let usual = if io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json };
    let started = if format.unwrap_or(usual) == LogFormat::Text {
        logs.compact().with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    drop(started);
    Ok(())
}
