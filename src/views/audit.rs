//! What the audit log shows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    audit::AuditAction,
    id::{ActorId, AuditEntryId, OrganizationId},
    text::ExternalText,
    time::Timestamp,
};

/// Which entries are shown. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Only entries about this organization.
    pub organization: Option<OrganizationId>,
    /// A complete account id or name; empty: any.
    pub actor: String,
    pub action: Option<AuditAction>,
    /// A complete id or name; empty: any.
    pub target: String,
    /// Entries from this time on.
    pub from: Option<Timestamp>,
    /// Entries before this time.
    pub until: Option<Timestamp>,
    /// Only entries that are older than this one.
    pub before: Option<AuditCursor>,
}

impl AuditQuery {
    /// The last day that is shown, as a moment of it.
    pub fn last_day(&self) -> Option<Timestamp> {
        self.until.map(|until| until.minus(Duration::from_nanos(1)))
    }
}

/// A point in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCursor {
    pub at: Timestamp,
    pub id: AuditEntryId,
}

/// `1790000000000000000.aud_01k…`
impl Key for AuditCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, id) = text.split_once('.')?;
        Some(Self { at: Timestamp::from_nanos(nanos.parse().ok()?), id: AuditEntryId::parse(id)? })
    }
}

/// One page of the audit log, the newest entry first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    pub page: KeysetPage<AuditCursor>,
    /// The name of the organization in the query and its revision, if there is one.
    pub organization: Option<(ExternalText, i64)>,
    pub now: Timestamp,
}

impl AuditPage {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    /// The number of entries that are looked at for a page. It limits the time of any filter.
    pub const LOOKED_AT: i64 = 20_000;
}

/// One entry, as far as the viewer may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: AuditEntryId,
    pub at: Timestamp,
    /// `None`: about the installation.
    pub organization: Option<(OrganizationId, ExternalText)>,
    /// A person, the command line, or the event that caused it.
    pub actor: ExternalText,
    pub actor_id: Option<ActorId>,
    pub action: AuditAction,
    pub target_id: Option<ExternalText>,
    pub target: Option<ExternalText>,
    /// The action was refused; `reason` says why.
    pub refused: bool,
    pub before: Option<ExternalText>,
    pub after: Option<ExternalText>,
    pub reason: Option<ExternalText>,
    pub address: Option<ExternalText>,
    pub request_id: Option<ExternalText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_log_survives_the_way_through_an_address() {
        let cursor = AuditCursor {
            at: Timestamp::from_nanos(1_790_000_000_123_456_789),
            id: AuditEntryId::new("aud_01"),
        };

        assert_eq!(AuditCursor::parse(&cursor.written()), Some(cursor));
        for bad in ["", "aud_01", "x.aud_01", "1."] {
            assert_eq!(AuditCursor::parse(bad), None, "{bad}");
        }
    }
}
