//! What the system page shows about the health of this installation, as plain values.

use serde::{Deserialize, Serialize};

use domain::{decision::Outcome, id::OrganizationId, time::Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemPage {
    /// The problems that stop this process from working, one sentence each.
    pub problems: Vec<String>,
    pub violations: Vec<ViolationRow>,
    /// The last check that was completed.
    pub check: Option<CheckSeen>,
    pub check_minutes: i64,
    pub deliveries: Deliveries,
    pub event_log: EventLog,
    pub emails: Emails,
    pub retention: Retention,
    pub setup: Setup,
    pub now: Timestamp,
}

impl SystemPage {
    /// Counting stops at this number. The page then shows it as “or more”.
    pub const MOST: i64 = 10_000;
    /// The number of findings shown.
    pub const VIOLATIONS: i64 = 50;
}

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViolationRow {
    pub organization: Option<OrganizationId>,
    pub sentence: String,
    pub since: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSeen {
    pub at: Timestamp,
    pub organizations: i64,
    pub people: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    pub last_at: Option<Timestamp>,
    /// Deliveries that wait for a commit now.
    pub waiting: i64,
    /// The deliveries of the last 24 hours, by outcome.
    pub outcomes: Vec<(Outcome, i64)>,
    /// The rejected requests since this process started, by reason.
    pub refused: Vec<(String, i64)>,
    pub dead: i64,
}

/// The state of the event log backfill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// When the last delivery arrived.
    pub last_event: Option<Timestamp>,
    pub checked_at: Option<Timestamp>,
    /// When a backfill last found missing events or requested resyncs. `found` is the number of
    /// events; `by_resync` says that it requested a resync of every organization instead.
    pub closed_at: Option<Timestamp>,
    pub found: i64,
    pub by_resync: bool,
    /// Why the last read of the event log failed: Scalekit's error code, and a sentence.
    pub error: Option<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emails {
    pub waiting: i64,
    /// When the oldest waiting e-mail became due.
    pub oldest_due: Option<Timestamp>,
    pub given_up: i64,
    /// The alert that the mail server takes no e-mails is open.
    pub is_failing: bool,
    pub last_trouble: Option<Trouble>,
}

/// Why an e-mail was not sent. The server's own text is left out, because it may quote an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The server refused the e-mail with this code.
    Refused(u16),
    Silent,
    Unreachable,
}

impl Trouble {
    pub fn of(error: &str) -> Self {
        let code = error.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 3);
        match code.and_then(|digits| digits.parse().ok()).filter(|code| (400..600).contains(code)) {
            Some(code) => Self::Refused(code),
            None if error.contains("did not answer") => Self::Silent,
            None => Self::Unreachable,
        }
    }

    pub fn sentence(self) -> String {
        match self {
            Self::Refused(code) => format!("The mail server refused with code {code}."),
            Self::Silent => "The mail server did not answer in time.".to_owned(),
            Self::Unreachable => "The mail server could not be reached or used.".to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// `None` means that bodies are kept for ever.
    pub days: Option<i64>,
    /// Deliveries received up to this time have no body any more.
    pub until: Option<Timestamp>,
    pub removed: i64,
}

/// How this installation is set up, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub engine: String,
    pub version: String,
    pub started_at: Timestamp,
    /// The mail server, without its password.
    pub mail_server: Option<String>,
    pub directory_api: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_servers_words_become_a_class() {
        assert_eq!(
            Trouble::of("permanent error (550): no such user ada@acme.test"),
            Trouble::Refused(550)
        );
        assert_eq!(Trouble::of("The mail server did not answer within 30 s."), Trouble::Silent);
        assert_eq!(
            Trouble::of("Connection error: Connection refused (os error 111)"),
            Trouble::Unreachable
        );
    }
}
