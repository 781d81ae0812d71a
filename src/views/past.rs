//! An organization as it was at a moment, and its true-up report.

use serde::{Deserialize, Serialize};

use domain::{
    id::{DirectoryUserId, OrganizationId},
    organization::Usage,
    text::ExternalText,
    time::Timestamp,
    true_up::TrueUpMonth,
};

/// The parameters of the page of a moment. All of them are in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOfQuery {
    /// The moment as it was typed; empty: now.
    pub at: String,
}

impl AsOfQuery {
    /// The moment: RFC 3339, or as a field for date and time sends it, in UTC.
    pub fn moment(&self) -> Option<Timestamp> {
        let text = self.at.trim();
        Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}Z")))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOfPage {
    pub id: OrganizationId,
    pub name: ExternalText,
    /// `None`: what was typed is no time.
    pub at: Option<Timestamp>,
    pub past: Option<Past>,
    pub now: Timestamp,
}

impl AsOfPage {
    /// The number of people shown in each list.
    pub const PEOPLE: usize = 200;
}

/// What is known about the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Past {
    /// The moment is still to come.
    Future,
    /// The organization was added later, at this time.
    Unknown(Timestamp),
    Known {
        usage: Usage,
        archived: bool,
        /// The first people of the waitlist, in order.
        waiting: Vec<PastPerson>,
        /// The first people with a seat, in the order of their ids.
        holders: Vec<PastPerson>,
    },
}

/// A person, with the name and the address that the person has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPerson {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
}

/// The parameters of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueUpQuery {
    /// `None`: this year.
    pub year: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueUpPage {
    pub id: OrganizationId,
    pub name: ExternalText,
    pub year: i64,
    /// The first and the last year of which there is a report.
    pub years: (i64, i64),
    /// When the organization was added.
    pub known_since: Timestamp,
    pub months: Vec<TrueUpMonth>,
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_a_form_or_a_person_writes_it() {
        let moment = |at: &str| AsOfQuery { at: at.to_owned() }.moment().map(Timestamp::rfc3339);

        for same in ["2026-11-22T05:48", "2026-11-22T05:48:00", "2026-11-22T06:48:00+01:00"] {
            assert_eq!(moment(same).as_deref(), Some("2026-11-22T05:48:00Z"), "{same}");
        }
        for bad in ["", "2026-11-22", "yesterday", "Z"] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
