//! What each page or report shows. A page reads its data in one consistent view.

mod accounts;
mod audit;
mod deliveries;
pub mod invariants;
mod limit_preview;
mod measures;
mod organization;
mod overview;
mod people;
mod person;
mod ready;
mod resyncs;
mod room;
mod status;
mod system;
mod viewer;

pub use accounts::{AccountRow, accounts};
pub use audit::{AuditEntry, audit, audit_entries};
pub use deliveries::{deliveries, delivery, replay_progress};
pub use limit_preview::limit_preview;
pub use measures::measures;
pub use organization::{organization, revision};
pub use overview::overview;
pub use people::{Export, PersonCells, people};
pub use person::{HistoryRecord, PersonRecord, person_page, person_record};
pub use ready::ready;
pub use resyncs::{event_log, resync, resync_page, resync_plan, resyncs, resyncs_page};
pub use status::{Check, Inbox, StatusRow, check, inbox, status};
pub use system::system;
pub use viewer::{person, viewer};

use crate::domain::text::folded;

/// The search text as a `like` pattern: it matches anywhere, is folded as the search keys are, and
/// takes `%` and `_` literally.
fn pattern(search: &str) -> String {
    // A longer search text is cut; names are shorter.
    let search: String = search.trim().chars().take(200).collect();
    let escaped = folded(&search).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_taken_literally() {
        assert_eq!(pattern(" Ada_100% "), "%ada\\_100\\%%");
        assert_eq!(pattern("\0İstanbul\u{200b}"), "%istanbul%");
    }
}
