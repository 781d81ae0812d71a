//! What the system page shows: whether this installation is well, as plain values.

use serde::{Deserialize, Serialize};

use super::{decision::Outcome, id::OrganizationId, resync::EventLog, time::Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemPage {
    /// What keeps this process from its work, a sentence each.
    pub amiss: Vec<String>,
    pub violations: Vec<ViolationRow>,
    /// The last check that came to its end.
    pub check: Option<CheckSeen>,
    pub check_minutes: i64,
    pub deliveries: Deliveries,
    pub event_log: EventLog,
    pub letters: Letters,
    pub retention: Retention,
    pub setup: Setup,
    pub now: Timestamp,
}

impl SystemPage {
    /// What is counted on this page is counted so far; more is told as more.
    pub const MOST: i64 = 10_000;
    /// Findings shown.
    pub const VIOLATIONS: i64 = 50;
}

/// Something that does not hold.
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
    /// Waiting for a commit right now.
    pub waiting: i64,
    /// Of the last 24 hours, by what became of them.
    pub outcomes: Vec<(Outcome, i64)>,
    /// Since this process started, by why.
    pub refused: Vec<(String, i64)>,
    pub dead: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letters {
    pub waiting: i64,
    /// Since when the oldest of them could have left.
    pub oldest_due: Option<Timestamp>,
    pub given_up: i64,
    pub last_trouble: Option<Trouble>,
}

/// Why a letter did not leave, without the server's words: they may quote an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The server said no, with this code.
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
    /// None: raw bodies are kept for ever.
    pub days: Option<i64>,
    /// What was received until then has no body any more.
    pub until: Option<Timestamp>,
    pub removed: i64,
}

/// How this installation is set up, never with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub engine: String,
    pub version: String,
    pub started_at: Timestamp,
    pub webhook_secrets: i64,
    /// The mail server, without its password.
    pub mail_server: Option<String>,
    pub directory_api: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_servers_words_become_a_class() {
        assert_eq!(Trouble::of("permanent error (550): no such user ada@acme.test"), Trouble::Refused(550));
        assert_eq!(Trouble::of("The mail server did not answer within 30 s."), Trouble::Silent);
        assert_eq!(Trouble::of("Connection error: Connection refused (os error 111)"), Trouble::Unreachable);
    }
}
