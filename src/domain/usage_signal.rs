//! Usage signals: when a person used the product last, as the product says it, line by line.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{organization::grouped, text::is_visible, time::Timestamp};

/// One line of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageSignal {
    /// A directory user's id, an external id, or an e-mail address.
    pub person: String,
    pub last_used_at: Timestamp,
}

/// Why a line was left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalRefusal {
    #[error("This line is no “person,time”, and no JSON object with “user” and “last_used_at”.")]
    Unreadable,
    #[error("A time looks like 2026-11-22T05:48:00Z, with its time zone.")]
    Time,
    #[error("This time is still to come.")]
    TimeToCome,
    #[error("This time is before the year 2000, so it is no time of use.")]
    TooOld,
    #[error("No person of this organization has this id, external id or e-mail address.")]
    NoPerson,
    #[error("{} people have this external id or e-mail address. Name one by the id.", grouped(*.0))]
    SeveralPeople(i64),
}

/// A line as JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    user: String,
    last_used_at: String,
}

impl UsageSignal {
    /// The longest line, in bytes.
    pub const LONGEST_LINE: usize = 4_096;
    /// The first line of a CSV may name the columns.
    pub const HEADER: &str = "user,last_used_at";
    /// Clocks differ by so much.
    const AHEAD: Duration = Duration::from_mins(5);
    /// The year 2000 in UTC.
    const FIRST: Timestamp = Timestamp::from_seconds(946_684_800);

    /// Reads a line of CSV, or of NDJSON. `None`: the line is empty, or it names the columns.
    ///
    /// ```
    /// use domain::usage_signal::UsageSignal;
    ///
    /// let line = "ada@acme.test,2026-11-22T05:48:00Z";
    /// let object = r#"{"user":"ada@acme.test","last_used_at":"2026-11-22T05:48:00Z"}"#;
    ///
    /// assert_eq!(UsageSignal::parse(line), UsageSignal::parse(object));
    /// ```
    pub fn parse(line: &str) -> Option<Result<Self, SignalRefusal>> {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.eq_ignore_ascii_case(Self::HEADER) {
            return None;
        }
        let written = if line.starts_with('{') {
            serde_json::from_str(line).ok()
        } else {
            fields(line).map(|(user, last_used_at)| Written { user, last_used_at })
        };
        Some(written.ok_or(SignalRefusal::Unreadable).and_then(|written| Self::read(&written)))
    }

    fn read(written: &Written) -> Result<Self, SignalRefusal> {
        let person = written.user.trim();
        if !is_visible(person) || person.contains('\0') {
            return Err(SignalRefusal::Unreadable);
        }
        let last_used_at = Timestamp::parse(&written.last_used_at).ok_or(SignalRefusal::Time)?;
        Ok(Self { person: person.to_owned(), last_used_at })
    }

    /// The time of use, not later than `now`.
    pub fn time(&self, now: Timestamp) -> Result<Timestamp, SignalRefusal> {
        if self.last_used_at > now.plus(Self::AHEAD) {
            return Err(SignalRefusal::TimeToCome);
        }
        if self.last_used_at < Self::FIRST {
            return Err(SignalRefusal::TooOld);
        }
        Ok(self.last_used_at.min(now))
    }
}

/// The two fields of a line of CSV; a field in quotes may have commas, and quotes written twice.
fn fields(line: &str) -> Option<(String, String)> {
    let Some(quoted) = line.strip_prefix('"') else {
        let (first, second) = line.split_once(',')?;
        return Some((first.to_owned(), unquoted(second)?));
    };
    let mut end = 0;
    loop {
        end += quoted.get(end..)?.find('"')?;
        if quoted.get(end + 1..)?.starts_with('"') {
            end += 2;
            continue;
        }
        let second = quoted.get(end + 1..)?.trim_start().strip_prefix(',')?;
        return Some((quoted.get(..end)?.replace("\"\"", "\""), unquoted(second)?));
    }
}

/// A last field, with or without quotes. `None`: there are more fields.
fn unquoted(field: &str) -> Option<String> {
    let field = field.trim();
    let inner = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(field);
    (!inner.contains(['"', ','])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-11-22T05:48:00Z";

    fn person(line: &str) -> Result<String, SignalRefusal> {
        UsageSignal::parse(line).unwrap().map(|signal| signal.person)
    }

    #[test]
    fn a_line_is_csv_or_json() {
        for (line, expected) in [
            (format!("diruser_1,{TIME}\r\n"), "diruser_1"),
            (format!("\u{feff} ada@acme.test , {TIME}"), "ada@acme.test"),
            (format!("\"Lovelace, \"\"Ada\"\"\",\"{TIME}\""), "Lovelace, \"Ada\""),
            (format!("{{\"last_used_at\":\"{TIME}\",\"user\":\"E 7\"}}"), "E 7"),
        ] {
            assert_eq!(person(&line).as_deref(), Ok(expected), "{line}");
        }
        assert!(UsageSignal::parse(" \n").is_none());
        assert!(UsageSignal::parse("User,Last_used_at").is_none());
    }

    #[test]
    fn what_is_no_signal_is_refused() {
        for line in [
            "diruser_1",
            ",",
            &format!(",{TIME}"),
            &format!("diruser_1,{TIME},more"),
            &format!("\"diruser_1,{TIME}"),
            &format!("\"a\"b,{TIME}"),
            &format!("a\0b,{TIME}"),
            "{\"user\":\"diruser_1\"}",
            "{\"user\":1,\"last_used_at\":2}",
            "{",
        ] {
            assert_eq!(person(line), Err(SignalRefusal::Unreadable), "{line:?}");
        }
        assert_eq!(person("diruser_1,yesterday"), Err(SignalRefusal::Time));
        assert_eq!(person("diruser_1,2026-11-22"), Err(SignalRefusal::Time));
    }

    #[test]
    fn a_time_of_use_is_not_to_come_and_not_before_there_was_a_product() {
        let now = Timestamp::parse(TIME).unwrap();
        let at = |last_used_at| UsageSignal { person: "ada".to_owned(), last_used_at }.time(now);
        let minutes = |minutes| now.plus(Duration::from_mins(minutes));
        assert_eq!(at(now), Ok(now));
        assert_eq!(at(minutes(5)), Ok(now), "clocks differ");
        assert_eq!(at(minutes(6)), Err(SignalRefusal::TimeToCome));
        assert_eq!(at(Timestamp::from_seconds(0)), Err(SignalRefusal::TooOld));
        assert_eq!(at(UsageSignal::FIRST), Ok(UsageSignal::FIRST));
    }
}
