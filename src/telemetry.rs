//! Logs go to standard error: as text on a terminal, otherwise as JSON lines. Only a terminal gets
//! colours, and none if `NO_COLOR` is set. At `info` and above a
//! log line holds ids, counts and durations, but no addresses, names or secrets.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter,
    filter::{Directive, LevelFilter, ParseError},
    fmt,
};

/// The format of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object on each line, for machines; the fields of the event are at its top level.
    Json,
}

/// What is logged, in the syntax of `RUST_LOG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(Vec<Directive>);

impl LogFilter {
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        text.split(',')
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn filter(&self) -> EnvFilter {
        let none = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into());
        self.0.iter().cloned().fold(none.parse_lossy(""), EnvFilter::add_directive)
    }
}

/// Sends all logs from now on to standard error, filtered by `log`. A second call changes nothing:
/// tests start many servers in one process.
pub fn start(log: &LogFilter, format: Option<LogFormat>) {
    let logs = fmt().with_env_filter(log.filter()).with_writer(io::stderr);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_the_one_that_the_library_reads_from_the_text() {
        for text in ["info", "warn,seatkeeper=debug", "seatkeeper=info", "off", ",,error", ","] {
            let ours = LogFilter::parse(text).unwrap().filter();
            let theirs = EnvFilter::try_new(text).unwrap();
            assert_eq!(ours.max_level_hint(), theirs.max_level_hint(), "{text}");
        }
        assert!(LogFilter::parse("seatkeeper=loud").is_err());
    }
}
