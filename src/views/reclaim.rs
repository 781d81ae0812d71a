//! What the page of people shows who seem not to use their seats.

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    id::{DirectoryUserId, OrganizationId},
    organization::Usage,
    reclaim::UnusedReason,
    text::ExternalText,
    time::Timestamp,
};

/// Which people the page lists. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReclaimQuery {
    pub list: ReclaimList,
    /// Only people behind this one.
    pub before: Option<ReclaimCursor>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReclaimList {
    /// Who seems not to use the seat, the longest time first.
    #[default]
    Unused,
    /// Who keeps the seat all the same, the last decision first.
    Kept,
}

impl ReclaimList {
    pub const ALL: [Self; 2] = [Self::Unused, Self::Kept];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Kept => "kept",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReclaimCursor {
    pub at: Timestamp,
    pub user: DirectoryUserId,
}

/// `1790000000000000000.diruser_1`
impl Key for ReclaimCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.user)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, user) = text.split_once('.')?;
        let user = DirectoryUserId::parse(user)?;
        Some(Self { at: Timestamp::from_nanos(nanos.parse().ok()?), user })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReclaimPage {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    pub usage: Usage,
    pub archived: bool,
    /// After how many days without use a person is suggested; `None`: suggestions are switched off.
    pub after_days: Option<i64>,
    pub signals: Signals,
    /// How many people are suggested, counted up to [`ReclaimPage::COUNTED`].
    pub suggested: i64,
    pub rows: Vec<ReclaimRow>,
    pub page: KeysetPage<ReclaimCursor>,
    pub now: Timestamp,
}

impl ReclaimPage {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    pub const COUNTED: i64 = 1_000;
}

/// Whether usage signals count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signals {
    /// None ever came.
    Never,
    /// The last ones came at this time, too long ago to mean something.
    Stopped(Timestamp),
    /// They arrive; the last ones came at this time. They tell of the product since the second
    /// time, which is too short to say of a person that there was no use.
    Began(Timestamp, Timestamp),
    /// They arrive; the last ones came at this time.
    Arrive(Timestamp),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReclaimRow {
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub has_duplicate_email: bool,
    pub seat_since: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// Why the person is suggested; empty in the list of those who keep the seat.
    pub reasons: Vec<UnusedReason>,
    /// When an admin ignored the suggestion, and who; a tenant does not read which of the staff.
    pub kept: Option<(Timestamp, Option<ExternalText>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_way_through_an_address() {
        let user = DirectoryUserId::new("diruser.1");
        let cursor = ReclaimCursor { at: Timestamp::from_nanos(-17), user };
        assert_eq!(ReclaimCursor::parse(&cursor.written()), Some(cursor));
        for nonsense in ["", "17", "17.", "x.diruser_1", "17.a b"] {
            assert_eq!(ReclaimCursor::parse(nonsense), None, "{nonsense:?}");
        }
    }
}
