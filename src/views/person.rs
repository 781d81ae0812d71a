//! What the page of a person shows: why the person holds or lacks a seat, and the whole history.

use serde::{Deserialize, Serialize};

use super::{
    DecisionRow,
    audit::AuditRow,
    pagination::{Key, KeysetPage},
    roles::PersonRole,
};
use domain::{
    decision::Outcome,
    directory::Change,
    directory_user::SeatState,
    id::{DeliveryId, DirectoryUserId, GroupId, OrganizationId, ResyncId},
    text::ExternalText,
    time::Timestamp,
};

/// One directory user of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPage {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    /// The page is loaded again when the organization has another revision.
    pub revision: i64,
    pub user: DirectoryUserId,
    pub name: Option<ExternalText>,
    pub email: Option<ExternalText>,
    pub state: SeatState,
    /// Why the person holds or lacks a seat, and what would change it.
    pub why: String,
    /// The position in the waitlist: 1 is next. Set only for waiting users.
    pub position: Option<i64>,
    /// When the present state began.
    pub since: Timestamp,
    /// With their names.
    pub groups: Vec<(GroupId, ExternalText)>,
    pub roles: Vec<PersonRole>,
    /// The roles that the directory has sent.
    pub directory_roles: Vec<ExternalText>,
    /// The attributes that the installation keeps, by name.
    pub attributes: Vec<(ExternalText, ExternalText)>,
    pub external_id: Option<ExternalText>,
    /// The other live users with the same e-mail address.
    pub duplicates: Vec<DuplicateRow>,
    /// The newest entry first.
    pub history: Vec<HistoryRow>,
    pub page: KeysetPage<HistoryCursor>,
    pub now: Timestamp,
}

impl PersonPage {
    /// The number of history entries on a page.
    pub const ROWS: i64 = 50;
    /// The largest number of duplicates shown.
    pub const DUPLICATES: usize = 20;

    /// The text to show for the person.
    pub fn called(&self) -> ExternalText {
        let known = self.name.clone().or_else(|| self.email.clone());
        known.unwrap_or_else(|| ExternalText::new(self.user.as_str()))
    }
}

/// Another user with the same e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateRow {
    pub user: DirectoryUserId,
    /// The name, or the address, or the id.
    pub called: ExternalText,
    pub state: SeatState,
}

/// One entry of the history, as far as the viewer may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub key: HistoryCursor,
    pub entry: HistoryEntry,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryEntry {
    Decision(Box<DecisionRow>),
    /// Only for staff.
    Delivery {
        id: DeliveryId,
        /// `None` if the body names no type.
        kind: Option<ExternalText>,
        outcome: Outcome,
        /// The event is about another person, whose seat or place went to this one.
        of_another: bool,
    },
    Resync {
        run: ResyncId,
        change: Change,
        outcome: Outcome,
    },
    /// A manual action on the person.
    Action(Box<AuditRow>),
    /// The person joined a group or left it.
    Group {
        group: GroupId,
        /// The name, or the id of a group without one.
        name: ExternalText,
        joined: bool,
    },
}

/// Where an entry of the history comes from. Of entries of the same moment the cause comes first,
/// and so stands below what it has caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    Delivery,
    Action,
    Resync,
    Group,
    Decision,
}

impl Source {
    pub const ALL: [Self; 5] =
        [Self::Delivery, Self::Action, Self::Resync, Self::Group, Self::Decision];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Action => "action",
            Self::Resync => "resync",
            Self::Group => "group",
            Self::Decision => "decision",
        }
    }
}

/// A point in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCursor {
    pub at: Timestamp,
    pub source: Source,
    /// Names the entry within its source: an id, or `revision-ordinal` of a decision or of a change
    /// of a group.
    pub id: String,
}

/// `1790000000000000000.decision.12-0`
impl Key for HistoryCursor {
    fn written(&self) -> String {
        format!("{}.{}.{}", self.at.nanos(), self.source.as_str(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (nanos, source, id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_known = !id.is_empty() && id.len() <= 64 && id.chars().all(is_id);
        is_known.then_some(Self {
            at: Timestamp::from_nanos(nanos.parse().ok()?),
            source: Source::ALL.into_iter().find(|known| known.as_str() == source)?,
            id: id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_the_history_survives_the_way_through_an_address() {
        for (source, id) in [
            (Source::Delivery, "dlv_01"),
            (Source::Action, "aud_01"),
            (Source::Resync, "rsn_01"),
            (Source::Group, "12-3"),
            (Source::Decision, "12-0"),
        ] {
            let at = Timestamp::from_nanos(1_790_000_000_123_456_789);
            let cursor = HistoryCursor { at, source, id: id.to_owned() };

            assert_eq!(HistoryCursor::parse(&cursor.written()), Some(cursor));
        }
        for bad in
            ["", "1.decision", "1.decision.", "1.other.1-0", "x.action.aud_1", "1.action.a b"]
        {
            assert_eq!(HistoryCursor::parse(bad), None, "{bad}");
        }
    }
}
