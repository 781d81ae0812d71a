//! What the e-mails about a seat request know of it.

use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;

use super::words::{link, one_line};
use crate::domain::{
    id::{OrganizationId, SeatRequestId},
    organization::Usage,
    text::ExternalText,
    time::Timestamp,
};

/// A seat request and its organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsAskedFor {
    pub organization: OrganizationId,
    pub name: String,
    pub request: SeatRequestId,
    pub seats: i64,
    pub reason: String,
    pub asked_by: String,
    pub asked_at: Timestamp,
    /// The people who need the seats, as they are called; may be empty.
    pub people: Vec<String>,
    pub usage: Usage,
}

impl SeatsAskedFor {
    /// How many people are named.
    const NAMES: usize = 5;

    pub(super) fn link(&self, public_url: &str) -> String {
        let id: String = byte_serialize(self.request.as_str().as_bytes()).collect();
        format!("{}/requests/{id}", link(public_url, &self.organization))
    }

    pub(super) fn reason_lines(&self) -> Vec<String> {
        lines(&self.reason)
    }

    /// The reason on one line of bounded length.
    pub(super) fn brief_reason(&self) -> String {
        format!("“{}”", ExternalText::sentence(&self.reason))
    }

    /// `For Ada Lovelace, Grace Hopper and 3 more.`
    pub(super) fn for_people(&self) -> Option<String> {
        let named: Vec<String> =
            self.people.iter().take(Self::NAMES).map(|name| one_line(name)).collect();
        let more = self.people.len().saturating_sub(Self::NAMES);
        match (named.as_slice(), more) {
            ([], _) => None,
            ([only], 0) => Some(format!("For {only}.")),
            ([first @ .., last], 0) => Some(format!("For {} and {last}.", first.join(", "))),
            (named, more) => Some(format!("For {} and {more} more.", named.join(", "))),
        }
    }
}

/// The lines that a person wrote, each of bounded length and harmless.
pub(super) fn lines(text: &str) -> Vec<String> {
    const MOST: usize = 20;
    text.lines().take(MOST).map(|line| ExternalText::paragraph(line).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organization::SeatLimit;

    fn asked(people: &[&str]) -> SeatsAskedFor {
        SeatsAskedFor {
            organization: OrganizationId::new("org_1"),
            name: "Acme".to_owned(),
            request: SeatRequestId::new("srq_1"),
            seats: 10,
            reason: "We hire.".to_owned(),
            asked_by: "Kim".to_owned(),
            asked_at: Timestamp::from_seconds(0),
            people: people.iter().map(|name| (*name).to_owned()).collect(),
            usage: Usage { limit: SeatLimit::Seats(50), used: 50, waiting: 3 },
        }
    }

    #[test]
    fn the_people_are_named() {
        assert_eq!(asked(&[]).for_people(), None);
        assert_eq!(asked(&["Ada"]).for_people().as_deref(), Some("For Ada."));
        assert_eq!(asked(&["Ada", "Bo"]).for_people().as_deref(), Some("For Ada and Bo."));
        let many = asked(&["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus"]).for_people();
        assert_eq!(many.as_deref(), Some("For Ada, Bo, Cy, Di, Ed and 2 more."));
    }

    #[test]
    fn what_a_person_wrote_stays_within_its_lines() {
        assert_eq!(lines("We hire.\nSoon."), ["We hire.", "Soon."]);
        assert_eq!(lines(&"a\n".repeat(100)).len(), 20);
        assert_eq!(lines("\u{202e}live"), ["�live"]);
    }
}
